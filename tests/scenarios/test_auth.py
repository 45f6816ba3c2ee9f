"""Scenarios 13 to 16, and 21 and 35 for what OAuth adds, seen from a client of the running gateway."""

import sqlite3
import time
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx2
import pytest

from connectors.policy import Policy
from connectors.sandbox.faults import Fault
from tests.gateway import Gateway, running
from tests.vault.authorization import CLIENT_SECRET, REFRESH_TOKEN
from tests.vault.manifest import UPSTREAM
from tests.vault.sandbox import VaultSandbox

KEY = "c2NlbmFyaW8ga2V5IHNjZW5hcmlvIGtleSBzY2VuYXI="


def item(number: int = 0) -> str:
    return f'{{ vault {{ item(id: "{number}") {{ owner }} }} }}'


def items(count: int) -> str:
    fields = " ".join(f'i{number}: item(id: "{number}") {{ owner }}' for number in range(count))
    return f"{{ vault {{ {fields} }} }}"


def stored(folder: Path) -> dict[str, str]:
    """Settings of a gateway that keeps tokens, and a refresh token to begin with."""
    return {
        "PUNNET_DATABASE_URL": f"sqlite:///{folder / 'punnet.sqlite3'}",
        "PUNNET_ENCRYPTION_KEY": KEY,
        "VAULT_REFRESH_TOKEN": REFRESH_TOKEN,
    }


@pytest.fixture
def keeping(tmp_path: Path) -> Iterator[Gateway]:
    with running(stored(tmp_path)) as gateway:
        yield gateway


def vault_of(gateway: Gateway) -> VaultSandbox:
    return gateway.sandbox("vault", VaultSandbox)


def codes(answer: Mapping[str, Any]) -> set[str]:
    return {error["extensions"]["code"] for error in answer["errors"]}


def test_13_a_token_that_ends_under_thirty_calls_is_refreshed_once(gateway: Gateway) -> None:
    vault = vault_of(gateway)
    gateway.data(item())
    vault.faults.add(Fault(operation="items.get", times=30, latency_s=0.5))
    with ThreadPoolExecutor(1) as pool:
        answer = pool.submit(gateway.data, items(30))
        while vault.seen("items.get") < 10:
            time.sleep(0.01)
        vault.expire()
        owners = answer.result()["vault"]

    assert {owner["owner"] for owner in owners.values()} == {"app"}
    assert vault.seen("oauth2.token") == 2


def test_14_the_token_is_resolved_again_after_a_wait(gateway: Gateway) -> None:
    vault = vault_of(gateway)
    gateway.data(item())
    vault.faults.add(Fault(operation="items.get", throttled_s=1))
    with ThreadPoolExecutor(1) as pool:
        answer = pool.submit(gateway.data, item(1))
        while vault.seen("items.get") < 2:
            time.sleep(0.01)
        vault.expire()
        owner = answer.result()

    assert owner["vault"]["item"]["owner"] == "app"
    assert gateway.calls("vault")[-3:] == ["items.get", "oauth2.token", "items.get"]


def test_15_of_two_gateways_one_rotates_and_the_other_adopts(keeping: Gateway) -> None:
    vault = vault_of(keeping)
    vault.memory.rotates = True
    vault.faults.add(Fault(operation="oauth2.token", latency_s=0.5, times=None))
    with keeping.replica() as other, ThreadPoolExecutor(2) as pool:
        for round in range(1, 4):
            both = [pool.submit(gateway.data, items(5)) for gateway in (keeping, other)]
            owners = [owner["owner"] for one in both for owner in one.result()["vault"].values()]

            assert owners == ["ada"] * 10
            assert vault.seen("oauth2.token") == round
            vault.expire()


