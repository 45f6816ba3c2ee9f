"""What the README shows is what happens."""

import json
import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest
from graphql import parse

from app import create_app
from connectors.connector import discover
from resolvers.discovery import discover as discover_fields
from schema.compose import compose
from schema.execution.explain import written
from tests.serving import served

README = (Path(__file__).parents[1] / "README.md").read_text()


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with served(create_app({"PUNNET_SANDBOX": "1"})) as url:
        yield url


def block(language: str) -> str:
    found = re.search(rf"```{language}\n(.*?)```", README, re.DOTALL)
    assert found
    return found[1]


def test_the_query_has_the_answer_that_is_shown(url: str) -> None:
    answer = httpx2.post(f"{url}/graphql", json={"query": block("graphql")}, timeout=60)

    assert answer.json() == json.loads(block("json"))


def test_the_curl_command_works(url: str) -> None:
    command = re.search(r"curl -s http://127.0.0.1:8000/graphql.*?\n.*?\n", README)
    assert command
    words = shlex.split(command[0].replace("\\\n", " "))
    body: Any = json.loads(words[words.index("-d") + 1])

    answer = httpx2.post(f"{url}/graphql", json=body, timeout=60).json()

    assert "errors" not in answer
    assert answer["data"]["stripe"]["customers"]["nodes"][0]["salesforceContact"]["title"]


def test_the_query_costs_what_is_shown() -> None:
    graph = compose(discover_fields(), discover())

    explained = written(graph.estimate(parse(block("graphql"))))

    assert f"    {explained.splitlines()[-1]}\n" in README


def test_every_linked_file_is_there() -> None:
    links = re.findall(r"\]\((?!http)([^)]+)\)", README)

    assert links
    assert all((Path(__file__).parents[1] / link).exists() for link in links)
