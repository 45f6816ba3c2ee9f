"""Stripe's manifest."""

from connectors.auth.static import bearer
from connectors.policy import CachePolicy, Policy, ThrottlePolicy
from connectors.protocols.rest import ids_in
from connectors.providers.stripe.client import StripeClient
from connectors.providers.stripe.judge import judge
from connectors.providers.stripe.oauth import by_users
from connectors.providers.stripe.sandbox import KEY, StripeSandbox
from connectors.providers.stripe.sandbox.users import USERS
from connectors.upstream import Credentials, Upstream

UPSTREAM = Upstream(
    name="stripe",
    title="Stripe",
    base_url="https://api.stripe.com",
    base_url_variable="STRIPE_BASE_URL",
    docs_url="https://docs.stripe.com/api",
    client=StripeClient,
    credentials=(
        Credentials(variables=("STRIPE_CLIENT_ID", "STRIPE_API_KEY"), make=by_users),
        Credentials(variables=("STRIPE_API_KEY",), make=lambda values: bearer(values["STRIPE_API_KEY"])),
    ),
    sandbox=StripeSandbox,
    sandbox_environment={"STRIPE_API_KEY": KEY},
    sandbox_users=USERS,
    judge=judge,
    # Each endpoint has its own bucket. Source: https://docs.stripe.com/rate-limits
    policy=Policy(
        throttle=ThrottlePolicy(per_second=25, burst=25, concurrency=25),
        buckets={"search": ThrottlePolicy(per_second=20, burst=20, concurrency=20)},
        cache=CachePolicy(ids=ids_in),
    ),
)
