"""The manifest: an open API, so there is nothing to authenticate with."""

from dataclasses import replace

from benchmarks.jsonplaceholder.client import JsonPlaceholderClient
from benchmarks.jsonplaceholder.sandbox import JsonPlaceholderSandbox
from connectors.auth.open import Open
from connectors.policy import CachePolicy, OperationCache, Policy, ThrottlePolicy
from connectors.upstream import Credentials, Upstream

KEPT = {"*": OperationCache(ttl_s=3600.0)}

UPSTREAM = Upstream[JsonPlaceholderClient](
    name="jsonplaceholder",
    title="JSONPlaceholder",
    base_url="https://jsonplaceholder.typicode.com",
    base_url_variable="JSONPLACEHOLDER_BASE_URL",
    docs_url="https://jsonplaceholder.typicode.com/guide/",
    client=JsonPlaceholderClient,
    credentials=(Credentials(variables=(), make=lambda values: Open()),),
    sandbox=JsonPlaceholderSandbox,
    sandbox_environment={},
    # The upstream of a benchmark is to be the last thing that limits us.
    policy=Policy(throttle=ThrottlePolicy(per_second=1e6, burst=1_000_000, concurrency=256)),
)


def configured(*, cached: bool, shared: bool) -> Upstream[JsonPlaceholderClient]:
    """The upstream with its answers kept or not, and its reads in flight shared or not."""
    cache = CachePolicy(operations=KEPT, share=shared) if cached else CachePolicy(max_bytes=0, share=shared)
    return replace(UPSTREAM, policy=replace(UPSTREAM.policy, cache=cache))
