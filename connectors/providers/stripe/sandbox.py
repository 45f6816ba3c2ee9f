"""Stripe, emulated as far as its official libraries can tell: parameters, paging, expansion, idempotency, errors."""

import base64
import binascii
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl

import orjson
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from connectors.providers.stripe import objects
from connectors.providers.stripe.cards import ACTION_REQUIRED, DECLINED, PAYING
from connectors.providers.stripe.ledger import Json, Table
from connectors.providers.stripe.parameters import Refused, flag, integer, known, nested, text, unknown
from connectors.providers.stripe.story import ID_CHARACTERS, NOW, tell
from connectors.sandbox.base import Sandbox
from connectors.sandbox.people import Person

KEY = "sk_test_punnet"
CURRENCIES = frozenset(
    "aed aud bhd brl cad chf clp cny czk dkk eur gbp hkd huf inr jod jpy krw kwd mxn nok nzd omr pln sek sgd tnd twd "
    "usd vnd zar".split()
)
MAX_LIMIT, DEFAULT_LIMIT = 100, 10
MAX_AMOUNT = 99_999_999
MAX_EXPANSION_DEPTH = 4
ENDED = ("canceled", "incomplete_expired")
PAGE_PARAMETERS = frozenset({"limit", "starting_after", "ending_before", "expand"})
CREATE_PARAMETERS = frozenset(
    "amount currency customer payment_method allowed_payment_method_types automatic_payment_methods confirm "
    "capture_method return_url description receipt_email metadata expand".split()
)
COMPARISONS: dict[str, Callable[[int, int], bool]] = {
    "gt": int.__gt__,
    "gte": int.__ge__,
    "lt": int.__lt__,
    "lte": int.__le__,
}
FAILURES: dict[int, Json] = {
    400: {"type": "invalid_request_error", "code": "parameter_invalid_empty", "message": "A parameter is invalid."},
    401: {"type": "invalid_request_error", "message": "Invalid API Key provided."},
    402: {"type": "card_error", **DECLINED["pm_card_chargeDeclined"]},
    403: {"type": "invalid_request_error", "message": "This key may not do this."},
    404: {"type": "invalid_request_error", "code": "resource_missing", "message": "There is no such thing here."},
    409: {"type": "idempotency_error", "code": "idempotency_key_in_use", "message": "The key is being used right now."},
    429: {"type": "invalid_request_error", "code": "lock_timeout", "message": "The object is busy, try again."},
}
BROKEN: Json = {"type": "api_error", "message": "Something went wrong at Stripe."}

Handler = Callable[[Request, Json], Json]


@dataclass(frozen=True)
class Kept:
    """The first answer to an idempotency key, and what was asked."""

    asked: tuple[str, bytes]
    answer: tuple[int, bytes]
    request_id: str


