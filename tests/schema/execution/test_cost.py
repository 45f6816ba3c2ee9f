"""Estimates over a small graph of an upstream that is never called."""

from collections.abc import Awaitable, Collection, Hashable, Mapping
from typing import Any

import pytest
import strawberry
from graphql import GraphQLError, parse
from strawberry.types import Info

from schema.compose import Graph, compose
from schema.execution.cost import Estimate
from schema.fields import Calls, Fields, Slicing, Wanted
from schema.relay import Connection


@strawberry.type(description="A person.")
class Person:
    name: str = strawberry.field(description="What it is called.")
    boss_id: strawberry.Private[str]


@strawberry.interface(description="Something with a part.")
class Whole:
    name: str = strawberry.field(description="What it is called.")
    part: "Whole | None" = strawberry.field(description="A part of it.")


@strawberry.type(description="The one kind.")
class One(Whole):
    pass


@strawberry.type(description="The other kind.")
class Other(Whole):
    pass


class People:
    """Fetches people by key, `calls` as given."""

    def __init__(self, result: Any = Person, **calls: Any) -> None:
        self.result = result
        self.calls = Calls(upstream="staff", operation="people.get", **calls)

    def load(self, info: Info, key: Hashable) -> Awaitable[Any]:
        raise AssertionError("nothing is to be fetched")

    def load_many(self, info: Info, keys: Collection[Hashable]) -> Awaitable[list[Any]]:
        raise AssertionError("nothing is to be fetched")


class Lists:
    """Lists of people, `calls` as given."""

    def __init__(self, operation: str, brought_by: str | None = None, **calls: Any) -> None:
        self.node: type = Person
        self.brought_by = brought_by
        self.calls = Calls(upstream="staff", operation=operation, **calls)

    async def connection(self, root: Any, info: Info, arguments: Mapping[str, Any], slicing: Slicing) -> Any:
        raise AssertionError("nothing is to be fetched")


@strawberry.type(description="Staff.")
class Staff:
    pass


fields = Fields()
fields.group("staff", Staff)
boss: Any = {"key": lambda person: person.boss_id, "description": "Who tells it what to do."}
fields.link(Person, "boss", via=People(keys=10), **boss)
fields.link(Person, "known_boss", via=People(keys=10), brought_by="bosses", **boss)
fields.link(Person, "bosses", via=People(list[Person], keys=10, items=3), **boss)
fields.link(Person, "friends", via=People(list[Person], keys=10), **boss)


@fields.connection(Staff, Lists("people.list", page=30, count="people.count", rereads=True))
def people(root: Staff) -> dict[str, Any]:
    """People, without their bosses."""
    return {}


@fields.connection(Staff, Lists("people.full", page=30, brings="bosses"))
def full_people(root: Staff) -> dict[str, Any]:
    """People, with their bosses."""
    return {}


@fields.connection(Person, Lists("node", "lists", page=10, gathered=5, brings="lists", per_point=100))
def reports(root: Person) -> dict[str, Any]:
    """Whom it tells what to do."""
    return {}


@fields.on(Staff, calls=Calls(upstream="staff", operation="me", gathered=5, brings="lists", per_point=100))
async def me() -> Person | None:
    """Who asks."""
    return None


@fields.on(
    Staff, calls=lambda graph, given: [Wanted(Calls(upstream="staff", operation="people.many"), len(given["ids"]))]
)
async def many(ids: list[int]) -> Person | None:
    """The chief among some."""
    return None


@fields.on(Staff, calls=lambda graph, given: [Wanted(Calls(upstream="staff", operation="people.pages"), times=3)])
async def merged(first: int | None = None) -> Connection[Person] | None:
    """People of several lists."""
    return None


@fields.query
async def free() -> list[Person]:
    """Known without asking."""
    return []


@fields.query
async def whole() -> Whole | None:
    """One or the other."""
    return None


@fields.query
async def one() -> One | None:
    """The one kind."""
    return None


@fields.query
async def other() -> Other | None:
    """The other kind."""
    return None


GRAPH: Graph = compose([fields], [])


