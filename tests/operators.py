"""What an operator of a gateway that sends webhooks asks of it."""

import time
from base64 import b64encode
from collections.abc import Callable
from typing import Any

import httpx2

from tests.gateway import Gateway

TOKEN = "operators-only-0123"
OPERATOR = {"Authorization": f"Bearer {TOKEN}"}
SETTINGS = {
    "PUNNET_OPERATOR_TOKEN": TOKEN,
    "PUNNET_ENCRYPTION_KEY": b64encode(bytes(range(32))).decode(),
    "PUNNET_ALLOW_PRIVATE_ADDRESSES": "1",
    "PUNNET_WEBHOOK_SCHEDULE_S": "0.05,0.05",
    "PUNNET_WEBHOOK_TIMEOUT_S": "1",
}
CREATE = """mutation ($url: String!, $topics: [String!]!) { webhookCreateEndpoint(url: $url, topics: $topics) {
  __typename ... on WebhookEndpointSecret { secret endpoint { id url topics } }
  ... on WebhookTargetRejected { reason message } } }"""


def asked(gateway: Gateway, query: str, headers: dict[str, str] = OPERATOR, **variables: Any) -> dict[str, Any]:
    """The whole answer to an operator."""
    sent = {"query": query, "variables": variables}
    body: dict[str, Any] = httpx2.post(f"{gateway.url}/graphql", json=sent, headers=headers, timeout=60).json()
    return body


def data(gateway: Gateway, query: str, **variables: Any) -> Any:
    """The data of an answer that must have no errors; the one field of it."""
    body = asked(gateway, query, **variables)
    assert "errors" not in body, body["errors"]
    (value,) = body["data"].values()
    return value


def until(done: Callable[[], bool], patience_s: float = 60.0) -> None:
    """Wait until something is so that other threads and processes bring about."""
    deadline = time.monotonic() + patience_s
    while not done():
        assert time.monotonic() < deadline, "it does not come about"
        time.sleep(0.05)
