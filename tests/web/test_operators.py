"""The operators' page in a real browser: webhooks that came in and went out, and replaying them."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Locator, expect

from tests.gateway import Gateway, running
from tests.operators import CREATE, SETTINGS, TOKEN, data, until
from tests.receiver import Receiver, Says
from tests.scenarios.test_webhooks import NEW as SECRET
from tests.scenarios.test_webhooks import body_of, post
from tests.serving import served
from tests.web.visit import Visit, visiting

EVENTS = "{ webhookEvents(state: PARKED) { nodes { id } } }"
DELIVERIES = "{ webhookDeliveries(state: DEAD) { nodes { id } } }"


@pytest.fixture(scope="module")
def receiver() -> Iterator[tuple[Receiver, str]]:
    """It fails until the schedule is over, then takes everything."""
    receiver = Receiver(Says(500), Says(500), Says(500), Says(204))
    with served(receiver) as url:
        yield receiver, f"{url}/hook"


@pytest.fixture(scope="module")
def gateway(tmp_path_factory: pytest.TempPathFactory, receiver: tuple[Receiver, str]) -> Iterator[Gateway]:
    """One event was handled and could not be delivered, another one is parked."""
    url = f"sqlite:///{tmp_path_factory.mktemp('webhooks') / 'punnet.sqlite3'}"
    with running({**SETTINGS, "PUNNET_DATABASE_URL": url, "DEPOT_WEBHOOK_SECRET": SECRET}) as gateway:
        data(gateway, CREATE, url=receiver[1], topics=["depot.parcel.arrived"])
        assert post(gateway, "arrived", body_of(parcel="p001")) == 200
        assert post(gateway, "broken", body_of(type="parcel.lost", broken=True)) == 200
        until(lambda: bool(data(gateway, EVENTS)["nodes"] and data(gateway, DELIVERIES)["nodes"]))
        yield gateway


@pytest.fixture(scope="module")
def visit(browser: Browser, gateway: Gateway) -> Iterator[Visit]:
    with visiting(browser, f"{gateway.url}/operators") as visit:
        yield visit


def row(visit: Visit, table: str, text: str) -> Locator:
    return visit.page.locator(f"#{table} tbody tr").filter(has_text=text)


def test_nothing_is_shown_without_the_operators_token(visit: Visit) -> None:
    visit.page.get_by_label("Operator's token").fill("somebody-elses-token")
    visit.page.get_by_role("button", name="Open").click()

    expect(visit.page.get_by_role("status")).to_contain_text("operator's token")
    expect(visit.page.get_by_role("heading", name="Events that came in")).not_to_be_visible()


def test_events_and_deliveries_are_listed_with_what_became_of_them(visit: Visit) -> None:
    visit.page.get_by_label("Operator's token").fill(TOKEN)
    visit.page.get_by_role("button", name="Open").click()

    expect(row(visit, "events", "parcel.arrived")).to_contain_text("handled")
    expect(row(visit, "events", "parcel.arrived")).to_contain_text("p001")
    expect(row(visit, "events", "parcel.lost")).to_contain_text("parked")
    expect(row(visit, "events", "parcel.lost")).to_contain_text("RuntimeError")
    expect(row(visit, "deliveries", "depot.parcel.arrived")).to_contain_text("dead")
    row(visit, "deliveries", "depot.parcel.arrived").get_by_text("3", exact=True).click()
    expect(row(visit, "deliveries", "depot.parcel.arrived").get_by_role("listitem").first).to_contain_text("500")


def test_a_filter_narrows_the_list(visit: Visit) -> None:
    visit.page.locator("#events-state").select_option("PARKED")

    expect(row(visit, "events", "parcel.arrived")).to_have_count(0)
    expect(row(visit, "events", "parcel.lost")).to_have_count(1)


def test_what_is_dead_is_sent_again_by_a_click(visit: Visit, receiver: tuple[Receiver, str]) -> None:
    row(visit, "deliveries", "depot.parcel.arrived").get_by_role("button", name="Replay").click()
    expect(visit.page.get_by_role("status")).to_have_text("It is being replayed.")
    until(lambda: len(receiver[0].received) == 4)
    visit.page.locator("#deliveries-refresh").click()

    expect(row(visit, "deliveries", "depot.parcel.arrived")).to_contain_text("delivered")
    assert len({received.id for received in receiver[0].received}) == 1


def test_all_that_is_parked_is_handled_again_by_a_click(visit: Visit, gateway: Gateway) -> None:
    visit.page.get_by_role("button", name="Replay all parked").click()

    expect(visit.page.get_by_role("status")).to_have_text("Being replayed: 1.")


def test_the_page_keeps_no_token_and_asks_no_other_host(visit: Visit) -> None:
    kept = visit.page.evaluate("JSON.stringify([localStorage, sessionStorage, document.cookie])")

    assert kept == '[{},{},""]'
    assert visit.strangers == []
    assert visit.complaints == []
