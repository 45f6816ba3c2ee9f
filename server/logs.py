"""Structured log lines on stderr: names, numbers and codes; never a query's text, a variable, a header or a secret."""

import logging
import re
import sys
from collections import Counter
from collections.abc import Iterable
from typing import Literal
from uuid import uuid4

import orjson
import structlog
from graphql import GraphQLFormattedError
from structlog.typing import EventDict, Processor, WrappedLogger

from server.operations import Operation

REQUEST_ID = re.compile(r"[\w.:-]{1,64}", re.ASCII)

log = structlog.get_logger("punnet.server")


def configure(style: Literal["json", "console"] | None) -> None:
    """Send our log lines to stderr in one style; unset, it follows the terminal.

    Those of the libraries go with them, unless the program that we run in has sent them somewhere already.
    """
    if style is None:
        style = "console" if sys.stderr.isatty() else "json"
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    last: list[Processor] = (
        [structlog.processors.format_exc_info, _as_json]
        if style == "json"
        else [structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)]
    )
    structlog.configure(
        processors=[*shared, *last],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=lambda *_: structlog.WriteLogger(sys.stderr),
    )
    remove = structlog.stdlib.ProcessorFormatter.remove_processors_meta
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(structlog.stdlib.ProcessorFormatter(foreign_pre_chain=shared, processors=[remove, *last]))
    logging.basicConfig(level=logging.WARNING, handlers=[handler])
    logging.getLogger("uvicorn").setLevel(logging.INFO)


def request_id(given: str | None) -> str:
    """What the lines of one request share: the id that its client gave, if it is a plain one, else a new one."""
    return given if given and REQUEST_ID.fullmatch(given) else uuid4().hex


def note(
    *,
    transport: Literal["http", "websocket"],
    status: int,
    duration_s: float,
    errors: Iterable[GraphQLFormattedError] = (),
    operation: Operation | None = None,
) -> None:
    """The one line that each GraphQL request leaves. `status` is HTTP's, over a WebSocket what HTTP's would be."""
    codes = Counter(error["extensions"]["code"] for error in errors)
    log.info(
        "graphql request",
        operation=operation and operation.name and operation.name[:100],
        type=operation and operation.kind.value,
        transport=transport,
        status=status,
        duration_ms=round(duration_s * 1000, 1),
        errors=codes.total(),
        codes=dict(codes),
    )


def _as_json(logger: WrappedLogger, method: str, event: EventDict) -> str:
    return orjson.dumps(event, default=str, option=orjson.OPT_NON_STR_KEYS).decode()
