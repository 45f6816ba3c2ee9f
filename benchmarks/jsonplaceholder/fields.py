"""How the fields of the workload get their values."""

from collections.abc import Sequence
from operator import itemgetter
from typing import Any

from benchmarks.jsonplaceholder.client import JsonPlaceholderClient
from benchmarks.jsonplaceholder.payloads import PostPayload, UserPayload
from benchmarks.jsonplaceholder.types import Post, User
from resolvers.batching import Loaded, align, batch, required
from resolvers.context import Info
from resolvers.mapping import Reader, mapping
from resolvers.reading import integer, text
from schema.fields import Calls, Fields

fields = Fields("jsonplaceholder")


@mapping("jsonplaceholder", "post")
def to_post(read: Reader[PostPayload]) -> Post:
    return Post(
        id=read("id", integer),
        user_id=read("userId", integer),
        title=read("title", text),
        body=read("body", text),
    )


@mapping("jsonplaceholder", "user")
def to_user(read: Reader[UserPayload]) -> User:
    return User(
        id=read("id", integer),
        name=read("name", text),
        username=read("username", text),
        email=read("email", text),
        phone=read.maybe("phone", text),
        website=read.maybe("website", text),
    )


@batch(JsonPlaceholderClient, max_keys=100)
async def users_by_id(api: JsonPlaceholderClient, ids: Sequence[int]) -> Loaded[User]:
    return align(ids, await api.list_users_by_id(ids), key=itemgetter("id"), make=to_user)


@batch(JsonPlaceholderClient, max_keys=100)
async def posts_by_id(api: JsonPlaceholderClient, ids: Sequence[int]) -> Loaded[Post]:
    return align(ids, await api.list_posts_by_id(ids), key=itemgetter("id"), make=to_post)


@fields.query(calls=Calls(upstream="jsonplaceholder", operation="posts.list", items=100))
async def posts(info: Info) -> Sequence[Post] | None:
    """All posts."""
    return to_post.all(await info.context.client(JsonPlaceholderClient).list_posts())


@fields.query(calls=posts_by_id.calls)
async def post(info: Info, id: int) -> Post | None:
    """One post; null if there is none with this number."""
    return await posts_by_id.load(info, id)


@fields.query(calls=Calls(upstream="jsonplaceholder", operation="users.list", items=10))
async def users(info: Info) -> Sequence[User] | None:
    """All users."""
    return to_user.all(await info.context.client(JsonPlaceholderClient).list_users())


@fields.query
def greet(root: Any) -> str:
    """A greeting, for measuring what a request costs that asks for nothing."""
    return "Hello World!"


fields.link(
    Post,
    "user",
    via=required(users_by_id),
    key="user_id",
    description="Its author.",
)
