"""The operations on the diary, its tokens, and how Google says no."""

import asyncio
import json
import re
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import parse_qs

import httpx2
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from connectors.providers.google_calendar.sandbox.diary import Calendar, Json, instant, moment_of, tell
from connectors.providers.google_calendar.sandbox.fields import parsed, selected
from connectors.providers.google_calendar.sandbox.users import DIALECT
from connectors.sandbox.authorization import AuthorizationServer
from connectors.sandbox.base import Sandbox
from connectors.sandbox.people import EPOCH, Person

ENVIRONMENT = {
    "GOOGLE_CLIENT_ID": "punnet.apps.googleusercontent.com",
    "GOOGLE_CLIENT_SECRET": "GOCSPX-punnet",
    "GOOGLE_REFRESH_TOKEN": "1//punnet-refresh",
}
TOKEN_LASTS_S = 3_599
EVENT_ID = re.compile(r"[a-v0-9]{5,1024}")
REASONS = {
    400: ("global", "badRequest", "Bad Request"),
    401: ("global", "authError", "Invalid Credentials"),
    403: ("calendar", "requiredAccessLevel", "You need to have writer access to this calendar."),
    404: ("global", "notFound", "Not Found"),
    409: ("global", "duplicate", "The requested identifier already exists."),
    410: ("global", "deleted", "Resource has been deleted"),
    412: ("global", "conditionNotMet", "Precondition Failed"),
    429: ("usageLimits", "rateLimitExceeded", "Rate Limit Exceeded"),
}
HERE = "http://127.0.0.1"
MOST_WATCHED = timedelta(days=7)
BROKEN = ("global", "backendError", "Backend Error")

Handler = Callable[[Request], Awaitable[Response]]


class Refused(Exception):
    """A request that Google does not take; `reason` is its word for why, where it is not the status's usual one."""

    def __init__(self, status: int, reason: str | None = None) -> None:
        super().__init__(reason or str(status))
        self.status = status
        self.reason = reason


@dataclass
class Channel:
    """Whom to tell of what changes in a calendar, and how many messages that were so far."""

    id: str
    calendar: str
    address: str
    token: str
    messages: int = 0

    @property
    def resource(self) -> str:
        """Google's name of what is watched."""
        return f"resource-of-{self.calendar}"


