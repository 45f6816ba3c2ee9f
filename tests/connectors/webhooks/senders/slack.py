"""Source: https://docs.slack.dev/reference/events/message and its neighbours"""

from collections.abc import Mapping

from slack_sdk.signature import SignatureVerifier

from tests.connectors.webhooks.senders import Example, json_with


def callback(id: str, **event: object) -> bytes:
    return json_with(
        {
            "token": "the old verification token",
            "team_id": "T1",
            "api_app_id": "A1",
            "event": event,
            "type": "event_callback",
            "event_id": id,
            "event_time": 1700000000,
        }
    )


def edited(id: str, at: str, text: str) -> bytes:
    message = {"type": "message", "user": "U1", "text": text, "ts": "1700000000.000100"}
    return callback(id, type="message", subtype="message_changed", channel="C1", message=message, event_ts=at)


def sign(body: bytes, secret: str, now: float) -> Mapping[str, str]:
    signature = SignatureVerifier(secret).generate_signature(timestamp=f"{now:.0f}", body=body)
    assert signature
    return {
        "content-type": "application/json",
        "x-slack-request-timestamp": f"{now:.0f}",
        "x-slack-signature": signature,
    }


EXAMPLE = Example(
    body=callback("Ev1", type="message", channel="C1", user="U1", text="Zoë", ts="1700000000.000100"),
    ids=("Ev1",),
    types=("message",),
    sign=sign,
    ordered=(edited("Ev2", "1700000001.000100", "1"), edited("Ev3", "1700000001.000200", "2")),
    stale=frozenset({"messages of C1", "search.messages", "files.list"}),
)
