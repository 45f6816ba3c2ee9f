"""Users of the gateway, by tokens that a library of others signs (joserfc)."""

from base64 import urlsafe_b64encode
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx2
import orjson
import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from hypothesis import given, settings
from hypothesis import strategies as st
from joserfc import jwt
from joserfc.jwk import ECKey, Key, KeySet, OctKey, RSAKey
from starlette.testclient import TestClient
from starlette.websockets import WebSocketDisconnect

from app import create_app
from connectors.auth.jwt import SigningKey
from connectors.clock import SystemClock
from connectors.connector import ConfigurationError
from connectors.policy import Policy
from connectors.sandbox.faults import Fault
from server.callers import STRANGER, Callers
from server.requests import Refused
from server.settings import Settings
from server.users import LEEWAY_S, Users, users_from
from tests.clock import FakeClock
from tests.gateway import running
from tests.server.toy import ask, toy_app
from tests.vault.manifest import UPSTREAM
from tests.vault.sandbox import VaultSandbox

SECRET = "a secret that is shared with the application"
RSA, OTHER_RSA, EC = RSAKey.generate_key(2048), RSAKey.generate_key(2048), ECKey.generate_key("P-256")
SMALL = (
    generate_private_key(65537, 1024)  # noqa: S505
    .public_key()
    .public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
)


def token(key: Key | str = SECRET, algorithm: str = "HS256", now: float = 0.0, **claims: Any) -> str:
    """A token for Ada, good for a minute, unless the claims say otherwise; one that is `None` is left out."""
    key = OctKey.import_key(key) if isinstance(key, str) else key
    told = {"sub": "ada", "exp": int(now) + 60, **claims}
    kid = {"kid": key.kid} if key.kid else {}
    header = {"alg": algorithm, **kid}
    return jwt.encode(header, {name: value for name, value in told.items() if value is not None}, key, [algorithm])


def users(clock: FakeClock, **given: Any) -> Users:
    found = users_from(Settings(**given), clock.time)
    assert found
    return found


def shared(clock: FakeClock, **given: Any) -> Users:
    return users(clock, users_secret=SECRET, **given)


def public(folder: Path, content: bytes) -> Path:
    path = folder / "users.key"
    path.write_bytes(content)
    return path


def name_of(users: Users, token: str) -> str:
    return users.shown_by(f"Bearer {token}".encode()).name


def code_of(users: Users, value: bytes) -> str:
    with pytest.raises(Refused) as caught:
        users.shown_by(value)
    assert caught.value.status == 401
    assert caught.value.headers == {"WWW-Authenticate": 'Bearer error="invalid_token"'}
    return caught.value.code


def test_a_token_signed_with_the_shared_secret_shows_its_user(clock: FakeClock) -> None:
    assert name_of(shared(clock), token(now=clock.time())) == "user:ada"


@pytest.mark.parametrize(("key", "algorithm"), [(RSA, "RS256"), (EC, "ES256")])
def test_a_public_key_checks_tokens_of_its_private_key(
    key: RSAKey | ECKey, algorithm: str, clock: FakeClock, tmp_path: Path
) -> None:
    pem = public(tmp_path, key.as_pem(private=False))

    assert name_of(users(clock, users_key_file=pem), token(key, algorithm, clock.time())) == "user:ada"


def test_of_a_key_set_the_key_is_used_that_the_token_names(clock: FakeClock, tmp_path: Path) -> None:
    keys: list[Key] = [
        RSAKey.import_key(RSA.as_dict(private=True), {"kid": "old"}),
        ECKey.import_key(EC.as_dict(), {"kid": "new"}),
    ]
    there = users(clock, users_key_file=public(tmp_path, orjson.dumps(KeySet(keys).as_dict(private=False))))
    signed = token(keys[0], "RS256", clock.time()), token(OTHER_RSA, "RS256", clock.time())
    stolen_name = RSAKey.import_key(OTHER_RSA.as_dict(private=True), {"kid": "old"})

    assert name_of(there, signed[0]) == "user:ada"
    assert code_of(there, b"Bearer " + signed[1].encode()) == "USER_TOKEN_INVALID"
    assert code_of(there, b"Bearer " + token(stolen_name, "RS256", clock.time()).encode()) == "USER_TOKEN_INVALID"


def test_a_token_is_good_until_its_end_and_a_little_longer(clock: FakeClock) -> None:
    there, shown = shared(clock), token(now=clock.time())
    clock.advance(60 + LEEWAY_S - 1)
    name = name_of(there, shown)
    clock.advance(1)

    assert name == "user:ada"
    assert code_of(there, b"Bearer " + shown.encode()) == "USER_TOKEN_EXPIRED"
    assert code_of(shared(clock), b"Bearer " + shown.encode()) == "USER_TOKEN_EXPIRED"