class StripeSandbox(Sandbox):
    """One Stripe account in test mode. `ledger` holds its objects; what is made is a second newer than what was there.
    `kept` are the answers by idempotency key.

    `failure(429)` is the lock timeout of one busy object, `throttled` the rate limit. Keys never expire, so `expire`
    answers as if this one had.
    """

    def __init__(self, people: tuple[Person, ...]) -> None:
        super().__init__()
        self.ledger = tell(people)
        self._now = NOW
        self._chance = random.Random(4242)  # noqa: S311
        self._requests = 0
        self.kept: dict[str, Kept] = {}
        self._routes = [*self._reads(), *self._writes()]

    @property
    def routes(self) -> Sequence[Route]:
        return self._routes

    def failure(self, status: int) -> Response:
        error = BROKEN if status >= 500 else FAILURES.get(status, FAILURES[400])
        return self._respond(status, {"error": error}, {"Stripe-Should-Retry": "true"} if status == 429 else {})

    def throttled(self, retry_after_s: float) -> Response:
        error = {"type": "invalid_request_error", "code": "rate_limit", "message": "Too many requests."}
        headers = {"Retry-After": f"{retry_after_s:.0f}", "Stripe-Rate-Limited-Reason": "endpoint-rate"}
        return self._respond(429, {"error": error}, headers)

    def expire(self) -> Response:
        error = {"type": "invalid_request_error", "code": "api_key_expired", "message": "Expired API key provided."}
        return self._respond(401, {"error": error})

    # Operations

    def _reads(self) -> list[Route]:
        ledger = self.ledger
        filters: list[tuple[Table, frozenset[str]]] = [
            (ledger.customers, frozenset({"email", "created"})),
            (ledger.charges, frozenset({"customer", "payment_intent", "created"})),
            (ledger.payment_intents, frozenset({"customer", "created"})),
            (ledger.invoices, frozenset({"customer", "subscription", "status", "collection_method", "created"})),
            (ledger.subscriptions, frozenset({"customer", "price", "status", "collection_method", "created"})),
        ]
        routes = [self._route_to("/v1/balance", "GET", "balance.get", self._balance)]
        for table, allowed in filters:
            path = f"/v1/{table.resource}"
            routes.append(self._route_to(path, "GET", f"{table.resource}.list", self._lister(table, allowed)))
            routes.append(self._route_to(f"{path}/{{id}}", "GET", f"{table.resource}.get", self._getter(table)))
        return routes

    def _writes(self) -> list[Route]:
        path = "/v1/payment_intents"
        return [
            self._route_to(path, "POST", "payment_intents.create", self._create),
            self._route_to(f"{path}/{{id}}/confirm", "POST", "payment_intents.confirm", self._confirm),
            self._route_to(f"{path}/{{id}}/cancel", "POST", "payment_intents.cancel", self._cancel),
        ]

    def _balance(self, request: Request, parameters: Json) -> Json:
        known(parameters, {"expand"})
        sums: dict[str, int] = {}
        for row in self.ledger.charges.rows:
            sums[row["currency"]] = sums.get(row["currency"], 0) + row["amount_captured"] - row["amount_refunded"]
        funds = [{"amount": sums[c], "currency": c, "source_types": {"card": sums[c]}} for c in sorted(sums)]
        pending = [{"amount": 0, "currency": c, "source_types": {"card": 0}} for c in sorted(sums)]
        return {"object": "balance", "available": funds, "livemode": False, "pending": pending}

    def _getter(self, table: Table) -> Handler:
        def get(request: Request, parameters: Json) -> Json:
            known(parameters, {"expand"})
            return self._expanded(self._known_row(table, request.path_params["id"], "id", 404), parameters)

        return get

    def _lister(self, table: Table, allowed: frozenset[str]) -> Handler:
        def page(request: Request, parameters: Json) -> Json:
            known(parameters, allowed | PAGE_PARAMETERS)
            limit = integer(parameters, "limit", 1, MAX_LIMIT) or DEFAULT_LIMIT
            after, before = text(parameters, "starting_after"), text(parameters, "ending_before")
            if after and before:
                raise Refused(400, "`starting_after` and `ending_before` exclude each other.", param="starting_after")
            for name, id in (("starting_after", after), ("ending_before", before)):
                if id and "deleted" in self._known_row(table, id, name, 400):
                    raise _missing(table, id, name, 400)
            owner = text(parameters, "customer")
            if owner:
                self._known_row(self.ledger.customers, owner, "customer", 400)
            keep = self._filter(table, parameters)
            rows, more = table.page(limit, after=after, before=before, customer=owner, keep=keep)
            answer = objects.listing(f"/v1/{table.resource}", rows, has_more=more)
            return self._expanded(answer, parameters)

        return page

    def _filter(self, table: Table, parameters: Json) -> Callable[[Json], bool]:
        """What a row must be to be listed: equal where a parameter names a field, created when `created` says."""
        equal = {name: text(parameters, name) for name in ("email", "payment_intent", "collection_method", "status")}
        wanted = {name: value for name, value in equal.items() if value is not None}
        subscription, price = text(parameters, "subscription"), text(parameters, "price")
        if subscription:
            self._known_row(self.ledger.subscriptions, subscription, "subscription", 400)
        left_out: tuple[str, ...] = ()
        if table is self.ledger.subscriptions:
            status = wanted.pop("status", "")
            kept = {"": (), "all": (), "ended": ENDED}.get(status, (status,))
            left_out = () if status else ("canceled",)
        else:
            kept = ()
        bounds = _bounds(parameters.get("created"))

        def keep(row: Json) -> bool:
            return (
                all(row[name] == value for name, value in wanted.items())
                and (not kept or row["status"] in kept)
                and row.get("status") not in left_out
                and (not subscription or _subscription_of(row) == subscription)
                and (not price or any(item["price"]["id"] == price for item in row["items"]["data"]))
                and all(COMPARISONS[name](row["created"], bound) for name, bound in bounds.items())
            )

        return keep

    def _create(self, request: Request, parameters: Json) -> Json:
        known(parameters, CREATE_PARAMETERS)
        for name in ("amount", "currency"):
            if name not in parameters:
                raise Refused(400, f"Missing required param: {name}.", code="parameter_missing", param=name)
        currency = str(parameters["currency"]).lower()
        if currency not in CURRENCIES:
            raise Refused(400, f"Invalid currency: {currency[:20]}.", param="currency")
        customer = text(parameters, "customer")
        if customer and "deleted" in self._known_row(self.ledger.customers, customer, "customer", 400):
            raise _missing(self.ledger.customers, customer, "customer", 400)
        amount = integer(parameters, "amount", 1, MAX_AMOUNT)
        assert amount is not None
        method = _payment_method(parameters)
        confirm = flag(parameters, "confirm")
        types = parameters.get("allowed_payment_method_types")
        automatic = _automatic(parameters) if types is None else None
        redirects = automatic is not None and automatic["allow_redirects"] == "always"
        if confirm and redirects and "return_url" not in parameters:
            raise Refused(400, "Some payment methods redirect: give a `return_url`, or `allow_redirects=never`.")
        if confirm and method is None:
            raise _unexpected("It has no payment method.")
        self._now += 1
        intent = self.ledger.payment_intents.add(
            objects.payment_intent(
                self._id("pi"),
                self._now,
                amount,
                currency,
                automatic_payment_methods=automatic,
                capture_method=text(parameters, "capture_method") or "automatic_async",
                customer=customer,
                description=text(parameters, "description"),
                metadata=_metadata(parameters),
                payment_method=method,
                allowed_payment_method_types=types,
                payment_method_types=types or ["card", "link"],
                receipt_email=text(parameters, "receipt_email"),
                status="requires_confirmation" if method else "requires_payment_method",
            )
        )
        if confirm:
            self._pay(intent)
        return self._expanded(intent, parameters)

    def _confirm(self, request: Request, parameters: Json) -> Json:
        known(parameters, {"payment_method", "return_url", "receipt_email", "expand"})
        intent = self._known_row(self.ledger.payment_intents, request.path_params["id"], "intent", 404)
        if intent["status"] not in ("requires_payment_method", "requires_confirmation", "requires_action"):
            raise _unexpected(f"It is {intent['status']}.", payment_intent=intent)
        method = _payment_method(parameters) or intent["payment_method"]
        if method is None:
            raise _unexpected("It has no payment method.", payment_intent=intent)
        intent["payment_method"] = method
        self._pay(intent)
        return self._expanded(intent, parameters)

    def _cancel(self, request: Request, parameters: Json) -> Json:
        known(parameters, {"cancellation_reason", "expand"})
        intent = self._known_row(self.ledger.payment_intents, request.path_params["id"], "intent", 404)
        reason = text(parameters, "cancellation_reason")
        if reason not in (None, "duplicate", "fraudulent", "requested_by_customer", "abandoned"):
            raise Refused(400, "Invalid cancellation_reason.", param="cancellation_reason")
        if intent["status"] in ("succeeded", "canceled"):
            raise _unexpected(f"It is {intent['status']}.", payment_intent=intent)
        intent.update(
            status="canceled", canceled_at=self._now, cancellation_reason=reason, amount_capturable=0, next_action=None
        )
        return self._expanded(intent, parameters)

    def _pay(self, intent: Json) -> None:
        method = intent["payment_method"]
        if method in ACTION_REQUIRED:
            action = {"type": "use_stripe_sdk", "use_stripe_sdk": {"type": "three_d_secure_redirect"}}
            intent.update(status="requires_action", next_action=action)
            return
        error = DECLINED.get(method)
        brand, last4 = PAYING.get(method, ("visa", "0002"))
        row = objects.charge(self._id("ch"), self._now, intent, objects.card(brand, last4, "US"), error)
        self.ledger.charges.add(row)
        intent.update(latest_charge=row["id"], next_action=None)
        if error:
            facts: Json = {"charge": row["id"], **{key: error[key] for key in ("code", "decline_code") if key in error}}
            intent.update(
                status="requires_payment_method",
                payment_method=None,
                last_payment_error={"type": "card_error", "message": error["message"], **facts},
            )
            raise Refused(402, error["message"], type="card_error", payment_intent=intent, **facts)
        held = intent["capture_method"] == "manual"
        intent.update(
            status="requires_capture" if held else "succeeded",
            amount_received=0 if held else intent["amount"],
            amount_capturable=intent["amount"] if held else 0,
            last_payment_error=None,
        )

    # What all operations share

    def _route_to(self, path: str, method: str, operation: str, handler: Handler) -> Route:
        async def endpoint(request: Request) -> Response:
            body = await request.body()
            answer = self._checked(request, body, handler)
            if "stripe-version" in request.headers:
                answer.headers["Stripe-Version"] = request.headers["stripe-version"]
            return answer

        return Route(path, endpoint, methods=[method], name=operation)

    def _checked(self, request: Request, body: bytes, handler: Handler) -> Response:
        try:
            _authorized(request)
            sent = request.url.query if request.method == "GET" else body.decode()
            parameters = nested(parse_qsl(sent, keep_blank_values=True))
        except Refused as refused:
            return self._respond(refused.status, {"error": refused.error})
        except ValueError:
            return self._respond(400, {"error": {"type": "invalid_request_error", "message": "Invalid parameters."}})
        key = request.headers.get("idempotency-key") if request.method == "POST" else None
        if key is None:
            return self._respond(*self._answered(request, parameters, handler))
        return self._once(key, (request.url.path, body), lambda: self._answered(request, parameters, handler))

    def _answered(self, request: Request, parameters: Json, handler: Handler) -> tuple[int, Json]:
        try:
            return 200, handler(request, parameters)
        except Refused as refused:
            return refused.status, {"error": refused.error}

    def _once(self, key: str, asked: tuple[str, bytes], answer: Callable[[], tuple[int, Json]]) -> Response:
        """Answers of calls that began to have an effect are kept; calls refused for their parameters are not."""
        if len(key) > 255:
            message = "The idempotency key is longer than 255 characters."
            return self._respond(400, {"error": {"type": "idempotency_error", "message": message}})
        kept = self.kept.get(key)
        if kept is not None and kept.asked != asked:
            message = "The idempotency key was first used with other parameters."
            return self._respond(400, {"error": {"type": "idempotency_error", "message": message}})
        headers = {"Idempotency-Key": key}
        if kept is not None:
            headers |= {"Idempotent-Replayed": "true", "Original-Request": kept.request_id}
            return self._respond(kept.answer[0], kept.answer[1], headers)
        status, body = answer()
        response = self._respond(status, body, headers)
        if status in (200, 402):
            self.kept[key] = Kept(asked, (status, bytes(response.body)), response.headers["Request-Id"])
        return response

    def _respond(self, status: int, body: Json | bytes, headers: dict[str, str] | None = None) -> Response:
        self._requests += 1
        content = body if isinstance(body, bytes) else orjson.dumps(body)
        request_id = {"Request-Id": f"req_{self._requests:014}", "Cache-Control": "no-cache, no-store"}
        return Response(content, status, headers={**request_id, **(headers or {})}, media_type="application/json")

    def _known_row(self, table: Table, id: str, param: str, status: int) -> Json:
        row = table.get(id)
        if row is None:
            raise _missing(table, id, param, status)
        return row

    def _expanded(self, answer: Json, parameters: Json) -> Json:
        paths = parameters.get("expand", [])
        if not isinstance(paths, list):
            raise Refused(400, "Invalid array.", param="expand")
        for path in paths:
            steps = path.split(".")
            if len(steps) > MAX_EXPANSION_DEPTH:
                raise Refused(400, f"You cannot expand more than {MAX_EXPANSION_DEPTH} levels.", param="expand")
            answer = self._expand(answer, steps)
        return answer

    def _expand(self, value: Any, steps: list[str]) -> Any:
        if isinstance(value, list):
            return [self._expand(item, steps) for item in value]
        head, *rest = steps
        if head not in value:
            raise Refused(400, f"This property cannot be expanded ({head[:80]}).", param="expand")
        inner = value[head]
        if inner is None:
            return value
        if isinstance(inner, str):
            inner = self.ledger.find(inner)
        if not isinstance(inner, dict | list):
            raise Refused(400, f"This property cannot be expanded ({head[:80]}).", param="expand")
        return {**value, head: self._expand(inner, rest) if rest else inner}

    def _id(self, prefix: str) -> str:
        return f"{prefix}_{''.join(self._chance.choices(ID_CHARACTERS, k=16))}"


