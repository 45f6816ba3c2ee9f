import asyncio
import gzip

import httpx2
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from connectors.wires import NetworkWire
from tests.serving import served


async def echo(request: Request) -> Response:
    return JSONResponse({"agent": request.headers["user-agent"]})


async def packed(request: Request) -> Response:
    return Response(gzip.compress(b'{"n": 1}'), headers={"Content-Encoding": "gzip"})


async def bomb(request: Request) -> Response:
    return Response(gzip.compress(b"0" * 10_000_000), headers={"Content-Encoding": "gzip"})


APP = Starlette(routes=[Route("/echo", echo), Route("/packed", packed), Route("/bomb", bomb)])


def fetched(path: str) -> httpx2.Response:
    async def fetch(url: str) -> httpx2.Response:
        wire = NetworkWire(answer_bytes=1_000_000, connections=2)
        try:
            return await wire.send(httpx2.Request("GET", url + path))
        finally:
            await wire.close()

    with served(APP) as url:
        return asyncio.run(fetch(url))


def test_the_wire_says_who_it_is() -> None:
    assert fetched("/echo").json()["agent"].startswith("punnet/")


def test_a_packed_answer_comes_unpacked() -> None:
    response = fetched("/packed")

    assert (response.json(), "content-encoding" in response.headers) == ({"n": 1}, False)


def test_an_answer_too_large_is_cut_off_while_it_is_unpacked() -> None:
    with pytest.raises(httpx2.ReadError, match="larger than 1000000 bytes"):
        fetched("/bomb")


def test_a_port_where_nobody_listens_is_a_connection_error() -> None:
    async def fetch() -> None:
        wire = NetworkWire(answer_bytes=1_000, connections=1)
        try:
            await wire.send(httpx2.Request("GET", "http://127.0.0.1:1/"))
        finally:
            await wire.close()

    with pytest.raises(httpx2.ConnectError):
        asyncio.run(fetch())
