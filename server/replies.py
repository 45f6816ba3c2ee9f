"""What goes out for a request: its status, its header fields, its body."""

from collections.abc import AsyncGenerator, Mapping, Sequence
from dataclasses import dataclass, field

from server.eventstream import COMPLETE, next_event
from server.media import EVENT_STREAM, GRAPHQL_RESPONSE, JSON
from server.operations import Answer, Execution, Operation

Headers = Sequence[tuple[bytes, bytes]]
"""Header fields, their names in lower case."""

CLIENT_GONE = 499
"""What the log says of a request whose client did not wait. HTTP has no such status; nothing is sent."""

OFFERED = (JSON, GRAPHQL_RESPONSE, EVENT_STREAM)
CONTENT_TYPES = {media_type: f"{media_type}; charset=utf-8".encode() for media_type in OFFERED}

NO_STORE = (b"cache-control", b"no-store")


@dataclass(slots=True)
class Reply:
    """What is to be said to a request; for the log the operation it answers, and whose execution the answer is from.

    `rest` are the parts behind `answer`, where there are any. `events` are the answers of a subscription, of which
    `answer` is the latest; after `lasts_s` there are no more.
    """

    status: int
    answer: Answer
    headers: Mapping[str, str] = field(default_factory=dict)
    operation: Operation | None = None
    execution: Execution = "own"
    rest: AsyncGenerator[Answer, None] | None = None
    events: AsyncGenerator[Answer, None] | None = None
    lasts_s: float | None = None


@dataclass(slots=True)
class Response:
    """An HTTP response, whole."""

    status: int
    headers: Headers
    body: bytes


def response_of(reply: Reply, request_id: str, media_type: str) -> Response:
    """A reply that is one answer, as it goes out."""
    body = reply.answer.body
    if media_type == EVENT_STREAM and reply.status == 200:
        body = next_event(body) + COMPLETE
    elif media_type == EVENT_STREAM:
        media_type = JSON
    headers = [
        (b"content-type", CONTENT_TYPES[media_type]),
        (b"content-length", b"%d" % len(body)),
        (b"x-request-id", request_id.encode()),
        NO_STORE,
    ]
    if reply.headers:
        headers += [(name.lower().encode(), value.encode()) for name, value in reply.headers.items()]
    return Response(reply.status, headers, body)


def status_under(media_type: str | None, status: int) -> int:
    """Under media types whose clients read no other, whatever is a GraphQL response has status 200."""
    return 200 if media_type in (JSON, EVENT_STREAM) and status == 400 else status
