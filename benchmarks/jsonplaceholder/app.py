"""The gateway with this one upstream, put together as `app.py` does it for all of them."""

import os
from collections.abc import Mapping

from fastapi import FastAPI

from benchmarks.jsonplaceholder.client import JsonPlaceholderClient
from benchmarks.jsonplaceholder.fields import fields
from benchmarks.jsonplaceholder.manifest import UPSTREAM, configured
from connectors.call import Scope
from connectors.clock import SystemClock
from connectors.connector import ConfigurationError, connect
from resolvers import nodes
from resolvers.context import Context
from resolvers.cursors import CursorCodec
from schema.compose import compose
from server.documents import Documents
from server.operations import Operations
from server.settings import read_settings
from server.site import site

SWITCH = {"0": False, "1": True}


def create_app(environment: Mapping[str, str] = os.environ) -> FastAPI:
    """Reads `UPSTREAM` (base URL), `POSTS_PATH`, `CACHE` and `SHARE` (each 0 or 1), and the gateway's own variables.

    Raises `ConfigurationError` for what makes no sense.
    """
    settings = read_settings(environment)
    clock = SystemClock()
    upstream = configured(
        posts_path=environment.get("POSTS_PATH", ""),
        cached=switch(environment, "CACHE"),
        shared=switch(environment, "SHARE"),
    )
    connector = connect(upstream, {UPSTREAM.base_url_variable: environment.get("UPSTREAM", "")}, clock=clock)
    assert connector is not None, "an open API has all the credentials it needs"
    documents = Documents()
    graph = compose([nodes.fields, fields], [upstream.name], [documents.extension])
    cursors = CursorCodec(settings.cursor_secret.get_secret_value().encode())

    def context() -> Context:
        scope = Scope(deadline=clock.now() + settings.request_timeout_s)
        return Context({JsonPlaceholderClient: connector}, scope, cursors)

    operations = Operations(graph, documents, context)
    return site(settings, operations, graph.as_str(), {upstream.name: "real"}, [connector.close], clock)


def switch(environment: Mapping[str, str], name: str) -> bool:
    """Whether a variable is 1; unset it is 0. Raises `ConfigurationError` for anything else."""
    value = environment.get(name) or "0"
    if value not in SWITCH:
        raise ConfigurationError(f"{name} is 0 or 1")
    return SWITCH[value]
