"""The depot's manifest."""

from connectors.auth.static import bearer
from connectors.policy import BreakerPolicy, Policy, RetryPolicy, ThrottlePolicy
from connectors.upstream import Credentials, Upstream
from tests.depot.client import DepotClient
from tests.depot.sandbox import DepotSandbox

UPSTREAM = Upstream[DepotClient](
    name="depot",
    title="Depot",
    base_url="https://depot.example",
    base_url_variable="DEPOT_BASE_URL",
    docs_url="https://depot.example/docs",
    client=DepotClient,
    credentials=(Credentials(variables=("DEPOT_TOKEN",), make=lambda values: bearer(values["DEPOT_TOKEN"])),),
    sandbox=DepotSandbox,
    sandbox_environment={"DEPOT_TOKEN": "depot-token"},
    policy=Policy(
        timeout_s=0.5,
        budget_s=5,
        retry=RetryPolicy(attempts=3, base_s=0.01, cap_s=0.05),
        breaker=BreakerPolicy(volume=20),
        throttle=ThrottlePolicy(per_second=1000, burst=1000, concurrency=100),
    ),
)
