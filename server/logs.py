"""Structured log lines on stderr: names, numbers and codes; never a query's text, a variable, a header or a secret."""

import asyncio
import logging
import re
import sys
import threading
from collections import Counter
from collections.abc import Sequence
from contextvars import ContextVar, Token
from datetime import UTC, datetime
from random import getrandbits
from typing import TYPE_CHECKING, Any, Literal

import orjson
import structlog
from graphql import GraphQLFormattedError
from structlog.typing import EventDict, FilteringBoundLogger, Processor, WrappedLogger

from connectors.clock import milliseconds
from server.operations import Execution, Operation
from server.tally import RequestTally

if TYPE_CHECKING:
    from server.spans import Tracing

REQUEST_ID = re.compile(r"[\w.:-]{1,64}", re.ASCII)

ANSWERING: ContextVar[str | None] = ContextVar("ANSWERING", default=None)
"""The id of the request that is being answered."""

log = structlog.get_logger("punnet.server")


def configure(style: Literal["json", "console"] | None, level: str = "info") -> None:
    """Send our log lines to stderr in one style; unset, it follows the terminal.

    Those of the libraries go with them, unless the program that we run in has sent them somewhere already.
    """
    if style is None:
        style = "console" if sys.stderr.isatty() else "json"
    last: list[Processor] = (
        [_as_json]
        if style == "json"
        else [
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper("iso"),
            structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback),
        ]
    )
    sink = _Stderr()
    structlog.configure(
        processors=[with_request_id, *last],
        wrapper_class=_lean(level),
        logger_factory=lambda *_: sink,
    )
    remove = structlog.stdlib.ProcessorFormatter.remove_processors_meta
    handler = logging.StreamHandler(sink)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(foreign_pre_chain=[with_request_id], processors=[remove, *last])
    )
    logging.basicConfig(level=logging.WARNING, handlers=[handler])


def _lean(level: str) -> type[FilteringBoundLogger]:
    """Structlog's own logger for a level, with one way through it: a line for each upstream call is to cost little."""
    base: Any = structlog.make_filtering_bound_logger(level)

    class Lean(base):  # type: ignore[misc]
        def _proxy_to_logger(self, method_name: str, event: str | None = None, **facts: Any) -> None:
            self._write(method_name, event, facts)

        def _write(self, method_name: str, event: str | None, line: Any) -> None:
            for name, value in self._context.items():
                line.setdefault(name, value)
            line["event"] = event
            try:
                for process in self._processors:
                    line = process(self._logger, method_name, line)
            except structlog.DropEvent:
                return
            self._logger.msg(line)

        if level in ("debug", "info"):

            def info(self, event: str, **facts: Any) -> None:
                self._write("info", event, facts)

    return Lean


class _Stderr(threading.local):
    """Writes to what is stderr now, however long ago a logger was bound.

    What one turn of a thread's event loop has to say is written at its end, in one go.
    """

    def __init__(self) -> None:
        self._texts: list[str] = []

    def msg(self, line: str) -> None:
        self.write(line + "\n")

    def write(self, text: str) -> None:
        if not self._texts:
            try:
                asyncio.get_running_loop().call_soon(self._end_turn)
            except RuntimeError:
                sys.stderr.write(text)
                return
        self._texts.append(text)

    def flush(self) -> None:
        """What waits is written at the end of the turn."""

    def _end_turn(self) -> None:
        texts, self._texts = self._texts, []
        sys.stderr.write("".join(texts))


def request_id(given: str) -> str:
    """What the lines of one request share: the id that its client gave, if it is a plain one, else a new one."""
    return given if given and REQUEST_ID.fullmatch(given) else f"{getrandbits(128):032x}"


class Answering:
    """A block that answers the request with this id, which all lines written there have."""

    __slots__ = ("_request_id", "_token")

    def __init__(self, request_id: str) -> None:
        self._request_id = request_id

    def __enter__(self) -> None:
        self._token: Token[str | None] = ANSWERING.set(self._request_id)

    def __exit__(self, *_: object) -> None:
        ANSWERING.reset(self._token)


def with_request_id(logger: WrappedLogger, method: str, event: EventDict) -> EventDict:
    """The line with the id of the request that it belongs to, if it belongs to one."""
    request_id = ANSWERING.get()
    if request_id is not None:
        event["request_id"] = request_id
    return event


class Journal:
    """Writes the one line that each GraphQL request leaves, counts it, and tells its span, where it has one."""

    def __init__(
        self, transport: Literal["http", "websocket"], tally: RequestTally, tracing: "Tracing | None" = None
    ) -> None:
        self._log = log.bind(transport=transport)
        self.tally = tally
        self._tracing = tracing
        self._wanted = self._log.is_enabled_for(logging.INFO)

    def note(
        self,
        status: int,
        duration_s: float,
        errors: Sequence[GraphQLFormattedError],
        operation: Operation | None,
        execution: Execution = "own",
        request_id: str | None = None,
    ) -> None:
        """`status` is HTTP's, over a WebSocket what HTTP's would be. `request_id` is for who is not `Answering`."""
        self.tally.note(status, duration_s, errors, operation, execution)
        if self._tracing:
            self._tracing.note(status, errors, operation, execution)
        if not self._wanted:
            return
        codes = dict(Counter(error["extensions"]["code"] for error in errors)) if errors else {}
        self._log.info(
            "graphql request",
            operation=operation and operation.name and operation.name[:100],
            type=operation and operation.type,
            status=status,
            duration_ms=milliseconds(duration_s),
            errors=len(errors),
            codes=codes,
            execution=execution,
            **({"request_id": request_id} if request_id else {}),
        )


def _as_json(logger: WrappedLogger, method: str, event: EventDict) -> str:
    """The line with its level and when it was written: ISO 8601, UTC."""
    if "exc_info" in event:
        event = structlog.processors.format_exc_info(logger, method, event)
    event["level"] = method
    event["timestamp"] = datetime.now(UTC)
    try:
        return orjson.dumps(event, default=str, option=orjson.OPT_UTC_Z).decode()
    except TypeError:  # a key is no string, which costs more to allow for
        return orjson.dumps(event, default=str, option=orjson.OPT_NON_STR_KEYS | orjson.OPT_UTC_Z).decode()