def estimate(text: str, **variables: Any) -> Estimate:
    return GRAPH.estimate(parse(text), variables)


def calls(text: str, **variables: Any) -> dict[str, int]:
    found = estimate(text, **variables)
    return {fetch.operation: fetch.calls for fetch in found.fetches}


def test_a_connection_takes_as_many_calls_as_pages() -> None:
    assert calls("{ staff { people(first: 30) { nodes { name } } } }") == {"people.list": 1}
    assert calls("{ staff { people(first: 31) { nodes { name } } } }") == {"people.list": 2}
    assert calls("{ staff { people(last: 61) { nodes { name } } } }") == {"people.list": 3}
    assert calls("{ staff { people { nodes { name } } } }") == {"people.list": 1}


def test_a_total_costs_a_call_where_the_upstream_wants_one() -> None:
    assert calls("{ staff { people { t: totalCount } } }") == {"people.list": 1, "people.count": 1}


def test_of_no_items_one_is_read_where_something_is_to_be_known_of_the_list() -> None:
    assert calls("{ staff { fullPeople(first: 0) { nodes { name } } } }") == {}
    assert calls("{ staff { fullPeople(first: 0) { pageInfo { hasNextPage } } } }") == {"people.full": 1}


def test_a_cursor_may_cost_a_page_more() -> None:
    query = "query($c: String) { staff { people(after: $c) { nodes { name } } } }"

    assert calls(query) == {"people.list": 1}
    assert calls(query, c="x") == {"people.list": 2}


def test_a_link_fetches_the_keys_of_all_parents_as_one() -> None:
    assert calls("{ staff { people(first: 25) { nodes { boss { name } } } } }")["people.get"] == 3
    assert calls("{ staff { people(first: 25) { nodes { a: boss { name } b: boss { name } } } } }")["people.get"] == 3


def test_lists_that_nobody_bounds_have_a_usual_length() -> None:
    known = estimate("{ staff { people(first: 10) { nodes { bosses { boss { name } } } } } }")
    unknown = estimate("{ staff { people(first: 10) { nodes { friends { boss { name } } } } } }")

    assert [fetch.keys for fetch in known.fetches] == [1, 10, 30]
    assert [fetch.keys for fetch in unknown.fetches] == [1, 10, 200]
    assert [fetch.keys for fetch in estimate("{ free { boss { name } } }").fetches] == [20]


def test_what_comes_along_costs_nothing_and_brings_nothing_along() -> None:
    found = estimate("{ staff { fullPeople(first: 10) { nodes { knownBoss { knownBoss { name } } } } } }")

    assert [(fetch.operation, fetch.calls) for fetch in found.fetches] == [("people.full", 1), ("people.get", 1)]
    assert found.fetches[0].paths == ["staff.fullPeople", "staff.fullPeople.nodes.knownBoss"]
    assert calls("{ staff { people(first: 10) { nodes { knownBoss { name } } } } }")["people.get"] == 1


def test_what_is_gathered_shares_its_calls_level_by_level() -> None:
    together = "{ staff { a: me { name } b: me { name } c: me { name } d: me { name } e: me { name } %s } }"

    assert calls(together % "") == {"me": 1}
    assert calls(together % "f: me { name }") == {"me": 2}
    assert calls("{ staff { people(first: 12) { nodes { reports { nodes { name } } } } } }")["node"] == 3


def test_first_pages_come_along_and_further_ones_do_not() -> None:
    alone = estimate("{ staff { me { reports(first: 10) { nodes { reports(first: 10) { nodes { name } } } } } } }")
    more = estimate("{ staff { me { reports(first: 25) { nodes { name } } } } }")

    assert [(fetch.operation, fetch.calls, fetch.requests) for fetch in alone.fetches] == [("me", 1, 11)]
    assert [(fetch.operation, fetch.calls, fetch.level) for fetch in more.fetches] == [
        ("me", 1, 1),
        ("node", 1, 2),
        ("node", 1, 3),
    ]


