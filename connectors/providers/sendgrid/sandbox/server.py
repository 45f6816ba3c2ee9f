"""The operations of the account, and how SendGrid says no."""

import json
import re
from collections.abc import Awaitable, Callable, Sequence
from datetime import date, timedelta
from operator import itemgetter
from typing import Any
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from connectors.providers.sendgrid.sandbox.story import METRICS, SUPPRESSED, Json, instant, tell, uuid
from connectors.sandbox.address import address
from connectors.sandbox.base import Sandbox
from connectors.sandbox.people import EPOCH, Person

KEY = "SG.punnet-sandbox"
PER_MINUTE = 600
MOST_PERSONALIZATIONS = 1_000
MOST_READ = 100
SAMPLE = 50
FIRST_DAY = date(2025, 12, 1)
SHORT = "msg_id from_email to_email subject status opens_count clicks_count last_event_time".split()
"""What a list says of each message."""
CLAUSE = re.compile(r"""\s*(\w+)\s*(=|LIKE)\s*["']([^"']*)["']\s*""", re.IGNORECASE)

Handler = Callable[[Request], Awaitable[Response]]


class Refused(Exception):
    """A request that SendGrid does not take; `errors` are what it says."""

    def __init__(self, status: int, message: str, field: str | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.errors = [{"message": message, "field": field}]


class SendGridSandbox(Sandbox):
    """One account. `account` holds its data, `account.outbox` the mails it was handed.

    `throttled` says when the limit is renewed by the header `X-RateLimit-Reset` and nothing else. Keys never
    expire, so `expire` answers as if this one were revoked.
    """

    def __init__(self, people: tuple[Person, ...]) -> None:
        super().__init__()
        self.account = tell(people)
        self._routes = [
            self._endpoint("/v3/mail/send", "POST", "mail.send", self._send),
            self._endpoint("/v3/mail/batch", "POST", "mail.batch", self._batch),
            self._endpoint("/v3/user/scheduled_sends", "POST", "scheduled_sends.cancel", self._call_off),
            self._endpoint("/v3/templates", "GET", "templates.list", self._templates),
            self._endpoint("/v3/templates/{id}", "GET", "templates.get", self._template),
            self._endpoint("/v3/marketing/contacts", "GET", "contacts.recent", self._recent),
            self._endpoint("/v3/marketing/contacts", "PUT", "contacts.put", self._put_contacts),
            self._endpoint("/v3/marketing/contacts/batch", "POST", "contacts.batch", self._contacts_by_id),
            self._endpoint(
                "/v3/marketing/contacts/search/emails", "POST", "contacts.by_email", self._contacts_by_email
            ),
            self._endpoint("/v3/marketing/contacts/search", "POST", "contacts.search", self._search_contacts),
            self._endpoint("/v3/marketing/lists", "GET", "lists.list", self._lists),
            self._endpoint("/v3/marketing/lists/{id}", "GET", "lists.get", self._list),
            self._endpoint("/v3/suppression/{kind}", "GET", "suppressions.list", self._suppressions),
            self._endpoint("/v3/suppression/{kind}/{email}", "DELETE", "suppressions.delete", self._lift),
            self._endpoint("/v3/asm/suppressions/global/{email}", "DELETE", "suppressions.delete", self._lift),
            self._endpoint("/v3/stats", "GET", "stats.get", self._stats),
            self._endpoint("/v3/messages", "GET", "messages.list", self._messages),
            self._endpoint("/v3/messages/{id}", "GET", "messages.get", self._message),
        ]

    @property
    def routes(self) -> Sequence[Route]:
        return self._routes

    def failure(self, status: int) -> Response:
        return JSONResponse({"errors": [{"message": "as ordered", "field": None}]}, status)

    def throttled(self, retry_after_s: float) -> Response:
        reset = {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": str(int(self.time() + retry_after_s))}
        return JSONResponse({"errors": [{"message": "too many requests", "field": None}]}, 429, headers=reset)

    def expire(self) -> Response:
        return self.failure(401)

    def _endpoint(self, path: str, method: str, operation: str, handler: Handler) -> Route:
        async def endpoint(request: Request) -> Response:
            if request.headers.get("authorization") != f"Bearer {KEY}":
                message = "The provided authorization grant is invalid, expired, or revoked"
                return JSONResponse({"errors": [{"message": message, "field": None}]}, 401)
            try:
                response = await handler(request)
            except Refused as refused:
                response = JSONResponse({"errors": refused.errors}, refused.status)
            response.headers["X-RateLimit-Limit"] = str(PER_MINUTE)
            return response

        return Route(path, endpoint, methods=[method], name=operation)

    async def _send(self, request: Request) -> Response:
        mail = await _body(request)
        _checked(mail)
        template = mail.get("template_id")
        if template is not None and template not in self.account.templates:
            raise Refused(400, "The template_id must be a valid GUID, you provided an unknown one.", "template_id")
        batch = mail.get("batch_id")
        if batch is not None and batch not in self.account.batches:
            raise Refused(400, "The batch_id must be a valid batch id.", "batch_id")
        self.account.outbox.append(mail)
        message_id = uuid("sent", len(self.account.outbox)).replace("-", "")[:22]
        return Response(status_code=202, headers={"X-Message-Id": message_id})

    async def _batch(self, request: Request) -> Response:
        batch_id = uuid("batch", len(self.account.batches))
        self.account.batches[batch_id] = True
        return JSONResponse({"batch_id": batch_id}, 201)

    async def _call_off(self, request: Request) -> Response:
        body = await _body(request)
        if body.get("batch_id") not in self.account.batches:
            raise Refused(400, "invalid batch id", "batch_id")
        self.account.batches[body["batch_id"]] = False
        return JSONResponse(body, 201)

    async def _templates(self, request: Request) -> Response:
        wanted = request.query_params.get("generations", "legacy").split(",")
        found = [template for template in self.account.templates.values() if template["generation"] in wanted]
        return self._page(request, found, most=200)

    async def _template(self, request: Request) -> Response:
        return JSONResponse(_known(self.account.templates, request))

    async def _recent(self, request: Request) -> Response:
        contacts = list(self.account.contacts.values())
        sample = list(reversed(contacts))[:SAMPLE]
        return JSONResponse({"result": sample, "contact_count": len(contacts), "_metadata": {}})

    async def _contacts_by_id(self, request: Request) -> Response:
        ids = _strings(await _body(request), "ids")
        found = [self.account.contacts[id] for id in ids if id in self.account.contacts]
        return JSONResponse({"result": found})

    async def _contacts_by_email(self, request: Request) -> Response:
        emails = [email.lower() for email in _strings(await _body(request), "emails")]
        there = {contact["email"].lower(): contact for contact in self.account.contacts.values()}
        result = {
            email: {"contact": there[email]} if email in there else {"error": "contact not found"} for email in emails
        }
        return JSONResponse({"result": result}, 200 if any(email in there for email in emails) else 404)

    async def _search_contacts(self, request: Request) -> Response:
        query = (await _body(request)).get("query")
        tests = [CLAUSE.fullmatch(clause) for clause in re.split(r"\bAND\b", str(query), flags=re.IGNORECASE)]
        found = list(self.account.contacts.values())
        for test in tests:
            if test is None:
                raise Refused(400, "the query is not valid SGQL", "query")
            name, operator, value = test[1], test[2], test[3]
            like = re.compile(re.escape(value).replace("%", ".*") if operator != "=" else re.escape(value))
            found = [contact for contact in found if like.fullmatch(str(contact.get(name, "")))]
        return JSONResponse({"result": found[:SAMPLE], "contact_count": len(found), "_metadata": {}})

    async def _put_contacts(self, request: Request) -> Response:
        body = await _body(request)
        contacts = body.get("contacts")
        if not isinstance(contacts, list) or not contacts:
            raise Refused(400, "contacts must not be empty", "contacts")
        for list_id in body.get("list_ids", ()):
            if list_id not in self.account.lists:
                raise Refused(404, "list not found", "list_ids")
        by_email = {contact["email"].lower(): contact for contact in self.account.contacts.values()}
        for given in contacts:
            email = str(given.get("email", "")).lower()
            if "@" not in email:
                raise Refused(400, "email is not valid", "contacts.email")
            now = instant(EPOCH)
            new = {"id": uuid("contact", email), "email": email, "list_ids": [], "custom_fields": {}, "created_at": now}
            contact = by_email.get(email) or new
            contact |= {**given, "email": email, "updated_at": now}
            contact["list_ids"] = sorted({*contact["list_ids"], *body.get("list_ids", ())})
            self.account.contacts[str(contact["id"])] = contact
        return JSONResponse({"job_id": uuid("job", len(self.calls))}, 202)

    async def _lists(self, request: Request) -> Response:
        return self._page(request, list(self.account.lists.values()), most=1000)

    async def _list(self, request: Request) -> Response:
        return JSONResponse(_known(self.account.lists, request))

    async def _suppressions(self, request: Request) -> Response:
        kind: str = request.path_params["kind"]
        if kind not in SUPPRESSED:
            raise Refused(404, "not found")
        limit, offset = _number(request, "limit", 500, 500), _number(request, "offset", 0, None)
        given = request.query_params
        email, since, until = given.get("email"), given.get("start_time"), given.get("end_time")
        found = [
            entry
            for entry in self.account.suppressions[kind].values()
            if (email is None or entry["email"] == email)
            and (since is None or entry["created"] >= int(since))
            and (until is None or entry["created"] <= int(until))
        ]
        return JSONResponse(found[offset : offset + limit])

    async def _lift(self, request: Request) -> Response:
        kind: str = request.path_params.get("kind", "unsubscribes")
        if self.account.suppressions.get(kind, {}).pop(request.path_params["email"], None) is None:
            raise Refused(404, "resource not found")
        return Response(status_code=204)

    async def _stats(self, request: Request) -> Response:
        step = {"day": 1, "week": 7, "month": 30}.get(request.query_params.get("aggregated_by", "day"))
        if step is None:
            raise Refused(400, "aggregated_by must be day, week or month", "aggregated_by")
        try:
            first = date.fromisoformat(request.query_params["start_date"])
            last = date.fromisoformat(request.query_params.get("end_date") or EPOCH.date().isoformat())
        except (KeyError, ValueError) as error:
            raise Refused(400, "start_date must be a date", "start_date") from error
        days = [first + timedelta(days=n) for n in range(0, (last - first).days + 1, step)]
        return JSONResponse([{"date": day.isoformat(), "stats": [{"metrics": _metrics(day, step)}]} for day in days])

    async def _messages(self, request: Request) -> Response:
        limit = _number(request, "limit", 10, 1000)
        found = sorted(self.account.messages.values(), key=itemgetter("last_event_time"), reverse=True)
        test = CLAUSE.fullmatch(request.query_params.get("query", ""))
        if test is None:
            raise Refused(400, "invalid query", "query")
        found = [message for message in found if str(message.get(test[1])) == test[3]]
        short = [{name: message[name] for name in SHORT} for message in found]
        return JSONResponse({"messages": short[:limit]})

    async def _message(self, request: Request) -> Response:
        return JSONResponse(_known(self.account.messages, request))

    def _page(self, request: Request, rows: list[Json], *, most: int) -> Response:
        """A page by token: the token says how many rows are in front of it."""
        size, token = _number(request, "page_size", 10, most), request.query_params.get("page_token", "t0")
        if not re.fullmatch(r"t\d+", token):
            raise Refused(400, "invalid page_token", "page_token")
        start = int(token[1:])
        here = f"{address(request)}{request.url.path.removeprefix(request.scope.get('root_path', ''))}"
        metadata: Json = {"self": str(request.url), "count": len(rows)}
        if start + size < len(rows):
            kept = {name: value for name, value in request.query_params.items() if name != "page_token"}
            metadata["next"] = f"{here}?{urlencode({**kept, 'page_token': f't{start + size}'})}"
        return JSONResponse({"result": rows[start : start + size], "_metadata": metadata})


def _checked(mail: Json) -> None:
    """Refuses what SendGrid refuses, as far as the sandbox knows it."""
    people = mail.get("personalizations")
    if not isinstance(people, list) or not people:
        raise Refused(
            400,
            "The personalizations field is required and must have at least one personalization.",
            "personalizations",
        )
    if len(people) > MOST_PERSONALIZATIONS:
        raise Refused(400, "There is a maximum of 1000 personalizations.", "personalizations")
    for n, one in enumerate(people):
        to = one.get("to")
        if not to:
            raise Refused(400, "The to array is required for all personalization objects.", f"personalizations.{n}.to")
        for m, recipient in enumerate(to):
            if "@" not in str(recipient.get("email", "")):
                raise Refused(400, "Does not contain a valid address.", f"personalizations.{n}.to.{m}.email")
    if "@" not in str((mail.get("from") or {}).get("email", "")):
        raise Refused(400, "The from object must be provided for every email send.", "from")
    if "template_id" not in mail:
        if not mail.get("subject"):
            raise Refused(400, "The subject is required.", "subject")
        if not mail.get("content"):
            raise Refused(400, "Unless a valid template_id is provided, the content parameter is required.", "content")


def _metrics(day: date, days: int) -> dict[str, int]:
    seed = (day - FIRST_DAY).days
    requests = (40 + seed * 7 % 23) * days
    sent = {"requests": requests, "processed": requests - 1, "delivered": requests - 4}
    return {name: sent.get(name, requests // (n + 5)) for n, name in enumerate(METRICS)}


async def _body(request: Request) -> Json:
    try:
        body = json.loads(await request.body())
    except ValueError as error:
        raise Refused(400, "Bad Request") from error
    if not isinstance(body, dict):
        raise Refused(400, "Bad Request")
    return body


def _known(rows: dict[str, Json], request: Request) -> Json:
    found = rows.get(request.path_params["id"])
    if found is None:
        raise Refused(404, "not found", "id")
    return found


def _strings(body: Json, name: str) -> list[str]:
    values: Any = body.get(name)
    if not isinstance(values, list) or not 0 < len(values) <= MOST_READ:
        raise Refused(400, f"{name} must have 1 to {MOST_READ} entries", name)
    return [str(value) for value in values]


def _number(request: Request, name: str, default: int, most: int | None) -> int:
    value = request.query_params.get(name, str(default))
    if not value.isdecimal() or (most is not None and not 0 < int(value) <= most):
        raise Refused(400, f"{name} must be a number up to {most}", name)
    return int(value)
