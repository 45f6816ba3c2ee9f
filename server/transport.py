"""The messages of `graphql-transport-ws`: Strawberry's handler, with a check before it of what clients send.

Source: https://github.com/enisdenjo/graphql-ws/blob/master/PROTOCOL.md
"""

from typing import Any, cast

from strawberry.asgi import ASGIWebSocketAdapter
from strawberry.subscriptions.protocols.graphql_transport_ws.handlers import BaseGraphQLTransportWSHandler
from strawberry.subscriptions.protocols.graphql_transport_ws.types import Message, SubscribeMessage

FROM_CLIENTS = {"connection_init", "ping", "pong", "subscribe", "complete"}

MAX_REASON_BYTES = 123
"""How long the reason of closing may be (RFC 6455, section 5.5)."""


def fault_in(message: object) -> str | None:
    """Why a decoded message is none of the protocol, if it is none. What it asks to run is looked at elsewhere."""
    if not isinstance(message, dict):
        return "A message must be an object"
    kind = message.get("type")
    if not (isinstance(kind, str) and kind in FROM_CLIENTS):
        return "A message must have a `type` that clients send"
    if kind in ("subscribe", "complete") and not (isinstance(message.get("id"), str) and message["id"]):
        return f"The `id` of a {kind} message must be a string"
    if kind == "subscribe" and not isinstance(message.get("payload"), dict):
        return "The `payload` of a subscribe message must be an object"
    return None


class Handler(BaseGraphQLTransportWSHandler[Any, None]):
    """One connection. An operation's `query` is its whole payload, which may name a document instead of having one."""

    async def handle_message(self, message: Message) -> None:
        fault = fault_in(message)
        if fault:
            await self.handle_invalid_message(fault)
        else:
            await super().handle_message(message)

    async def handle_subscribe(self, message: SubscribeMessage) -> None:
        payload = {"query": message["payload"]}
        await super().handle_subscribe(cast(SubscribeMessage, {**message, "payload": payload}))


class Adapter(ASGIWebSocketAdapter):
    """A socket that closes for reasons that fit into its last frame, even where they quote the client."""

    async def close(self, code: int, reason: str) -> None:
        await super().close(code, reason.encode()[:MAX_REASON_BYTES].decode(errors="ignore"))
