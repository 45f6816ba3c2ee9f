"""GitHub's webhooks: what happened is in `X-GitHub-Event`, and more of it in `action`.

Source: https://docs.github.com/en/webhooks/webhook-events-and-payloads
"""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

import orjson

from connectors.webhooks.delivery import Delivery, Event
from connectors.webhooks.sender import Webhooks, untimed
from connectors.webhooks.signatures import github

SUBJECTS = ("comment", "review", "pull_request", "issue", "release", "discussion")
"""What an event is about, the most particular first. What happens in a repository (`push`) is not about its state."""


def read(delivery: Delivery) -> Sequence[Event]:
    """`type` is `issues.opened`, or `push`. The content type must be `application/json`."""
    payload = orjson.loads(delivery.body)
    name, action = delivery.headers["x-github-event"], payload.get("action")
    subject: dict[str, Any] = next((payload[known] for known in SUBJECTS if payload.get(known)), {})
    if name == "repository":
        subject = payload["repository"]
    updated = subject.get("updated_at")
    return [
        Event(
            provider="github",
            id=delivery.headers["x-github-delivery"],
            type=f"{name}.{action}" if isinstance(action, str) else name,
            payload=payload,
            object=subject.get("node_id"),
            version=datetime.fromisoformat(updated).timestamp() if isinstance(updated, str) else None,
        )
    ]


def stale(event: Event) -> Collection[str]:
    """Everything: answers hold what was selected and no more, so an issue may be in any of them without its id."""
    return ("*",)


WEBHOOKS = Webhooks(
    secrets="GITHUB_WEBHOOK_SECRET",
    sandbox_secret="sandbox",  # noqa: S106  # not one of anybody's
    verify=untimed(github.verify),
    read=read,
    stale=stale,
)