def _authorized(request: Request) -> None:
    scheme, _, value = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "basic":
        try:
            value = base64.b64decode(value, validate=True).decode().partition(":")[0]
        except (binascii.Error, UnicodeDecodeError):
            value = ""
    if not value:
        raise Refused(401, "You did not provide an API key.")
    if scheme.lower() not in ("basic", "bearer") or value != KEY:
        raise Refused(401, "Invalid API Key provided.")


def _missing(table: Table, id: str, param: str, status: int) -> Refused:
    return Refused(status, f"No such {table.noun}: '{id[:80]}'", code="resource_missing", param=param)


def _unexpected(message: str, **facts: Any) -> Refused:
    return Refused(400, message, code="payment_intent_unexpected_state", **facts)


def _metadata(parameters: Json) -> Json:
    given = parameters.get("metadata") or {}
    if not (isinstance(given, dict) and all(isinstance(value, str) for value in given.values())):
        raise Refused(400, "Invalid object.", param="metadata")
    return {key: value for key, value in given.items() if value}


def _automatic(parameters: Json) -> Json:
    given = parameters.get("automatic_payment_methods") or {}
    if not isinstance(given, dict):
        raise Refused(400, "Invalid object.", param="automatic_payment_methods")
    return {"allow_redirects": given.get("allow_redirects", "always"), "enabled": True}


def _payment_method(parameters: Json) -> str | None:
    method = text(parameters, "payment_method")
    if method is None or method in PAYING or method in DECLINED or method in ACTION_REQUIRED:
        return method
    raise Refused(400, f"No such PaymentMethod: '{method[:80]}'", code="resource_missing", param="payment_method")


def _bounds(created: Any) -> dict[str, int]:
    """The comparisons that `created` asks for; a bare number is an equality."""
    asked = {"gte": created, "lte": created} if isinstance(created, str) else created or {}
    for name in asked:
        if name not in COMPARISONS:
            raise unknown(f"created[{name}]")
    return {name: integer(asked, name, 0, 2**53, f"created[{name}]") or 0 for name in asked}


def _subscription_of(invoice: Json) -> str | None:
    parent = invoice["parent"]
    return parent["subscription_details"]["subscription"] if parent else None
