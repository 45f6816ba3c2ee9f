"""How an error looks to a client: a message it may read, and `extensions` it can act on."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import structlog
from graphql import GraphQLError, GraphQLFormattedError

from connectors.errors import UpstreamError
from schema.problems import Problem

log = structlog.get_logger("punnet.errors")


def presented(error: GraphQLError, now: datetime | None = None) -> GraphQLFormattedError:
    """The error as it goes out.

    An upstream's error carries `code`, `upstream`, `operation` and, where waiting helps, `retryAt` (ISO 8601, UTC). An
    error that we did not foresee is logged with its traceback under an id, and only that id goes out.
    """
    formatted = error.formatted
    cause = error.original_error
    while isinstance(cause, GraphQLError) and cause.original_error is not None:
        cause = cause.original_error
    if cause is None or isinstance(cause, GraphQLError):
        extensions: dict[str, Any] = {"code": "GRAPHQL_VALIDATION_FAILED"} if not error.path else {"code": "BAD_VALUE"}
    elif isinstance(cause, UpstreamError):
        extensions = {"code": cause.code, "upstream": cause.upstream, "operation": cause.operation}
        if cause.retry_after_s is not None:
            retry_at = (now or datetime.now(UTC)) + timedelta(seconds=cause.retry_after_s)
            extensions["retryAt"] = retry_at.isoformat(timespec="seconds").replace("+00:00", "Z")
    elif isinstance(cause, Problem):
        extensions = {"code": cause.code}
    else:
        incident = uuid4().hex[:12]
        log.error("unforeseen error", incident=incident, path=error.path, exc_info=cause)
        formatted["message"] = f"Something went wrong on our side (incident {incident})."
        extensions = {"code": "INTERNAL_SERVER_ERROR", "incident": incident}
    formatted["extensions"] = {**extensions, **formatted.get("extensions", {})}
    return formatted
