"""The gateway with this upstream alone: the same app as ever, given one manifest and one module."""

import os
from collections.abc import Mapping

from fastapi import FastAPI

import app
from benchmarks.jsonplaceholder.fields import fields
from benchmarks.jsonplaceholder.manifest import configured
from connectors.connector import ConfigurationError
from resolvers import nodes

SWITCH = {"0": False, "1": True}


def create_app(environment: Mapping[str, str] = os.environ) -> FastAPI:
    """Reads `UPSTREAM` (base URL), `CACHE` and `SHARE` (each 0 or 1), and the gateway's own variables.

    `SHARE` goes for upstream reads and for whole queries. Raises `ConfigurationError` for what makes no sense.
    """
    shared = switch(environment, "SHARE")
    upstream = configured(cached=switch(environment, "CACHE"), shared=shared)
    settings = {
        upstream.base_url_variable: environment.get("UPSTREAM", ""),
        "PUNNET_SHARE_QUERIES": str(shared),
    }
    return app.create_app(
        {**environment, **settings}, upstreams={upstream.name: upstream}, modules=[nodes.fields, fields]
    )


def switch(environment: Mapping[str, str], name: str) -> bool:
    """Whether a variable is 1; unset it is 0. Raises `ConfigurationError` for anything else."""
    value = environment.get(name) or "0"
    if value not in SWITCH:
        raise ConfigurationError(f"{name} is 0 or 1")
    return SWITCH[value]
