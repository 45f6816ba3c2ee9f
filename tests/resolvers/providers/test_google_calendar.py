"""Google Calendar's part of the graph, from a document to its answer, against the sandbox in this process."""

from dataclasses import replace
from typing import Any, Literal

import pytest

from connectors.errors import CursorExpired, PayloadMismatch
from connectors.policy import CachePolicy, OperationCache
from connectors.providers.google_calendar.client import event_id_of
from connectors.providers.google_calendar.manifest import UPSTREAM
from connectors.providers.google_calendar.sandbox import GoogleCalendarSandbox
from connectors.providers.google_calendar.sandbox.diary import TEAM
from connectors.sandbox.faults import Fault
from connectors.upstream import Upstream
from resolvers import nodes
from resolvers.providers.google_calendar import fields
from schema.compose import compose
from schema.problems import BadInput
from tests.resolvers.providers.world import PEOPLE, World

GRAPH = compose([nodes.fields, fields], ["google_calendar"])

CREATE = """mutation($event: GoogleCalendarEventInput!, $key: String) {
  googleCalendarCreateEvent(input: $event, idempotencyKey: $key) { __typename
    ... on GoogleCalendarEventSaved { event { id eventId summary allDay start { date dateTime timeZone }
      attendees { email optional response } } }
    ... on GoogleCalendarEventRejected { reason } } }"""
MEETING = {
    "summary": "Lunch",
    "start": {"dateTime": "2026-01-05T12:00:00+00:00", "timeZone": "Europe/Lisbon"},
    "end": {"dateTime": "2026-01-05T13:00:00+00:00", "timeZone": "Europe/Lisbon"},
}


class GoogleCalendarWorld(World[GoogleCalendarSandbox]):
    """A sandbox, and the graph in front of it."""

    def __init__(self, upstream: Upstream[Any] = UPSTREAM) -> None:
        super().__init__(upstream, GoogleCalendarSandbox, GRAPH)

    def operations(self) -> list[str]:
        """The logins left out."""
        return [operation for operation in super().operations() if operation != "oauth2.token"]

    @property
    def events(self) -> dict[str, Any]:
        return self.sandbox.calendars[PEOPLE[0].email].events


@pytest.fixture
def world() -> GoogleCalendarWorld:
    return GoogleCalendarWorld()


def test_only_the_selected_fields_are_asked_for(world: GoogleCalendarWorld) -> None:
    world.data("{ googleCalendar { events(first: 2) { nodes { summary allDay start { dateTime } } } } }")

    assert "fields=nextPageToken%2Citems%28id%2Cstart%2Csummary%29" in world.sandbox.calls[-1].query


def test_events_of_a_day_come_as_they_begin(world: GoogleCalendarWorld) -> None:
    query = """{ googleCalendar { events(since: "2025-12-02T00:00:00Z", until: "2025-12-03T00:00:00Z",
      orderBy: START_TIME) { nodes { summary start { dateTime timeZone } allDay } } } }"""

    found = world.data(query)["googleCalendar"]["events"]["nodes"]

    starts = [event["start"]["dateTime"] for event in found]
    assert len(found) == 6
    assert starts == sorted(starts)
    assert {(event["allDay"], event["start"]["timeZone"]) for event in found} == {(False, "Europe/Lisbon")}


@pytest.mark.parametrize("first", [7, 50])
def test_all_events_are_read_once(world: GoogleCalendarWorld, first: int) -> None:
    query = """query($first: Int, $after: String) { googleCalendar { events(first: $first, after: $after) {
      nodes { eventId } pageInfo { hasNextPage endCursor } } } }"""
    ids: list[str] = []
    after = None
    while True:
        page = world.data(query, first=first, after=after)["googleCalendar"]["events"]
        ids += [node["eventId"] for node in page["nodes"]]
        if not page["pageInfo"]["hasNextPage"]:
            break
        after = page["pageInfo"]["endCursor"]

    assert sorted(ids) == sorted(world.events)


def test_a_page_token_that_google_forgot_is_an_expired_cursor(world: GoogleCalendarWorld) -> None:
    query = "query($after: String) { googleCalendar { events(first: 2, after: $after) { pageInfo { endCursor } } } }"
    after = world.data(query)["googleCalendar"]["events"]["pageInfo"]["endCursor"]
    world.sandbox.forgotten.add("t2")

    assert isinstance(world.error(query, after=after), CursorExpired)