def test_points_are_a_hundredth_of_the_lists_and_one_for_each_call_at_least() -> None:
    query = "{ name }"
    for _ in range(4):
        query = f"{{ reports(first: 10) {{ nodes {query} }} }}"

    deep = estimate(f"{{ staff {{ me {query} }} }}")

    assert estimate("{ staff { me { name } } }").points == {"staff": 1}
    assert (deep.fetches[0].requests, deep.points) == (1_111, {"staff": 11})


def test_what_a_field_wants_may_depend_on_its_arguments() -> None:
    query = "query($ids: [Int!]!) { staff { many(ids: $ids) { boss { name } } } }"

    assert calls(query, ids=[1, 2, 3]) == {"people.many": 3, "people.get": 1}
    assert calls(query, ids=[]) == {"people.many": 0}


def test_a_connection_that_a_resolver_makes_is_as_full_as_it_was_asked_for() -> None:
    query = "query($first: Int) { staff { merged(first: $first) { nodes { boss { name } } } } }"

    assert calls(query, first=4) == {"people.pages": 3, "people.get": 1}
    assert calls(query, first=34) == {"people.pages": 3, "people.get": 4}
    assert calls(query) == {"people.pages": 3, "people.get": 2}


def test_an_estimate_is_made_once_for_the_variables_that_make_a_difference() -> None:
    document = parse(
        """query($n: Int, $c: String, $s: Boolean = true) {
          staff { people(first: $n, after: $c) { nodes { name @skip(if: $s) } } } }"""
    )

    first = GRAPH.estimate(document, {"n": 5, "c": "x"})

    assert GRAPH.estimate(document, {"n": 5, "c": "y"}) is first
    assert GRAPH.estimate(document, {"n": 6, "c": "y"}) is not first
    assert GRAPH.estimate(document, {"n": 5}) is not first
    assert GRAPH.estimate(document, {"n": 5, "c": "z"}) is first


def test_an_estimate_is_not_kept_for_variables_that_take_more_room_than_it() -> None:
    document = parse("query($ids: [Int!]!) { staff { many(ids: $ids) { name } } }")

    few, many = (GRAPH.estimate(document, {"ids": list(range(length))}) for length in (10, 1_000))

    assert GRAPH.estimate(document, {"ids": list(range(10))}) is few
    assert GRAPH.estimate(document, {"ids": list(range(1_000))}) is not many


def test_wrong_variables_are_an_error_of_the_request() -> None:
    with pytest.raises(GraphQLError, match=r"\$n"):
        estimate("query($n: Int!) { staff { people(first: $n) { nodes { name } } } }")


@pytest.mark.parametrize(
    ("within", "beyond"),
    [
        (
            "{ staff { people(first: 500) { nodes { %s } } } }",
            [f"a{n}: reports(first: 0) {{ nodes {{ name }} }}" for n in range(11)],
        ),
        ("{ staff { people(first: 1000) { nodes { %s } } } }", [f"...@defer {{ a{n}: name }}" for n in range(11)]),
        ("{ __schema { types { fields { args { %s } } } } }", [f"a{n}: name" for n in range(10_000)]),
    ],
)
def test_what_takes_long_without_any_call_is_refused(within: str, beyond: list[str]) -> None:
    estimate(within % " ".join(beyond[:10]))

    with pytest.raises(GraphQLError) as caught:
        estimate(within % " ".join(beyond))

    assert (caught.value.extensions or {})["code"] == "TOO_MANY_VALUES"


def test_the_names_of_types_that_clients_add_everywhere_count_nothing() -> None:
    names = " ".join(f"a{n}: __typename" for n in range(250))

    assert calls(f"{{ staff {{ fullPeople(first: 1000) {{ nodes {{ {names} }} }} }} }}") == {"people.full": 34}


def test_what_is_beyond_counting_is_refused() -> None:
    query = "{ whole " + "{ part " * 15 + "{ name }" + " }" * 15 + " }"

    with pytest.raises(GraphQLError, match="too many fields") as caught:
        estimate(query)

    assert (caught.value.extensions or {})["code"] == "TOO_MANY_UPSTREAM_CALLS"