class GoogleCalendarSandbox(Sandbox):
    """One user. `calendars` holds the data, `tokens` the access tokens that are good.

    `forgotten` are page and sync tokens that are good no longer. `notified` are the notifications that channels gave
    rise to, with the addresses that they are for; `deliver` sends each, unless it is changed: to this machine only.
    `throttled` says so by 403 and without a time, as Google does.
    """

    def __init__(self, people: tuple[Person, ...]) -> None:
        super().__init__()
        self.calendars = tell(people)
        self.me = people[0].email
        self.now = EPOCH
        self.tokens: set[str] = set()
        self.issued = 0
        self.forgotten: set[str] = set()
        self.channels: dict[str, Channel] = {}
        self.notified: list[tuple[str, dict[str, str]]] = []
        self.deliver: Callable[[str, dict[str, str]], None] = self._deliver
        self._delivering: set[asyncio.Task[None]] = set()
        self.authorization = AuthorizationServer(
            DIALECT, people, self.tokens, now=lambda: self.time(), otherwise=self._token
        )
        lists, calendar = "/calendar/v3/users/me/calendarList", "/calendar/v3/calendars/{calendar}"
        event = calendar + "/events/{id}"
        self._routes = [
            Route("/token", self._token, methods=["POST"], name="oauth2.token"),
            self._endpoint(lists, "GET", "calendars.list", self._list_calendars),
            self._endpoint(lists + "/{calendar}", "GET", "calendars.get", self._get_calendar),
            self._endpoint(calendar + "/events", "GET", "events.list", self._list_events),
            self._endpoint(calendar + "/events", "POST", "events.create", self._create),
            self._endpoint(event, "GET", "events.get", self._get),
            self._endpoint(event, "PATCH", "events.change", self._change),
            self._endpoint(event, "DELETE", "events.delete", self._delete),
            self._endpoint(event + "/instances", "GET", "events.instances", self._instances),
            self._endpoint("/calendar/v3/freeBusy", "POST", "freebusy.query", self._free_busy),
            self._endpoint(calendar + "/events/watch", "POST", "channels.open", self._watch),
            self._endpoint("/calendar/v3/channels/stop", "POST", "channels.stop", self._stop),
        ]

    @property
    def routes(self) -> Sequence[Route]:
        return self._routes

    def failure(self, status: int) -> Response:
        return self._failure(status, None)

    def throttled(self, retry_after_s: float) -> Response:
        return self._failure(403, "userRateLimitExceeded", domain="usageLimits")

    def expire(self) -> None:
        self.tokens.clear()

    def _failure(self, status: int, reason: str | None, *, domain: str | None = None) -> Response:
        usual = BROKEN if status >= 500 else REASONS.get(status, REASONS[400])
        error = {"domain": domain or usual[0], "reason": reason or usual[1], "message": usual[2]}
        return JSONResponse({"error": {"errors": [error], "code": status, "message": usual[2]}}, status)

    def _endpoint(self, path: str, method: str, operation: str, handler: Handler) -> Route:
        async def endpoint(request: Request) -> Response:
            scheme, _, token = request.headers.get("authorization", "").partition(" ")
            if scheme != "Bearer" or token not in self.tokens:
                return self._failure(401, None)
            try:
                return await handler(request)
            except Refused as refused:
                return self._failure(refused.status, refused.reason)

        return Route(path, endpoint, methods=[method], name=operation)

    async def _token(self, request: Request) -> Response:
        given = {name: values[0] for name, values in parse_qs((await request.body()).decode()).items()}
        if any(given.get(name) != ENVIRONMENT[f"GOOGLE_{name.upper()}"] for name in ("client_id", "client_secret")):
            return JSONResponse({"error": "invalid_client", "error_description": "Unauthorized"}, 401)
        known = given.get("refresh_token") == ENVIRONMENT["GOOGLE_REFRESH_TOKEN"]
        if given.get("grant_type") != "refresh_token" or not known:
            return JSONResponse({"error": "invalid_grant", "error_description": "Bad Request"}, 400)
        self.issued += 1
        token = f"ya29.sandbox-{self.issued}"
        self.tokens.add(token)
        answer = {"access_token": token, "expires_in": TOKEN_LASTS_S, "token_type": "Bearer"}
        return JSONResponse({**answer, "scope": "https://www.googleapis.com/auth/calendar"})

    async def _list_calendars(self, request: Request) -> Response:
        rows = [calendar.entry for calendar in self.calendars.values()]
        return self._page(request, rows, {"kind": "calendar#calendarList"}, 100, 250)

    async def _get_calendar(self, request: Request) -> Response:
        return self._cut(request, self._calendar(request).entry)

    async def _list_events(self, request: Request) -> Response:
        calendar, query = self._calendar(request), request.query_params
        if "syncToken" in query:
            return self._changed(request, calendar)
        single = query.get("singleEvents") == "true"
        if query.get("orderBy") == "startTime" and not single:
            raise Refused(400, "badRequest")
        rows = [
            one
            for event in calendar.events.values()
            if event["status"] != "cancelled" or query.get("showDeleted") == "true"
            for one in (calendar.instances(event) if single else [event])
        ]
        if query.get("updatedMin") in self.forgotten:
            raise Refused(410, "updatedMinTooLongAgo")
        if "updatedMin" in query:
            rows = [one for one in rows if one["updated"] > query["updatedMin"]]
        since, until, words = query.get("timeMin"), query.get("timeMax"), query.get("q")
        if since:
            rows = [one for one in rows if moment_of(one["end"]) > _moment(since)]
        if until:
            rows = [one for one in rows if moment_of(one["start"]) < _moment(until)]
        if words:
            rows = [one for one in rows if words.lower() in json.dumps(one, ensure_ascii=False).lower()]
        if query.get("orderBy") == "startTime":
            rows.sort(key=lambda one: moment_of(one["start"]))
        return self._page(request, rows, self._about(calendar), 250, 2500, len(calendar.changes))

    def _changed(self, request: Request, calendar: Calendar) -> Response:
        """What was written since a token was given, each event once."""
        token = request.query_params["syncToken"]
        if token in self.forgotten or not re.fullmatch(r"s\d+", token):
            raise Refused(410, "fullSyncRequired")
        ids = dict.fromkeys(reversed(calendar.changes[int(token[1:]) :]))
        rows = [calendar.events[id] for id in reversed(ids)]
        return self._page(request, rows, self._about(calendar), 250, 2500, len(calendar.changes))

    async def _watch(self, request: Request) -> Response:
        calendar, body = self._calendar(request), await _body(request)
        if not str(body.get("address")).startswith(("https://", HERE)):
            raise Refused(400, "push.webhookUrlNotHttps")
        if body["id"] in self.channels:
            raise Refused(400, "channelIdNotUnique")
        lasts = timedelta(seconds=int(body.get("params", {}).get("ttl", 604_800)))
        channel = Channel(body["id"], calendar.entry["id"], body["address"], body.get("token", ""))
        self.channels[channel.id] = channel
        self._notify(channel, "sync")
        expiration = int((self.time() + min(lasts, MOST_WATCHED).total_seconds()) * 1000)
        facts = {"id": channel.id, "resourceId": channel.resource, "expiration": str(expiration)}
        return JSONResponse({"kind": "api#channel", **facts})

    async def _stop(self, request: Request) -> Response:
        body = await _body(request)
        channel = self.channels.get(body.get("id", ""))
        if channel is None or channel.resource != body.get("resourceId"):
            raise Refused(404)
        del self.channels[channel.id]
        return Response(status_code=204)

    def _put(self, calendar: Calendar, event: Json) -> Json:
        """An event as it is now, a minute after everything before; those who watch the calendar are told."""
        kept = calendar.put(event, self.now + timedelta(minutes=len(self.calls)))
        for channel in self.channels.values():
            if channel.calendar == calendar.entry["id"]:
                self._notify(channel, "exists")
        return kept

    def _notify(self, channel: "Channel", state: str) -> None:
        channel.messages += 1
        headers = {
            "X-Goog-Channel-ID": channel.id,
            "X-Goog-Channel-Token": channel.token,
            "X-Goog-Message-Number": str(channel.messages),
            "X-Goog-Resource-ID": channel.resource,
            "X-Goog-Resource-State": state,
        }
        self.notified.append((channel.address, headers))
        self.deliver(channel.address, headers)

    def _deliver(self, address: str, headers: dict[str, str]) -> None:
        if address.startswith(HERE):
            task = asyncio.get_running_loop().create_task(delivered(address, headers))
            self._delivering.add(task)
            task.add_done_callback(self._delivering.discard)

    async def _instances(self, request: Request) -> Response:
        calendar = self._calendar(request)
        rows = list(calendar.instances(self._event(calendar, request)))
        return self._page(request, rows, self._about(calendar), 250, 2500)

    async def _get(self, request: Request) -> Response:
        return self._cut(request, self._event(self._calendar(request), request))

    async def _create(self, request: Request) -> Response:
        calendar, event = self._writable(request), await _body(request)
        id = event.get("id") or f"made{len(calendar.events):06}"
        if not EVENT_ID.fullmatch(id):
            raise Refused(400, "invalid")
        if id in calendar.events:
            raise Refused(409)
        event = _merged({}, event)
        _checked(event)
        mine = {"organizer": {"email": self.me, "self": True}, "creator": {"email": self.me, "self": True}}
        return JSONResponse(self._put(calendar, {**mine, **event, "id": id}))

    async def _change(self, request: Request) -> Response:
        calendar, changes = self._writable(request), await _body(request)
        event = self._event(calendar, request)
        if request.headers.get("if-match", "*") not in ("*", event["etag"]):
            raise Refused(412)
        merged = _merged(event, changes)
        _checked(merged)
        return JSONResponse(self._put(calendar, merged))

    async def _delete(self, request: Request) -> Response:
        calendar = self._writable(request)
        self._put(calendar, {**self._event(calendar, request), "status": "cancelled"})
        return Response(status_code=204)

    async def _free_busy(self, request: Request) -> Response:
        body = await _body(request)
        start, end = _moment(body.get("timeMin")), _moment(body.get("timeMax"))
        taken = {item["id"]: self._taken(item["id"], start, end) for item in body.get("items", [])}
        times = {"timeMin": instant(start), "timeMax": instant(end)}
        return JSONResponse({"kind": "calendar#freeBusy", **times, "calendars": taken})

    def _taken(self, id: str, start: datetime, end: datetime) -> Json:
        calendar = self.calendars.get(self._known_as(id))
        if calendar is None:
            return {"errors": [{"domain": "global", "reason": "notFound"}], "busy": []}
        busy = sorted(
            (max(moment_of(one["start"]), start), min(moment_of(one["end"]), end))
            for event in calendar.events.values()
            for one in calendar.instances(event)
            if one["status"] != "cancelled"
            and one.get("transparency") != "transparent"
            and moment_of(one["start"]) < end
            and moment_of(one["end"]) > start
        )
        return {"busy": [{"start": instant(since), "end": instant(until)} for since, until in busy]}

    def _known_as(self, id: str) -> str:
        return self.me if id == "primary" else id

    def _calendar(self, request: Request) -> Calendar:
        calendar = self.calendars.get(self._known_as(request.path_params["calendar"]))
        if calendar is None:
            raise Refused(404)
        return calendar

    def _writable(self, request: Request) -> Calendar:
        calendar = self._calendar(request)
        if calendar.entry["accessRole"] == "reader":
            raise Refused(403)
        return calendar

    def _event(self, calendar: Calendar, request: Request) -> Json:
        id: str = request.path_params["id"]
        event = calendar.events.get(id)
        if event is None:
            series = calendar.events.get(id.partition("_")[0])
            event = next((one for one in calendar.instances(series) if one["id"] == id), None) if series else None
        if event is None:
            raise Refused(404)
        if event["status"] == "cancelled":
            raise Refused(410)
        return event

    def _about(self, calendar: Calendar) -> Json:
        facts = {name: calendar.entry[name] for name in ("summary", "timeZone")}
        return {"kind": "calendar#events", "updated": calendar.updated, **facts}

    def _page(
        self, request: Request, rows: list[Json], about: Json, usual: int, most: int, changes: int | None = None
    ) -> Response:
        limit, token = request.query_params.get("maxResults", str(usual)), request.query_params.get("pageToken", "t0")
        if not limit.isdecimal() or not int(limit):
            raise Refused(400, "invalidParameter")
        if token in self.forgotten or not re.fullmatch(r"t\d+", token):
            raise Refused(400, "invalidPageToken")
        start, size = int(token[1:]), min(int(limit), most)
        body = {**about, "items": rows[start : start + size]}
        if start + size < len(rows):
            body["nextPageToken"] = f"t{start + size}"
        elif changes is not None:
            body["nextSyncToken"] = f"s{changes}"
        return self._cut(request, body)

    def _cut(self, request: Request, body: Json) -> Response:
        wanted = request.query_params.get("fields")
        try:
            return JSONResponse(selected(body, parsed(wanted)) if wanted else body)
        except ValueError as error:
            raise Refused(400, "invalidParameter") from error


