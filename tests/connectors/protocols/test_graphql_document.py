import pytest
from graphql import GraphQLError, build_schema, parse

from connectors.protocols.graphql.ask import Ask
from connectors.protocols.graphql.document import operation_name, roots_of, validated, written

SCHEMA = build_schema("""
    type Query { hero(episode: Episode, ids: [ID!]): Character  ship(id: ID!): Ship }
    type Mutation { rename(id: ID!, name: String!): Ship }
    interface Character { name: String! }
    type Human implements Character { name: String!  height(unit: Unit = METRE): Float  ship: Ship }
    type Droid implements Character { name: String!  duty: String }
    type Ship { id: ID!  name: String }
    enum Episode { JEDI }
    enum Unit { METRE }
""")


def test_values_become_variables_of_the_types_that_the_schema_gives_them() -> None:
    asks = [
        Ask("hero", {"episode": "JEDI", "ids": ["1"]}, (Ask("name"),)),
        Ask("ship", {"id": "7"}, (Ask("id"), Ask("name", key="label"))),
    ]

    document = written(SCHEMA, "query", asks)

    assert document.text == (
        "query ($v0: Episode, $v1: [ID!], $v2: ID!) "
        "{ q0: hero(episode: $v0, ids: $v1) { name } q1: ship(id: $v2) { id label: name } }"
    )
    assert document.variables == {"v0": "JEDI", "v1": ["1"], "v2": "7"}
    assert document.operation == "hero+ship"
    validated(SCHEMA, document.text)


def test_fields_of_one_type_only_go_into_one_inline_fragment() -> None:
    below = (
        Ask("__typename"),
        Ask("height", {"unit": "METRE"}, on="Human"),
        Ask("duty", on="Droid"),
        Ask("ship", fields=(Ask("name"),), on="Human"),
    )

    document = written(SCHEMA, "query", [Ask("hero", fields=below)])

    assert document.text == (
        "query ($v0: Unit) { q0: hero { __typename ... on Droid { duty } "
        "... on Human { height(unit: $v0) ship { name } } } }"
    )
    validated(SCHEMA, document.text)


def test_equal_shapes_give_equal_texts_whatever_the_values() -> None:
    first = written(SCHEMA, "query", [Ask("ship", {"id": "1"}, (Ask("name"),))])
    second = written(SCHEMA, "query", [Ask("ship", {"id": "2"}, (Ask("name"),))])

    assert first.text == second.text
    assert validated(SCHEMA, first.text) is validated(SCHEMA, second.text)


def test_a_mutation_is_written_from_the_mutation_type() -> None:
    document = written(SCHEMA, "mutation", [Ask("rename", {"id": "1", "name": "Falcon"}, (Ask("id"),))])

    assert document.text == "mutation ($v0: ID!, $v1: String!) { q0: rename(id: $v0, name: $v1) { id } }"


@pytest.mark.parametrize(
    ("ask", "said"),
    [
        (Ask("planet"), "Query has no field 'planet'"),
        (Ask("ship", {"size": 1}), "Query.ship has no argument 'size'"),
        (Ask("hero", fields=(Ask("duty", on="Robot"),)), "None has no field 'duty'"),
        (Ask("ship", fields=(Ask("id", fields=(Ask("x"),)),)), "ID has no field 'x'"),
    ],
)
def test_what_the_upstream_does_not_have_is_refused(ask: Ask, said: str) -> None:
    with pytest.raises(TypeError, match=said):
        written(SCHEMA, "query", [ask])


def test_an_upstream_without_mutations_cannot_be_written_to() -> None:
    with pytest.raises(TypeError, match="no mutation type"):
        written(build_schema("type Query { a: Int }"), "mutation", [Ask("a")])


def test_a_document_that_the_schema_forbids_does_not_go_out() -> None:
    with pytest.raises(GraphQLError, match="must have a selection of subfields"):
        validated(SCHEMA, written(SCHEMA, "query", [Ask("ship", {"id": "1"})]).text)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("{ viewer { login } user(login: 1) { id } }", "user+viewer"),
        ("{ a: node b: node }", "node"),
        ("{ ...A ... { ...A } } fragment A on Query { viewer ... on Query { node } }", "node+viewer"),
        ("query A { ...A } fragment A on Query { ...A viewer }", "viewer"),
    ],
)
def test_a_document_is_named_after_its_root_fields(text: str, name: str) -> None:
    assert operation_name(roots_of(parse(text))) == name
