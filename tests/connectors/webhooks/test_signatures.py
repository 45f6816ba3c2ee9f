"""Signatures: published vectors, the senders' own libraries, and everything that must be refused."""

import base64
import hashlib
import hmac
import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
import stripe
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hubspot.utils.signature import Signature as HubSpotSignature  # type: ignore[import-untyped]
from slack_sdk.signature import SignatureVerifier
from standardwebhooks.webhooks import Webhook

from connectors.webhooks.delivery import Delivery, Unverified
from connectors.webhooks.signatures import github, google, hubspot, sendgrid, shopify, slack, standard
from connectors.webhooks.signatures import stripe as stripe_scheme

URL = "https://hooks.april.example/webhooks/sender?tenant=1"
Verify = Callable[[Delivery, Sequence[str], float], None]


def delivery(body: bytes, url: str = URL, **headers: str) -> Delivery:
    return Delivery("POST", url, {name.replace("_", "-"): value for name, value in headers.items()}, body)


# Vectors that the senders publish.

GITHUB = delivery(
    b"Hello, World!",
    x_hub_signature_256="sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17",
)
"""Source: https://docs.github.com/en/webhooks/using-webhooks/validating-webhook-deliveries#testing-the-webhook-payload-validation"""

SLACK = delivery(
    b"token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow&channel_id=G8PSS9T3V"
    b"&channel_name=foobar&user_id=U2CERLKJA&user_name=roadrunner&command=%2Fwebhook-collect&text="
    b"&response_url=https%3A%2F%2Fhooks.slack.com%2Fcommands%2FT1DC2JH3J%2F397700885554%2F96rGlfmibIGlgcZRskXaIFfN"
    b"&trigger_id=398738663015.47445629121.803a0bc887a14d10d2c447fce8b6703c",
    x_slack_request_timestamp="1531420618",
    x_slack_signature="v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503",
)
"""Source: https://docs.slack.dev/authentication/verifying-requests-from-slack"""

STANDARD = delivery(
    b'{"test": 2432232314}',
    webhook_id="msg_p5jXN8AQM9LWM0D4loKWxJek",
    webhook_timestamp="1614265330",
    webhook_signature="v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
)
"""Source: https://github.com/standard-webhooks/standard-webhooks/blob/main/libraries/python/tests/test_webhooks.py"""

SENDGRID_KEY = (
    "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE83T4O/n84iotIvIW4mdBgQ/7dAfSmpqIM8kF9mN1flpVKS3GRqe62gw+2fNNRaINXvVpiglSI8eN"
    "Ec6wEA3F+g=="
)
SENDGRID = delivery(
    json.dumps(
        [
            {
                "email": "hello@world.com",
                "event": "dropped",
                "reason": "Bounced Address",
                "sg_event_id": "ZHJvcC0xMDk5NDkxOS1MUnpYbF9OSFN0T0doUTRrb2ZTbV9BLTA",
                "sg_message_id": "LRzXl_NHStOGhQ4kofSm_A.filterdrecv-p3mdw1-756b745b58-kmzbl-18-5F5FC76C-9.0",
                "smtp-id": "<LRzXl_NHStOGhQ4kofSm_A@ismtpd0039p1iad1.sendgrid.net>",
                "timestamp": 1600112492,
            }
        ],
        sort_keys=True,
        separators=(",", ":"),
    ).encode()
    + b"\r\n",
    x_twilio_email_event_webhook_timestamp="1600112502",
    x_twilio_email_event_webhook_signature=(
        "MEUCIGHQVtGj+Y3LkG9fLcxf3qfI10QysgDWmMOVmxG0u6ZUAiEAyBiXDWzM+uOe5W0JuG+luQAbPIqHh89M15TluLtEZtM="
    ),
)
"""Source: https://github.com/sendgrid/sendgrid-python/blob/main/test/unit/test_eventwebhook.py"""

VECTORS: dict[str, tuple[Verify, Delivery, str, float]] = {
    "github": (github.verify, GITHUB, "It's a Secret to Everybody", 0.0),
    "slack": (slack.verify, SLACK, "8f742231b10e8888abcd99yyyzzz85a5", 1531420618.0),
    "standard": (standard.verify, STANDARD, "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", 1614265330.0),
    "sendgrid": (sendgrid.verify, SENDGRID, SENDGRID_KEY, 1600112502.0),
}


@pytest.mark.parametrize("name", VECTORS)
def test_a_published_vector_is_accepted(name: str) -> None:
    verify, vector, secret, now = VECTORS[name]

    verify(vector, [secret], now)


# What the senders' own libraries sign, or accept.

