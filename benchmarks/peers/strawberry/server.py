"""The workload as everybody writes it: FastAPI, Strawberry's router, a DataLoader, one httpx2 client."""

import os
from typing import Any

import httpx2
import strawberry
import uvicorn
from fastapi import FastAPI
from strawberry.dataloader import DataLoader
from strawberry.fastapi import GraphQLRouter

CACHED = os.environ.get("CACHE") == "1"
POSTS_PATH = os.environ.get("POSTS_PATH") or "/posts"

client = httpx2.AsyncClient(base_url=os.environ["UPSTREAM"])
kept: dict[str, Any] = {}


async def read(path: str) -> Any:
    """The upstream's answer, decoded; with CACHE=1 kept."""
    if path in kept:
        return kept[path]
    payload = (await client.get(path)).json()
    if CACHED:
        kept[path] = payload
    return payload


@strawberry.type
class User:
    id: int
    name: str
    username: str
    email: str
    phone: str | None
    website: str | None


@strawberry.type
class Post:
    id: int
    user_id: int
    title: str
    body: str

    @strawberry.field
    async def user(self, info: strawberry.Info) -> User | None:
        found: User | None = await info.context["users"].load(self.user_id)
        return found


@strawberry.type
class Query:
    @strawberry.field
    async def posts(self) -> list[Post] | None:
        return [Post(id=p["id"], user_id=p["userId"], title=p["title"], body=p["body"]) for p in await read(POSTS_PATH)]

    @strawberry.field
    def greet(self) -> str:
        return "Hello World!"


NAMES = ("id", "name", "username", "email", "phone", "website")


async def load_users(ids: list[int]) -> list[User | None]:
    payloads = await read("/users?" + "&".join(f"id={id}" for id in ids))
    by_id = {payload["id"]: User(**{name: payload[name] for name in NAMES}) for payload in payloads}
    return [by_id.get(id) for id in ids]


async def get_context() -> dict[str, Any]:
    return {"users": DataLoader(load_fn=load_users)}


app = FastAPI()
app.include_router(GraphQLRouter(strawberry.Schema(Query), context_getter=get_context), prefix="/graphql")

if __name__ == "__main__":
    uvicorn.run(app, port=int(os.environ["PORT"]), log_level="error")
