"""HubSpot's manifest."""

from connectors.auth.static import bearer
from connectors.policy import CachePolicy, Policy, ThrottlePolicy
from connectors.protocols.rest import ids_in
from connectors.providers.hubspot.client import HubSpotClient
from connectors.providers.hubspot.judge import judge
from connectors.providers.hubspot.oauth import by_users
from connectors.providers.hubspot.sandbox import TOKEN, HubSpotSandbox
from connectors.providers.hubspot.sandbox.users import USERS
from connectors.upstream import Credentials, Upstream

UPSTREAM = Upstream(
    name="hubspot",
    title="HubSpot",
    base_url="https://api.hubapi.com",
    base_url_variable="HUBSPOT_BASE_URL",
    docs_url="https://developers.hubspot.com/docs/api-reference",
    client=HubSpotClient,
    credentials=(
        Credentials(
            variables=("HUBSPOT_CLIENT_ID", "HUBSPOT_CLIENT_SECRET"),
            optional=("HUBSPOT_SCOPES",),
            elsewhere=("HUBSPOT_CLIENT_SECRET",),  # it signs webhooks too
            make=by_users,
        ),
        Credentials(variables=("HUBSPOT_ACCESS_TOKEN",), make=lambda values: bearer(values["HUBSPOT_ACCESS_TOKEN"])),
    ),
    sandbox=HubSpotSandbox,
    sandbox_environment={"HUBSPOT_ACCESS_TOKEN": TOKEN},
    sandbox_users=USERS,
    judge=judge,
    # 100 in any ten seconds, as for the smallest account; search has an allowance of its own.
    # Source: https://developers.hubspot.com/docs/guides/apps/api-usage/usage-details
    policy=Policy(
        throttle=ThrottlePolicy(per_second=9, burst=10, concurrency=20),
        buckets={"search": ThrottlePolicy(per_second=5, burst=5, concurrency=5)},
        cache=CachePolicy(ids=ids_in),
    ),
)
