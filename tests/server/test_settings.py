import pytest

from connectors.connector import ConfigurationError
from schema.execution.limits import Limits
from server.settings import read_settings


def test_the_defaults_suit_one_machine() -> None:
    settings = read_settings({})

    assert (settings.host, settings.port, settings.sandbox) == ("127.0.0.1", 8000, False)
    assert (settings.request_timeout_s, settings.max_body_bytes, settings.graphiql) == (30.0, 1_048_576, True)
    assert settings.webhook_max_body_bytes == 26_214_400


def test_operations_are_bounded_unless_the_operator_says_otherwise() -> None:
    limits = read_settings({}).limits

    assert limits == Limits(tokens=5_000, depth=20, aliases=100, comparisons=60_000, calls=1_000) == Limits()
    assert read_settings({"PUNNET_MAX_UPSTREAM_CALLS": "50"}).limits.calls == 50


def test_variables_override_the_defaults_and_empty_ones_do_not() -> None:
    settings = read_settings({"PUNNET_PORT": "8080", "PUNNET_SANDBOX": "1", "PUNNET_HOST": "", "HOST": "elsewhere"})

    assert (settings.host, settings.port, settings.sandbox) == ("127.0.0.1", 8080, True)


def test_webhooks_are_sent_where_there_are_operators_and_a_key_by_the_schedule_that_is_set() -> None:
    settings = read_settings({"PUNNET_OPERATOR_TOKEN": "x" * 16, "PUNNET_WEBHOOK_SCHEDULE_S": "0.5, 60"})

    assert settings.outbox.schedule_s == (0.5, 60)
    assert read_settings({}).outbox.schedule_s == (60, 300, 1500, 7200, 36000)
    assert not settings.sends_webhooks
    assert read_settings({"PUNNET_OPERATOR_TOKEN": "x" * 16, "PUNNET_ENCRYPTION_KEY": "k"}).sends_webhooks


def test_without_a_cursor_secret_every_process_has_its_own() -> None:
    assert read_settings({}).cursor_secret != read_settings({}).cursor_secret


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("PUNNET_PORT", "eighty"),
        ("PUNNET_PORT", "70000"),
        ("PUNNET_SANDBOX", "perhaps"),
        ("PUNNET_REQUEST_TIMEOUT_S", "0"),
        ("PUNNET_REQUEST_TIMEOUT_S", "nan"),
        ("PUNNET_MAX_BODY_BYTES", "12"),
        ("PUNNET_WEBHOOK_MAX_BODY_BYTES", "12"),
        ("PUNNET_MAX_DEPTH", "0"),
        ("PUNNET_LOG_FORMAT", "xml"),
        ("PUNNET_WEBHOOK_SCHEDULE_S", "60,soon"),
        ("PUNNET_WEBHOOK_SCHEDULE_S", "60,-5"),
        ("PUNNET_REDIS_URL", "http://:hunter2@cache.example"),
    ],
)
def test_a_bad_value_is_an_error_that_names_its_variable_and_not_the_value(variable: str, value: str) -> None:
    with pytest.raises(ConfigurationError, match=f"^{variable}: ") as caught:
        read_settings({variable: value})

    assert value not in str(caught.value).removeprefix(variable) or value in ("0", "12")


def test_all_bad_values_are_named_at_once() -> None:
    with pytest.raises(ConfigurationError, match=r"PUNNET_PORT: .*; PUNNET_SANDBOX: "):
        read_settings({"PUNNET_PORT": "x", "PUNNET_SANDBOX": "x"})


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("PORT", "x", "must be a whole number"),
        ("PORT", "-1", "must be 0 or more"),
        ("MAX_DEPTH", "51", "must be 50 or less"),
        ("PORT", "65536", "must be 65,535 or less"),
        ("REQUEST_TIMEOUT_S", "x", "must be a number"),
        ("REQUEST_TIMEOUT_S", "inf", "must be a finite number"),
        ("SANDBOX", "x", "must be 1 or 0"),
        ("USERS_SECRET", "x" * 5, "must have 32 characters or more"),
        ("LOG_FORMAT", "x", "must be 'json' or 'console'"),
        ("USERS_HEADER", "a b", "must be of the form ^[A-Za-z][A-Za-z0-9-]*$"),
        ("REDIS_URL", "x", "must be a redis://, rediss:// or unix:// address"),
        ("WEBHOOK_SCHEDULE_S", "60,0", "value 2 must be more than 0"),
    ],
)
def test_what_is_wrong_is_said_in_words_for_an_operator(name: str, value: str, words: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        read_settings({f"PUNNET_{name}": value})

    assert str(caught.value) == f"PUNNET_{name}: {words}"
