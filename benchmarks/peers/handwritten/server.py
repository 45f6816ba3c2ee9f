"""The floor: a plan written by hand for exactly these three queries, with orjson, on a bare ASGI server.

It checks what GraphQL has it check (types of leaves, nulls) and does nothing else: no parsing of queries, no errors, no
pipeline. CACHE=1 keeps decoded answers, SHARE=1 shares reads in flight.
"""

import asyncio
import os
from collections.abc import Awaitable, Callable, Iterable
from itertools import starmap
from operator import itemgetter
from typing import Any
from urllib.parse import urlsplit

import orjson
import uvicorn

from benchmarks.peers.handwritten.client import Client

UPSTREAM = urlsplit(os.environ["UPSTREAM"])
POSTS_PATH = os.environ.get("POSTS_PATH") or "/posts"
CACHED = os.environ.get("CACHE") == "1"
SHARED = os.environ.get("SHARE") == "1"
MAX_INT = 2**31

client = Client(UPSTREAM.hostname or "", UPSTREAM.port or 80)
kept: dict[str, Any] = {}
flights: dict[str, asyncio.Task[Any]] = {}


async def fetch(path: str) -> Any:
    payload = orjson.loads(await client.get(path))
    if CACHED:
        kept[path] = payload
    flights.pop(path, None)
    return payload


async def read(path: str) -> Any:
    """The upstream's answer, decoded."""
    if path in kept:
        return kept[path]
    if not SHARED:
        return await fetch(path)
    if path not in flights:
        flights[path] = asyncio.ensure_future(fetch(path))
    return await flights[path]


def column(rows: Iterable[dict[str, Any]], name: str, kind: type) -> list[Any]:
    """One field of all rows, checked to be what GraphQL's type allows."""
    values = list(map(itemgetter(name), rows))
    if set(map(type, values)) - {kind}:
        raise TypeError(name)
    if kind is int and values and (max(values) >= MAX_INT or min(values) < -MAX_INT):
        raise ValueError(name)
    return values


async def posts_with_users() -> Any:
    posts = await read(POSTS_PATH)
    ids, authors, titles = column(posts, "id", int), column(posts, "userId", int), column(posts, "title", str)
    wanted = dict.fromkeys(authors)
    users = await read("/users?" + "&".join([f"id={id}" for id in wanted]))
    numbers = column(users, "id", int)
    rows = zip(numbers, column(users, "name", str), column(users, "email", str), strict=True)
    by_id = dict(zip(numbers, starmap(user, rows), strict=True))
    return [{"id": i, "userId": a, "title": t, "user": by_id[a]} for i, a, t in zip(ids, authors, titles, strict=True)]


def user(id: int, name: str, email: str) -> dict[str, Any]:
    return {"id": id, "name": name, "email": email}


async def titles_alone() -> Any:
    return [{"title": title} for title in column(await read(POSTS_PATH), "title", str)]


async def greeting() -> Any:
    return "Hello World!"


PLANS: dict[str, tuple[str, Callable[[], Awaitable[Any]]]] = {
    "{ posts { id userId title user { id name email } } }": ("posts", posts_with_users),
    "{ posts { title } }": ("posts", titles_alone),
    "{ greet }": ("greet", greeting),
}


async def app(scope: Any, receive: Any, send: Any) -> None:
    if scope["type"] != "http":
        return
    body, more = b"", True
    while more:
        message = await receive()
        body, more = body + message.get("body", b""), message.get("more_body", False)
    name, plan = PLANS[orjson.loads(body)["query"]]
    answer = orjson.dumps({"data": {name: await plan()}})
    headers = [(b"content-type", b"application/json"), (b"content-length", b"%d" % len(answer))]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": answer})


if __name__ == "__main__":
    uvicorn.run(app, port=int(os.environ["PORT"]), log_level="error", access_log=False, lifespan="off")
