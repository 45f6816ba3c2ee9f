"""Answers in parts: `@defer` and `@stream`, and how their parts go over HTTP.

Source: https://github.com/graphql/graphql-over-http/blob/main/rfcs/IncrementalDelivery.md
"""

from collections.abc import Iterator
from typing import Any, cast

from graphql import REMOVE, DirectiveNode, DocumentNode, GraphQLFormattedError, Visitor, visit
from graphql.execution import InitialIncrementalExecutionResult, SubsequentIncrementalExecutionResult

from connectors.clock import Clock
from resolvers.errors import presented

DIRECTIVES = ("defer", "stream")

MULTIPART = b'multipart/mixed; boundary="-"'
OPENING = b"\r\n---"
HEAD = b"\r\nContent-Type: application/json; charset=utf-8\r\n\r\n"


def at_once(document: DocumentNode) -> DocumentNode:
    """The document that asks for the same without parts; the very same one where it asks for no parts."""
    whole: DocumentNode = visit(document, _Whole())
    return whole


class _Whole(Visitor):
    def enter_directive(self, node: DirectiveNode, *_: Any) -> Any:
        return REMOVE if node.name.value in DIRECTIVES else None


def part_of(
    result: InitialIncrementalExecutionResult | SubsequentIncrementalExecutionResult, clock: Clock
) -> dict[str, Any]:
    """One part of an answer as it goes out, its errors presented."""
    part = cast(dict[str, Any], result.formatted)
    for formatted, piece in _pieces(part, result):
        if piece.errors:
            formatted["errors"] = [presented(error, clock) for error in piece.errors]
    return part


def framed(body: bytes, *, last: bool = False) -> bytes:
    """A part on the wire; its closing boundary goes along, so that the client need not wait for the next to read it."""
    return HEAD + body + OPENING + (b"--\r\n" if last else b"")


def errors_of(part: dict[str, Any]) -> list[GraphQLFormattedError]:
    """All errors in an answer, or in a part of one, as they go out."""
    pieces = (part, *part.get("incremental", ()), *part.get("completed", ()))
    return [error for piece in pieces for error in piece.get("errors", ())]


def _pieces(part: dict[str, Any], result: Any) -> Iterator[tuple[dict[str, Any], Any]]:
    """Everything in a part that may have errors: as it goes out, and as it was."""
    if isinstance(result, InitialIncrementalExecutionResult):
        yield part, result
    else:
        yield from zip(part.get("incremental", ()), result.incremental or (), strict=True)
        yield from zip(part.get("completed", ()), result.completed or (), strict=True)
