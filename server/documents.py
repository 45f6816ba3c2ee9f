"""Parsing and validation, done once for each document text."""

from collections.abc import Iterator
from dataclasses import dataclass

from cachetools import LRUCache
from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLError,
    GraphQLFormattedError,
    Node,
    SelectionSetNode,
    parse,
)
from strawberry.extensions import SchemaExtension

from schema.compose import Graph
from server.incremental import at_once

MAX_TOKENS = 10_000
"""Enough for any query written by hand or by a tool; validating that many takes less than a second."""

MAX_DEPTH = 50
"""How many fields may stand inside one another: more than anybody asks for, and what execution has the stack for."""


@dataclass(frozen=True)
class Prepared:
    """A document that may be executed, or what is wrong with it. `chars` is the length of its text.

    `whole` is the document without `@defer` and `@stream`; the very same one where it has none.
    """

    chars: int
    document: DocumentNode | None
    errors: tuple[GraphQLFormattedError, ...] = ()
    whole: DocumentNode | None = None


class Documents:
    """Prepared documents, the latest ones kept; `max_chars` bounds the texts kept and thereby their trees."""

    def __init__(self, *, max_chars: int = 4_000_000) -> None:
        self._kept: LRUCache[str, Prepared] = LRUCache(max_chars, getsizeof=lambda prepared: prepared.chars)
        self.extension = _handing_over(self)

    def prepare(self, graph: Graph, text: str) -> Prepared:
        """Parse and validate, or remember. Wrong documents are remembered as well."""
        prepared = self._kept.get(text)
        if prepared is None:
            prepared = _prepared(graph, text)
            if prepared.chars <= self._kept.maxsize:
                self._kept[text] = prepared
        return prepared


def _prepared(graph: Graph, text: str) -> Prepared:
    size = len(text) + 1
    try:
        document = parse(text, max_tokens=MAX_TOKENS)
    except GraphQLError as error:
        return Prepared(size, None, (_marked(error, "GRAPHQL_PARSE_FAILED"),))
    except RecursionError:
        return Prepared(size, None, (_marked(_too_deep(), "GRAPHQL_PARSE_FAILED"),))
    try:
        faults = graph.faults_of(document)
        if not faults and _depth(document) > MAX_DEPTH:
            faults = [_too_deep()]
    except RecursionError:
        faults = [_too_deep()]
    if faults:
        return Prepared(size, None, tuple(_marked(fault, "GRAPHQL_VALIDATION_FAILED") for fault in faults))
    return Prepared(size, document, whole=at_once(document))


def _depth(document: DocumentNode) -> int:
    """How many fields stand inside one another in a valid document, where its fragments are worked in."""
    fragments = {node.name.value: node for node in document.definitions if isinstance(node, FragmentDefinitionNode)}
    known: dict[str, int] = {}

    def below(node: Node) -> int:
        if isinstance(node, FragmentSpreadNode):
            name = node.name.value
            if name not in known:
                known[name] = below(fragments[name])
            return known[name]
        selection_set: SelectionSetNode | None = getattr(node, "selection_set", None)
        deepest = max((below(child) for child in selection_set.selections), default=0) if selection_set else 0
        return deepest + isinstance(node, FieldNode)

    return max(below(node) for node in document.definitions)


def _too_deep() -> GraphQLError:
    return GraphQLError(f"The document is nested too deeply: fields stand at most {MAX_DEPTH} levels deep.")


def _marked(error: GraphQLError, code: str) -> GraphQLFormattedError:
    formatted = error.formatted
    formatted["extensions"] = {"code": code, **formatted.get("extensions", {})}
    return formatted


def _handing_over(documents: Documents) -> type[SchemaExtension]:
    class HandingOver(SchemaExtension):
        """Gives Strawberry the document that was parsed and validated before."""

        def on_parse(self) -> Iterator[None]:
            graph = self.execution_context.schema
            assert isinstance(graph, Graph)
            assert self.execution_context.query is not None
            prepared = documents.prepare(graph, self.execution_context.query)
            self.execution_context.graphql_document = prepared.document
            yield

        def on_validate(self) -> Iterator[None]:
            self.execution_context.pre_execution_errors = []
            yield

    return HandingOver
