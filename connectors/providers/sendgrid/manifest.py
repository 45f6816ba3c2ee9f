"""SendGrid's manifest."""

from connectors.auth.static import bearer
from connectors.policy import Policy, ThrottlePolicy
from connectors.providers.sendgrid.client import SendGridClient
from connectors.providers.sendgrid.judge import judge
from connectors.providers.sendgrid.sandbox import KEY, SendGridSandbox
from connectors.upstream import Credentials, Upstream

UPSTREAM = Upstream(
    name="sendgrid",
    title="SendGrid",
    base_url="https://api.sendgrid.com",
    base_url_variable="SENDGRID_BASE_URL",
    docs_url="https://www.twilio.com/docs/sendgrid/api-reference",
    client=SendGridClient,
    credentials=(Credentials(variables=("SENDGRID_API_KEY",), make=lambda values: bearer(values["SENDGRID_API_KEY"])),),
    sandbox=SendGridSandbox,
    sandbox_environment={"SENDGRID_API_KEY": KEY},
    judge=judge,
    # Each endpoint has a limit of its own, most of them 600 requests a minute.
    # Source: https://www.twilio.com/docs/sendgrid/api-reference/how-to-use-the-sendgrid-v3-api/rate-limits
    policy=Policy(throttle=ThrottlePolicy(per_second=10, burst=30, concurrency=20)),
)
