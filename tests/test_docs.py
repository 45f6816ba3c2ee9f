"""What the pages of `docs` show is what happens."""

import json
import re
from collections.abc import Iterator
from pathlib import Path

import httpx2
import pytest

from app import create_app
from connectors.connector import discover
from connectors.webhooks.sender import Webhooks
from connectors.webhooks.sender import discover as senders
from tests.serving import served

ROOT = Path(__file__).parents[1]
PAGES = {page.stem: page.read_text() for page in sorted((ROOT / "docs").rglob("*.md"))}
EXAMPLE = re.compile(r"```graphql\n(.*?)```\s*```json\n(.*?)```", re.DOTALL)
EXAMPLES = [(name, *found) for name, page in PAGES.items() for found in EXAMPLE.findall(page)]
QUERIES = [example for _, *example in EXAMPLES if not example[0].startswith("subscription")]
"""What is followed is held to by `tests/scenarios/test_events.py`."""


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with served(create_app({"PUNNET_SANDBOX": "1"})) as url:
        yield url


@pytest.mark.parametrize(("query", "answer"), QUERIES)
def test_each_query_has_the_answer_that_is_shown(url: str, query: str, answer: str) -> None:
    assert httpx2.post(f"{url}/graphql", json={"query": query}, timeout=60).json() == json.loads(answer)


@pytest.mark.parametrize("name", PAGES)
def test_each_provider_has_an_example_and_each_page_nothing_but_examples_in_graphql(name: str) -> None:
    shown = [example for page, *example in EXAMPLES if page == name]

    assert shown or name not in discover()
    assert PAGES[name].count("```graphql") == len(shown)


@pytest.mark.parametrize(("name", "webhooks"), senders().items())
def test_each_sender_of_webhooks_has_its_address_and_its_variable_written_of(name: str, webhooks: Webhooks) -> None:
    assert re.search(rf"^\| .* \| `/webhooks/{name}.*` \| `{webhooks.secrets}` \|", PAGES["webhooks"], re.MULTILINE)
    assert webhooks.secrets in PAGES.get(name, PAGES["webhooks"])


@pytest.mark.parametrize("name", discover())
def test_each_provider_and_its_variables_are_written_of(name: str) -> None:
    upstream = discover()[name]
    text = PAGES.get(name) or (ROOT / "README.md").read_text()
    credentials = [variable for choice in upstream.credentials for variable in (*choice.variables, *choice.optional)]

    assert [word for word in (upstream.title, upstream.base_url_variable, *credentials) if word not in text] == []
