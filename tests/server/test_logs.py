"""What the log says of requests, and what it keeps to itself."""

import logging
import re

import orjson
import pytest
import structlog
from structlog.testing import capture_logs

from server import logs
from tests.server.toy import ask


def test_a_request_leaves_one_line_of_names_and_numbers() -> None:
    query = 'query Greeting($text: String) { echo(text: $text) down again: down picky other: echo(text: "s3cret") }'
    headers = {"Authorization": "Bearer t0ken", "X-Request-Id": "order-66"}

    with capture_logs(processors=[logs.with_request_id]) as lines:
        ask("POST", "/graphql", json={"query": query, "variables": {"text": "s3cret"}}, headers=headers)

    (line,) = lines
    assert line.pop("duration_ms") >= 0
    assert line == {
        "event": "graphql request",
        "log_level": "info",
        "request_id": "order-66",
        "operation": "Greeting",
        "type": "query",
        "transport": "http",
        "status": 200,
        "errors": 3,
        "execution": "own",
        "codes": {"UPSTREAM_UNAVAILABLE": 2, "BAD_USER_INPUT": 1},
    }


def test_a_refused_request_leaves_a_line_as_well() -> None:
    with capture_logs() as lines:
        ask("POST", "/graphql", content=b"{", headers={"Content-Type": "application/json"})

    assert [(line["status"], line["codes"]) for line in lines] == [(400, {"BAD_REQUEST": 1})]


def test_a_bug_leaves_its_traceback_under_the_incident_that_the_client_saw() -> None:
    with capture_logs() as lines:
        response = ask("POST", "/graphql", json={"query": "{ broken }"})

    (error,) = response.json()["errors"]
    bug, request = lines
    assert bug["incident"] == error["extensions"]["incident"]
    assert isinstance(bug["exc_info"], RuntimeError)
    assert request["codes"] == {"INTERNAL_SERVER_ERROR": 1}


@pytest.mark.usefixtures("unconfigured_log")
def test_every_line_is_json_those_of_libraries_too(capsys: pytest.CaptureFixture[str]) -> None:
    logging.getLogger().handlers.clear()
    logs.configure("json")
    ask("POST", "/graphql", json={"query": "{ broken }"})
    logging.getLogger("some.library").warning("a %s", "warning")
    logging.getLogger("httpx2").info("GET https://api.example/?key=s3cret")

    output = capsys.readouterr()

    events = [orjson.loads(line) for line in output.err.splitlines()]
    assert [event["event"] for event in events] == ["unforeseen error", "graphql request", "a warning"]
    assert "RuntimeError" in events[0]["exception"]
    assert all(re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z", event["timestamp"]) for event in events)
    assert ["request_id" in event for event in events] == [True, True, False]
    assert output.out == ""


@pytest.mark.usefixtures("unconfigured_log")
def test_a_console_gets_text_without_the_values_of_variables(capsys: pytest.CaptureFixture[str]) -> None:
    logging.getLogger().handlers.clear()
    logs.configure("console")
    ask("POST", "/graphql", json={"query": 'query($x: String = "s3cret") { broken echo(text: $x) }'})

    output = capsys.readouterr().err

    assert "graphql request" in output
    assert "Traceback" in output
    assert "s3cret" not in output


@pytest.mark.usefixtures("unconfigured_log")
def test_a_line_may_have_values_and_keys_that_json_does_not_know(capsys: pytest.CaptureFixture[str]) -> None:
    logs.configure("json")

    structlog.get_logger().bind(odd={1}, beside="bound").info("odd things", counts={7: 1}, beside="given")

    line = orjson.loads(capsys.readouterr().err)
    assert {"odd": "{1}", "beside": "given", "counts": {"7": 1}}.items() <= line.items()
