"""The operations of the account, its tokens, and how PayPal says no."""

import base64
import json
from collections.abc import Awaitable, Callable, Iterable, Sequence
from datetime import datetime, timedelta
from decimal import Decimal, InvalidOperation
from urllib.parse import parse_qs

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from connectors.providers.paypal.sandbox.account import Json, instant, money, tell
from connectors.providers.paypal.sandbox.users import DIALECT
from connectors.sandbox.address import address
from connectors.sandbox.authorization import AuthorizationServer
from connectors.sandbox.base import Sandbox
from connectors.sandbox.people import Person

CLIENT_ID, CLIENT_SECRET = "punnet-client", "punnet-secret"
TOKEN_LASTS_S = 32_400
MOST_DAYS = 31
FAILURES = {
    400: ("INVALID_REQUEST", "Request is not well-formed, syntactically incorrect, or violates schema."),
    401: ("AUTHENTICATION_FAILURE", "Authentication failed due to missing authorization header, or invalid auth."),
    403: ("NOT_AUTHORIZED", "Authorization failed due to insufficient permissions."),
    404: ("RESOURCE_NOT_FOUND", "The specified resource does not exist."),
    422: ("UNPROCESSABLE_ENTITY", "The requested action could not be performed."),
    429: ("RATE_LIMIT_REACHED", "Too many requests. Blocked due to rate limiting."),
}
BROKEN = ("INTERNAL_SERVER_ERROR", "An internal server error occurred.")

Handler = Callable[[Request], Awaitable[Response]]


class Refused(Exception):
    """A request that PayPal does not take; `issue` is its word for why, `field` where."""

    def __init__(self, status: int, issue: str = "", field: str = "") -> None:
        super().__init__(issue)
        self.status = status
        self.details = [{"issue": issue, "description": "as the manual says", "field": field}] if issue else []


