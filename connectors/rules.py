"""The operator's rules on how long answers are used, over those of the manifests."""

import tomllib
from collections.abc import Mapping
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

from connectors.connector import ConfigurationError
from connectors.policy import OperationCache
from connectors.upstream import Upstream

RULES = {field.name: bool if field.name == "insists" else float for field in fields(OperationCache)}


def ruled(upstreams: Mapping[str, Upstream[Any]], variable: str, path: Path) -> dict[str, Upstream[Any]]:
    """The upstreams with the rules in a TOML file: a table for each upstream, in it one for each pattern of operations.

        [stripe."customers.*"]
        ttl_s = 30
        stale_if_error_s = 300

    The names are those of `OperationCache`; the file's patterns come before the manifest's. Raises `ConfigurationError`
    that names `variable`.
    """
    try:
        tables = tomllib.loads(path.read_text())
    except (OSError, ValueError) as error:
        raise ConfigurationError(f"{variable}: {path} cannot be read as TOML") from error
    strangers = sorted(set(tables) - set(upstreams))
    if strangers:
        raise ConfigurationError(f"{variable}: there is no upstream named {', '.join(strangers)}")
    return {name: _ruled(upstream, variable, tables.get(name, {})) for name, upstream in upstreams.items()}


def _ruled(upstream: Upstream[Any], variable: str, table: Any) -> Upstream[Any]:
    cache = upstream.policy.cache
    if not isinstance(table, dict):
        raise ConfigurationError(f"{variable}: {upstream.name} must be a table")
    rules = {pattern: _rule(f"{variable}: {upstream.name}.{pattern}", rule) for pattern, rule in table.items()}
    others = {pattern: rule for pattern, rule in cache.operations.items() if pattern not in rules}
    policy = replace(upstream.policy, cache=replace(cache, operations={**rules, **others}))
    return replace(upstream, policy=policy) if rules else upstream


def _rule(place: str, values: Any) -> OperationCache:
    if not isinstance(values, dict):
        raise ConfigurationError(f"{place} must be a table")
    for name, value in values.items():
        kind = RULES.get(name)
        if kind is None:
            raise ConfigurationError(f"{place} has no {name}: there are {', '.join(RULES)}")
        fits = isinstance(value, bool) if kind is bool else type(value) in (int, float) and 0 <= value < float("inf")
        if not fits:
            raise ConfigurationError(
                f"{place}.{name} must be {'true or false' if kind is bool else 'a number of seconds'}"
            )
    return OperationCache(**values)
