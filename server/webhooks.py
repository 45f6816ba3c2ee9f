"""`POST /webhooks/{provider}`: where senders deliver.

Nothing of a delivery is read before its signature is verified, over the bytes as they came, and its sender gets 200
only after its events are stored. Who cannot be verified is told nothing.
"""

from collections.abc import Awaitable, Sequence

import orjson
import structlog
from starlette.types import Receive, Scope, Send

from connectors.clock import Clock
from connectors.webhooks.delivery import UNREADABLE, Delivery, Event, Unverified, each_readable
from connectors.webhooks.office import Office
from connectors.webhooks.sender import Sender
from server import logs
from server.operations import error
from server.requests import ClientGone, Refused, bounded_body, header_fields

PREFIX = "/webhooks/"

log = structlog.get_logger("punnet.webhooks")


class Webhooks:
    """An ASGI app. `public_url`, without a trailing slash, is where senders reach this gateway.

    Without it the address that they signed is taken to be the one that the request names.
    """

    def __init__(
        self, office: Office, clock: Clock, *, max_body_bytes: int, tolerance_s: float, public_url: str | None
    ) -> None:
        self._office = office
        self._clock = clock
        self._max_body_bytes = max_body_bytes
        self._tolerance_s = tolerance_s
        self._public_url = public_url

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        with logs.Answering(
            logs.request_id(header_fields(scope["headers"]).get(b"x-request-id", b"").decode("latin-1"))
        ):
            try:
                status, headers, body = await self._answer(scope, receive)
            except Refused as refused:
                status = refused.status
                headers = {"content-type": "application/json", **refused.headers}
                body = orjson.dumps({"errors": [error(refused.code, str(refused))]})
            except ClientGone:
                return
        fields = [(name.lower().encode(), value.encode("latin-1")) for name, value in headers.items()]
        fields.append((b"content-length", str(len(body)).encode()))
        await send({"type": "http.response.start", "status": status, "headers": fields})
        await send({"type": "http.response.body", "body": body})

    async def _answer(self, scope: Scope, receive: Receive) -> tuple[int, dict[str, str], bytes]:
        sender = self._office.senders.get(scope["path"].removeprefix(PREFIX))
        if sender is None:
            raise Refused(404, "There is nobody here who takes these webhooks.", code="NOT_FOUND")
        if scope["method"] != "POST":
            raise Refused(405, "Webhooks are sent by POST.", code="METHOD_NOT_ALLOWED", headers={"Allow": "POST"})
        try:
            body = await bounded_body(header_fields(scope["headers"]), receive, self._max_body_bytes)
        except Refused:
            self._refuse(sender, "too large")
            raise
        delivery = Delivery(scope["method"], self._url(scope), _headers(scope), body)
        await self._verify(sender, delivery)
        arrived = self._read(sender, delivery)
        await self._store(sender, arrived)
        reply = sender.webhooks.reply(delivery)
        return (200, {"content-type": reply.media_type}, reply.body) if reply else (200, {}, b"")

    async def _verify(self, sender: Sender, delivery: Delivery) -> None:
        try:
            checking = sender.webhooks.verify(
                delivery, sender.secrets, self._clock.time(), tolerance_s=self._tolerance_s
            )
            if isinstance(checking, Awaitable):
                await checking
        except Unverified as unverified:
            self._refuse(sender, "unverified", why=str(unverified))
            raise Refused(401, "This is not signed as it has to be.", code="UNVERIFIED") from unverified
        except ValueError as unusable:
            self._refuse(sender, "unusable secret", variable=sender.webhooks.secrets)
            raise Refused(500, "This gateway cannot verify it.", code="INTERNAL_SERVER_ERROR") from unusable

    def _read(self, sender: Sender, delivery: Delivery) -> Sequence[Event]:
        try:
            arrived = each_readable(delivery, sender.webhooks.read(delivery), _storable)
        except UNREADABLE as unreadable:
            self._refuse(sender, "unreadable", why=type(unreadable).__name__)
            raise Refused(400, "There is no event in this body.") from unreadable
        for why in delivery.left_out:
            self._office.tally.left_out[sender.name] += 1
            log.warning("webhook event left out", provider=sender.name, reason="unreadable", why=why)
        return arrived

    async def _store(self, sender: Sender, arrived: Sequence[Event]) -> None:
        if not arrived:
            return
        try:
            stored = await self._office.accept(arrived)
        except Exception as failure:  # the sender sends it again
            self._refuse(sender, "not stored", why=type(failure).__name__)
            message = "It could not be stored: send it again."
            raise Refused(503, message, code="SERVICE_UNAVAILABLE", headers={"Retry-After": "10"}) from failure
        tally = self._office.tally
        for event, is_new in zip(arrived, stored, strict=True):
            counts = tally.received if is_new else tally.duplicates
            counts[sender.name] += 1
            log.info("webhook received", provider=sender.name, id=event.id, type=event.type, duplicate=not is_new)

    def _refuse(self, sender: Sender, reason: str, **more: str) -> None:
        self._office.tally.refused[sender.name, reason] += 1
        log.warning("webhook refused", provider=sender.name, reason=reason, **more)

    def _url(self, scope: Scope) -> str:
        path: str = scope["raw_path"].decode("latin-1").partition("?")[0]
        query: str = scope["query_string"].decode("latin-1")
        host = next((value.decode("latin-1") for name, value in scope["headers"] if name == b"host"), "")
        return (self._public_url or f"{scope['scheme']}://{host}") + path + (f"?{query}" if query else "")


def _storable(event: Event) -> Event:
    """The same, written. Raises `TypeError` where that cannot be: what can be read may be nested too deep for it."""
    _ = event.written
    return event


def _headers(scope: Scope) -> dict[str, str]:
    """The header fields; one that is there twice is a list (RFC 9110, 5.3)."""
    fields: dict[str, str] = {}
    for name, value in scope["headers"]:
        known, text = name.decode("latin-1"), value.decode("latin-1")
        fields[known] = f"{fields[known]}, {text}" if known in fields else text
    return fields
