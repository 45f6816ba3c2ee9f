"""A TypeScript client: its types generated from the served schema, compiled strictly, and run against the gateway."""

import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import httpx2
import pytest

from app import create_app
from tests.serving import served

SOURCES = Path(__file__).parent / "typescript"
NODE = Path(__file__).parent.parent / "node"


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with served(create_app({"PUNNET_SANDBOX": "1"})) as address:
        yield address


@pytest.fixture(scope="module")
def generated(url: str) -> Iterator[Path]:
    """The client, the schema as the gateway serves it, and the types made from both."""
    with tempfile.TemporaryDirectory(prefix="build-", dir=NODE) as folder:
        project = Path(shutil.copytree(SOURCES, folder, dirs_exist_ok=True))
        (project / "schema.graphql").write_text(httpx2.get(f"{url}/schema.graphql").text)
        made = generate(project)
        assert made.returncode == 0, made.stdout + made.stderr
        yield project


@pytest.fixture
def project(generated: Path) -> Iterator[Path]:
    """A copy to spoil, where Node.js finds the tools."""
    with tempfile.TemporaryDirectory(prefix="build-", dir=NODE) as folder:
        yield Path(shutil.copytree(generated, folder, dirs_exist_ok=True))


def tool(project: Path, name: str, *arguments: str) -> "subprocess.CompletedProcess[str]":
    """Run one of the installed tools."""
    program = NODE / "node_modules" / ".bin" / name
    return subprocess.run([program, *arguments], cwd=project, capture_output=True, text=True)


def generate(project: Path) -> "subprocess.CompletedProcess[str]":
    return tool(project, "graphql-codegen-esm", "--config", "codegen.json")


def respell(project: Path, right: str, wrong: str) -> None:
    client = project / "client.ts"
    assert right in client.read_text()
    client.write_text(client.read_text().replace(right, wrong))


def test_a_typed_client_compiles_and_works(project: Path, url: str) -> None:
    compiled = tool(project, "tsc", "-p", ".")
    assert compiled.returncode == 0, compiled.stdout

    ran = subprocess.run(["node", "built/client.js", f"{url}/graphql"], cwd=project, capture_output=True, text=True)

    assert ran.stderr == ""
    names, again, payment = ran.stdout.splitlines()
    assert len(set(names.split(", "))) == 9
    assert again == names.split(", ")[-1]
    assert payment == "1999 REQUIRES_PAYMENT_METHOD"


def test_a_client_that_misspells_a_field_of_an_answer_does_not_compile(project: Path) -> None:
    respell(project, "customer.name ??", "customer.nmae ??")

    compiled = tool(project, "tsc", "-p", ".", "--noEmit")

    assert compiled.returncode != 0
    assert "Property 'nmae' does not exist" in compiled.stdout


def test_a_client_that_misspells_an_input_field_does_not_compile(project: Path) -> None:
    respell(project, "{ amount: 1999", "{ amuont: 1999")

    compiled = tool(project, "tsc", "-p", ".", "--noEmit")

    assert compiled.returncode != 0
    assert "'amuont' does not exist" in compiled.stdout


def test_a_client_that_asks_for_a_field_that_is_not_there_gets_no_types(project: Path) -> None:
    respell(project, "minorUnits\n                currency", "minorUnits\n                curency")

    made = generate(project)

    assert made.returncode != 0
    assert 'Cannot query field "curency" on type "Money"' in made.stdout + made.stderr
