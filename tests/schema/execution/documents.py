"""Documents for any schema, drawn at random: aliases, fragments, conditions, variables, nested as deep as wanted."""

from dataclasses import dataclass, field
from typing import Any

from graphql import (
    GraphQLArgument,
    GraphQLField,
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLSchema,
    GraphQLUnionType,
    get_named_type,
    is_required_argument,
)
from hypothesis import strategies as st

Composite = GraphQLObjectType | GraphQLInterfaceType | GraphQLUnionType

ARGUMENTS = {
    "Int": st.integers(-2, 4).map(str),
    "String": st.sampled_from(['"a"', '"b"', '""', '"root"', '"r1.0"']),
    "ID": st.sampled_from(['"a"', '"VGhpbmc6YQ=="']),
    "Boolean": st.sampled_from(["true", "false"]),
}
CONDITIONS = ["", "", "", "", "", " @include(if: true)", " @skip(if: false)", " @skip(if: $yes)", " @include(if: $yes)"]


@dataclass
class _Drawing:
    schema: GraphQLSchema
    draw: Any
    fragments: list[str] = field(default_factory=list)

    def selection(self, type_: Composite, depth: int) -> str:
        parts = [self.part(type_, depth) for _ in range(self.draw(st.integers(1, 4)))]
        return "{ " + " ".join(parts) + " }"

    def part(self, type_: Composite, depth: int) -> str:
        kind = self.draw(st.integers(0, 9))
        if kind == 0:
            return self.named("__typename") + self.condition()
        if kind == 1:
            narrowed = self.draw(st.sampled_from(self.narrowings(type_)))
            return f"... on {narrowed.name}{self.condition()} {self.selection(narrowed, depth)}"
        if kind == 2 and depth > 0:
            narrowed = self.draw(st.sampled_from(self.narrowings(type_)))
            body = self.selection(narrowed, depth - 1)
            name = f"F{len(self.fragments)}"
            self.fragments.append(f"fragment {name} on {narrowed.name} {body}")
            return f"...{name}{self.condition()}"
        fields = {} if isinstance(type_, GraphQLUnionType) else type_.fields
        choices = [
            name
            for name, field in fields.items()
            if (depth > 0 or not isinstance(get_named_type(field.type), Composite))
            and all(get_named_type(argument.type).name in ARGUMENTS for argument in required(field))
        ]
        if not choices:
            return self.named("__typename")
        name = self.draw(st.sampled_from(choices))
        definition = fields[name]
        arguments = self.arguments(definition.args)
        inner = get_named_type(definition.type)
        below = f" {self.selection(inner, depth - 1)}" if isinstance(inner, Composite) else ""
        return self.named(name, f"{name}{arguments}") + self.condition() + below

    def named(self, name: str, call: str | None = None) -> str:
        """With an alias that says what it stands for, so that equal aliases never conflict."""
        call = call or name
        if not self.draw(st.booleans()) and "(" not in call:
            return call
        digest = "".join(c if c.isalnum() else "_" for c in call)
        return f"{digest}_{self.draw(st.integers(0, 1))}: {call}"

    def arguments(self, definitions: Any) -> str:
        given = []
        for name, definition in definitions.items():
            type_name = get_named_type(definition.type).name
            if type_name in ARGUMENTS and (is_required_argument(definition) or self.draw(st.booleans())):
                value = self.draw(ARGUMENTS[type_name])
                given.append(f"{name}: [{value}]" if str(definition.type).startswith("[") else f"{name}: {value}")
        return f"({', '.join(given)})" if given else ""

    def condition(self) -> str:
        drawn: str = self.draw(st.sampled_from(CONDITIONS))
        return drawn

    def narrowings(self, type_: Composite) -> list[Composite]:
        if isinstance(type_, GraphQLObjectType):
            return [type_, *type_.interfaces]
        return (
            [type_, *self.schema.get_possible_types(type_)]
            if isinstance(type_, GraphQLInterfaceType)
            else list(type_.types)
        )


def required(field: GraphQLField) -> list[GraphQLArgument]:
    """The arguments that a field has to have."""
    return [argument for argument in field.args.values() if is_required_argument(argument)]


@st.composite
def documents(draw: Any, schema: GraphQLSchema, operation: str = "query", depth: int = 4) -> str:
    """A valid document with one operation, which takes the variable `$yes: Boolean!`."""
    drawing = _Drawing(schema, draw)
    root = schema.query_type if operation == "query" else schema.mutation_type
    assert root is not None
    body = drawing.selection(root, depth)
    use = "__typename @include(if: $yes)"
    return f"{operation} Drawn($yes: Boolean!) {{ {use} {body[2:-2]} }} {' '.join(drawing.fragments)}"
