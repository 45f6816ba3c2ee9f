from schema.execution.cost import Estimate, Fetch
from schema.execution.explain import described, written

CUSTOMERS = Fetch(1, "stripe", ["customers.list"], ["stripe.customers"], 1, 1, 1, None)
DOCUMENTS = Fetch(2, "github", ["viewer", "node"], ["a", "b"], 1_200, 1_200, 100, 100, requests=2_000)


def test_a_plan_says_what_each_level_asks_and_what_it_adds_up_to() -> None:
    plan = described(Estimate((DOCUMENTS, CUSTOMERS)))

    assert plan["levels"][0] == [
        {"upstream": "stripe", "operation": "customers.list", "calls": 1, "keys": 1, "fields": ["stripe.customers"]}
    ]
    assert (plan["levels"][1][0]["operation"], plan["levels"][1][0]["calls"]) == ("node+viewer", 12)
    assert (plan["calls"], plan["points"], plan["totalCalls"]) == ({"github": 12, "stripe": 1}, {"github": 20}, 13)


def test_a_plan_reads_as_text() -> None:
    text = written(Estimate((CUSTOMERS, DOCUMENTS)))

    assert text.splitlines() == [
        "Level 1",
        "  stripe customers.list: 1 call",
        "    stripe.customers",
        "Level 2",
        "  github node+viewer: 12 calls with 1,200 keys",
        "    a",
        "    b",
        "13 calls at most: stripe 1, github 12; 20 points of github's budget",
    ]


def test_a_plan_without_calls_says_so() -> None:
    assert written(Estimate(())) == "0 calls at most"