@pytest.mark.parametrize(
    "claims",
    [
        {"sub": None},
        {"sub": ""},
        {"sub": 7},
        {"sub": "x" * 201},
        {"sub": "ada\0"},
        {"exp": None},
        {"exp": "never"},
        {"exp": True},
        {"exp": 10**400},
        {"nbf": 4_000_000_000},
        {"aud": "others"},
        {"aud": None},
        {"iss": "https://others.example"},
        {"iss": None},
    ],
)
def test_a_token_that_says_anything_wrong_shows_nobody(claims: dict[str, Any], clock: FakeClock) -> None:
    there = shared(clock, users_audience="punnet", users_issuer="https://app.example")
    good: dict[str, Any] = {"aud": ["punnet", "else"], "iss": "https://app.example"}

    assert name_of(there, token(now=clock.time(), **good)) == "user:ada"
    assert code_of(there, b"Bearer " + token(now=clock.time(), **{**good, **claims}).encode()) == "USER_TOKEN_INVALID"


def b64(value: object) -> str:
    return urlsafe_b64encode(orjson.dumps(value)).rstrip(b"=").decode()


def forged(clock: FakeClock, pem: bytes) -> list[str]:
    claims = {"sub": "ada", "exp": int(clock.time()) + 60}
    plain = b64(claims)
    good = token(RSA, "RS256", clock.time())
    header, payload, signature = good.split(".")
    return [
        f"{b64({'alg': 'none'})}.{plain}.",
        f"{b64({'alg': 'None', 'typ': 'JWT'})}.{plain}.{signature}",
        SigningKey("HS256", pem).jwt(claims),
        f"{header}.{b64({**claims, 'sub': 'eve'})}.{signature}",
        f"{header}.{payload}.{signature[:-4]}AAAA",
        f"{header}.{payload}.",
        f"{header}.{payload}",
        f"{b64({'alg': 'RS256', 'crit': ['exp'], 'exp': 1})}.{payload}.{signature}",
        f"{b64({'alg': 'RS256', 'kid': ['a']})}.{payload}.{signature}",
        f"{b64({'alg': ['RS256']})}.{payload}.{signature}",
        f"{b64({'alg': 'RS256', 'jwk': OTHER_RSA.as_dict(private=False)})}.{payload}.{signature}",
        token(OTHER_RSA, "RS256", clock.time()),
        token(RSA, "RS512", clock.time()),
        token(EC, "ES256", clock.time()),
        "x" * 9000,
    ]


def test_forged_tokens_show_nobody(clock: FakeClock, tmp_path: Path) -> None:
    pem = RSA.as_pem(private=False)
    there = users(clock, users_key_file=public(tmp_path, pem))

    assert {code_of(there, b"Bearer " + shown.encode()) for shown in forged(clock, pem)} == {"USER_TOKEN_INVALID"}


@given(st.binary(max_size=60))
@settings(max_examples=300)
def test_anything_at_all_is_refused_and_breaks_nothing(value: bytes) -> None:
    there = shared(FakeClock())

    for shown in (value, b"Bearer " + value, b"Bearer " + b".".join([urlsafe_b64encode(value)] * 3)):
        assert code_of(there, shown) == "USER_TOKEN_INVALID"


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        pytest.param(b"no key", "no public key", id="text"),
        pytest.param(b"[1]", "no public key", id="list"),
        pytest.param(RSA.as_pem(private=True), "private key", id="private"),
        pytest.param(SMALL, "2048 bits", id="small"),
        pytest.param(ECKey.generate_key("P-384").as_pem(private=False), "RS256 or ES256", id="another-curve"),
        pytest.param(b'{"keys": []}', "RS256 or ES256", id="empty"),
        pytest.param(
            orjson.dumps({"keys": [OctKey.generate_key(256).as_dict(private=True)]}), "RS256 or ES256", id="secret"
        ),
        pytest.param(
            orjson.dumps({"keys": [RSA.as_dict(private=False), EC.as_dict(private=False)]}), "`kid` each", id="nameless"
        ),
    ],
)
def test_a_file_without_a_fit_key_is_refused(content: bytes, complaint: str, tmp_path: Path, clock: FakeClock) -> None:
    with pytest.raises(ConfigurationError, match=complaint):
        users(clock, users_key_file=public(tmp_path, content))


def test_settings_that_contradict_each_other_are_refused(tmp_path: Path, clock: FakeClock) -> None:
    with pytest.raises(ConfigurationError, match="both set"):
        users(clock, users_secret=SECRET, users_key_file=tmp_path)
    with pytest.raises(ConfigurationError, match="cannot be read"):
        users(clock, users_key_file=tmp_path / "missing")
    with pytest.raises(ConfigurationError, match="PUNNET_USERS_HEADER"):
        create_app({"PUNNET_USERS_SECRET": SECRET, "GITHUB_TOKEN_HEADER": "authorization"})


def test_who_shows_nothing_is_a_stranger_and_an_operator_may_be_one(clock: FakeClock) -> None:
    callers = Callers(operator_token=b"0123456789abcdef", users=shared(clock))
    operator = callers.of({b"authorization": b"Bearer 0123456789abcdef"})

    assert callers.of({}) is STRANGER
    assert (operator.operator, operator.user, operator.principal) == (True, "anonymous", "anonymous")