def test_15_an_answer_that_is_lost_asks_for_the_user_and_does_not_loop(keeping: Gateway) -> None:
    vault = vault_of(keeping)
    vault.memory.rotates = True
    vault.faults.add(Fault(operation="oauth2.token", drop="answer"))

    answers = [keeping.ask(item(number)) for number in range(4)]

    assert [codes(answer) for answer in answers] == [{"REAUTHORIZATION_REQUIRED"}] * 4
    assert vault.seen("oauth2.token") == 1
    assert vault.seen("items.get") == 0


def test_15_a_gateway_that_died_with_the_answer_is_told_from_one_that_is_at_work(tmp_path: Path) -> None:
    """The claim of the dead one is in the table, and its time is up."""
    with running(stored(tmp_path)) as gateway:
        vault_of(gateway).memory.rotates = True
        gateway.data(item())
    with sqlite3.connect(tmp_path / "punnet.sqlite3") as table:
        table.execute("UPDATE punnet_tokens SET version = version + 1, claimed_until = ?", (time.time() - 1,))
    table.close()

    with running(stored(tmp_path)) as gateway:
        answers = [gateway.ask(item(number)) for number in range(3)]

        assert [codes(answer) for answer in answers] == [{"REAUTHORIZATION_REQUIRED"}] * 3
        assert vault_of(gateway).seen("oauth2.token") == 0


def test_16_a_reply_without_a_refresh_token_keeps_the_old_one(keeping: Gateway) -> None:
    vault = vault_of(keeping)
    owners = []
    for number in range(3):
        owners.append(keeping.data(item(number))["vault"]["item"]["owner"])
        vault.expire()

    assert owners == ["ada"] * 3
    assert vault.seen("oauth2.token") == 3


def test_21_what_a_client_sends_on_is_theirs_and_so_are_the_answers() -> None:
    """The answers are kept for a minute, and identical queries in flight share one execution."""
    with running({"VAULT_TOKEN_HEADER": "X-Vault-Token"}, vault=replace(UPSTREAM, policy=Policy())) as gateway:
        vault = vault_of(gateway)
        tokens = {user: vault.memory.authorize(user).access_token for user in ("ada", "bob")}
        vault.faults.add(Fault(operation="items.get", latency_s=0.3, times=2))

        def ask(user: str) -> Any:
            headers = {"X-Vault-Token": tokens[user]} if user in tokens else {}
            body = {"query": item()}
            return httpx2.post(f"{gateway.url}/graphql", json=body, headers=headers, timeout=60).json()

        with ThreadPoolExecutor(12) as pool:
            answers = list(pool.map(ask, ["ada", "bob"] * 6))
        owners = [answer["data"]["vault"]["item"]["owner"] for answer in [*answers, ask("ada"), ask("bob")]]
        stranger = ask("eve")

        assert owners == ["ada", "bob"] * 7
        assert vault.seen("items.get") == 2
        assert codes(stranger) == {"UPSTREAM_NOT_AUTHORIZED"}


def test_35_no_token_gets_out(capfd: Any, keeping: Gateway, tmp_path: Path) -> None:
    vault = vault_of(keeping)
    vault.memory.rotates = True
    keeping.data(item())
    secrets = {REFRESH_TOKEN, CLIENT_SECRET, KEY}
    for number, fault in enumerate(
        (
            Fault(operation="items.get", status=500, times=3),
            Fault(operation="items.get", status=401, times=2),
            Fault(operation="oauth2.token", status=400, body=f'{{"error": "{REFRESH_TOKEN} {CLIENT_SECRET}"}}'),
            Fault(operation="oauth2.token", drop="answer"),
        )
    ):
        vault.expire()
        vault.faults.add(fault)
        answer = keeping.ask(item(number))
        vault.faults.clear()
        secrets |= {secret for issued in vault.memory.issued for secret in issued.secrets}
        assert "errors" in answer
        assert not [secret for secret in secrets if secret in str(answer)]

    written = "".join(capfd.readouterr())
    database = b"".join(path.read_bytes() for path in tmp_path.glob("punnet.sqlite3*"))
    assert "oauth2.token" in written
    assert b"vault" in database
    assert not [secret for secret in secrets if secret in written or secret.encode() in database]
