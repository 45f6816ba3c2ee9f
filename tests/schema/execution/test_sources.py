"""What answers are made of, which says whether they may be remembered."""

import pytest
import strawberry
from graphql import get_introspection_query, parse
from strawberry import BasePermission
from strawberry.types import Info

from resolvers import nodes
from schema.compose import compose
from schema.execution.sources import Source
from schema.fields import Calls, Fields
from tests.graphs import fields as numbers

LIST = "numbers { all(first: 3) { nodes { value half { id far { value } } } } }"
FRAGMENT = "... on Number { half { value } }"


@strawberry.type(description="A thing.")
class Thing:
    name: str = strawberry.field(description="Its name.")


class Everybody(BasePermission):
    def has_permission(self, source: object, info: Info, **arguments: object) -> bool:
        return True


fields = Fields("numbers")


@fields.query
def constant(root: object) -> Thing:
    """The same thing ever."""
    return Thing(name="constant")


@fields.query(calls=Calls(upstream="numbers", operation="things.get"))
async def fetched() -> Thing:
    """What an upstream says."""
    return Thing(name="fetched")


@fields.query
def chosen(root: object, name: str) -> Thing:
    """The thing with a name."""
    return Thing(name=name)


@fields.query
def drawn() -> Thing:
    """Some thing."""
    return Thing(name="drawn")


@fields.on(Thing)
def length(root: strawberry.Parent[Thing]) -> int:
    """How long its name is."""
    return len(root.name)


@fields.on(Thing)
async def asked(root: strawberry.Parent[Thing], info: Info) -> int:
    """Something worked out with who knows what."""
    return 1


@strawberry.type(description="Things for some.")
class Guarded:
    name: str = strawberry.field(description="Its name.", permission_classes=[Everybody])


@fields.query
def guarded(root: object) -> Guarded:
    """Something not for everybody."""
    return Guarded(name="guarded")


@pytest.mark.parametrize(
    ("text", "source"),
    [
        ("{ __typename constant { __typename name length } }", "document"),
        (get_introspection_query(), "document"),
        ("{ constant { name } fetched { name } }", "upstreams"),
        ("{ fetched { name } constant { name } }", "upstreams"),
        (f"{{ {LIST} }}", "upstreams"),
        (f'{{ node(id: "1") {{ {FRAGMENT} }} }}', "upstreams"),
        ('{ chosen(name: "a") { name } }', "document"),
        ("{ drawn { name } }", "unknown"),
        (f"{{ drawn {{ name }} {LIST} }}", "unknown"),
        ("{ constant { asked } }", "unknown"),
        ("{ constant { ...More } } fragment More on Thing { asked }", "unknown"),
        ("{ guarded { name } }", "unknown"),
    ],
)
def test_what_an_answer_is_made_of_follows_from_the_fields_of_its_document(text: str, source: Source) -> None:
    graph = compose([nodes.fields, numbers, fields], ["numbers"])

    assert graph.source_of(parse(text)) == source
