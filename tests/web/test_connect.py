"""Users connect accounts in a real browser, which has its own mind about cookies, forms and where they come from."""

from collections.abc import Callable, Iterator

import httpx2
import pytest
from playwright.sync_api import Browser, Page, expect

from app import create_app
from tests.gateway import Gateway
from tests.scenarios.connecting import User, connecting, users_of
from tests.serving import served

Users = Callable[[str], User]


@pytest.fixture(scope="module")
def gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    with connecting(tmp_path_factory.mktemp("browser")) as gateway:
        yield gateway


@pytest.fixture(scope="module")
def user(gateway: Gateway) -> Iterator[Users]:
    with users_of(gateway) as users:
        yield users


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context()
    yield context.new_page()
    context.close()


def elsewhere(link: str) -> str:
    """The same gateway under a name that makes another site of it than the providers are."""
    return link.replace("127.0.0.1", "localhost")


@pytest.mark.parametrize(("provider", "title"), [("google_calendar", "Google Calendar"), ("github", "GitHub")])
def test_a_user_clicks_through(page: Page, gateway: Gateway, user: Users, provider: str, title: str) -> None:
    ada, person = user(f"ada-{provider}"), gateway.people[2]
    page.goto(elsewhere(ada.ticket_link(provider)))
    expect(page.get_by_text(f"ada-{provider}")).to_be_visible()
    page.get_by_role("button", name=f"Connect {title}").click()
    expect(page.get_by_text("This is a sandbox")).to_be_visible()
    at_provider = page.url
    page.get_by_label("Agree as").select_option(person.email)
    page.get_by_role("button", name="Allow").click()
    expect(page.get_by_role("heading", name=f"{title} is connected")).to_be_visible()

    connection = ada.connection(provider)

    assert at_provider.startswith("http://127.0.0.1")
    assert page.url.startswith("http://localhost")
    assert connection["connected"]
    assert connection["account"] == (person.email if provider == "google_calendar" else None)
    assert page.evaluate("document.cookie") == ""


def test_a_user_says_no(page: Page, user: Users) -> None:
    ada = user("ada-no")
    page.goto(elsewhere(ada.ticket_link("hubspot")))
    page.get_by_role("button", name="Connect HubSpot").click()
    page.get_by_role("button", name="Deny").click()

    expect(page.get_by_role("heading", name="You said no")).to_be_visible()
    assert not ada.connection("hubspot")["connected"]


def test_another_browser_cannot_finish_what_one_has_begun(browser: Browser, page: Page, user: Users) -> None:
    ada = user("ada-two")
    page.goto(elsewhere(ada.ticket_link("github")))
    page.get_by_role("button", name="Connect GitHub").click()
    expect(page.get_by_text("This is a sandbox")).to_be_visible()
    other = browser.new_context()
    theirs = other.new_page()
    theirs.goto(page.url)
    theirs.get_by_role("button", name="Allow").click()

    expect(theirs.get_by_text("This was not begun in this browser")).to_be_visible()
    assert not ada.connection("github")["connected"]
    other.close()


def test_a_page_of_another_site_cannot_go_on_for_the_user(page: Page, gateway: Gateway, user: Users) -> None:
    """It has a link of its own user, and sends the form that our page would send."""
    link = elsewhere(user("eve").ticket_link("github"))
    page.goto(f"{gateway.url}/healthz")
    page.set_content(f'<form method="post" action="{link}"><button>Win</button></form>')
    page.get_by_role("button", name="Win").click()

    expect(page.get_by_role("heading", name="Not from here")).to_be_visible()


def test_in_the_sandbox_one_clicks_through_without_a_link(page: Page) -> None:
    """All in one process, as `make run` has it."""
    query = "{ connections { provider connected account } slack { channels(first: 1) { nodes { name } } } }"
    with served(create_app({"PUNNET_SANDBOX": "1"})) as url, httpx2.Client(base_url=url) as client:
        before = client.post("/graphql", json={"query": query}).json()
        page.goto(f"{url}/connect/slack")
        page.get_by_role("button", name="Allow").click()
        expect(page.get_by_role("heading", name="Slack is connected")).to_be_visible()
        after = client.post("/graphql", json={"query": query}).json()
        gone = client.post("/graphql", json={"query": 'mutation { disconnect(provider: "slack") { revoked } }'}).json()
        left = client.post("/graphql", json={"query": query}).json()

    connected = [
        [one["provider"] for one in answer["data"]["connections"] if one["connected"]]
        for answer in (before, after, left)
    ]
    assert connected == [[], ["slack"], []]
    assert before["data"]["slack"] == after["data"]["slack"] == left["data"]["slack"]
    assert gone["data"]["disconnect"] == {"revoked": True}
