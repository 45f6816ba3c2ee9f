"""Who may register endpoints, and which addresses may be registered. Scenario 36."""

from collections.abc import Iterator

import pytest

from tests.gateway import Gateway, running
from tests.operators import CREATE, SETTINGS, TOKEN, asked, data

FIELDS = [
    "{ webhookEndpoints { id } }",
    "{ webhookDeliveries { nodes { id } } }",
    'mutation { webhookCreateEndpoint(url: "https://hooks.example/", topics: ["*"]) { __typename } }',
    'mutation { webhookUpdateEndpoint(id: "ep", description: "x") { __typename } }',
    'mutation { webhookRotateSecret(id: "ep") { secret } }',
    'mutation { webhookEnableEndpoint(id: "ep") { id } }',
    'mutation { webhookDisableEndpoint(id: "ep") { id } }',
    'mutation { webhookDeleteEndpoint(id: "ep") }',
    'mutation { webhookSendTest(id: "ep") { id } }',
    'mutation { webhookReplayDelivery(id: "dlv") { id } }',
    "mutation { webhookReplayDeliveries(filter: {}) }",
]


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    """One as it is in production: private addresses are refused."""
    url = f"sqlite:///{tmp_path_factory.mktemp('guarded') / 'punnet.sqlite3'}"
    with running({**SETTINGS, "PUNNET_ALLOW_PRIVATE_ADDRESSES": "0", "PUNNET_DATABASE_URL": url}) as gateway:
        yield gateway


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("https://localhost/hook", "NOT_PUBLIC"),
        ("https://127.0.0.1/hook", "NOT_PUBLIC"),
        ("https://169.254.169.254/latest/meta-data", "NOT_PUBLIC"),
        ("https://[::ffff:10.0.0.1]/hook", "NOT_PUBLIC"),
        ("http://hooks.example/hook", "BAD_ADDRESS"),
        ("https://me:s3cret@hooks.example/hook", "BAD_ADDRESS"),
        ("https://hooks.example:22/", "BAD_ADDRESS"),
        ("https://2130706433/", "BAD_ADDRESS"),
        ("javascript:alert(1)", "BAD_ADDRESS"),
        ("https://nobody.invalid/hook", "UNKNOWN_HOST"),
    ],
)
def test_an_address_that_is_not_to_be_called_is_refused(guarded: Gateway, url: str, reason: str) -> None:
    """Scenario 36, at registration."""
    refused = data(guarded, CREATE, url=url, topics=["*"])

    assert (refused["__typename"], refused["reason"]) == ("WebhookTargetRejected", reason)
    assert "s3cret" not in refused["message"]
    assert data(guarded, "{ webhookEndpoints { id } }") == []


@pytest.mark.parametrize("query", FIELDS)
def test_nobody_else_may_do_anything(guarded: Gateway, query: str) -> None:
    (error,) = asked(guarded, query, headers={"Authorization": "Bearer operators-only-0124"})["errors"]

    assert error["extensions"]["code"] == "FORBIDDEN"


def test_what_is_not_there_is_said_so(guarded: Gateway) -> None:
    codes = [asked(guarded, query).get("errors", [{}])[0].get("extensions", {}).get("code") for query in FIELDS[3:7]]
    codes.append(asked(guarded, FIELDS[9])["errors"][0]["extensions"]["code"])

    assert codes == ["BAD_USER_INPUT"] * 5


@pytest.mark.parametrize(
    "arguments",
    ["topics: []", 'topics: ["stripe."]', 'topics: ["*.refunded"]', 'topics: ["*"], ratePerS: 0', 'topics: ["a b"]'],
)
def test_what_no_endpoint_can_have_is_refused(guarded: Gateway, arguments: str) -> None:
    query = f'mutation {{ webhookCreateEndpoint(url: "https://hooks.example/", {arguments}) {{ __typename }} }}'
    (error,) = asked(guarded, query)["errors"]

    assert error["extensions"]["code"] == "BAD_USER_INPUT"


def test_without_a_key_for_secrets_the_graph_does_not_have_it() -> None:
    with running({"PUNNET_OPERATOR_TOKEN": TOKEN}) as gateway:
        (error,) = asked(gateway, FIELDS[0])["errors"]

    assert error["extensions"]["code"] == "GRAPHQL_VALIDATION_FAILED"
