"""What the answer to a document is made of, which says how long it holds."""

from typing import Any, Literal

from graphql import BREAK, DocumentNode, GraphQLField, GraphQLSchema, TypeInfo, TypeInfoVisitor, Visitor, visit
from strawberry.types.field import StrawberryField

from schema.execution.plan import reader

Source = Literal["document", "upstreams", "unknown"]
"""An answer follows from the document and its variables alone, from what upstreams answered as well, or we cannot say.

The last goes for what a resolver gives that neither says what it `calls` nor takes its parent and arguments alone.
"""


def source_of(schema: GraphQLSchema, document: DocumentNode) -> Source:
    """What the answers to the operations of a document without faults are made of."""
    types = TypeInfo(schema)
    fields = _Fields(types)
    visit(document, TypeInfoVisitor(types, fields))
    return fields.source


class _Fields(Visitor):
    def __init__(self, types: TypeInfo) -> None:
        super().__init__()
        self.source: Source = "document"
        self._types = types

    def enter_field(self, *_: Any) -> Any:
        definition = self._types.get_field_def()
        source: Source = _source(definition) if definition else "unknown"
        if source != "document":
            self.source = source
        return BREAK if source == "unknown" else None


def _source(definition: GraphQLField) -> Source:
    field = definition.extensions.get("strawberry-definition")
    if not isinstance(field, StrawberryField):  # introspection
        return "document"
    if field.extensions or field.permission_classes:
        return "unknown"
    if any(field.metadata.get(name) is not None for name in ("link", "pager", "calls")):
        return "upstreams"
    return "document" if reader(field) or _of_arguments(field) else "unknown"


def _of_arguments(field: StrawberryField) -> bool:
    """Whether the value is a plain function of the parent and the field's arguments."""
    resolver = field.base_resolver
    if resolver is None or field.is_async or resolver.info_parameter:
        return False
    return next(iter(resolver.signature.parameters), None) == "root"
