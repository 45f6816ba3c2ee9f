"""Answers in parts: `@defer` and `@stream`, and how their parts go over HTTP.

Source: https://github.com/graphql/graphql-over-http/blob/main/rfcs/IncrementalDelivery.md
"""

from typing import Any

from graphql import REMOVE, DirectiveNode, DocumentNode, Visitor, visit

DIRECTIVES = ("defer", "stream")


def at_once(document: DocumentNode) -> DocumentNode:
    """The document that asks for the same without parts; the very same one where it asks for no parts."""
    whole: DocumentNode = visit(document, _Whole())
    return whole


class _Whole(Visitor):
    def enter_directive(self, node: DirectiveNode, *_: Any) -> Any:
        return REMOVE if node.name.value in DIRECTIVES else None
