import re

import pytest

from connectors.auth.seal import Seal, Unreadable

OLD = "b2xkIGtleSBvbGQga2V5IG9sZCBrZXkgb2xkIGtleSE="
NEW = "bmV3IGtleSBuZXcga2V5IG5ldyBrZXkgbmV3IGtleSE="


def test_what_was_sealed_can_be_opened_and_not_read() -> None:
    seal = Seal(OLD)

    sealed = seal.seal(b"the secret", "stripe/ada")

    assert seal.open(sealed, "stripe/ada") == b"the secret"
    assert "secret" not in sealed
    assert seal.seal(b"the secret", "stripe/ada") != sealed


def test_a_key_in_front_seals_from_now_on_and_those_behind_it_still_open() -> None:
    before = Seal(OLD).seal(b"the secret", "a")
    rotated = Seal(f"{NEW}, {OLD}")

    after = rotated.seal(b"the secret", "a")

    assert rotated.open(before, "a") == b"the secret"
    assert (rotated.is_newest(before), rotated.is_newest(after)) == (False, True)
    assert Seal(NEW).open(after, "a") == b"the secret"


def test_what_was_sealed_for_one_place_does_not_open_at_another() -> None:
    sealed = Seal(OLD).seal(b"the secret", "stripe/ada")

    with pytest.raises(Unreadable):
        Seal(OLD).open(sealed, "stripe/bob")


def test_one_altered_letter_does_not_open() -> None:
    sealed = Seal(OLD).seal(b"the secret", "a")
    altered = [sealed[:at] + ("A" if sealed[at] != "A" else "B") + sealed[at + 1 :] for at in range(len(sealed) - 2)]

    for text in [*altered, "", "x.y"]:
        with pytest.raises(Unreadable):
            Seal(OLD).open(text, "a")


def test_a_key_that_is_gone_is_named_as_the_reason() -> None:
    sealed = Seal(OLD).seal(b"the secret", "a")

    with pytest.raises(Unreadable, match="PUNNET_ENCRYPTION_KEY"):
        Seal(NEW).open(sealed, "a")


@pytest.mark.parametrize("keys", ["", "SECRET", OLD[:-4], f"{OLD},", f"{OLD},SECRET", "SECRÉT"])
def test_a_key_of_another_length_is_refused_and_not_quoted(keys: str) -> None:
    with pytest.raises(ValueError, match=re.escape("openssl rand -base64 32")) as caught:
        Seal(keys)
    assert "SECR" not in str(caught.value)