class PayPalSandbox(Sandbox):
    """One merchant. `account` holds the data, `tokens` those that are good, `kept` the answers by request id.

    `GET /checkoutnow?token=...` is the page where payers approve an order: it is the first of the people who does.
    """

    def __init__(self, people: tuple[Person, ...]) -> None:
        super().__init__()
        self.people = people
        self.account = tell(people)
        self.tokens: set[str] = set()
        self.authorization = AuthorizationServer(
            DIALECT, people, self.tokens, now=lambda: self.time(), otherwise=self._token
        )
        self.issued = 0
        self.kept: dict[tuple[str, str], tuple[int, bytes]] = {}
        account = self.account
        self._routes = [
            Route("/v1/oauth2/token", self._token, methods=["POST"], name="oauth2.token"),
            Route("/checkoutnow", self._approve, methods=["GET"], name="checkout"),
            self._write("/v2/checkout/orders", "orders.create", self._create_order),
            self._read("/v2/checkout/orders/{id}", "orders.get", account.orders),
            self._write("/v2/checkout/orders/{id}/capture", "orders.capture", self._capture_order),
            self._write("/v2/checkout/orders/{id}/authorize", "orders.authorize", self._authorize_order),
            self._read("/v2/payments/authorizations/{id}", "authorizations.get", account.authorizations),
            self._write("/v2/payments/authorizations/{id}/capture", "authorizations.capture", self._capture_held),
            self._write("/v2/payments/authorizations/{id}/void", "authorizations.void", self._void),
            self._read("/v2/payments/captures/{id}", "captures.get", account.captures),
            self._write("/v2/payments/captures/{id}/refund", "captures.refund", self._refund),
            self._read("/v2/payments/refunds/{id}", "refunds.get", account.refunds),
            self._endpoint("/v2/invoicing/invoices", "GET", "invoices.list", self._invoices),
            self._read("/v2/invoicing/invoices/{id}", "invoices.get", account.invoices),
            self._endpoint("/v2/invoicing/search-invoices", "POST", "invoices.search", self._search_invoices),
            self._endpoint("/v1/billing/plans", "GET", "plans.list", self._plans),
            self._read("/v1/billing/subscriptions/{id}", "subscriptions.get", account.subscriptions),
            self._write("/v1/billing/subscriptions/{id}/cancel", "subscriptions.cancel", self._cancel),
            self._endpoint("/v1/customer/disputes", "GET", "disputes.list", self._disputes),
            self._read("/v1/customer/disputes/{id}", "disputes.get", account.disputes),
            self._endpoint("/v1/reporting/transactions", "GET", "transactions.list", self._transactions),
        ]

    @property
    def routes(self) -> Sequence[Route]:
        return self._routes

    def failure(self, status: int) -> Response:
        return self._failure(status, [])

    def throttled(self, retry_after_s: float) -> Response:
        response = self._failure(429, [])
        response.headers["Retry-After"] = f"{retry_after_s:.0f}"
        return response

    def expire(self) -> None:
        self.tokens.clear()

    def _failure(self, status: int, details: list[dict[str, str]]) -> Response:
        name, message = BROKEN if status >= 500 else FAILURES.get(status, FAILURES[400])
        body: Json = {"name": name, "message": message, "debug_id": f"{len(self.calls):013x}", "links": []}
        return JSONResponse({**body, **({"details": details} if details else {})}, status)

    def _endpoint(self, path: str, method: str, operation: str, handler: Handler) -> Route:
        async def endpoint(request: Request) -> Response:
            scheme, _, token = request.headers.get("authorization", "").partition(" ")
            if scheme != "Bearer" or token not in self.tokens:
                return self._failure(401, [])
            try:
                return await handler(request)
            except Refused as refused:
                return self._failure(refused.status, refused.details)

        return Route(path, endpoint, methods=[method], name=operation)

    def _read(self, path: str, operation: str, rows: dict[str, Json]) -> Route:
        async def read(request: Request) -> Response:
            return self._linked(request, _known(rows, request))

        return self._endpoint(path, "GET", operation, read)

    def _write(self, path: str, operation: str, handler: Handler) -> Route:
        """A write; a repetition under the same request id gets the first answer again, but for failures."""

        async def once(request: Request) -> Response:
            key = (request.url.path, request.headers.get("paypal-request-id", ""))
            if key[1] and key in self.kept:
                status, body = self.kept[key]
                return Response(body, 200 if status == 201 else status, media_type="application/json")
            response = await handler(request)
            if key[1]:
                self.kept[key] = (response.status_code, bytes(response.body))
            return response

        return self._endpoint(path, "POST", operation, once)

    async def _token(self, request: Request) -> Response:
        given = base64.b64encode(f"{CLIENT_ID}:{CLIENT_SECRET}".encode()).decode()
        if request.headers.get("authorization") != f"Basic {given}":
            return JSONResponse({"error": "invalid_client", "error_description": "Client Authentication failed"}, 401)
        if parse_qs((await request.body()).decode()).get("grant_type") != ["client_credentials"]:
            return JSONResponse({"error": "unsupported_grant_type", "error_description": "unsupported grant_type"}, 400)
        self.issued += 1
        token = f"A21AA-sandbox-{self.issued}"
        self.tokens.add(token)
        answer = {"scope": "https://uri.paypal.com/services", "access_token": token, "token_type": "Bearer"}
        return JSONResponse({**answer, "app_id": "APP-80W284485P519543T", "expires_in": TOKEN_LASTS_S})

    async def _approve(self, request: Request) -> Response:
        order = self.account.orders.get(request.query_params.get("token", ""))
        if order is None or order["status"] != "CREATED":
            return Response("There is nothing to approve.", 404)
        self.account.approve(order, self.people[0])
        return Response("Approved.")

    async def _create_order(self, request: Request) -> Response:
        body = await _body(request)
        units = body.get("purchase_units")
        if (
            body.get("intent") not in ("CAPTURE", "AUTHORIZE")
            or not isinstance(units, list)
            or not 0 < len(units) <= 10
        ):
            raise Refused(400, "MISSING_REQUIRED_PARAMETER", "/purchase_units")
        for n, unit in enumerate(units):
            _amount(unit.get("amount"), f"/purchase_units/@reference_id=='default'/{n}/amount")
        return self._linked(request, self.account.order(body), 201)

    async def _capture_order(self, request: Request) -> Response:
        order = self._approved(request, "CAPTURE")
        return self._linked(request, self.account.capture(order), 201)

    async def _authorize_order(self, request: Request) -> Response:
        order = self._approved(request, "AUTHORIZE")
        return self._linked(request, self.account.authorize(order), 201)

    def _approved(self, request: Request, intent: str) -> Json:
        order = _known(self.account.orders, request)
        if order["status"] == "COMPLETED":
            raise Refused(422, f"ORDER_ALREADY_{intent}D")
        if order["status"] != "APPROVED":
            raise Refused(422, "ORDER_NOT_APPROVED")
        if order["intent"] != intent:
            raise Refused(422, "ACTION_DOES_NOT_MATCH_INTENT")
        if order["purchase_units"][0].get("custom_id") == "declined":
            raise Refused(422, "INSTRUMENT_DECLINED")
        return order

    async def _capture_held(self, request: Request) -> Response:
        held, body = _known(self.account.authorizations, request), await _body(request)
        if held["status"] not in ("CREATED", "PARTIALLY_CAPTURED"):
            raise Refused(
                422, "AUTHORIZATION_ALREADY_CAPTURED" if held["status"] == "CAPTURED" else "AUTHORIZATION_VOIDED"
            )
        amount = body.get("amount") or held["amount"]
        if _amount(amount, "/amount") > Decimal(held["amount"]["value"]):
            raise Refused(422, "MAX_CAPTURE_AMOUNT_EXCEEDED", "/amount/value")
        final = body.get("final_capture", False) or amount == held["amount"]
        order = self.account.orders[held["supplementary_data"]["related_ids"]["order_id"]]
        taken = self.account.take(order, amount, final=final)
        held["status"] = "CAPTURED" if final else "PARTIALLY_CAPTURED"
        return self._linked(request, taken, 201)

    async def _void(self, request: Request) -> Response:
        held = _known(self.account.authorizations, request)
        if held["status"] != "CREATED":
            raise Refused(422, "CANNOT_BE_VOIDED")
        held |= {"status": "VOIDED", "update_time": instant(self.account.now)}
        return self._linked(request, held)

    async def _refund(self, request: Request) -> Response:
        capture, body = _known(self.account.captures, request), await _body(request)
        currency = capture["amount"]["currency_code"]
        left = Decimal(capture["amount"]["value"]) - self.account.given_back(capture)
        if not left:
            raise Refused(422, "CAPTURE_FULLY_REFUNDED")
        amount = body.get("amount") or money(left, currency)
        if amount.get("currency_code") != currency:
            raise Refused(422, "CURRENCY_MISMATCH", "/amount/currency_code")
        if _amount(amount, "/amount") > left:
            raise Refused(422, "REFUND_AMOUNT_EXCEEDED", "/amount/value")
        return self._linked(request, self.account.refund(capture, amount, body.get("note_to_payer")), 201)

    async def _invoices(self, request: Request) -> Response:
        return self._page(request, reversed(self.account.invoices.values()), "items", most=100)

    async def _search_invoices(self, request: Request) -> Response:
        body = await _body(request)
        email, status = body.get("recipient_email"), body.get("status")
        found = [
            invoice
            for invoice in reversed(self.account.invoices.values())
            if (email is None or invoice["primary_recipients"][0]["billing_info"]["email_address"] == email)
            and (status is None or invoice["status"] in status)
        ]
        return self._page(request, found, "items", most=100)

    async def _plans(self, request: Request) -> Response:
        return self._page(request, self.account.plans.values(), "plans", most=20)

    async def _cancel(self, request: Request) -> Response:
        subscription, body = _known(self.account.subscriptions, request), await _body(request)
        if not body.get("reason"):
            raise Refused(400, "MISSING_REQUIRED_PARAMETER", "/reason")
        if subscription["status"] != "ACTIVE":
            raise Refused(422, "SUBSCRIPTION_STATUS_INVALID")
        subscription["status"] = "CANCELLED"
        return Response(status_code=204)

    async def _disputes(self, request: Request) -> Response:
        size, token = _number(request, "page_size", 10, 50), request.query_params.get("next_page_token", "0")
        state = request.query_params.get("dispute_state")
        rows = [one for one in reversed(self.account.disputes.values()) if state in (None, one["dispute_state"])]
        if not token.isdecimal():
            raise Refused(400, "INVALID_PAGE_TOKEN", "next_page_token")
        start = int(token)
        links = []
        if start + size < len(rows):
            href = f"{address(request)}/v1/customer/disputes?page_size={size}&next_page_token={start + size}"
            links.append({"href": href, "rel": "next", "method": "GET"})
        return JSONResponse({"items": rows[start : start + size], "links": links})

    async def _transactions(self, request: Request) -> Response:
        try:
            start, end = (datetime.fromisoformat(request.query_params[name]) for name in ("start_date", "end_date"))
            inside = timedelta(0) <= end - start <= timedelta(days=MOST_DAYS)
        except (KeyError, ValueError, TypeError) as error:
            raise Refused(400, "INVALID_PARAMETER_SYNTAX", "start_date") from error
        if not inside:
            raise Refused(400, "DATE_RANGE_TOO_LARGE", "end_date")
        rows = [
            row
            for row in self.account.transactions
            if start <= datetime.fromisoformat(row["transaction_info"]["transaction_initiation_date"]) <= end
        ]
        return self._page(request, rows, "transaction_details", most=500, counted=True)

    def _page(self, request: Request, rows: Iterable[Json], name: str, *, most: int, counted: bool = False) -> Response:
        rows = list(rows)
        page, size = _number(request, "page", 1, None), _number(request, "page_size", min(most, 20), most)
        body: Json = {name: rows[(page - 1) * size : page * size], "links": []}
        if page * size < len(rows):
            here = str(request.url.include_query_params(page=page + 1))
            body["links"].append({"href": here, "rel": "next", "method": "GET"})
        if counted or request.query_params.get("total_required") == "true":
            body |= {"total_items": len(rows), "total_pages": -(-len(rows) // size)}
        return JSONResponse(body)

    def _linked(self, request: Request, row: Json, status: int = 200) -> Response:
        """An object with the addresses of its links made whole."""
        links = [{**link, "href": f"{address(request)}{link['href']}"} for link in row.get("links", ())]
        return JSONResponse({**row, "links": links}, status)


async def _body(request: Request) -> Json:
    try:
        body = json.loads(await request.body() or b"{}")
    except ValueError as error:
        raise Refused(400, "MALFORMED_REQUEST_JSON") from error
    if not isinstance(body, dict):
        raise Refused(400, "MALFORMED_REQUEST_JSON")
    return body


def _known(rows: dict[str, Json], request: Request) -> Json:
    found = rows.get(request.path_params["id"])
    if found is None:
        raise Refused(404, "INVALID_RESOURCE_ID")
    return found


def _amount(given: object, field: str) -> Decimal:
    """The value of an amount, which must have as many decimals as PayPal gives the currency."""
    if not isinstance(given, dict) or len(str(given.get("currency_code"))) != 3:
        raise Refused(400, "MISSING_REQUIRED_PARAMETER", f"{field}/currency_code")
    try:
        value = Decimal(str(given.get("value")))
    except InvalidOperation as error:
        raise Refused(422, "INVALID_PARAMETER_VALUE", f"{field}/value") from error
    if value <= 0:
        raise Refused(422, "CANNOT_BE_ZERO_OR_NEGATIVE", f"{field}/value")
    if Decimal(money(value, given["currency_code"])["value"]) != value:
        raise Refused(422, "DECIMAL_PRECISION", f"{field}/value")
    return value


def _number(request: Request, name: str, default: int, most: int | None) -> int:
    value = request.query_params.get(name, str(default))
    if not value.isdecimal() or int(value) < 1 or (most is not None and int(value) > most):
        raise Refused(400, "INVALID_PARAMETER_VALUE", name)
    return int(value)