NOW = 1_780_000_000.0
SECRET = "a secret of ours"
BODY = '{"id": "evt_1", "name": "Zoë"}'.encode()


def by_stripe() -> tuple[Verify, Delivery]:
    payload = f"{NOW:.0f}.".encode() + BODY
    signature = hmac.new(SECRET.encode(), payload, hashlib.sha256).hexdigest()
    header = f"t={NOW:.0f},v1={signature},v0=6ffbb59b2300aae63f272406069a9788598b792a944a07aba816edb039989a39"
    assert stripe.WebhookSignature.verify_header(BODY.decode(), header, SECRET)
    return stripe_scheme.verify, delivery(BODY, stripe_signature=header)


def by_slack() -> tuple[Verify, Delivery]:
    signature = SignatureVerifier(SECRET).generate_signature(timestamp=f"{NOW:.0f}", body=BODY)
    assert signature
    headers = {"x_slack_request_timestamp": f"{NOW:.0f}", "x_slack_signature": signature}
    return slack.verify, delivery(BODY, **headers)


def by_hubspot() -> tuple[Verify, Delivery]:
    timestamp = f"{NOW * 1000:.0f}"
    signature = HubSpotSignature.get_signature(SECRET, BODY.decode(), "v3", URL, "POST", timestamp)
    headers = {"x_hubspot_request_timestamp": timestamp, "x_hubspot_signature_v3": signature}
    return hubspot.verify, delivery(BODY, **headers)


def by_standard_webhooks() -> tuple[Verify, Delivery]:
    key = "whsec_" + base64.b64encode(SECRET.encode()).decode()
    signature = Webhook(key).sign("msg_1", datetime.fromtimestamp(NOW, UTC), BODY.decode())
    headers = {"webhook_id": "msg_1", "webhook_timestamp": f"{NOW:.0f}", "webhook_signature": signature}

    def verify(delivery: Delivery, secrets: Sequence[str], now: float) -> None:
        standard.verify(delivery, ["whsec_" + base64.b64encode(one.encode()).decode() for one in secrets], now)

    return verify, delivery(BODY, **headers)


def by_github() -> tuple[Verify, Delivery]:
    signature = hmac.new(SECRET.encode(), BODY, hashlib.sha256).hexdigest()
    return github.verify, delivery(BODY, x_hub_signature_256=f"sha256={signature}")


def by_shopify() -> tuple[Verify, Delivery]:
    signature = base64.b64encode(hmac.new(SECRET.encode(), BODY, hashlib.sha256).digest()).decode()
    return shopify.verify, delivery(BODY, x_shopify_hmac_sha256=signature)


SENDERS = {
    "stripe": by_stripe,
    "slack": by_slack,
    "hubspot": by_hubspot,
    "standard": by_standard_webhooks,
    "github": by_github,
    "shopify": by_shopify,
}
TIMED = ["stripe", "slack", "hubspot", "standard"]


@pytest.mark.parametrize("name", SENDERS)
def test_what_the_sender_signs_is_accepted(name: str) -> None:
    verify, signed = SENDERS[name]()

    verify(signed, [SECRET], NOW)


@pytest.mark.parametrize("name", SENDERS)
def test_one_altered_byte_is_refused(name: str) -> None:
    verify, signed = SENDERS[name]()

    with pytest.raises(Unverified):
        verify(replace(signed, body=BODY.replace(b"evt_1", b"evt_2")), [SECRET], NOW)


@pytest.mark.parametrize("name", SENDERS)
def test_the_same_json_written_otherwise_is_refused(name: str) -> None:
    verify, signed = SENDERS[name]()

    with pytest.raises(Unverified):
        verify(replace(signed, body=json.dumps(json.loads(BODY)).encode()), [SECRET], NOW)


@pytest.mark.parametrize("name", SENDERS)
def test_while_secrets_change_either_is_good_and_a_third_is_not(name: str) -> None:
    verify, signed = SENDERS[name]()

    verify(signed, ["the new one", SECRET], NOW)
    with pytest.raises(Unverified):
        verify(signed, ["the new one", "another"], NOW)
    with pytest.raises(Unverified):
        verify(signed, [], NOW)


@pytest.mark.parametrize("name", SENDERS)
def test_nothing_signed_is_refused(name: str) -> None:
    verify, signed = SENDERS[name]()

    with pytest.raises(Unverified):
        verify(replace(signed, headers={}), [SECRET], NOW)


@pytest.mark.parametrize("name", TIMED)
@pytest.mark.parametrize("late_s", [301, -301])
def test_what_was_signed_too_far_from_now_is_refused(name: str, late_s: float) -> None:
    verify, signed = SENDERS[name]()

    with pytest.raises(Unverified, match="300 s"):
        verify(signed, [SECRET], NOW + late_s)


