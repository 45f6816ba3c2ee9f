"""PayPal's manifest."""

from connectors.policy import Policy, ThrottlePolicy
from connectors.providers.paypal.client import PayPalClient
from connectors.providers.paypal.judge import judge
from connectors.providers.paypal.sandbox import CLIENT_ID, CLIENT_SECRET, PayPalSandbox
from connectors.upstream import Credentials, Given, Upstream


def by_client(given: Given) -> object: ...


UPSTREAM = Upstream(
    name="paypal",
    title="PayPal",
    base_url="https://api-m.paypal.com",
    base_url_variable="PAYPAL_BASE_URL",
    docs_url="https://developer.paypal.com/api/rest/",
    client=PayPalClient,
    credentials=(Credentials(variables=("PAYPAL_CLIENT_ID", "PAYPAL_CLIENT_SECRET"), make=by_client),),
    sandbox=PayPalSandbox,
    sandbox_environment={"PAYPAL_CLIENT_ID": CLIENT_ID, "PAYPAL_CLIENT_SECRET": CLIENT_SECRET},
    judge=judge,
    policy=Policy(timeout_s=20.0, throttle=ThrottlePolicy(per_second=20, burst=40, concurrency=20)),
)
