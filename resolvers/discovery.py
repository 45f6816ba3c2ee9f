"""Finds every module that fills the graph: providers, the links between them, and what belongs to all."""

import importlib
import pkgutil
from collections.abc import Iterator
from types import ModuleType

from resolvers import inbox, links, nodes, outbox, providers, upstreams, users
from schema.fields import Fields


def discover() -> list[Fields]:
    """The `fields` of every module in `resolvers/providers` and `resolvers/links`, and of those that belong to all."""
    common = [nodes.fields, upstreams.fields, inbox.fields, outbox.fields, users.fields]
    return [*common, *_fields_in(providers), *_fields_in(links)]


def _fields_in(package: ModuleType) -> Iterator[Fields]:
    for module in sorted(pkgutil.iter_modules(package.__path__), key=lambda module: module.name):
        found = importlib.import_module(f"{package.__name__}.{module.name}").fields
        if not isinstance(found, Fields):
            raise TypeError(f"{package.__name__}.{module.name}: `fields` must be a Fields")
        yield found
