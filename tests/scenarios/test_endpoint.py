"""Scenario 34: what is too large, or comes the wrong way, is refused before any upstream is called."""

from typing import Any

import httpx2
import pytest

from tests.gateway import Gateway

DOUBLING = " ".join(f"fragment F{n} on GitHubUser {{ a: login ...F{n + 1} ...F{n + 1} }}" for n in range(30))
ALIKE = " ".join(f"fragment F{n} on StripeQuery {{ customers(first: 1) {{ nodes {{ id }} }} }}" for n in range(200))
BOMBS = {
    "aliases": (
        f"{{ stripe {{ {' '.join(f'a{n}: balance {{ livemode }}' for n in range(102))} }} }}",
        "TOO_MANY_ALIASES",
        ("101", "100"),
    ),
    "aliases, spread over merged places": (
        f"{{ {' '.join(f'stripe {{ a{n}: balance {{ livemode }} }}' for n in range(102))} }}",
        "TOO_MANY_ALIASES",
        ("101", "100"),
    ),
    "depth": (
        "{ github { viewer %s } }" % ("{ followers { nodes " * 10 + "{ login }" + " } }" * 10),
        "QUERY_TOO_DEEP",
        ("23", "20"),
    ),
    "introspection": (
        '{ __type(name: "Query") %s }' % ("{ ofType " * 40 + "{ name }" + " }" * 40),
        "QUERY_TOO_DEEP",
        ("42", "20"),
    ),
    "tokens": ("{ %s }" % ("__typename " * 5_000), "TOO_MANY_TOKENS", ("5000",)),
    "tokens, in fragments that double": (
        f"{{ github {{ viewer {{ ...F0 }} }} }} {DOUBLING} fragment F30 on GitHubUser {{ login }}",
        "TOO_MANY_TOKENS",
        ("5,000",),
    ),
    "the same field": (
        "{ stripe { %s } }" % ("customers(first: 1) { edges { node { id } } } " * 250),
        "TOO_MANY_COMPARISONS",
        ("60,000",),
    ),
    "the same field, in fragments": (
        f"{{ stripe {{ {' '.join(f'...F{n}' for n in range(200))} }} }} {ALIKE}",
        "TOO_MANY_COMPARISONS",
        ("60,000",),
    ),
    "calls": (
        """{ stripe { customers(first: 100) { nodes { charges(first: 20) { nodes { id } }
          invoices(first: 100) { nodes { subscription { latestInvoice { id } } } } } } } }""",
        "TOO_MANY_UPSTREAM_CALLS",
        ("1,000",),
    ),
    "calls, by a variable": (
        "query($n: Int = 1000) { stripe { customers(first: $n) { nodes { charges { nodes { id } } } } } }",
        "TOO_MANY_UPSTREAM_CALLS",
        ("1,010", "1,000"),
    ),
}


def called(gateway: Gateway) -> int:
    return sum(len(sandbox.calls) for sandbox in gateway.sandboxes.values())


def test_34_bombs_are_refused_before_any_upstream_is_called(gateway: Gateway) -> None:
    for query, code, figures in BOMBS.values():
        (error,) = gateway.errors(query)

        assert error["extensions"]["code"] == code
        assert all(figure in error["message"] for figure in figures)
    assert called(gateway) == 0


@pytest.mark.parametrize(("accept", "status"), [("application/graphql-response+json", 400), ("application/json", 200)])
def test_34_a_refusal_has_the_status_of_a_wrong_request(gateway: Gateway, accept: str, status: int) -> None:
    for query, _, _ in BOMBS.values():
        answer = httpx2.post(f"{gateway.url}/graphql", json={"query": query}, headers={"Accept": accept}, timeout=30)

        assert answer.status_code == status
        assert "data" not in answer.json()


def test_34_introspection_that_multiplies_lists_by_lists_is_refused(gateway: Gateway) -> None:
    query = "{ __schema { types { fields { type { fields { type { fields { type { fields { name } } } } } } } } } }"

    (error,) = gateway.errors(query)

    assert error["extensions"]["code"] == "GRAPHQL_VALIDATION_FAILED"


def test_34_a_mutation_by_get_and_a_form_by_post_are_refused(gateway: Gateway) -> None:
    mutation = 'mutation { depotSendParcel(label: "One") { label } }'
    url = f"{gateway.url}/graphql"

    by_get = httpx2.get(url, params={"query": mutation}, timeout=60)
    forms: list[Any] = [
        httpx2.post(url, data={"query": mutation}, timeout=60),
        httpx2.post(url, files={"query": (None, mutation)}, timeout=60),
        httpx2.post(url, content=f'{{"query": "{mutation}"}}', headers={"Content-Type": "text/plain"}, timeout=60),
    ]

    assert by_get.status_code == 405
    assert [form.status_code for form in forms] == [415, 415, 415]
    assert called(gateway) == 0
