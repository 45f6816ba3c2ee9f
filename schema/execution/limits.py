"""How large an operation may be: what can be counted in its document, and the calls that it would make.

A fragment counts as often as it is spread, so that no document is small and what it stands for large.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from graphql import (
    ASTValidationRule,
    DocumentNode,
    ExecutableDefinitionNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLError,
    InlineFragmentNode,
    KnownTypeNamesRule,
    OperationDefinitionNode,
    OverlappingFieldsCanBeMergedRule,
    SelectionSetNode,
    ValidationContext,
    Visitor,
    specified_rules,
    visit,
)
from graphql.validation.validate import ValidationAbortedError

CHARACTERS = 50
"""How many there may be for each token that is allowed."""


@dataclass(frozen=True, kw_only=True)
class Limits:
    """`tokens` are names, values and signs; `depth` is fields inside one another.

    `aliases` are the further keys under which one object answers the same field. `comparisons` are the steps by which
    validation sees that fields under one key ask for the same: they grow with the square of how often they are there.
    `calls` go to all upstreams together.
    """

    tokens: int = 5_000
    depth: int = 20
    aliases: int = 100
    comparisons: int = 60_000
    calls: int = 1_000


def refusal(code: str, message: str) -> GraphQLError:
    """What is wrong with a request as a whole."""
    return GraphQLError(message, extensions={"code": code})


def measure(text: str, limits: Limits) -> None:
    """Look at how long a document is, before it is read. Raises the `GraphQLError` of one that is too long.

    Whoever says where an error is counts the lines before it, and does so again for each error.
    """
    lines, most = text.count("\n") + text.count("\r") + 1, limits.tokens * CHARACTERS
    if lines > limits.tokens:
        raise refusal("TOO_MANY_TOKENS", f"The document has {lines:,} lines: {limits.tokens:,} at most, as of tokens.")
    if len(text) > most:
        message = f"The document has {len(text):,} characters: {most:,} at most. Long values belong into variables."
        raise refusal("TOO_MANY_TOKENS", message)


def rules_within(limits: Limits) -> tuple[type[ASTValidationRule], ...]:
    """GraphQL's rules of validation, none of which takes seconds.

    What would take more comparisons than allowed raises the `GraphQLError` of it.
    """
    compared = limits.comparisons

    class Overlapping(OverlappingFieldsCanBeMergedRule):
        def __init__(self, context: ValidationContext) -> None:
            super().__init__(context)
            self.rule_context.remaining_complexity_budget = compared

        def enter_selection_set(self, *given: Any) -> None:
            try:
                super().enter_selection_set(*given)
            except ValidationAbortedError as error:
                if self.rule_context.remaining_complexity_budget >= 0:
                    raise
                message = (
                    f"To compare the fields that are asked for repeatedly takes over {compared:,} steps, the most."
                )
                raise refusal("TOO_MANY_COMPARISONS", message) from error

    ours = {OverlappingFieldsCanBeMergedRule: Overlapping, KnownTypeNamesRule: _Known}
    return tuple(ours.get(rule, rule) for rule in specified_rules)


class _Known(KnownTypeNamesRule):
    """Suggests names for the first unknown type only: to compare one with those of all types takes up to 0.1 s."""

    def report_error(self, error: GraphQLError) -> None:
        super().report_error(error)
        self.type_names = []


def excess(document: DocumentNode, limits: Limits) -> GraphQLError | None:
    """By what a valid document goes beyond the limits, if it does; found in time linear in the tokens allowed."""
    fragments = {node.name.value: node for node in document.definitions if isinstance(node, FragmentDefinitionNode)}
    tokens = _Tokens(fragments)
    for operation in document.definitions:
        if not isinstance(operation, OperationDefinitionNode):
            continue
        found = tokens.of(operation)
        if found > limits.tokens:
            message = f"The document has {found:,} tokens, its fragments worked in: {limits.tokens:,} at most."
            return refusal("TOO_MANY_TOKENS", message)
        depth, aliases = _measured([operation.selection_set], fragments)
        if depth > limits.depth:
            return refusal("QUERY_TOO_DEEP", f"Fields stand {depth} levels deep: {limits.depth} at most.")
        if aliases > limits.aliases:
            message = f"Fields are asked for again under {aliases:,} further aliases: {limits.aliases:,} at most."
            return refusal("TOO_MANY_ALIASES", message)
    return None


def beyond(calls: int, max_calls: int) -> GraphQLError | None:
    """The error of an operation that would make too many calls."""
    if calls <= max_calls:
        return None
    message = f"The operation makes up to {calls:,} calls to upstreams: {max_calls:,} at most. Ask for fewer items."
    return refusal("TOO_MANY_UPSTREAM_CALLS", message)


class _Tokens:
    """The tokens of definitions; those of a fragment are counted once and remembered."""

    def __init__(self, fragments: Mapping[str, FragmentDefinitionNode]) -> None:
        self._fragments = fragments
        self._known: dict[str, int] = {}

    def of(self, definition: ExecutableDefinitionNode) -> int:
        """The tokens of a definition and of what is spread in it, as often as it is."""
        spread = _Spread()
        visit(definition, spread)
        return _own_tokens(definition) + sum(map(self._of_fragment, spread.names))

    def _of_fragment(self, name: str) -> int:
        if name not in self._known:
            self._known[name] = self.of(self._fragments[name])
        return self._known[name]


class _Spread(Visitor):
    """The names of the fragments that a definition spreads."""

    def __init__(self) -> None:
        super().__init__()
        self.names: list[str] = []

    def enter_fragment_spread(self, node: FragmentSpreadNode, *_: Any) -> None:
        self.names.append(node.name.value)


def _own_tokens(definition: ExecutableDefinitionNode) -> int:
    assert definition.loc is not None
    token, last, tokens = definition.loc.start_token, definition.loc.end_token, 1
    while token is not last and token.next is not None:
        token, tokens = token.next, tokens + 1
    return tokens


def _measured(
    selection_sets: Sequence[SelectionSetNode], fragments: Mapping[str, FragmentDefinitionNode]
) -> tuple[int, int]:
    """Depth and aliases of what one object answers, whose selections may stand at several places."""
    below: dict[str, list[SelectionSetNode]] = {}
    names: set[str] = set()
    open_list, spread = list(selection_sets), set[str]()
    while open_list:
        for selection in open_list.pop().selections:
            if isinstance(selection, FieldNode):
                names.add(selection.name.value)
                sets = below.setdefault((selection.alias or selection.name).value, [])
                sets += [selection.selection_set] if selection.selection_set else []
            elif isinstance(selection, InlineFragmentNode):
                open_list.append(selection.selection_set)
            elif isinstance(selection, FragmentSpreadNode) and selection.name.value not in spread:
                spread.add(selection.name.value)
                open_list.append(fragments[selection.name.value].selection_set)
    inner = [_measured(sets, fragments) for sets in below.values() if sets]
    depth = 1 + max((depth for depth, _ in inner), default=0)
    return depth, len(below) - len(names) + sum(aliases for _, aliases in inner)
