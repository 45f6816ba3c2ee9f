"""GitHub's manifest."""

from connectors.auth.passed import passed_through
from connectors.auth.static import bearer
from connectors.policy import Policy, ThrottlePolicy
from connectors.providers.github.client import CHANGES, CONTENT, GitHubClient
from connectors.providers.github.installation import by_installation
from connectors.providers.github.judge import judge
from connectors.providers.github.oauth import by_users
from connectors.providers.github.sandbox import TOKEN, GitHubSandbox
from connectors.providers.github.sandbox_users import USERS
from connectors.upstream import Credentials, Upstream

UPSTREAM = Upstream(
    name="github",
    title="GitHub",
    base_url="https://api.github.com",
    base_url_variable="GITHUB_BASE_URL",
    docs_url="https://docs.github.com/en/graphql",
    client=GitHubClient,
    credentials=(
        Credentials(variables=("GITHUB_CLIENT_ID", "GITHUB_CLIENT_SECRET"), make=by_users),
        Credentials(variables=("GITHUB_TOKEN",), make=lambda values: bearer(values["GITHUB_TOKEN"])),
        Credentials(
            variables=("GITHUB_APP_ID", "GITHUB_APP_PRIVATE_KEY_FILE", "GITHUB_APP_INSTALLATION_ID"),
            make=by_installation,
        ),
        Credentials(
            variables=("GITHUB_TOKEN_HEADER",), make=lambda given: passed_through(given, "GITHUB_TOKEN_HEADER")
        ),
    ),
    sandbox=GitHubSandbox,
    sandbox_environment={"GITHUB_TOKEN": TOKEN},
    sandbox_users=USERS,
    judge=judge,
    # GitHub itself gives up after 10 s, wants at most 100 requests at once and 2,000 points a minute.
    # Source: https://docs.github.com/en/graphql/overview/rate-limits-and-query-limits-for-the-graphql-api
    # Of what makes something new it takes 80 a minute and 500 an hour; other writes come best a second apart. Both one
    # after another.
    # Source: https://docs.github.com/en/rest/using-the-rest-api/best-practices-for-using-the-rest-api
    policy=Policy(
        timeout_s=12.0,
        throttle=ThrottlePolicy(per_second=30, burst=60, concurrency=50),
        buckets={
            CONTENT: ThrottlePolicy(per_second=440 / 3600, burst=60, concurrency=1),
            CHANGES: ThrottlePolicy(per_second=1, burst=5, concurrency=1),
        },
    ),
)
