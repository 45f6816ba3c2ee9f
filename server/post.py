"""GraphQL by POST as nearly everybody sends it: a query or a mutation in JSON, to be answered in one piece."""

from asyncio import CancelledError

from graphql import OperationType

from connectors.clock import Clock
from server import logs
from server.callers import Caller, Callers
from server.doors import Doors
from server.front import Pending
from server.known import Known
from server.media import EVENT_STREAM, GRAPHQL_RESPONSE, JSON, is_json, preferred, takes_parts
from server.operations import Operation, Operations, Unexecutable, unforeseen, written
from server.replies import CLIENT_GONE, Headers, Reply, Response, response_of, status_under
from server.requests import CACHE, PLAN, TRACE, Refused, header_fields

OFFERED = (JSON, GRAPHQL_RESPONSE, EVENT_STREAM)

PLAIN = frozenset((b"accept", b"content-type", b"x-request-id", b"host", b"origin"))
"""The header fields that count, beside those of the caller."""

PARTICULAR = frozenset((PLAN, TRACE, CACHE, b"content-encoding"))
"""The header fields whose requests are not plain."""


class GraphQLByPost:
    """The shortcut of a connection to `GraphQLOverHttp`: it answers the same, and leaves to it whatever is not plain.

    That is what `doors` must see, what wants to see more than an answer, subscriptions, answers in parts, and every
    request that is refused.
    """

    def __init__(
        self,
        operations: Operations,
        clock: Clock,
        *,
        max_body_bytes: int,
        callers: Callers,
        known: Known,
        journal: logs.Journal,
        doors: Doors,
    ) -> None:
        self._operations = operations
        self._clock = clock
        self._max_body_bytes = max_body_bytes
        self._callers = callers
        self._known = known
        self._journal = journal
        self._doors = doors
        self._wanted = PLAIN | PARTICULAR | callers.fields

    def __call__(self, headers: Headers, body: bytes) -> Response | Pending | None:
        """Where the answer is known, the response itself."""
        began = self._clock.now()
        fields = header_fields(headers, self._wanted)
        accept = fields.get(b"accept", b"").decode("latin-1")
        media_type = preferred(accept, OFFERED)
        if (
            media_type is None
            or media_type == EVENT_STREAM
            or not PARTICULAR.isdisjoint(fields)
            or not is_json(fields.get(b"content-type", b"").decode("latin-1"))
            or len(body) > self._max_body_bytes
            or not self._doors.are_open(fields.get(b"host"), fields.get(b"origin"))
        ):
            return None
        try:
            operation = self._known.operation_in(body)
            caller = self._callers.of(fields)
        except (Refused, Unexecutable):
            return None
        if operation.kind is OperationType.SUBSCRIPTION or (operation.in_parts and takes_parts(accept)):
            return None
        request_id = logs.request_id(fields.get(b"x-request-id", b"").decode("latin-1"))
        remembered = self._operations.recall(operation, caller)
        if remembered is None:
            work = self._run(operation, caller, media_type, request_id, began)
            return Pending(work, abandoned=operation.kind is OperationType.QUERY)
        with logs.Answering(request_id):
            reply = Reply(remembered.status, remembered, operation=operation, execution="remembered")
            return self._noted(reply, media_type, request_id, began)

    async def _run(
        self, operation: Operation, caller: Caller, media_type: str, request_id: str, began: float
    ) -> Response:
        """The response once it is there. Cancelled, it leaves its line in the log as well."""
        tally = self._journal.tally
        with logs.Answering(request_id):
            tally.in_flight += 1
            try:
                answer, execution = await self._operations.run(operation, caller)
                status = status_under(media_type, answer.status)
                reply = Reply(status, answer, operation=operation, execution=execution)
            except CancelledError:
                self._noted(Reply(CLIENT_GONE, written(CLIENT_GONE, {}), operation=operation), JSON, "", began)
                raise
            except Exception as failure:
                reply = Reply(500, unforeseen(failure), operation=operation)
            finally:
                tally.in_flight -= 1
            return self._noted(reply, media_type, request_id, began)

    def _noted(self, reply: Reply, media_type: str, request_id: str, began: float) -> Response:
        took_s = self._clock.now() - began
        self._journal.note(reply.status, took_s, reply.answer.errors, reply.operation, reply.execution)
        return response_of(reply, request_id, media_type)
