"""Stripe's search language, asked through its own library."""

import pytest
import stripe

from tests.connectors.providers.stripe.sandbox.account import PEOPLE, Account

ADA = PEOPLE[12]


def emails(account: Account, query: str) -> list[str | None]:
    return [one.email for one in account.v1.customers.search({"query": query, "limit": 7}).auto_paging_iter()]


def test_all_that_match_come_once_newest_first(account: Account) -> None:
    found = emails(account, 'email~"quartz.example"')

    assert found == [one.email for one in reversed(PEOPLE) if one.company.domain == "quartz.example"]
    assert len(found) > 14


def test_a_value_is_compared_without_its_case(account: Account) -> None:
    assert emails(account, f'email:"{ADA.email.upper()}"') == [ADA.email]
    assert emails(account, f"email:'{ADA.email}'") == [ADA.email]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        (f'email:"{ADA.email}" AND metadata["login"]:"{ADA.login}"', [ADA.email]),
        (f'email:"{ADA.email}" metadata["login"]:"somebody-else"', []),
        (f'email:"{ADA.email}" OR email:"{PEOPLE[3].email}"', [ADA.email, PEOPLE[3].email]),
        (f'email:"{ADA.email}" AND -name~"{ADA.last_name}"', []),
        (f'email:"{ADA.email}" AND -metadata["login"]:null', [ADA.email]),
        (f"created:{int(ADA.joined_at.timestamp())}", [ADA.email]),
        (f"created<={int(PEOPLE[0].joined_at.timestamp())} AND -email:null", [PEOPLE[0].email]),
    ],
)
def test_clauses_are_joined_and_turned_round(account: Account, query: str, expected: list[str]) -> None:
    assert emails(account, query) == expected


def test_the_total_is_told_where_it_is_asked_for(account: Account) -> None:
    page = account.v1.customers.search({"query": 'email~"quartz.example"', "limit": 2, "expand": ["total_count"]})
    plain = account.v1.customers.search({"query": 'email~"quartz.example"', "limit": 2})

    assert page["total_count"] == sum(one.company.domain == "quartz.example" for one in PEOPLE)
    assert "total_count" not in plain


@pytest.mark.parametrize(
    "query",
    ["", "ada", 'email~"ab"', 'colour:"red"', "created~5", 'email>"a"', 'name:"a" AND name:"b" OR name:"c"', 'name:"a'],
)
def test_a_query_that_makes_no_sense_is_refused(account: Account, query: str) -> None:
    with pytest.raises(stripe.InvalidRequestError) as caught:
        emails(account, query)
    assert caught.value.http_status == 400
