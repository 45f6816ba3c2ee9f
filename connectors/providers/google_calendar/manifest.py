"""Google Calendar's manifest."""

from connectors.auth.assertion import service_account
from connectors.auth.auth import Auth
from connectors.auth.oauth2 import refreshing
from connectors.policy import CachePolicy, Policy, RetryPolicy, ThrottlePolicy
from connectors.protocols.rest import ids_in
from connectors.providers.google_calendar.client import GoogleCalendarClient
from connectors.providers.google_calendar.judge import judge
from connectors.providers.google_calendar.oauth import SCOPE, TOKEN_URL, by_users
from connectors.providers.google_calendar.sandbox import ENVIRONMENT, GoogleCalendarSandbox
from connectors.providers.google_calendar.sandbox.users import USERS
from connectors.upstream import Credentials, Given, Upstream


def by_service_account(given: Given) -> Auth:
    """A service account by its key file; where `GOOGLE_SUBJECT` names a user of the domain, acting for that user.

    Source: https://developers.google.com/identity/protocols/oauth2/service-account
    """
    subject = given.get("GOOGLE_SUBJECT", "")
    return service_account(given, "GOOGLE_SERVICE_ACCOUNT_FILE", scopes=(SCOPE,), subject=subject)


def by_refresh_token(given: Given) -> Auth:
    """One user's consent, as a refresh token (`access_type=offline`).

    Source: https://developers.google.com/identity/protocols/oauth2/web-server#offline
    """
    return refreshing(
        given,
        token_url=TOKEN_URL,
        client_id=given["GOOGLE_CLIENT_ID"],
        client_secret=given["GOOGLE_CLIENT_SECRET"],
        refresh_token=given["GOOGLE_REFRESH_TOKEN"],
        authentication="client_secret_post",
    )


UPSTREAM = Upstream(
    name="google_calendar",
    title="Google Calendar",
    base_url="https://www.googleapis.com",
    base_url_variable="GOOGLE_CALENDAR_BASE_URL",
    docs_url="https://developers.google.com/workspace/calendar/api",
    client=GoogleCalendarClient,
    credentials=(
        Credentials(variables=("GOOGLE_SERVICE_ACCOUNT_FILE",), optional=("GOOGLE_SUBJECT",), make=by_service_account),
        Credentials(
            variables=("GOOGLE_CLIENT_ID", "GOOGLE_CLIENT_SECRET", "GOOGLE_REFRESH_TOKEN"), make=by_refresh_token
        ),
        Credentials(variables=("GOOGLE_CLIENT_ID", "GOOGLE_CLIENT_SECRET"), optional=("GOOGLE_SCOPES",), make=by_users),
    ),
    sandbox=GoogleCalendarSandbox,
    sandbox_environment=ENVIRONMENT,
    sandbox_users=USERS,
    judge=judge,
    # 600 requests a minute for each user. Google never says for how long to wait: back off exponentially.
    # Source: https://developers.google.com/workspace/calendar/api/guides/quota
    policy=Policy(
        retry=RetryPolicy(attempts=4, base_s=0.5, cap_s=16.0),
        throttle=ThrottlePolicy(per_second=10, burst=30, concurrency=20),
        cache=CachePolicy(ids=ids_in),
    ),
)
