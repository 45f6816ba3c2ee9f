"""What Slack sends besides a plain message."""

import json
from urllib.parse import urlencode

import pytest

from connectors.providers.slack.webhooks import WEBHOOKS
from connectors.webhooks.delivery import Delivery, Event
from tests.connectors.webhooks.senders.slack import callback, edited

FORM = {"content-type": "application/x-www-form-urlencoded"}


def delivery(body: bytes, **headers: str) -> Delivery:
    return Delivery("POST", "https://hooks.april.example/webhooks/slack", headers, body)


def read(body: bytes) -> Event:
    (event,) = WEBHOOKS.read(delivery(body, **{"content-type": "application/json"}))
    return event


def form(**fields: str) -> Event:
    (event,) = WEBHOOKS.read(delivery(urlencode(fields).encode(), **FORM))
    return event


def test_a_challenge_is_answered_and_no_event() -> None:
    asked = delivery(json.dumps({"token": "t", "challenge": "3eZbrw1aB", "type": "url_verification"}).encode())

    reply = WEBHOOKS.reply(asked)

    assert list(WEBHOOKS.read(asked)) == []
    assert reply is not None
    assert (reply.body, reply.media_type) == (b"3eZbrw1aB", "text/plain")


def test_a_message_that_tells_of_challenges_is_a_message() -> None:
    told = delivery(callback("Ev1", type="message", channel="C1", ts="1.1", text="url_verification challenge"))

    assert WEBHOOKS.reply(told) is None
    assert len(WEBHOOKS.read(told)) == 1


def test_a_new_message_is_news_though_it_was_edited_meanwhile() -> None:
    at = "1700000000.000100"
    posted = read(callback("Ev1", type="message", channel="C1", user="U1", text="?", ts=at, event_ts=at))
    changed = read(edited("Ev2", "1700000001.000200", "!"))

    assert posted.object == changed.object == "C1/1700000000.000100"
    assert (posted.version, changed.version) == (1700000000.0001, 1700000001.0002)
    assert (posted.type, changed.type) == ("message", "message_changed")  # each is told to those who follow its type


@pytest.mark.parametrize(
    ("event", "object", "stale"),
    [
        (
            {"type": "reaction_added", "user": "U1", "reaction": "tada", "item": {"channel": "C1", "ts": "1.1"}},
            "C1/1.1/tada/U1",
            ("messages of C1", "search.messages", "files.list"),
        ),
        ({"type": "reaction_added", "user": "U1", "reaction": "tada", "item": {"file": "F1"}}, "None/None/tada/U1", ()),
        (
            {"type": "message", "subtype": "message_deleted", "channel": "C1", "deleted_ts": "1.1", "event_ts": "2"},
            "C1/1.1",
            ("messages of C1", "search.messages", "files.list"),
        ),
        (
            {"type": "member_joined_channel", "user": "U1", "channel": "C1", "event_ts": "2"},
            "C1/U1",
            ("C1", "members of C1", "users.conversations"),
        ),
        (
            {"type": "channel_rename", "channel": {"id": "C1", "name": "n"}, "event_ts": "2"},
            "C1",
            ("C1", "conversations.list", "users.conversations"),
        ),
        (
            {"type": "channel_archive", "channel": "C1", "event_ts": "2"},
            "C1",
            ("C1", "conversations.list", "users.conversations"),
        ),
        (
            {"type": "user_change", "user": {"id": "U1", "profile": {"email": "Zoe@April.example"}}, "event_ts": "2"},
            "U1",
            ("U1", "users.list", "zoe@april.example"),
        ),
        ({"type": "file_shared", "file_id": "F1", "event_ts": "2"}, None, ("F1", "files.list")),
        ({"type": "channel_id_changed", "old_channel_id": "C1", "new_channel_id": "C2"}, None, ()),
        ({"type": "app_home_opened", "user": "U1", "channel": "D1"}, None, ()),
        ({"type": "app_mention", "user": "U1", "channel": "C1", "ts": "1.1"}, "C1/1.1", ()),
    ],
)
def test_an_event_is_about_one_thing_and_evicts_what_tells_of_it(
    event: dict[str, object], object: str | None, stale: tuple[str, ...]
) -> None:
    read_one = read(callback("Ev1", **event))

    assert read_one.object == object
    assert tuple(WEBHOOKS.stale(read_one)) == stale


def test_a_slash_command_is_an_event() -> None:
    command = form(
        token="t0ken", command="/weather", text="94070", trigger_id="13345224609.738474920.8088930838d88f008e0"
    )

    assert (command.type, command.object, command.version) == ("slash_command", None, None)
    assert (command.payload["command"], command.payload["text"]) == ("/weather", "94070")
    assert "t0ken" not in str(command.payload)
    assert "13345224609" not in command.id
    assert list(WEBHOOKS.stale(command)) == []


def test_a_click_is_an_event() -> None:
    told = {"type": "block_actions", "token": "t0ken", "trigger_id": "1.2", "actions": [{"action_id": "ok"}]}

    click = form(payload=json.dumps(told))

    assert (click.type, click.payload["actions"]) == ("block_actions", [{"action_id": "ok"}])
    assert "t0ken" not in str(click.payload)
    assert click.id == form(payload=json.dumps(told)).id != form(payload=json.dumps(told | {"trigger_id": "1.3"})).id


def test_a_form_that_is_neither_is_refused() -> None:
    with pytest.raises(KeyError):
        form(text="nothing")


def test_that_events_were_left_out_is_an_event() -> None:
    told = {"type": "app_rate_limited", "token": "t0ken", "team_id": "T1", "minute_rate_limited": 1518467820}

    assert read(json.dumps(told).encode()).type == "app_rate_limited"