def test_a_field_of_its_own_leaves_authorization_to_others(clock: FakeClock) -> None:
    there = shared(clock, users_header="X-User")
    callers = Callers(operator_token=b"0123456789abcdef", users=there)
    shown = f"Bearer {token(now=clock.time())}".encode()

    both = callers.of({b"authorization": b"Bearer 0123456789abcdef", b"x-user": shown})

    assert (both.operator, both.user) == (True, "user:ada")
    assert callers.of({b"authorization": b"Basic YTpi"}) is STRANGER


def test_a_user_who_sends_a_secret_on_is_kept_apart_from_others_who_send_the_same(clock: FakeClock) -> None:
    callers = Callers(users=shared(clock), passes=frozenset((b"x-token",)))
    fields = [
        {b"x-token": b"same", b"authorization": f"Bearer {token(now=clock.time(), sub=sub)}".encode()}
        for sub in ("ada", "bob")
    ]

    ada, bob = map(callers.of, fields)

    assert (ada.user, bob.user) == ("user:ada", "user:bob")
    assert ada.principal != bob.principal
    assert "same" not in ada.principal


def test_a_bad_token_is_a_401_with_a_code() -> None:
    app = toy_app(users_secret=SECRET)

    response = ask(
        "POST", "/graphql", app=app, json={"query": "{ echo }"}, headers={"Authorization": "Bearer not.a.token"}
    )

    assert response.status_code == 401
    assert response.headers["www-authenticate"] == 'Bearer error="invalid_token"'
    assert response.json()["errors"][0]["extensions"] == {"code": "USER_TOKEN_INVALID"}
    assert "not.a.token" not in response.text


@contextmanager
def opened(
    payload: object = None, headers: dict[str, str] | None = None, clock: FakeClock | None = None
) -> Iterator[Any]:
    client = TestClient(toy_app(users_secret=SECRET, clock=clock))
    with client.websocket_connect("/graphql", ["graphql-transport-ws"], headers=headers or {}) as socket:
        socket.send_json({"type": "connection_init", **({} if payload is None else {"payload": payload})})
        yield socket


def test_a_user_shows_who_they_are_when_a_websocket_is_opened(clock: FakeClock) -> None:
    shown = f"Bearer {token(now=clock.time())}"
    for payload, headers in ((None, {}), ({"Authorization": shown}, {}), ({"x": 1}, {"Authorization": shown})):
        with opened(payload, headers, clock) as socket:
            assert socket.receive_json() == {"type": "connection_ack"}


@pytest.mark.parametrize("value", ["Bearer nonsense", ""])
def test_a_websocket_is_not_opened_for_a_user_who_is_none(value: str) -> None:
    with opened({"authorization": value}) as socket, pytest.raises(WebSocketDisconnect) as caught:
        socket.receive_json()

    assert caught.value.code == 4403


def test_a_websocket_ends_with_the_token_it_was_opened_with(clock: FakeClock) -> None:
    shown = token(now=clock.time(), exp=clock.time() - LEEWAY_S + 0.3)
    with opened({"Authorization": f"Bearer {shown}"}, clock=clock) as socket:
        acknowledged = socket.receive_json()
        with pytest.raises(WebSocketDisconnect) as caught:
            socket.receive_json()

    assert acknowledged == {"type": "connection_ack"}
    assert caught.value.code == 4403


def test_an_event_stream_ends_with_the_token_it_was_asked_for_with(clock: FakeClock) -> None:
    shown = token(now=clock.time(), exp=clock.time() - LEEWAY_S + 0.3)
    headers = {"Authorization": f"Bearer {shown}", "Accept": "text/event-stream"}
    app = toy_app(users_secret=SECRET, clock=clock)

    response = ask("GET", "/graphql?query=subscription{toyLevelReached{number}}", app=app, headers=headers)

    heartbeat, result, end, rest = response.text.split("\n\n")
    assert (heartbeat, end, rest) == (":", "event: complete\ndata:", "")
    assert orjson.loads(result.removeprefix("event: next\ndata: "))["errors"][0]["extensions"] == {
        "code": "USER_TOKEN_EXPIRED"
    }


def test_what_one_user_was_told_no_other_is_told_though_the_upstream_allows_to_keep_it() -> None:
    """Answers are kept for a minute, identical queries in flight share one execution, and whole answers are kept."""
    environment = {"PUNNET_USERS_SECRET": SECRET}
    with running(environment, vault=replace(UPSTREAM, policy=Policy())) as gateway:
        vault = gateway.sandbox("vault", VaultSandbox)
        vault.faults.add(Fault(operation="items.get", latency_s=0.3, times=3))
        now = SystemClock().time()

        def ask(user: str) -> Any:
            headers = {"Authorization": f"Bearer {token(now=now, sub=user)}"} if user else {}
            body = {"query": '{ vault { item(id: "1") { owner } } }'}
            return httpx2.post(f"{gateway.url}/graphql", json=body, headers=headers, timeout=60).json()

        with ThreadPoolExecutor(12) as pool:
            answers = list(pool.map(ask, ["ada", "bob", ""] * 4))
        answers += [ask("ada"), ask("bob"), ask("")]

        assert {answer["data"]["vault"]["item"]["owner"] for answer in answers} == {"app"}
        assert vault.seen("items.get") == 3
