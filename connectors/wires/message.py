"""Requests as bytes, and answers from bytes."""

import httpx2

from connectors.call import AnswerTooLarge
from connectors.wires.coding import ACCEPTED, TooLarge, Undecodable, decoded

DEFAULTS = {"User-Agent": "punnet/0.1", "Accept-Encoding": ACCEPTED}
"""Sent where a request says nothing else. GitHub, for one, refuses requests that do not say who sends them."""

Headers = list[tuple[bytes, bytes]]

Exchanged = tuple[int, Headers, bytes]
"""Status, headers and content of an answer; the content as it was sent, codings included."""

CODED = (b"content-encoding", b"content-length")

NOT_IN_HTTP2 = (b"host", b"connection", b"keep-alive", b"proxy-connection", b"transfer-encoding", b"upgrade")
"""Headers that say something of the connection, which HTTP/2 says otherwise (RFC 9113, section 8.2.2)."""


class Unheard(httpx2.ReadError):
    """The connection ended before anything of the answer came."""


class Refused(Unheard):
    """The upstream did not take the request, so nothing of it was done."""


class Buffered(httpx2.Response):
    """An answer whose content is there already. (`httpx2.Response(content=...)` gets there at eight times the cost.)"""

    def __init__(self, status: int, headers: Headers, content: bytes, request: httpx2.Request) -> None:
        self.status_code, self.headers, self.request = status, httpx2.Headers(headers, "iso-8859-1"), request
        self.extensions, self.history, self.next_request = {}, [], None
        self.is_closed = self.is_stream_consumed = False
        self.default_encoding = "utf-8"
        self._buffered = content

    @property
    def stream(self) -> httpx2.ByteStream:  # type: ignore[override]
        return httpx2.ByteStream(self._buffered)

    @property
    def content(self) -> bytes:
        return self._buffered


def message_of(request: httpx2.Request) -> bytes:
    """A request as HTTP/1.1 sends it (RFC 9112). Raises `httpx2.LocalProtocolError` for a line break in a header."""
    lines = [b"%b %b HTTP/1.1" % (request.method.encode("ascii"), request.url.raw_path)]
    lines += [b"%b: %b" % header for header in request.headers.raw]
    head = b"\r\n".join(lines)
    if head.count(b"\n") >= len(lines) or head.count(b"\r") >= len(lines) or b"\0" in head:
        raise httpx2.LocalProtocolError("a header holds a line break", request=request)
    told = head.lower()
    for name, line in _DEFAULT_LINES:
        if name not in told:
            head += line
    return head + b"\r\n\r\n" + request.content


def fields_of(request: httpx2.Request) -> Headers:
    """A request's head as HTTP/2 sends it (RFC 9113, section 8.3.1). Raises `httpx2.LocalProtocolError` as above."""
    headers = [(name.lower(), value) for name, value in request.headers.raw]
    told = {name for name, _ in headers}
    headers += [each for each in _DEFAULT_FIELDS if each[0] not in told]
    head = [
        (b":method", request.method.encode("ascii")),
        (b":scheme", request.url.raw_scheme),
        (b":authority", request.headers.get("host", "").encode("ascii") or request.url.netloc),
        (b":path", request.url.raw_path),
        *(each for each in headers if each[0] not in NOT_IN_HTTP2),
    ]
    if any(breaking in value for _, value in head for breaking in (b"\n", b"\r", b"\0")):
        raise httpx2.LocalProtocolError("a header holds a line break", request=request)
    return head


def answer_of(
    request: httpx2.Request, status: int, headers: Headers, content: bytes, answer_bytes: int
) -> httpx2.Response:
    """An answer with its content unpacked. Raises the `httpx2.TransportError` that says why that cannot be."""
    codings = [value for name, value in headers if name.lower() == b"content-encoding"]
    if codings:
        try:
            content = decoded(content, b",".join(codings).decode("iso-8859-1"), answer_bytes)
        except TooLarge as error:
            raise AnswerTooLarge(f"at most {answer_bytes} bytes", request=request) from error
        except Undecodable as error:
            raise httpx2.RemoteProtocolError(str(error), request=request) from error
        headers = [header for header in headers if header[0].lower() not in CODED]
    return Buffered(status, headers, content, request)


_DEFAULT_LINES = [
    (f"\r\n{name.lower()}:".encode(), f"\r\n{name}: {value}".encode()) for name, value in DEFAULTS.items()
]
_DEFAULT_FIELDS = [(name.lower().encode(), value.encode()) for name, value in DEFAULTS.items()]