async def delivered(address: str, headers: dict[str, str]) -> None:
    """Send a notification; whether anybody takes it is nothing to Google."""
    with suppress(httpx2.HTTPError):
        async with httpx2.AsyncClient() as client:
            await client.post(address, headers=headers)


async def _body(request: Request) -> Json:
    try:
        body: Any = json.loads(await request.body() or b"{}")
    except ValueError as error:
        raise Refused(400, "parseError") from error
    if not isinstance(body, dict):
        raise Refused(400, "parseError")
    return body


def _merged(event: Json, changes: Json) -> Json:
    """A patch worked in: objects are merged, null takes away (RFC 7396)."""
    merged = {**event}
    for name, value in changes.items():
        if isinstance(value, dict):
            before = merged.get(name)
            value = _merged(before if isinstance(before, dict) else {}, value)
        merged[name] = value
    return {name: value for name, value in merged.items() if value is not None}


def _checked(event: Json) -> None:
    """Refuses an event that does not lie in time."""
    try:
        start, end = moment_of(event["start"]), moment_of(event["end"])
    except (KeyError, TypeError, ValueError) as error:
        raise Refused(400, "required") from error
    if ("date" in event["start"]) != ("date" in event["end"]) or end < start:
        raise Refused(400, "timeRangeEmpty")


def _moment(value: str | None) -> datetime:
    try:
        moment = datetime.fromisoformat(value or "")
    except ValueError as error:
        raise Refused(400, "badRequest") from error
    if moment.tzinfo is None:
        raise Refused(400, "badRequest")
    return moment
