"""The user's calendars and what is in them: meetings with people, a weekly round, holidays."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from hashlib import blake2b
from typing import Any

from connectors.sandbox.people import EPOCH, Person

Json = dict[str, Any]

ZONE = "Europe/Lisbon"
TEAM, HOLIDAYS = "team@group.calendar.google.com", "holidays@group.v.calendar.google.com"
SUBJECTS = ("Kick-off", "Review", "Renewal", "Demo", "Interview", "Planning")
ROUNDS = 10
FREE_DAYS = ((1, 1, "New Year's Day"), (4, 25, "Freedom Day"), (5, 1, "Labour Day"), (12, 25, "Christmas Day"))


def instant(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def moment_of(when: Json) -> datetime:
    """Where a start or an end lies in time; a day begins at midnight UTC."""
    if "dateTime" in when:
        return datetime.fromisoformat(when["dateTime"]).astimezone(UTC)
    return datetime.combine(date.fromisoformat(when["date"]), datetime.min.time(), UTC)


def moved(when: Json, by: timedelta) -> Json:
    """A start or an end, so much later."""
    if "dateTime" in when:
        return {**when, "dateTime": instant(moment_of(when) + by)}
    return {"date": (date.fromisoformat(when["date"]) + by).isoformat()}


@dataclass
class Calendar:
    """One calendar and its events by id; those deleted are kept as `cancelled`.

    `changes` are the ids of events in the order in which they were written.
    """

    entry: Json
    events: dict[str, Json] = field(default_factory=dict)
    changes: list[str] = field(default_factory=list)
    updated: str = ""

    def put(self, event: Json, now: datetime) -> Json:
        """An event as it is kept: with times and a new tag."""
        stamp = instant(now)
        kept = {
            "kind": "calendar#event",
            "status": "confirmed",
            "created": stamp,
            **event,
            "updated": stamp,
            "htmlLink": f"https://www.google.com/calendar/event?eid={event['id']}",
        }
        for attendee in kept.get("attendees", ()):
            attendee.setdefault("responseStatus", "needsAction")
        kept["etag"] = f'"{blake2b(repr(sorted(kept.items())).encode(), digest_size=8).hexdigest()}"'
        self.events[event["id"]] = kept
        self.changes.append(event["id"])
        self.updated = max(self.updated, stamp)
        return kept

    def instances(self, event: Json) -> Iterator[Json]:
        """The single events that an event stands for: itself, unless it recurs (weekly, so many times)."""
        rule = next(iter(event.get("recurrence", ())), None)
        if rule is None:
            yield event
            return
        count = int(dict(part.split("=") for part in rule.removeprefix("RRULE:").split(";")).get("COUNT", ROUNDS))
        for n in range(count):
            start, end = (moved(event[side], timedelta(weeks=n)) for side in ("start", "end"))
            suffix = moment_of(start).strftime("%Y%m%dT%H%M%SZ")
            single = {name: value for name, value in event.items() if name != "recurrence"}
            yield {
                **single,
                "id": f"{event['id']}_{suffix}",
                "recurringEventId": event["id"],
                "start": start,
                "end": end,
                "originalStartTime": start,
            }


def tell(people: tuple[Person, ...]) -> dict[str, Calendar]:
    """The calendars by id, the user's own first; the user is the first of the people."""
    me = people[0]
    calendars = {
        me.email: Calendar({**_entry(me.email, me.name, "owner"), "primary": True}),
        TEAM: Calendar(_entry(TEAM, "Team", "writer")),
        HOLIDAYS: Calendar(_entry(HOLIDAYS, "Holidays", "reader")),
    }
    for person in people[1:]:
        calendars[me.email].put(_meeting(me, person), person.joined_at)
    calendars[TEAM].put(_weekly(people), EPOCH - timedelta(days=90))
    for year in (2025, 2026):
        for month, day, name in FREE_DAYS:
            calendars[HOLIDAYS].put(_holiday(date(year, month, day), name), EPOCH - timedelta(days=400))
    return calendars


def _entry(id: str, summary: str, role: str) -> Json:
    entry = {"kind": "calendar#calendarListEntry", "id": id, "summary": summary, "timeZone": ZONE, "accessRole": role}
    return {**entry, "etag": f'"{blake2b(id.encode(), digest_size=8).hexdigest()}"'}


def _meeting(me: Person, person: Person) -> Json:
    start = datetime(2025, 12, 1, 9, tzinfo=UTC) + timedelta(days=person.index // 6, hours=person.index % 6)
    return {
        "id": f"meet{person.index:06}",
        "summary": f"{SUBJECTS[person.index % len(SUBJECTS)]} with {person.first_name}",
        "description": f"About {person.company.name}.",
        "location": person.city,
        "start": {"dateTime": instant(start), "timeZone": ZONE},
        "end": {"dateTime": instant(start + timedelta(minutes=45)), "timeZone": ZONE},
        "organizer": {"email": person.email, "displayName": person.name},
        "attendees": [
            {"email": person.email, "displayName": person.name, "responseStatus": "accepted", "organizer": True},
            {"email": me.email, "displayName": me.name, "responseStatus": "needsAction", "self": True},
        ],
    }


def _weekly(people: tuple[Person, ...]) -> Json:
    start = datetime(2025, 11, 3, 10, tzinfo=UTC)
    return {
        "id": "weeklyround",
        "summary": "Weekly round",
        "start": {"dateTime": instant(start), "timeZone": ZONE},
        "end": {"dateTime": instant(start + timedelta(minutes=30)), "timeZone": ZONE},
        "recurrence": [f"RRULE:FREQ=WEEKLY;COUNT={ROUNDS}"],
        "organizer": {"email": TEAM, "displayName": "Team", "self": True},
        "attendees": [
            {"email": person.email, "displayName": person.name, "responseStatus": "accepted"} for person in people[:5]
        ],
    }


def _holiday(day: date, name: str) -> Json:
    return {
        "id": f"holiday{day:%Y%m%d}",
        "summary": name,
        "start": {"date": day.isoformat()},
        "end": {"date": (day + timedelta(days=1)).isoformat()},
        "transparency": "transparent",
    }
