"""PayPal's manifest."""

from connectors.auth.auth import Auth
from connectors.auth.oauth2 import client_credentials
from connectors.policy import CachePolicy, Policy, ThrottlePolicy
from connectors.protocols.rest import ids_in
from connectors.providers.paypal.client import PayPalClient
from connectors.providers.paypal.judge import judge
from connectors.providers.paypal.oauth import by_users
from connectors.providers.paypal.sandbox import CLIENT_ID, CLIENT_SECRET, PayPalSandbox
from connectors.providers.paypal.sandbox.users import USERS
from connectors.upstream import Credentials, Given, Upstream

BASE_URL = "https://api-m.paypal.com"


def by_client(given: Given) -> Auth:
    """Tokens for the app, which last about nine hours.

    Source: https://developer.paypal.com/api/rest/authentication/
    """
    return client_credentials(
        given,
        token_url=f"{BASE_URL}/v1/oauth2/token",
        client_id=given["PAYPAL_CLIENT_ID"],
        client_secret=given["PAYPAL_CLIENT_SECRET"],
    )


UPSTREAM = Upstream(
    name="paypal",
    title="PayPal",
    base_url=BASE_URL,
    base_url_variable="PAYPAL_BASE_URL",
    docs_url="https://developer.paypal.com/api/rest/",
    client=PayPalClient,
    credentials=(
        Credentials(variables=("PAYPAL_CLIENT_ID", "PAYPAL_CLIENT_SECRET", "PAYPAL_SCOPES"), make=by_users),
        Credentials(variables=("PAYPAL_CLIENT_ID", "PAYPAL_CLIENT_SECRET"), make=by_client),
    ),
    sandbox=PayPalSandbox,
    sandbox_environment={"PAYPAL_CLIENT_ID": CLIENT_ID, "PAYPAL_CLIENT_SECRET": CLIENT_SECRET},
    sandbox_users=USERS,
    judge=judge,
    policy=Policy(
        timeout_s=20.0,
        throttle=ThrottlePolicy(per_second=20, burst=40, concurrency=20),
        cache=CachePolicy(ids=ids_in),
    ),
)
