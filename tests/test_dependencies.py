"""What runs without the tests' own packages must be declared without them: `make run` installs nothing else."""

import ast
import re
import sys
import tomllib
from collections.abc import Iterator
from importlib.metadata import packages_distributions
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
OURS = ("app.py", "connectors", "resolvers", "schema", "server")
PROJECT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]


def normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def declared(requirements: list[str]) -> set[str]:
    return {normal(re.split(r"[\s;<>=!\[]", requirement)[0]) for requirement in requirements}


def imported() -> Iterator[tuple[str, Path]]:
    """Each top-level package that our own modules import, with a module that does."""
    files = [path for name in OURS for path in ([ROOT / name] if name.endswith(".py") else (ROOT / name).rglob("*.py"))]
    for path in files:
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Import):
                yield from ((alias.name.split(".")[0], path) for alias in node.names)
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                yield node.module.split(".")[0], path


def missing(requirements: list[str]) -> dict[str, str]:
    ours = {Path(name).stem for name in OURS}
    distributions = packages_distributions()
    there = declared(requirements)
    return {
        package: str(path.relative_to(ROOT))
        for package, path in imported()
        if package not in sys.stdlib_module_names
        and package not in {*ours, "compression"}
        and not there & {normal(name) for name in distributions.get(package, [package])}
    }


def test_what_runs_is_declared_without_the_tests_packages() -> None:
    assert missing(PROJECT["dependencies"]) == {}


def test_an_undeclared_package_would_be_noticed() -> None:
    without = [requirement for requirement in PROJECT["dependencies"] if not requirement.startswith("httptools")]

    assert missing(without) == {"httptools": "connectors/wires/connection.py"}


def test_everything_declared_is_pinned() -> None:
    pinned = declared((ROOT / "constraints.txt").read_text().splitlines())
    wanted = declared([*PROJECT["dependencies"], *PROJECT["optional-dependencies"]["test"]])

    assert wanted <= pinned
