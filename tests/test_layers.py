"""Who may import whom, and what a provider is called: the rules of the house, read from the source."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from connectors.connector import discover

ROOT = Path(__file__).parent.parent
LAYERS = ("schema", "connectors", "resolvers", "server")

ABOVE = {
    "schema": {"connectors", "resolvers", "server", "app"},
    "connectors": {"schema", "resolvers", "server", "app"},
    "resolvers": {"server", "app"},
    "server": {"app"},
}
"""What a layer must not know of ours."""

FOREIGN = {
    "schema": {
        "aiohttp", "authlib", "cachetools", "fastapi", "gql", "httpcore2", "httpx", "httpx2", "jwt", "requests",
        "starlette", "urllib3", "zeep",
    },
    "connectors": {"aiodataloader", "fastapi", "strawberry"},
    "resolvers": {"fastapi", "starlette"},
    "server": set[str](),
}  # fmt: skip
"""Libraries that a layer has no business with: no I/O, auth or cache in `schema`, no GraphQL types in `connectors`."""

APP_LINES = 200


def imported(source: str) -> Iterator[str]:
    """The absolute names of the modules that Python source imports, `from a import b` as `a.b`."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "relative imports hide which layer they reach into"
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def violations(layer: str, source: str) -> list[str]:
    """The imports that a module of `layer` must not have."""
    forbidden = ABOVE[layer] | FOREIGN[layer]
    return [name for name in imported(source) if name.partition(".")[0] in forbidden]


def providers_in(folder: str) -> set[str]:
    """The names of the providers that a layer has something for."""
    return {path.stem for path in (ROOT / folder / "providers").iterdir() if not path.stem.startswith("_")}


@pytest.mark.parametrize("layer", LAYERS)
def test_a_layer_imports_nothing_that_is_not_below_it(layer: str) -> None:
    modules = sorted((ROOT / layer).rglob("*.py"))

    found = {str(path.relative_to(ROOT)): violations(layer, path.read_text()) for path in modules}

    assert modules
    assert {path: names for path, names in found.items() if names} == {}


@pytest.mark.parametrize(
    ("layer", "source"),
    [
        ("schema", "import connectors.call"),
        ("schema", "from resolvers import context"),
        ("schema", "def late():\n    import httpx2"),
        ("connectors", "from schema.relay import Node"),
        ("connectors", "import strawberry"),
        ("connectors", "from aiodataloader import DataLoader"),
        ("resolvers", "from server.site import site"),
        ("server", "import app"),
    ],
)
def test_the_rule_finds_what_breaks_it(layer: str, source: str) -> None:
    assert len(violations(layer, source)) == 1


def test_the_rule_lets_pass_what_keeps_it() -> None:
    assert (
        violations("resolvers", "import strawberry\nfrom connectors.call import Scope\nfrom schema import relay") == []
    )
    assert violations("schema", "import strawberry\nfrom schema.relay import Node") == []


def test_only_the_server_and_the_composition_root_know_the_web_framework() -> None:
    outside = [path for layer in ("schema", "connectors", "resolvers") for path in (ROOT / layer).rglob("*.py")]

    assert [str(path) for path in outside if any(n.startswith("fastapi") for n in imported(path.read_text()))] == []


def test_a_provider_has_the_same_name_in_every_layer() -> None:
    connectors = providers_in("connectors")

    assert providers_in("schema") == connectors
    assert providers_in("resolvers") == connectors
    assert set(discover()) == connectors


def test_the_composition_root_stays_small() -> None:
    assert len((ROOT / "app.py").read_text().splitlines()) <= APP_LINES
