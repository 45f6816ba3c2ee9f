"""Salesforce, with its SOAP Partner API."""

from connectors.policy import Policy, ThrottlePolicy
from connectors.providers.salesforce.client import SalesforceClient
from connectors.providers.salesforce.judge import judge
from connectors.providers.salesforce.login import by_password, by_token
from connectors.providers.salesforce.oauth import by_users
from connectors.providers.salesforce.sandbox import SalesforceSandbox
from connectors.providers.salesforce.sandbox.org import PASSWORD, SECURITY_TOKEN, USERNAME
from connectors.providers.salesforce.sandbox.users import USERS
from connectors.upstream import Credentials, Upstream

UPSTREAM = Upstream(
    name="salesforce",
    title="Salesforce",
    base_url="https://login.salesforce.com",
    base_url_variable="SALESFORCE_BASE_URL",
    docs_url="https://developer.salesforce.com/docs/atlas.en-us.api.meta/api/",
    client=SalesforceClient,
    credentials=(
        Credentials(
            variables=("SALESFORCE_CLIENT_ID", "SALESFORCE_CLIENT_SECRET"),
            optional=("SALESFORCE_SCOPES",),
            make=by_users,
        ),
        Credentials(variables=("SALESFORCE_ACCESS_TOKEN", "SALESFORCE_INSTANCE_URL"), make=by_token),
        Credentials(
            variables=("SALESFORCE_USERNAME", "SALESFORCE_PASSWORD"),
            optional=("SALESFORCE_SECURITY_TOKEN",),
            make=by_password,
        ),
    ),
    sandbox=SalesforceSandbox,
    sandbox_environment={
        "SALESFORCE_USERNAME": USERNAME,
        "SALESFORCE_PASSWORD": PASSWORD,
        "SALESFORCE_SECURITY_TOKEN": SECURITY_TOKEN,
    },
    sandbox_users=USERS,
    judge=judge,
    policy=Policy(timeout_s=20.0, throttle=ThrottlePolicy(per_second=25.0, burst=50, concurrency=20)),
)
