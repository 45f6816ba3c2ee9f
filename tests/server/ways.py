"""The two ways by which a request gets to the app, without a socket: by ASGI, or by the shortcut first."""

import asyncio
from typing import Any

import httpx2

from server.front import Pending, Taker


class ByShortcut(httpx2.ASGITransport):
    """What `Front` does with a request that came whole."""

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        app: Any = self.app
        if request.method != "POST" or request.url.raw_path != b"/graphql":
            return await super().handle_async_request(request)
        body = await request.aread()
        take: Taker | None = app.shortcut([(n.lower(), v) for n, v in request.headers.raw])
        answer = take(body) if take else None
        if isinstance(answer, Pending):
            try:
                await asyncio.wait([answer.work])
            except asyncio.CancelledError:
                if answer.abandoned:
                    answer.work.cancel()
                    await asyncio.wait([answer.work])
                    answer.respond(answer.work)
                raise
            answer = answer.respond(answer.work)
            assert answer is not None
        if answer is None:
            return await super().handle_async_request(request)
        return httpx2.Response(answer.status, headers=list(answer.headers), content=answer.body)
