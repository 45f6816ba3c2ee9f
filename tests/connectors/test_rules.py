from pathlib import Path

import pytest

from connectors.connector import ConfigurationError, discover
from connectors.policy import HTTP_ONLY, OperationCache
from connectors.rules import ruled

VARIABLE = "PUNNET_CACHE_RULES"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "rules.toml"


def test_the_first_rule_in_the_file_that_fits_an_operation_counts(file: Path) -> None:
    file.write_text("""
        [stripe."customers.get"]
        ttl_s = 5
        insists = true
        [stripe."customers.*"]
        stale_if_error_s = 300.5
    """)

    stripe = ruled(discover(), VARIABLE, file)["stripe"].policy.cache

    assert stripe.rule_of("customers.get") == OperationCache(ttl_s=5, insists=True)
    assert stripe.rule_of("customers.list") == OperationCache(stale_if_error_s=300.5)
    assert stripe.rule_of("charges.list") is HTTP_ONLY
    assert stripe.ids is discover()["stripe"].policy.cache.ids


def test_upstreams_that_the_file_says_nothing_of_are_as_they_were(file: Path) -> None:
    file.write_text('[stripe."*"]\nttl_s = 5\n')

    found = ruled(discover(), VARIABLE, file)

    assert {name for name, upstream in discover().items() if found[name] is not upstream} == {"stripe"}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[nobody.x]\n", "there is no upstream named nobody"),
        ("stripe = 5\n", "stripe must be a table"),
        ("[stripe]\nttl_s = 5\n", "stripe.ttl_s must be a table"),
        ('[stripe."*"]\nttl = 5\n', r"stripe.\* has no ttl: there are ttl_s, "),
        ('[stripe."*"]\nttl_s = "5"\n', r"stripe.\*.ttl_s must be a number of seconds"),
        ('[stripe."*"]\nttl_s = true\n', r"stripe.\*.ttl_s must be a number of seconds"),
        ('[stripe."*"]\nttl_s = -1\n', r"stripe.\*.ttl_s must be a number of seconds"),
        ('[stripe."*"]\nttl_s = nan\n', r"stripe.\*.ttl_s must be a number of seconds"),
        ('[stripe."*"]\ninsists = 1\n', r"stripe.\*.insists must be true or false"),
        ("[stripe", "cannot be read as TOML"),
    ],
)
def test_what_makes_no_sense_is_refused_and_says_where(file: Path, text: str, message: str) -> None:
    file.write_text(text)

    with pytest.raises(ConfigurationError, match=f"^{VARIABLE}: .*{message}"):
        ruled(discover(), VARIABLE, file)


def test_a_file_that_is_not_there_is_refused(file: Path) -> None:
    with pytest.raises(ConfigurationError, match="cannot be read"):
        ruled(discover(), VARIABLE, file)
