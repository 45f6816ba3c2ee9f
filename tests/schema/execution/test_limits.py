import time

import pytest
from graphql import GraphQLError, build_schema, get_introspection_query, parse, validate

from schema.execution.limits import Limits, beyond, excess, measure, rules_within

TIGHT = Limits(tokens=40, depth=3, aliases=2)


def code(text: str, limits: Limits = TIGHT) -> str | None:
    error = excess(parse(text), limits)
    return str((error.extensions or {})["code"]) if error else None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("{ a { b { c } } }", None),
        ("{ a { b { c { d } } } }", "QUERY_TOO_DEEP"),
        ("{ a { ... { ... { b { c } } } } }", None),
        ("{ a { ...F } } fragment F on T { b { ...G } } fragment G on T { c }", None),
        ("{ a { ...F } } fragment F on T { b { ...G } } fragment G on T { c { d } }", "QUERY_TOO_DEEP"),
        ("query A { a } query B { a { b { c { d } } } }", "QUERY_TOO_DEEP"),
        ("{ a b c d e }", None),
        ("{ a a a a a }", None),
        ("{ x: a y: a z: a }", None),
        ("{ w: a x: a y: a z: a }", "TOO_MANY_ALIASES"),
        ("{ w: a x: b y: c z: d }", None),
        ("{ a { x: b y: b } c { x: b y: b } d { x: b y: b } }", "TOO_MANY_ALIASES"),
        ("{ a { w: b } a { x: b } a { y: b } a { z: b } }", "TOO_MANY_ALIASES"),
        ("{ w: a ...F ... { x: a } } fragment F on T { y: a z: a }", "TOO_MANY_ALIASES"),
        ("{ " + "a " * 37 + "}", None),
        ("{ " + "a " * 39 + "}", "TOO_MANY_TOKENS"),
        ("{ " + "...F " * 10 + "} fragment F on T { a }", "TOO_MANY_TOKENS"),
        ("fragment F on T { " + "a " * 50 + "}", None),
    ],
)
def test_an_operation_is_as_large_as_what_it_stands_for(text: str, expected: str | None) -> None:
    assert code(text) == expected


@pytest.mark.parametrize("text", ["{ a" + "\n" * 40 + "}", "{ a" + "\r" * 40 + "}", "{ a" + "," * 2_000 + "}"])
def test_a_text_is_not_read_that_is_long_without_having_many_tokens(text: str) -> None:
    with pytest.raises(GraphQLError) as refused:
        measure(text, TIGHT)

    assert (refused.value.extensions or {})["code"] == "TOO_MANY_TOKENS"
    measure(text, Limits())


def test_the_message_has_the_number_and_the_limit() -> None:
    error = excess(parse("{ a { b { c { d } } } }"), TIGHT)

    assert error is not None
    assert error.message == "Fields stand 4 levels deep: 3 at most."


def test_fragments_that_double_are_measured_without_spreading_them() -> None:
    doubling = " ".join(f"fragment F{n} on T {{ x: a {{ ...F{n + 1} }} y: a {{ ...F{n + 1} }} }}" for n in range(60))
    document = parse(f"{{ ...F0 }} {doubling} fragment F60 on T {{ a }}")
    began = time.perf_counter()

    error = excess(document, Limits())

    assert error is not None
    assert (error.extensions or {})["code"] == "TOO_MANY_TOKENS"
    assert time.perf_counter() - began < 1


@pytest.mark.parametrize("times", [2, 60])
def test_fragments_of_many_components_may_ask_for_the_same(times: int) -> None:
    schema = build_schema("type Query { me: User } type User { id: ID name: String friends: [User] }")
    spreads = " ".join(f"...F{n}" for n in range(times))
    fragments = " ".join(f"fragment F{n} on User {{ id name friends {{ id name }} }}" for n in range(times))

    assert validate(schema, parse(f"{{ me {{ {spreads} }} }} {fragments}"), rules_within(Limits())) == []


def test_what_takes_too_many_comparisons_is_given_up_at_once() -> None:
    schema = build_schema("type Query { me: Query, id: ID }")
    document = parse("{ %s }" % ("me { me { id } } " * 300))
    began = time.process_time()

    with pytest.raises(GraphQLError) as refused:
        validate(schema, document, rules_within(Limits(comparisons=10_000)))

    assert refused.value.extensions == {"code": "TOO_MANY_COMPARISONS"}
    assert "10,000" in refused.value.message
    assert time.process_time() - began < 1


def test_names_are_suggested_for_the_first_unknown_type_only() -> None:
    schema = build_schema("type Query { me: User } type User { id: ID }")
    document = parse("{ me { id } } fragment A on Usr { id } fragment B on Usr { id }")

    messages = [fault.message for fault in validate(schema, document, rules_within(Limits()))]

    assert [message for message in messages if "Usr" in message] == [
        "Unknown type 'Usr'. Did you mean 'User'?",
        "Unknown type 'Usr'.",
    ]


def test_the_defaults_let_introspection_pass() -> None:
    assert excess(parse(get_introspection_query(input_value_deprecation=True)), Limits()) is None


def test_as_many_calls_as_allowed_are_allowed() -> None:
    assert beyond(10, 10) is None
    assert beyond(11, 10) is not None
