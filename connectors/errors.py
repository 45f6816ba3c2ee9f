"""What can go wrong with an upstream: a small tree of exceptions with stable codes.

A message names the upstream, the operation and what the reader can do. It never holds a credential, a URL's
query or a body of the upstream, nothing but our words, numbers, and names and codes: it may be logged.
"""

from typing import ClassVar


class UpstreamError(Exception):
    """A call to an upstream that gave no usable answer. `code` appears as `extensions.code` to clients.

    `why` is the message without the names of upstream and operation.
    """

    code: ClassVar[str] = "UPSTREAM_ERROR"

    def __init__(self, upstream: str, operation: str, message: str, *, retry_after_s: float | None = None) -> None:
        super().__init__(f"{upstream} {operation}: {message}")
        self.upstream = upstream
        self.operation = operation
        self.why = message
        self.retry_after_s = retry_after_s


class UpstreamTimeout(UpstreamError):
    """No answer in time."""

    code = "UPSTREAM_TIMEOUT"


class UpstreamUnavailable(UpstreamError):
    """The connection failed, or the upstream answered that it is broken (5xx)."""

    code = "UPSTREAM_UNAVAILABLE"


class OutcomeUnknown(UpstreamError):
    """A write was sent, and its answer was lost or leaves open how it ended (HTTP 5xx), on every attempt.

    It may or may not have happened: look before trying again. Where the upstream recognises repetitions, sending it
    again with the same `idempotency_key` is safe, and no other key is.
    """

    code = "OUTCOME_UNKNOWN"

    def __init__(self, upstream: str, operation: str, *, idempotency_key: str | None) -> None:
        again = "repeat it with the same idempotency key only" if idempotency_key else "look before trying again"
        super().__init__(upstream, operation, f"it may or may not have happened: {again}")
        self.idempotency_key = idempotency_key


class CircuitOpen(UpstreamError):
    """The upstream failed too often just now, so it is left alone for `retry_after_s`."""

    code = "CIRCUIT_OPEN"

    def __init__(self, upstream: str, operation: str, *, retry_after_s: float) -> None:
        message = f"the circuit is open, try again in {retry_after_s:.0f} s"
        super().__init__(upstream, operation, message, retry_after_s=retry_after_s)


class RateLimited(UpstreamError):
    """The upstream asked us to slow down for longer than this operation can wait."""

    code = "UPSTREAM_RATE_LIMITED"

    def __init__(self, upstream: str, operation: str, *, retry_after_s: float) -> None:
        message = f"rate limited, try again in {retry_after_s:.0f} s"
        super().__init__(upstream, operation, message, retry_after_s=retry_after_s)


class CredentialsUnavailable(UpstreamError):
    """No credentials were to be had, because the upstream that gives them out failed; it has been tried enough."""

    code = "UPSTREAM_UNAVAILABLE"


class NotAuthorized(UpstreamError):
    """The upstream refuses our credentials, or they do not reach this far."""

    code = "UPSTREAM_NOT_AUTHORIZED"


class ReauthorizationRequired(NotAuthorized):
    """What the user once agreed to no longer holds: revoked, expired, or lost. Only agreeing again helps.

    `by_link` says that they can do so by the link that users follow; else it is the operator's to set things right.
    """

    code = "REAUTHORIZATION_REQUIRED"

    def __init__(self, upstream: str, operation: str, message: str, *, by_link: bool = False) -> None:
        super().__init__(upstream, operation, message)
        self.by_link = by_link


class ConnectionRequired(NotAuthorized):
    """The user has never agreed that we use their account, or has changed their mind."""

    code = "CONNECTION_REQUIRED"


class UpstreamRejected(UpstreamError):
    """The upstream understood the request and refused it.

    `status` is the HTTP status; `reason` the upstream's own stable code (`resource_missing`, `MALFORMED_QUERY`), never
    a text that may quote the request.
    """

    code = "UPSTREAM_REJECTED"

    def __init__(self, upstream: str, operation: str, *, status: int, reason: str) -> None:
        super().__init__(upstream, operation, f"rejected with status {status} ({reason})")
        self.status = status
        self.reason = reason


class NotFound(UpstreamRejected):
    """The upstream does not know what was asked for."""

    code = "UPSTREAM_NOT_FOUND"


class CursorExpired(UpstreamError):
    """The upstream no longer knows the place a cursor points at: start again without `after`."""

    code = "CURSOR_EXPIRED"

    def __init__(self, upstream: str, operation: str) -> None:
        super().__init__(upstream, operation, "the cursor has expired, start again from the first page")


class ResultWindowExceeded(UpstreamError):
    """The upstream does not page this far: narrow the query."""

    code = "RESULT_WINDOW_EXCEEDED"


class PayloadMismatch(UpstreamError):
    """The upstream's answer is not what it documents. `path` says where, in the upstream's own names."""

    code = "UPSTREAM_PAYLOAD_MISMATCH"

    def __init__(self, upstream: str, operation: str, *, path: str, expected: str) -> None:
        super().__init__(upstream, operation, f"expected {expected} at {path}")
        self.path = path
