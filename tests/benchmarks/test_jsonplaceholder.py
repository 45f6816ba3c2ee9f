from typing import Any

import httpx2
import pytest

from benchmarks.jsonplaceholder.app import create_app
from benchmarks.jsonplaceholder.sandbox import JsonPlaceholderSandbox
from benchmarks.run import Q1, Q2, Q3, Workload, expected
from connectors.connector import ConfigurationError
from tests.serving import served


def ask(query: str, api: JsonPlaceholderSandbox) -> Any:
    """The data of an answer without errors, over HTTP, from the gateway that is measured."""
    with served(api) as outside, served(create_app({"UPSTREAM": outside})) as url:
        body = httpx2.post(f"{url}/graphql", json={"query": query}).json()
    assert "errors" not in body, body
    return body["data"]


@pytest.mark.parametrize(("query", "calls"), [(Q1, ["posts.list", "users.list_by_id"]), (Q2, ["posts.list"]), (Q3, [])])
def test_each_query_of_the_workload_is_answered_in_as_few_calls_as_there_can_be(query: str, calls: list[str]) -> None:
    api = JsonPlaceholderSandbox(())

    answer = ask(query, api)

    assert answer == expected(Workload("as measured", query))
    assert [call.operation for call in api.calls] == calls


def test_all_authors_are_asked_for_in_one_call() -> None:
    api = JsonPlaceholderSandbox(())

    ask(Q1, api)

    assert api.calls[-1].query == "&".join(f"id={id}" for id in range(1, 11))


def test_a_post_that_is_not_there_is_null_and_a_missing_author_an_error() -> None:
    api = JsonPlaceholderSandbox(())
    api.users = api.users[1:]

    with served(api) as outside, served(create_app({"UPSTREAM": outside})) as url:
        posts = "there: post(id: 100) { user { name } } orphan: post(id: 1) { user { name } } not: post(id: 101) { id }"
        body = httpx2.post(f"{url}/graphql", json={"query": f"{{ {posts} }}"}).json()

    assert body["data"] == {"there": {"user": {"name": "Leanne Graham 10"}}, "orphan": {"user": None}, "not": None}
    assert [error["extensions"]["code"] for error in body["errors"]] == ["UPSTREAM_NOT_FOUND"]


@pytest.mark.parametrize(("switches", "calls"), [({}, 4), ({"CACHE": "1"}, 2), ({"CACHE": "0", "SHARE": "1"}, 4)])
def test_the_second_request_reads_the_upstream_again_unless_answers_are_cached(
    switches: dict[str, str], calls: int
) -> None:
    api = JsonPlaceholderSandbox(())

    with served(api) as outside, served(create_app({"UPSTREAM": outside, **switches})) as url:
        for _ in range(2):
            httpx2.post(f"{url}/graphql", json={"query": Q1})

    assert len(api.calls) == calls


def test_a_switch_is_0_or_1() -> None:
    with pytest.raises(ConfigurationError, match="CACHE is 0 or 1"):
        create_app({"UPSTREAM": "http://127.0.0.1:1", "CACHE": "yes"})
