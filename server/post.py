"""GraphQL by POST as nearly everybody sends it: a query or a mutation in JSON, to be answered in one piece."""

from asyncio import Future, get_running_loop
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from graphql import OperationType

from server import logs
from server.doors import Doors
from server.front import Pending, Taker
from server.media import EVENT_STREAM, is_json, preferred, takes_parts
from server.operations import Answer, Execution, Operation, unforeseen, written
from server.replies import CLIENT_GONE, OFFERED, Headers, Reply, Response, response_of, status_under
from server.requests import CACHE, PLAN, TRACE, header_fields
from server.service import Service

PLAIN = frozenset((b"accept", b"content-type", b"x-request-id", b"host", b"origin"))
"""The header fields that count, beside those of the caller."""

PARTICULAR = frozenset((PLAN, TRACE, CACHE, b"content-encoding"))
"""The header fields whose requests are not plain."""


class GraphQLByPost:
    """The shortcut of a connection to `GraphQLOverHttp`: it answers the same, and leaves to it whatever is not plain.

    That is what `doors` must see, what wants to see more than an answer, subscriptions, answers in parts, and every
    request that is refused.
    """

    def __init__(self, service: Service, doors: Doors) -> None:
        self._service = service
        self._doors = doors
        self._wanted = PLAIN | PARTICULAR | service.callers.fields

    def __call__(self, headers: Headers) -> Taker | None:
        fields = header_fields(headers, self._wanted)
        accept = fields.get(b"accept", b"").decode("latin-1")
        media_type = preferred(accept, OFFERED)
        if (
            media_type is None
            or media_type == EVENT_STREAM
            or not PARTICULAR.isdisjoint(fields)
            or not is_json(fields.get(b"content-type", b"").decode("latin-1"))
            or not self._doors.are_open(fields.get(b"host"), fields.get(b"origin"))
        ):
            return None
        given_id = fields.get(b"x-request-id", b"").decode("latin-1")
        return _Head(self._service, fields, media_type, takes_parts(accept), given_id).take


@dataclass(frozen=True, slots=True)
class _Head:
    """What the header fields of a plain request say. `request_id` is the one that its client gave, if it gave one."""

    service: Service
    fields: Mapping[bytes, bytes]
    media_type: str
    takes_parts: bool
    request_id: str

    def take(self, body: bytes) -> Response | Pending | None:
        """Where the answer is known, the response itself."""
        service, began = self.service, self.service.clock.now()
        if len(body) > service.max_body_bytes:
            return None
        try:
            operation = service.known.operation_in(body)
            caller = service.callers.of(self.fields)
        except Exception:  # whatever it is, the app has words for it
            return None
        if operation.kind is OperationType.SUBSCRIPTION or (self.takes_parts and operation.in_parts):
            return None
        request_id = logs.request_id(self.request_id)
        exchange = _Exchange(service, began, request_id, self.media_type, operation)
        remembered = service.operations.recall(operation, caller)
        if remembered is not None:
            return exchange.response(remembered, "remembered")
        service.journal.tally.in_flight += 1
        joined = service.operations.join(operation, caller)
        if joined is not None:
            return Pending(joined, exchange.joined, abandoned=True)
        with logs.Answering(request_id):
            begun = service.operations.begin(operation, caller)
            if begun is not None:
                return Pending(begun, exchange.begun, abandoned=True)
            task = get_running_loop().create_task(service.operations.run(operation, caller))
        return Pending(task, exchange.ran, abandoned=operation.kind is OperationType.QUERY)


@dataclass(slots=True)
class _Exchange:
    """A request that began at some time, and how it is to be answered."""

    service: Service
    began: float
    request_id: str
    media_type: str
    operation: Operation

    def ran(self, task: "Future[tuple[Answer, Execution]]") -> Response | None:
        """The response once its own execution is over."""
        return self._ended(task, task.result)

    def begun(self, future: "Future[Answer]") -> Response | None:
        """The response once its own execution is over, which others may have joined."""
        return self._ended(future, lambda: (future.result(), "own"))

    def joined(self, future: "Future[Answer]") -> Response | None:
        """The response once the execution of another request is over."""
        return self._ended(future, lambda: (future.result(), "shared"))

    def response(self, answer: Answer, execution: Execution) -> Response:
        """The response, which is noted."""
        status = status_under(self.media_type, answer.status)
        reply = Reply(status, answer, operation=self.operation, execution=execution)
        self._note(reply)
        return response_of(reply, self.request_id, self.media_type)

    def _ended(self, work: "Future[Any]", result: Callable[[], tuple[Answer, Execution]]) -> Response | None:
        self.service.journal.tally.in_flight -= 1
        if work.cancelled():
            self._note(Reply(CLIENT_GONE, written(CLIENT_GONE, {}), operation=self.operation))
            return None
        try:
            return self.response(*result())
        except Exception as failure:
            return self.response(unforeseen(failure), "own")

    def _note(self, reply: Reply) -> None:
        took_s = self.service.clock.now() - self.began
        self.service.journal.note(
            reply.status, took_s, reply.answer.errors, reply.operation, reply.execution, self.request_id
        )
