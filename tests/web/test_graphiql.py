"""GraphiQL in a real browser, on a gateway with the sandboxes, with no way to any other host."""

import json
from collections.abc import Iterator
from pathlib import Path

import httpx2
import pytest
from playwright.sync_api import Browser, Page, expect

from app import create_app
from connectors.webhooks.hub import Hub
from tests.server.toy import toy_app
from tests.serving import served
from tests.web.visit import Visit, visiting

EXAMPLE = Path(__file__).parents[2] / "web" / "src" / "example.graphql"


@pytest.fixture(scope="module")
def visit(browser: Browser) -> Iterator[Visit]:
    with served(create_app({"PUNNET_SANDBOX": "1"})) as url, visiting(browser, f"{url}/graphql") as visit:
        yield visit


def test_the_page_opens_with_the_example_and_running_it_shows_joined_data(visit: Visit) -> None:
    page = visit.page
    expect(page).to_have_title("Punnet")
    page.get_by_text("salesforceContact").first.wait_for()
    page.wait_for_load_state("networkidle")
    page.get_by_role("button", name="Execute query").click()
    page.get_by_text('"salesforceContact"').first.wait_for()

    answer = json.loads(page.evaluate(EDITOR_TEXT, "response"))
    people = [edge["node"] for edge in answer["data"]["stripe"]["customers"]["edges"]]

    assert "errors" not in answer
    assert len(people) == 5
    assert all(person["email"].endswith(".example") for person in people)
    contacts = [person["salesforceContact"] for person in people if person["salesforceContact"]]
    assert any(contact["githubUser"] and contact["githubUser"]["login"] for contact in contacts)


def test_the_editor_holds_the_example_of_the_repository(visit: Visit) -> None:
    assert visit.page.evaluate(EDITOR_TEXT, "operation").strip() == EXAMPLE.read_text().strip()


def test_the_docs_can_be_read(visit: Visit) -> None:
    page = visit.page
    page.get_by_role("button", name="Show Documentation Explorer").click()
    page.get_by_role("link", name="Query", exact=True).first.click()

    page.get_by_text("Everything that can be read.").first.wait_for()
    page.get_by_role("button", name="Hide Documentation Explorer").click()


def test_headers_are_sent_and_leave_nothing_behind(visit: Visit) -> None:
    page = visit.page
    page.get_by_role("button", name="Headers", exact=True).click()
    write(page, "headers", '{"Authorization": "Bearer not-for-the-disk"}')
    with page.expect_request(lambda r: r.headers.get("authorization") == "Bearer not-for-the-disk"):
        page.get_by_role("button", name="Execute query").click()
    page.wait_for_timeout(500)

    assert "not-for-the-disk" not in page.evaluate("JSON.stringify({...localStorage})")


def test_nothing_was_asked_of_another_host_and_nothing_went_wrong(visit: Visit) -> None:
    assert (visit.strangers, visit.complaints) == ([], [])


def test_a_subscription_shows_its_events_as_they_come(browser: Browser) -> None:
    hub = Hub()
    with served(toy_app(hub=hub)) as url, visiting(browser, f"{url}/graphql") as visit:
        page = visit.page
        page.get_by_role("button", name="Execute query").wait_for()
        page.wait_for_load_state("networkidle")
        write(page, "operation", "subscription Reached { toyLevelReached { number } }")
        page.get_by_role("tab", name="Reached").wait_for()  # now GraphiQL has taken the text in
        page.get_by_role("button", name="Execute query").click()
        for _ in range(500):
            if hub.subscribers:
                break
            page.wait_for_timeout(10)
        for number in (1, 2):
            query = f'mutation {{ happen(type: "level.reached", thing: {{number: {number}}}) }}'
            httpx2.post(visit.url, json={"query": query})
            page.get_by_text(f'"number": {number}').first.wait_for()
        page.get_by_role("button", name="Stop").click()
        for _ in range(500):
            if not hub.subscribers:
                break
            page.wait_for_timeout(10)

        assert hub.subscribers == {}
        assert (visit.strangers, visit.complaints) == ([], [])


def write(page: Page, kind: str, text: str) -> None:
    """Replace the text of an editor, once it is there."""
    page.wait_for_function(EDITOR_IS_THERE, arg=kind)
    page.evaluate(SET_EDITOR_TEXT, [kind, text])


EDITOR_IS_THERE = """kind => globalThis.__MONACO?.editor.getEditors()
  .some(editor => editor.getModel()?.uri.path.includes(kind))"""
EDITOR_TEXT = """kind => globalThis.__MONACO.editor.getEditors()
  .find(editor => editor.getModel().uri.path.includes(kind)).getValue()"""
SET_EDITOR_TEXT = """([kind, text]) => globalThis.__MONACO.editor.getEditors()
  .find(editor => editor.getModel().uri.path.includes(kind)).setValue(text)"""
