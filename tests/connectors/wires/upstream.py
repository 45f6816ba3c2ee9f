"""A server on a loopback port that does what a test says, byte by byte."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field


@dataclass
class Upstream:
    """`requests` are the heads that came in. `asked` is set by the first of them, `left` by a client that hangs up.

    `deafen` makes it take no more connections.
    """

    deafen: Callable[[], None]
    url: str = ""
    requests: list[str] = field(default_factory=list)
    connections: int = 0
    asked: asyncio.Event = field(default_factory=asyncio.Event)
    left: asyncio.Event = field(default_factory=asyncio.Event)


@asynccontextmanager
async def answering(*answers: bytes | None, tls: ssl.SSLContext | None = None) -> AsyncIterator[Upstream]:
    """Every request gets the next answer, the last one for ever; `None` hangs up, `b""` leaves the request open."""
    upstream, script = Upstream(lambda: server.close()), list(answers)

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        upstream.connections += 1
        try:
            while True:
                upstream.requests.append((await reader.readuntil(b"\r\n\r\n")).decode())
                upstream.asked.set()
                answer = script.pop(0) if len(script) > 1 else script[0]
                if answer is None:
                    break
                writer.write(answer)
                if b"connection: close" in answer.lower():
                    break
        except (asyncio.IncompleteReadError, ConnectionError):
            upstream.left.set()
        finally:
            writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=tls)
    try:
        scheme = "https" if tls else "http"
        upstream.url = f"{scheme}://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        yield upstream
    finally:
        server.close()
        await server.wait_closed()


def ok(content: bytes = b"{}", *headers: str) -> bytes:
    """A whole answer with its length."""
    lines = ["HTTP/1.1 200 OK", f"Content-Length: {len(content)}", *headers]
    return "\r\n".join([*lines, "", ""]).encode("latin-1") + content