@pytest.mark.parametrize("name", TIMED)
def test_a_signature_is_good_until_the_window_closes(name: str) -> None:
    verify, signed = SENDERS[name]()

    verify(signed, [SECRET], NOW + 299)


@pytest.mark.parametrize("name", TIMED)
@pytest.mark.parametrize("timestamp", ["", "soon", "-5", "1e9", "9" * 40, "１７８００００００"])
def test_a_time_that_is_none_is_refused(name: str, timestamp: str) -> None:
    verify, signed = SENDERS[name]()
    headers: dict[str, Any] = {
        key: timestamp if "timestamp" in key else value.replace(f"t={NOW:.0f}", f"t={timestamp}")
        for key, value in signed.headers.items()
    }

    with pytest.raises(Unverified):
        verify(replace(signed, headers=headers), [SECRET], NOW)


def test_stripe_may_sign_with_two_secrets_at_once() -> None:
    first = hmac.new(b"old", f"{NOW:.0f}.".encode() + BODY, hashlib.sha256).hexdigest()
    second = hmac.new(b"new", f"{NOW:.0f}.".encode() + BODY, hashlib.sha256).hexdigest()
    signed = delivery(BODY, stripe_signature=f"t={NOW:.0f},v1={first},v1={second}")

    stripe_scheme.verify(signed, ["new"], NOW)
    stripe_scheme.verify(signed, ["old"], NOW)


def test_hubspot_signs_the_address_it_called_with_some_letters_plain() -> None:
    _, signed = by_hubspot()
    called = "https://hooks.april.example/webhooks/hubspot?at=10%3A30&to=a%40b"
    timestamp = f"{NOW * 1000:.0f}"
    plain = "https://hooks.april.example/webhooks/hubspot?at=10:30&to=a@b"
    signature = HubSpotSignature.get_signature(SECRET, BODY.decode(), "v3", plain, "POST", timestamp)

    headers = {**signed.headers, "x-hubspot-signature-v3": signature}
    hubspot.verify(Delivery("POST", called, headers, BODY), [SECRET], NOW)

    with pytest.raises(Unverified):
        hubspot.verify(Delivery("POST", called.replace("april", "may"), headers, BODY), [SECRET], NOW)


def test_standard_webhooks_may_be_signed_with_a_private_key() -> None:
    private = Ed25519PrivateKey.generate()
    public = "whpk_" + base64.b64encode(private.public_key().public_bytes_raw()).decode()
    signature = base64.b64encode(private.sign(f"msg_1.{NOW:.0f}.".encode() + BODY)).decode()
    headers = {"webhook_id": "msg_1", "webhook_timestamp": f"{NOW:.0f}", "webhook_signature": f"v1a,{signature}"}

    standard.verify(delivery(BODY, **headers), [public], NOW)
    for wrong in (signature[:-4] + "AAAA", "?"):
        with pytest.raises(Unverified):
            standard.verify(delivery(BODY, **{**headers, "webhook_signature": f"v1a,{wrong}"}), [public], NOW)


def test_what_we_sign_the_public_library_accepts() -> None:
    secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
    now = int(datetime.now(UTC).timestamp())

    signature = standard.sign("msg_1", now, BODY, secret)

    headers = {"webhook-id": "msg_1", "webhook-timestamp": str(now), "webhook-signature": f"v1,d3Jvbmc= {signature}"}
    assert Webhook(secret).verify(BODY, headers) == json.loads(BODY)


def test_googles_channels_are_known_by_their_token() -> None:
    token = google.token_of("channel-1", "a secret")
    pushed = delivery(b"", x_goog_channel_id="channel-1", x_goog_channel_token=token)

    google.verify(pushed, ["another", "a secret"], NOW)
    for other in ({"x-goog-channel-id": "channel-2"}, {"x-goog-channel-token": "a secret"}):
        with pytest.raises(Unverified):
            google.verify(replace(pushed, headers={**pushed.headers, **other}), ["a secret"], NOW)
    with pytest.raises(Unverified):
        google.verify(pushed, ["another"], NOW)
    with pytest.raises(Unverified):
        google.verify(delivery(b"", x_goog_channel_token=token), ["a secret"], NOW)


@pytest.mark.parametrize("name", VECTORS)
def test_no_refusal_quotes_a_secret_or_the_body(name: str) -> None:
    verify, vector, secret, now = VECTORS[name]

    with pytest.raises(Unverified) as refused:
        verify(replace(vector, body=b"altered"), [secret], now)

    assert secret not in str(refused.value)
    assert "altered" not in str(refused.value)
