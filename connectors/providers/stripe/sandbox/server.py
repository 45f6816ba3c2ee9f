"""What every operation of the Stripe sandbox shares: addresses, keys, idempotency, and how errors look."""

import base64
import binascii
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from urllib.parse import parse_qsl

import orjson
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from connectors.providers.stripe.sandbox.cards import DECLINED
from connectors.providers.stripe.sandbox.disputes import Disputes
from connectors.providers.stripe.sandbox.ledger import Json, Table
from connectors.providers.stripe.sandbox.methods import PaymentMethods
from connectors.providers.stripe.sandbox.parameters import Refused, nested
from connectors.providers.stripe.sandbox.payments import Payments
from connectors.providers.stripe.sandbox.payouts import Payouts
from connectors.providers.stripe.sandbox.reads import Handler, Reads
from connectors.providers.stripe.sandbox.story import tell
from connectors.providers.stripe.sandbox.users import DIALECT
from connectors.sandbox.authorization import AuthorizationServer
from connectors.sandbox.base import Sandbox
from connectors.sandbox.people import Person

KEY = "sk_test_punnet"
MAX_KEY_CHARACTERS = 255
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


@dataclass(frozen=True)
class Kept:
    """The first answer to an idempotency key, and what was asked."""

    asked: tuple[str, Json]
    answer: tuple[int, bytes]
    request_id: str


class StripeSandbox(Sandbox):
    """One Stripe account in test mode. `ledger` holds its objects, `kept` the answers by idempotency key.

    `accounts` are those that are connected to it: all have the same objects.

    `failure(429)` is the lock timeout of one busy object, `throttled` the rate limit. Keys never expire, so `expire`
    answers as if this one had.
    """

    def __init__(self, people: tuple[Person, ...]) -> None:
        super().__init__()
        self.ledger = tell(people)
        self._requests = 0
        self.kept: dict[str, Kept] = {}
        self.accounts: set[str] = set()
        self.authorization = AuthorizationServer(DIALECT, people, self.accounts, now=lambda: self.time())
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

    def _reads(self) -> list[Route]:
        ledger, reads = self.ledger, Reads(self.ledger)
        filters: list[tuple[Table, frozenset[str]]] = [
            (ledger.customers, frozenset({"email", "created"})),
            (ledger.charges, frozenset({"customer", "payment_intent", "created"})),
            (ledger.payment_intents, frozenset({"customer", "created"})),
            (ledger.refunds, frozenset({"charge", "payment_intent", "created"})),
            (ledger.disputes, frozenset({"charge", "payment_intent", "created"})),
            (ledger.balance_transactions, frozenset({"currency", "payout", "source", "type", "created"})),
            (ledger.payouts, frozenset({"status", "destination", "arrival_date", "created"})),
            (ledger.products, frozenset({"active", "created"})),
            (ledger.prices, frozenset({"product", "active", "currency", "created"})),
            (ledger.invoices, frozenset({"customer", "subscription", "status", "collection_method", "created"})),
            (ledger.subscriptions, frozenset({"customer", "price", "status", "collection_method", "created"})),
        ]
        method = "/v1/payment_methods/{id}"
        of_customer = "/v1/customers/{id}/payment_methods"
        routes = [
            self._route_to("/v1/balance", "GET", "balance.get", reads.balance),
            self._route_to("/v1/customers/search", "GET", "customers.search", reads.search),
            self._route_to(of_customer, "GET", "payment_methods.list", reads.payment_methods),
            self._route_to(method, "GET", "payment_methods.get", reads.getter(ledger.payment_methods)),
        ]
        for table, allowed in filters:
            path = f"/v1/{table.resource}"
            routes.append(self._route_to(path, "GET", f"{table.resource}.list", reads.lister(table, allowed)))
            routes.append(self._route_to(f"{path}/{{id}}", "GET", f"{table.resource}.get", reads.getter(table)))
        return routes

    def _writes(self) -> list[Route]:
        ledger = self.ledger
        methods, disputes, payouts = PaymentMethods(ledger), Disputes(ledger), Payouts(ledger)
        payments = Payments(ledger, methods, disputes)
        operations: list[tuple[str, str, Handler]] = [
            ("payment_intents", "payment_intents.create", payments.create),
            ("payment_intents/{id}/confirm", "payment_intents.confirm", payments.confirm),
            ("payment_intents/{id}/cancel", "payment_intents.cancel", payments.cancel),
            ("payment_intents/{id}/capture", "payment_intents.capture", payments.capture),
            ("refunds", "refunds.create", payments.refund),
            ("disputes/{id}", "disputes.update", disputes.update),
            ("disputes/{id}/close", "disputes.close", disputes.close),
            ("payouts", "payouts.create", payouts.create),
            ("payouts/{id}/cancel", "payouts.cancel", payouts.cancel),
            ("payment_methods/{id}/attach", "payment_methods.attach", methods.attach),
            ("payment_methods/{id}/detach", "payment_methods.detach", methods.detach),
        ]
        return [self._route_to(f"/v1/{path}", "POST", operation, handler) for path, operation, handler in operations]

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
            self._authorize(request)
            sent = request.url.query if request.method == "GET" else body.decode()
            parameters = nested(parse_qsl(sent, keep_blank_values=True))
        except Refused as refused:
            return self._respond(refused.status, {"error": refused.error})
        except ValueError:
            return self._respond(400, {"error": {"type": "invalid_request_error", "message": "Invalid parameters."}})
        key = request.headers.get("idempotency-key") if request.method == "POST" else None
        if key is None:
            return self._respond(*self._answered(request, parameters, handler))
        return self._once(key, (request.url.path, parameters), lambda: self._answered(request, parameters, handler))

    def _authorize(self, request: Request) -> None:
        _check_key(request)
        account = request.headers.get("stripe-account")
        if account is not None and account not in self.accounts:
            message = f"The provided key does not have access to account '{account}' (or that account does not exist)."
            raise Refused(403, message, code="account_invalid")

    def _answered(self, request: Request, parameters: Json, handler: Handler) -> tuple[int, Json]:
        try:
            return 200, handler(request.path_params.get("id", ""), parameters)
        except Refused as refused:
            return refused.status, {"error": refused.error}

    def _once(self, key: str, asked: tuple[str, Json], answer: Callable[[], tuple[int, Json]]) -> Response:
        """Answers of calls that began to have an effect are kept; calls refused for their parameters are not."""
        if len(key) > MAX_KEY_CHARACTERS:
            message = "The idempotency key is too long."
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


def _check_key(request: Request) -> None:
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
