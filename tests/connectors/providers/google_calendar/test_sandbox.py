"""The sandbox, driven by Google's own library over a real socket, as its discovery document says."""

from collections.abc import Iterator
from typing import Any

import pytest
from google.auth.exceptions import RefreshError
from google.oauth2.credentials import Credentials
from googleapiclient.discovery import build  # type: ignore[import-untyped]
from googleapiclient.errors import HttpError  # type: ignore[import-untyped]

from connectors.providers.google_calendar.sandbox import ENVIRONMENT, GoogleCalendarSandbox
from connectors.sandbox.people import population
from connectors.sandbox.standalone import standalone
from tests.serving import served

PEOPLE = population(60)


@pytest.fixture(scope="module")
def sandbox() -> GoogleCalendarSandbox:
    return GoogleCalendarSandbox(PEOPLE)


@pytest.fixture(scope="module")
def address(sandbox: GoogleCalendarSandbox) -> Iterator[str]:
    with served(standalone({"google_calendar": sandbox})) as url:
        yield f"{url}/google_calendar"


def library(address: str, refresh_token: str = ENVIRONMENT["GOOGLE_REFRESH_TOKEN"]) -> Any:
    credentials = Credentials(  # type: ignore[no-untyped-call]
        None,
        refresh_token=refresh_token,
        token_uri=f"{address}/token",
        client_id=ENVIRONMENT["GOOGLE_CLIENT_ID"],
        client_secret=ENVIRONMENT["GOOGLE_CLIENT_SECRET"],
    )
    return build(
        "calendar",
        "v3",
        credentials=credentials,
        client_options={"api_endpoint": f"{address}/calendar/v3/"},
        static_discovery=True,
        cache_discovery=False,
    )


@pytest.fixture
def client(address: str) -> Iterator[Any]:
    with library(address) as client:
        yield client


def test_events_are_read_page_by_page_to_the_end(client: Any) -> None:
    ids: list[str] = []
    request = client.events().list(calendarId="primary", maxResults=25, fields="nextPageToken,items(id)")
    while request is not None:
        page = request.execute()
        assert all(set(item) == {"id"} for item in page["items"])
        ids += [item["id"] for item in page["items"]]
        request = client.events().list_next(request, page)

    assert len(ids) == len(set(ids)) == len(PEOPLE) - 1


def test_a_series_has_instances_in_order(client: Any) -> None:
    instances = client.events().instances(calendarId="team@group.calendar.google.com", eventId="weeklyround").execute()

    starts = [one["start"]["dateTime"] for one in instances["items"]]
    assert len(starts) == 10
    assert starts == sorted(starts)


def test_an_event_is_made_changed_and_deleted(client: Any) -> None:
    day = {"start": {"date": "2026-02-01"}, "end": {"date": "2026-02-02"}}
    made = client.events().insert(calendarId="primary", body={"summary": "Day off", **day}).execute()
    changed = client.events().patch(calendarId="primary", eventId=made["id"], body={"summary": "Away"}).execute()
    client.events().delete(calendarId="primary", eventId=made["id"]).execute()

    assert (made["summary"], changed["summary"], changed["start"]) == ("Day off", "Away", {"date": "2026-02-01"})
    assert changed["etag"] != made["etag"]
    with pytest.raises(HttpError) as gone:
        client.events().get(calendarId="primary", eventId=made["id"]).execute()
    assert gone.value.status_code == 410


def test_a_calendar_that_is_only_read_cannot_be_changed(client: Any) -> None:
    with pytest.raises(HttpError) as refused:
        client.events().delete(calendarId="holidays@group.v.calendar.google.com", eventId="holiday20260101").execute()

    assert refused.value.status_code == 403
    assert refused.value.error_details[0]["reason"] == "requiredAccessLevel"


def test_free_and_busy(client: Any) -> None:
    wanted = {
        "timeMin": "2025-12-02T00:00:00Z",
        "timeMax": "2025-12-03T00:00:00Z",
        "items": [{"id": "primary"}, {"id": "nobody@april.example"}],
    }

    found = client.freebusy().query(body=wanted).execute()["calendars"]

    assert len(found["primary"]["busy"]) == 6
    assert found["nobody@april.example"]["errors"][0]["reason"] == "notFound"


def test_a_refresh_token_that_was_revoked_is_refused(address: str) -> None:
    with library(address, "1//revoked") as client, pytest.raises(RefreshError):
        client.events().list(calendarId="primary").execute()
