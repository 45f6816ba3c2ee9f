"""The API itself: made-up posts and users, the same every time."""

import random
from collections.abc import Sequence

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from benchmarks.jsonplaceholder.payloads import PostPayload, UserPayload
from connectors.sandbox.base import Sandbox
from connectors.sandbox.people import Person

USERS = 10
POSTS = 100
WORDS = (
    "aut cum dolor eius esse fugit harum illo iste labore magni modi neque odio quia quos rerum sed sunt vero".split()
)


def users() -> list[UserPayload]:
    """Ten users, as large as those of the public API."""
    return [
        {
            "id": id,
            "name": f"Leanne Graham {id}",
            "username": f"leanne.{id}",
            "email": f"leanne.graham.{id}@april.example",
            "phone": f"1-770-736-80{id:02} x56442",
            "website": f"graham-{id}.example",
            "address": {
                "street": "Kulas Light",
                "suite": f"Apt. {550 + id}",
                "city": "Gwenborough",
                "zipcode": "92998-3874",
                "geo": {"lat": "-37.3159", "lng": "81.1496"},
            },
            "company": {
                "name": "Romaguera-Crona",
                "catchPhrase": "Multi-layered client-server neural-net",
                "bs": "harness real-time e-markets",
            },
        }  # type: ignore[typeddict-unknown-key]
        for id in range(1, USERS + 1)
    ]


def posts(count: int = POSTS) -> list[PostPayload]:
    """Posts shared out among the users, as large as those of the public API."""
    chance = random.Random(count)  # noqa: S311

    def text(words: int) -> str:
        return " ".join(chance.choices(WORDS, k=words))

    return [
        {
            "userId": 1 + (id - 1) * USERS // count,
            "id": id,
            "title": text(7),
            "body": "\n".join(text(8) for _ in range(4)),
        }
        for id in range(1, count + 1)
    ]


class JsonPlaceholderSandbox(Sandbox):
    """The API in this process. It takes anybody's requests and knows nothing of `people`."""

    def __init__(self, people: tuple[Person, ...]) -> None:
        super().__init__()
        self.users = users()
        self.posts = posts()

    @property
    def routes(self) -> Sequence[Route]:
        return [
            Route("/posts", self.list_posts, name="posts.list"),
            Route("/users", self.list_users, name="users.list"),
        ]

    async def operation(self, request: Request, route: Route) -> str:
        return f"{route.name}_by_id" if "id" in request.query_params else route.name

    def failure(self, status: int) -> Response:
        return JSONResponse({}, status)

    def throttled(self, retry_after_s: float) -> Response:
        return JSONResponse({}, 429, headers={"Retry-After": f"{retry_after_s:.0f}"})

    def expire(self) -> Response | None:
        return None

    async def list_posts(self, request: Request) -> Response:
        wanted = request.query_params.getlist("id")
        return JSONResponse([post for post in self.posts if not wanted or str(post["id"]) in wanted])

    async def list_users(self, request: Request) -> Response:
        wanted = request.query_params.getlist("id")
        return JSONResponse([user for user in self.users if not wanted or str(user["id"]) in wanted])
