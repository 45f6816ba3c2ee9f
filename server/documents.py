"""Parsing and validation, done once for each document text."""

import re
from array import array
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from sys import getsizeof

from cachetools import LRUCache
from graphql import ASTValidationRule, DocumentNode, GraphQLError, GraphQLFormattedError, SourceLocation, parse
from graphql import Source as Text
from strawberry.extensions import SchemaExtension

from schema.compose import Graph
from schema.execution.limits import Limits, excess, measure, refusal, rules_within
from schema.execution.sources import Source
from server.incremental import at_once

GIVEN_UP = {"tokens. Parsing aborted": "TOO_MANY_TOKENS", "nested too deeply": "QUERY_TOO_DEEP"}
"""What graphql-core says where it does not look further, and what that means to us."""

NEWLINE = re.compile(r"\r\n|[\n\r]")

ENTRY_BYTES, TOKEN_BYTES, FAULT_BYTES = 800, 400, 900
"""What is kept of a document beside its text, measured: the objects around it, each token of its tree, and each error
beside its message, which may quote much."""


@dataclass(frozen=True)
class Prepared:
    """A document that may be executed, or what is wrong with it. `weight` is about how many bytes it takes.

    `whole` is the document without `@defer` and `@stream`; the very same one where it has none. `source` says what its
    answers are made of.
    """

    weight: int
    document: DocumentNode | None
    errors: tuple[GraphQLFormattedError, ...] = ()
    whole: DocumentNode | None = None
    source: Source = "unknown"


class Documents:
    """Prepared documents, the latest ones kept: `max_bytes` of texts, trees and errors."""

    def __init__(self, limits: Limits = Limits(), *, max_bytes: int = 32_000_000) -> None:
        self._limits = limits
        self._rules = rules_within(limits)
        self._kept: LRUCache[str, Prepared] = LRUCache(max_bytes, getsizeof=lambda prepared: prepared.weight)
        self.extension = _handing_over(self)

    def prepare(self, graph: Graph, text: str) -> Prepared:
        """Parse, validate and measure, or remember. Wrong documents are remembered as well."""
        prepared = self._kept.get(text)
        if prepared is None:
            prepared = _prepared(graph, text, self._limits, self._rules)
            if prepared.weight <= self._kept.maxsize:
                self._kept[text] = prepared
        return prepared


def _prepared(graph: Graph, text: str, limits: Limits, rules: tuple[type[ASTValidationRule], ...]) -> Prepared:
    document = None
    try:
        measure(text, limits)
        document = parse(_Lines(text), max_tokens=limits.tokens)
        faults = [_marked(fault, "GRAPHQL_VALIDATION_FAILED") for fault in graph.faults_of(document, rules)]
        beyond = None if faults else excess(document, limits)
    except GraphQLError as error:
        faults, beyond = [_marked(error, "GRAPHQL_PARSE_FAILED")], None
    except RecursionError:
        faults, beyond = [], refusal("QUERY_TOO_DEEP", "The document is nested too deeply.")
    if beyond:
        faults = [_marked(beyond)]
    if faults or document is None:
        weight = weight_of(text) + sum(FAULT_BYTES + len(fault["message"]) for fault in faults)
        return Prepared(weight, None, tuple(faults))
    return Prepared(weight_of(text, document), document, whole=at_once(document), source=graph.source_of(document))


class _Lines(Text):
    """A text whose lines are counted once: every error that execution meets says in which one it is."""

    @cached_property
    def _ends(self) -> "array[int]":
        return array("I", [at.start() for at in NEWLINE.finditer(self.body)])

    def get_location(self, position: int) -> SourceLocation:
        before = bisect_left(self._ends, position)
        if not before:
            return SourceLocation(1, position + 1)
        end = self._ends[before - 1]
        return SourceLocation(before + 1, position - end - self.body.startswith("\r\n", end))


def weight_of(text: str, document: DocumentNode | None = None) -> int:
    """About how many bytes a text and its tree take, in which strings and comments are there once more."""
    return ENTRY_BYTES + 2 * getsizeof(text) + TOKEN_BYTES * (document.token_count if document else 0)


def _marked(error: GraphQLError, code: str = "BAD_REQUEST") -> GraphQLFormattedError:
    """The error as it goes out: with the code it has, or that of the limit where graphql-core gave up, or `code`."""
    given_up = (known for words, known in GIVEN_UP.items() if words in error.message)
    formatted = error.formatted
    formatted["extensions"] = {"code": next(given_up, code), **formatted.get("extensions", {})}
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
