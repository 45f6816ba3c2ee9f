"""How an error looks to a client: a message it may read, and `extensions` it can act on."""

from datetime import UTC, datetime
from math import ceil
from typing import Any
from uuid import uuid4

import structlog
from graphql import FieldNode, GraphQLError, GraphQLFormattedError

from connectors.clock import Clock
from connectors.database import Unwritable
from connectors.errors import (
    ConnectionRequired,
    OutcomeUnknown,
    ReauthorizationRequired,
    UpstreamError,
    UpstreamRejected,
)
from schema.problems import BadInput, Problem

log = structlog.get_logger("punnet.errors")


def presented(error: GraphQLError, clock: Clock) -> GraphQLFormattedError:
    """The error as it goes out, always with `extensions.code`.

    An upstream's error carries `upstream`, `operation` and, where waiting helps, `retryAt` (ISO 8601, UTC) beside it,
    and `connect` where the user can connect an account: the path, to which `connectProvider` gives a link.
    """
    cause = cause_of(error)
    if cause is None:
        extensions: dict[str, Any] = {"code": _code(error)}
    elif isinstance(cause, UpstreamError):
        extensions = {"code": cause.code, "upstream": cause.upstream, "operation": cause.operation}
        if isinstance(cause, UpstreamRejected):
            extensions |= {"reason": cause.reason}
        if isinstance(cause, ConnectionRequired) or (isinstance(cause, ReauthorizationRequired) and cause.by_link):
            extensions |= {"connect": f"/connect/{cause.upstream}"}
        if isinstance(cause, OutcomeUnknown) and cause.idempotency_key:
            extensions |= {"idempotencyKey": cause.idempotency_key}
        if cause.retry_after_s is not None:
            retry_at = datetime.fromtimestamp(ceil(clock.time() + cause.retry_after_s), UTC)
            extensions["retryAt"] = retry_at.isoformat(timespec="seconds").replace("+00:00", "Z")
    elif isinstance(cause, Problem):
        extensions = {"code": cause.code}
    elif isinstance(cause, Unwritable):
        extensions = {"code": BadInput.code}
    else:
        return incident(error, cause)
    return _extended(error, extensions)


def incident(error: GraphQLError, cause: Exception) -> GraphQLFormattedError:
    """A mistake of ours as it goes out: it is logged with its traceback under an id, and only that id goes out."""
    id = uuid4().hex[:12]
    log.error("unforeseen error", incident=id, path=error.path, exc_info=cause)
    formatted = _extended(error, {"code": "INTERNAL_SERVER_ERROR", "incident": id})
    formatted["message"] = f"Something went wrong on our side (incident {id})."
    return formatted


def cause_of(error: GraphQLError) -> Exception | None:
    """What a resolver raised; `None` where GraphQL itself found the fault."""
    cause: Exception | None = error
    while isinstance(cause, GraphQLError):
        cause = cause.original_error
    return cause


def _extended(error: GraphQLError, extensions: dict[str, Any]) -> GraphQLFormattedError:
    formatted = error.formatted
    formatted["extensions"] = {**extensions, **formatted.get("extensions", {})}
    return formatted


def _code(error: GraphQLError) -> str:
    """GraphQL's own faults: a value of ours that is not of its field's type, or else input that is not of its type."""
    about_a_field = bool(error.nodes) and all(isinstance(node, FieldNode) for node in error.nodes or ())
    return "INVALID_VALUE" if error.path and about_a_field else "BAD_USER_INPUT"
