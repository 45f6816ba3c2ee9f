"""Answers as Server-Sent Events: subscriptions over plain HTTP, each operation on a connection of its own.

Source: https://github.com/enisdenjo/graphql-sse/blob/master/PROTOCOL.md (distinct connections mode) and
https://html.spec.whatwg.org/multipage/server-sent-events.html
"""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import TypeVar

T = TypeVar("T")

HEARTBEAT_S = 12.0
"""After so long without an answer a comment is sent: proxies close what is silent, and so a dead client is noticed."""

HEARTBEAT = b":\n\n"
COMPLETE = b"event: complete\ndata:\n\n"

UNBUFFERED = (b"x-accel-buffering", b"no")
"""What keeps nginx, and others that follow it, from collecting events before they pass them on."""


def next_event(body: bytes) -> bytes:
    """An answer on the wire. JSON as we write it has no line breaks, which would have to be written differently."""
    return b"event: next\ndata: " + body + b"\n\n"


async def with_heartbeats(answers: AsyncGenerator[T, None], every_s: float) -> AsyncGenerator[T | None, None]:
    """The answers, each asked for when the one before has been taken; `None` whenever none has come for so long."""
    async with aclosing(answers):
        coming = asyncio.ensure_future(anext(answers))
        try:
            while True:
                await asyncio.wait((coming,), timeout=every_s)
                if not coming.done():
                    yield None
                    continue
                try:
                    answer = coming.result()
                except StopAsyncIteration:
                    return
                yield answer
                coming = asyncio.ensure_future(anext(answers))
        finally:
            coming.cancel()
            await asyncio.wait((coming,))
