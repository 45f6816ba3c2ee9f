"""Requests that are known again without being read."""

from server.documents import weight_of
from server.operations import Operation, Operations
from server.requests import from_body

MOST_BYTES, ENTRY_BYTES = 16_000_000, 2_000
"""How much is kept: bodies, their documents, and what hangs on each."""


class Known:
    """The operations that bodies of requests ask for."""

    def __init__(self, operations: Operations) -> None:
        self._operations = operations
        self._known: dict[bytes, Operation] = {}
        self._bytes = 0

    def operation_in(self, body: bytes) -> Operation:
        """The operation that a body asks for. Raises `Refused` and `Unexecutable`."""
        return self._known.get(body) or self._learnt(body)

    def _learnt(self, body: bytes) -> Operation:
        """The operation of a request, kept for the next time unless the request is more than a text and plain values.

        A hash has to be seen each time, and what resolvers could change is made anew.
        """
        operation = self._operations.find(from_body(body))
        request = operation.request
        named = request.sha256 is not None or request.document_id is not None
        if not named and not any(isinstance(value, dict | list) for value in request.variables.values()):
            weight = ENTRY_BYTES + 2 * len(body) + weight_of(request.query, operation.document)
            self._bytes += weight
            if self._bytes > MOST_BYTES:
                self._known.clear()
                self._bytes = weight
            self._known[body] = operation
        return operation