def test_a_series_is_one_event_with_instances_or_the_instances_in_its_place(world: GoogleCalendarWorld) -> None:
    query = """query($team: ID!) { googleCalendar { calendar(id: $team) { summary accessRole
      series: events(single: false) { nodes { recurrence instances(first: 3) { nodes { series { summary } } } } }
      single: events { nodes { recurrence } } } } }"""

    found = world.data(query, team=TEAM)["googleCalendar"]["calendar"]

    (series,) = found["series"]["nodes"]
    assert series["recurrence"] == ["RRULE:FREQ=WEEKLY;COUNT=10"]
    assert series["instances"]["nodes"] == [{"series": {"summary": "Weekly round"}}] * 3
    assert found["single"]["nodes"] == [{"recurrence": None}] * 10
    assert world.operations().count("events.get") == 1


def test_all_day_events_have_days(world: GoogleCalendarWorld) -> None:
    query = """{ googleCalendar { calendars { nodes { summary primary
      events(words: "Christmas", first: 1) { nodes {
        allDay transparent start { date dateTime } end { date } } } } } } }"""

    calendars = {one["summary"]: one for one in world.data(query)["googleCalendar"]["calendars"]["nodes"]}

    assert calendars["Holidays"]["events"]["nodes"] == [
        {
            "allDay": True,
            "transparent": True,
            "start": {"date": "2025-12-25", "dateTime": None},
            "end": {"date": "2025-12-26"},
        }
    ]
    assert [name for name, one in calendars.items() if one["primary"]] == [PEOPLE[0].name]


def test_an_event_is_found_by_either_kind_of_id(world: GoogleCalendarWorld) -> None:
    query = """query($id: ID!) { googleCalendar { event(id: $id) { id summary calendar { primary }
      attendees { email response isSelf } organizer { email } } } }"""

    by_googles = world.data(query, id="meet000003")["googleCalendar"]["event"]
    by_ours = world.data(query, id=by_googles["id"])["googleCalendar"]["event"]
    node = world.data("query($id: ID!) { node(id: $id) { ... on GoogleCalendarEvent { eventId } } }", id=by_ours["id"])

    assert by_ours["summary"] == by_googles["summary"] == f"Demo with {PEOPLE[3].first_name}"
    assert by_ours["calendar"] == {"primary": True}
    assert by_ours["organizer"] == {"email": PEOPLE[3].email}
    assert by_ours["attendees"] == [
        {"email": PEOPLE[3].email, "response": "ACCEPTED", "isSelf": False},
        {"email": PEOPLE[0].email, "response": "NEEDS_ACTION", "isSelf": True},
    ]
    assert node["node"] == {"eventId": "meet000003"}


def test_what_is_not_there_is_null(world: GoogleCalendarWorld) -> None:
    query = (
        """{ googleCalendar { event(id: "meet999999") { summary } calendar(id: "no@april.example") { summary } } }"""
    )

    assert world.data(query)["googleCalendar"] == {"event": None, "calendar": None}


def test_an_event_is_put_in_with_its_guests(world: GoogleCalendarWorld) -> None:
    event = {**MEETING, "attendees": [{"email": "ada@april.example", "optional": True}]}

    made = world.data(CREATE, event=event)["googleCalendarCreateEvent"]["event"]

    assert made["start"] == {"date": None, "dateTime": "2026-01-05T12:00:00+00:00", "timeZone": "Europe/Lisbon"}
    assert made["attendees"] == [{"email": "ada@april.example", "optional": True, "response": "NEEDS_ACTION"}]
    assert made["eventId"] in world.events


def test_a_lost_answer_leaves_one_event(world: GoogleCalendarWorld) -> None:
    world.sandbox.faults.add(Fault(operation="events.create", drop="answer"))
    before = len(world.events)

    made = world.data(CREATE, event=MEETING, key="lunch")["googleCalendarCreateEvent"]["event"]

    assert made["eventId"] == event_id_of("lunch")
    assert world.operations() == ["events.create", "events.create", "events.get"]
    assert len(world.events) == before + 1


def test_an_event_that_ends_before_it_begins_is_a_result(world: GoogleCalendarWorld) -> None:
    event = {**MEETING, "end": {"dateTime": "2026-01-05T11:00:00+00:00"}}

    refused = world.data(CREATE, event=event)["googleCalendarCreateEvent"]

    assert refused == {"__typename": "GoogleCalendarEventRejected", "reason": "timeRangeEmpty"}


@pytest.mark.parametrize("start", [{}, {"date": "2026-01-05", "dateTime": "2026-01-05T12:00:00Z"}])
def test_a_moment_is_a_day_or_a_time_and_not_both(world: GoogleCalendarWorld, start: dict[str, str]) -> None:
    assert isinstance(world.error(CREATE, event={**MEETING, "start": start}), BadInput)
    assert world.operations() == []


