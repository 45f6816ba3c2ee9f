"""Requests as bytes, and answers from bytes."""

from functools import cached_property

import httpx2

from connectors.call import AnswerTooLarge
from connectors.headers import Pairs, Told, fields_of, told_by, written
from connectors.request import address_of
from connectors.wires.coding import ACCEPTED, TooLarge, Undecodable, decoded

DEFAULTS = {"User-Agent": "punnet/0.1", "Accept-Encoding": ACCEPTED}
"""Sent where a request says nothing else. GitHub, for one, refuses requests that do not say who sends them."""

Exchanged = tuple[int, Pairs, bytes]
"""Status, headers and content of an answer; the content as it was sent, codings included."""

CODED = (b"content-encoding", b"content-length")

NOT_IN_HTTP2 = frozenset(("host", "connection", "keep-alive", "proxy-connection", "transfer-encoding", "upgrade"))
"""Headers that say something of the connection, which HTTP/2 says otherwise (RFC 9113, section 8.2.2)."""


class Unheard(httpx2.ReadError):
    """The connection ended before anything of the answer came."""


class Refused(Unheard):
    """The upstream did not take the request, so nothing of it was done."""


class Buffered(httpx2.Response):
    """An answer whose content is there already. (`httpx2.Response(content=...)` gets there at eight times the cost.)

    `headers` are made for those who look at them; nobody changes them.
    """

    content: bytes = b""  # a property of `httpx2.Response`, which is asked for it by everybody
    default_encoding = "utf-8"
    is_closed = is_stream_consumed = False
    next_request = None

    def __init__(self, status: int, pairs: Pairs, told: Told, content: bytes, request: httpx2.Request) -> None:
        self.status_code, self.pairs, self.told, self.content = status, pairs, told, content
        self.request, self.extensions, self.history = request, {}, []

    @cached_property
    def headers(self) -> httpx2.Headers:  # type: ignore[override]
        return httpx2.Headers(self.pairs, "iso-8859-1")

    @property
    def stream(self) -> httpx2.ByteStream:  # type: ignore[override]
        return httpx2.ByteStream(self.content)


def message_of(request: httpx2.Request) -> bytes:
    """A request as HTTP/1.1 sends it (RFC 9112). Raises `httpx2.LocalProtocolError` for a line break in a header."""
    first = f"{request.method} {address_of(request).target} HTTP/1.1"
    head = "\r\n".join([first, *_lines_of(request), "\r\n"])
    return head.encode(errors="surrogateescape") + request.content


def head_of(request: httpx2.Request) -> Pairs:
    """A request's head as HTTP/2 sends it (RFC 9113, section 8.3.1). Raises `httpx2.LocalProtocolError` as above."""
    there, pairs = address_of(request), [line.split(": ", 1) for line in _lines_of(request)]
    told = {name.lower(): value for name, value in pairs}
    head = {
        ":method": request.method,
        ":scheme": there.origin[0],
        ":authority": told.get("host") or there.host,
        ":path": there.target,
        **{name: value for name, value in told.items() if name not in NOT_IN_HTTP2},
    }
    return [(name.encode(), value.encode(errors="surrogateescape")) for name, value in head.items()]


def _lines_of(request: httpx2.Request) -> list[str]:
    """The headers of a request, and those of ours that it does not have."""
    fields = fields_of(request)
    lines = list(fields.values())
    for name, line in _DEFAULT_FIELDS.items():
        if name not in fields:
            lines.append(line)
    told = "".join(lines)
    if "\n" in told or "\r" in told or "\0" in told:
        raise httpx2.LocalProtocolError("a header holds a line break", request=request)
    return lines


def answer_of(request: httpx2.Request, status: int, pairs: Pairs, content: bytes, answer_bytes: int) -> httpx2.Response:
    """An answer with its content unpacked. Raises the `httpx2.TransportError` that says why that cannot be."""
    told = told_by(pairs)
    codings = told.get(b"content-encoding")
    if codings:
        try:
            content = decoded(content, codings.decode("iso-8859-1"), answer_bytes)
        except TooLarge as error:
            raise AnswerTooLarge(f"at most {answer_bytes} bytes", request=request) from error
        except Undecodable as error:
            raise httpx2.RemoteProtocolError(str(error), request=request) from error
        pairs = [pair for pair in pairs if pair[0] not in CODED]
        told = told_by(pairs)
    return Buffered(status, pairs, told, content, request)


_DEFAULT_FIELDS = written(DEFAULTS)
