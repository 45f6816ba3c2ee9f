"""One attempt: a signed request, and what came of it."""

from dataclasses import dataclass

import httpx2

from connectors.clock import Clock
from connectors.judgement import retry_after_s
from connectors.webhooks.outbox.keys import Keys
from connectors.webhooks.outbox.records import Message
from connectors.wires import GuardedWire


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """The `status` of an answer, or the `error` in place of one: of our own words, with nothing of the address in it.

    `told_s` is how long the receiver wants to be left alone. After one that `is_final` there is nothing to wait for.
    `hung` says that it was waited for in vain.
    """

    status: int | None = None
    error: str | None = None
    told_s: float | None = None
    is_final: bool = False
    hung: bool = False


def signed(url: str, message: Message, keys: Keys, now: float) -> httpx2.Request:
    """The request that delivers a message, signed at `now`, Unix time in seconds.

    Source: https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
    """
    body = message.body.encode()
    headers = {
        "Content-Type": "application/json",
        "webhook-id": message.id,
        "webhook-timestamp": str(int(now)),
        "webhook-signature": keys.signatures(message.id, body, now),
    }
    return httpx2.Request("POST", url, headers=headers, content=body)


async def answer_to(request: httpx2.Request, wire: GuardedWire, clock: Clock) -> Answer:
    """Send a request once."""
    try:
        response = await wire.send(request)
    except TimeoutError:
        return Answer(error="there was no answer in time", hung=True)
    except httpx2.TransportError as error:
        return Answer(error=str(error), hung=isinstance(error, httpx2.ConnectTimeout))
    return Answer(
        status=response.status_code,
        told_s=retry_after_s(response.headers.get("retry-after"), clock.time()),
    )