def test_a_change_leaves_the_rest_and_null_takes_away(world: GoogleCalendarWorld) -> None:
    change = """mutation($changes: GoogleCalendarEventChanges!) {
      googleCalendarUpdateEvent(id: "meet000005", changes: $changes) {
        ... on GoogleCalendarEventSaved { event { summary location description allDay } } } }"""
    days = {"start": {"date": "2026-01-05"}, "end": {"date": "2026-01-06"}}

    changed = world.data(change, changes={"location": None, "summary": "Moved", **days})["googleCalendarUpdateEvent"]

    assert changed["event"] == {
        "summary": "Moved",
        "location": None,
        "description": f"About {PEOPLE[5].company.name}.",
        "allDay": True,
    }


@pytest.mark.parametrize("drop", [None, "answer"])
def test_an_event_is_deleted_once(world: GoogleCalendarWorld, drop: Literal["answer"] | None) -> None:
    world.sandbox.faults.add(Fault(operation="events.delete", drop=drop))
    delete = 'mutation { googleCalendarDeleteEvent(id: "meet000007") { __typename } }'

    first, second = world.data(delete), world.data(delete)

    assert first["googleCalendarDeleteEvent"] == {"__typename": "GoogleCalendarEventDeleted"}
    assert second["googleCalendarDeleteEvent"] == {"__typename": "GoogleCalendarEventNotFound"}


def test_an_invitation_is_answered_for_the_user_alone(world: GoogleCalendarWorld) -> None:
    answer = """mutation($id: ID!, $calendar: ID!) {
      googleCalendarRespond(id: $id, calendar: $calendar, answer: ACCEPTED) { __typename
        ... on GoogleCalendarEventSaved { event { attendees { response isSelf } } } } }"""

    mine = world.data(answer, id="meet000009", calendar="primary")["googleCalendarRespond"]
    theirs = world.data(answer, id="weeklyround", calendar=TEAM)["googleCalendarRespond"]

    assert mine["event"]["attendees"] == [
        {"response": "ACCEPTED", "isSelf": False},
        {"response": "ACCEPTED", "isSelf": True},
    ]
    assert theirs == {"__typename": "GoogleCalendarNotInvited"}


def test_an_invitation_is_answered_beside_what_others_have_answered_meanwhile() -> None:
    rules = CachePolicy(operations={"events.*": OperationCache(ttl_s=60, insists=True)})
    world = GoogleCalendarWorld(replace(UPSTREAM, policy=replace(UPSTREAM.policy, cache=rules)))
    world.data('{ googleCalendar { event(id: "meet000009") { attendees { email } } } }')
    other = next(one for one in world.events["meet000009"]["attendees"] if not one.get("self"))
    other["responseStatus"] = "declined"

    world.data('mutation { googleCalendarRespond(id: "meet000009", answer: ACCEPTED) { __typename } }')

    now = {one["email"]: one["responseStatus"] for one in world.events["meet000009"]["attendees"]}
    assert now[other["email"]] == "declined"


def test_busy_times_come_in_the_order_of_the_calendars(world: GoogleCalendarWorld) -> None:
    query = """query($calendars: [ID!]!) { googleCalendar { freeBusy(calendars: $calendars,
      since: "2025-12-02T00:00:00Z", until: "2025-12-03T00:00:00Z") { calendarId problem busy { start } } } }"""

    unknown, own = world.data(query, calendars=["no@april.example", "primary"])["googleCalendar"]["freeBusy"]

    assert unknown == {"calendarId": "no@april.example", "problem": "notFound", "busy": []}
    assert own["problem"] is None
    assert len(own["busy"]) == 6


def test_a_throttle_that_says_nothing_of_time_is_waited_out(world: GoogleCalendarWorld) -> None:
    world.sandbox.faults.add(Fault(operation="events.list", throttled_s=1, times=2))

    world.data("{ googleCalendar { events(first: 1) { nodes { summary } } } }")

    assert world.operations() == ["events.list"] * 3


def test_a_start_that_is_missing_harms_itself_only(world: GoogleCalendarWorld) -> None:
    world.sandbox.faults.add(
        Fault(operation="events.list", status=200, body='{"items": [{"id": "x", "summary": "?"}]}')
    )
    result = world.ask("{ googleCalendar { events { nodes { summary start { date } } } } }")

    (error,) = result.errors or []
    assert isinstance(error.original_error, PayloadMismatch)
    assert error.path == ["googleCalendar", "events", "nodes", 0, "start"]
