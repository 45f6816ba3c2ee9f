"""The fastest client that plain Python can have here: HTTP/1.1 over kept connections, one request on each at a time.

It understands what this upstream sends (status 200, Content-Length) and nothing else.
"""

import asyncio
from collections import deque
from typing import cast


class Connection(asyncio.Protocol):
    """One connection, and the answer it waits for."""

    def __init__(self) -> None:
        self._got = bytearray()
        self._needed = 0
        self._answer: asyncio.Future[bytes] | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)

    def ask(self, request: bytes) -> "asyncio.Future[bytes]":
        """The body of the answer."""
        self._answer = asyncio.get_running_loop().create_future()
        self._transport.write(request)
        return self._answer

    def data_received(self, data: bytes) -> None:
        self._got += data
        if not self._needed:
            end = self._got.find(b"\r\n\r\n")
            if end < 0:
                return
            head = bytes(self._got[:end]).lower()
            start = head.index(b"content-length:") + len(b"content-length:")
            self._needed = int(head[start:].partition(b"\r\n")[0])
            del self._got[: end + 4]
        if len(self._got) >= self._needed and self._answer:
            answer, self._answer = self._answer, None
            body = bytes(self._got)
            self._got.clear()
            self._needed = 0
            answer.set_result(body)

    def connection_lost(self, exc: Exception | None) -> None:
        if self._answer and not self._answer.done():
            self._answer.set_exception(exc or ConnectionResetError())


class Client:
    """Connections to one host, opened as needed and kept."""

    def __init__(self, host: str, port: int) -> None:
        self._host = host
        self._port = port
        self._free: deque[Connection] = deque()

    async def get(self, path: str) -> bytes:
        """The body at `path`."""
        request = f"GET {path} HTTP/1.1\r\nHost: {self._host}:{self._port}\r\n\r\n".encode()
        if self._free:
            connection = self._free.pop()
        else:
            loop = asyncio.get_running_loop()
            _, connection = await loop.create_connection(Connection, self._host, self._port)
        body = await connection.ask(request)
        self._free.append(connection)
        return body
