"""Where the tests that look at a page find their browser."""

import shutil
import subprocess
import tempfile
from pathlib import Path

SYSTEM = ("chromium", "google-chrome", "google-chrome-stable")
NODE = Path(__file__).parent / "node"
PACKAGE = NODE / "node_modules" / "@sparticuz" / "chromium"

INFLATE = """
const { createReadStream, createWriteStream } = require("node:fs");
const { createBrotliDecompress } = require("node:zlib");
const [source, target] = process.argv.slice(1);
createReadStream(source).pipe(createBrotliDecompress()).pipe(createWriteStream(target));
"""

FONTS = """<?xml version="1.0"?>
<fontconfig><dir prefix="relative">fonts</dir><cachedir prefix="xdg">fontconfig</cachedir></fontconfig>
"""

LAUNCHER = """#!/bin/sh
here=$(dirname "$0")
export LD_LIBRARY_PATH="$here/lib" FONTCONFIG_FILE="$here/fonts.conf"
exec "$here/chromium" "$@"
"""


def chromium_path() -> Path:
    """A Chromium for Playwright's `executable_path`, to be started headless.

    The system's if it has one, else the one inside the npm package of `tests/node`, which brings the
    libraries and fonts that a bare machine lacks. Its first use unpacks 200 MB beside it, in about 3 s.

    Raises `FileNotFoundError`, saying what to run, where there is neither.
    """
    for name in SYSTEM:
        if found := shutil.which(name):
            return Path(found)
    if not PACKAGE.is_dir():
        raise FileNotFoundError(f"no Chromium: run `npm ci` in {NODE}, or install {' or '.join(SYSTEM)}")
    home = PACKAGE / "unpacked"
    if not home.exists():
        _unpack(home)
    return home / "chromium.sh"


def _unpack(home: Path) -> None:
    with tempfile.TemporaryDirectory(dir=PACKAGE) as scratch:
        fresh = Path(scratch) / home.name
        fresh.mkdir()
        _inflate("chromium", fresh / "chromium")
        for archive in ("al2023.tar", "fonts.tar"):
            _inflate(archive, Path(scratch) / archive)
            subprocess.run(["tar", "-xf", Path(scratch) / archive, "-C", fresh], check=True)
        (fresh / "fonts.conf").write_text(FONTS)
        (fresh / "chromium.sh").write_text(LAUNCHER)
        for program in ("chromium", "chromium.sh"):
            (fresh / program).chmod(0o755)
        if not home.exists():  # another test process may have been quicker
            fresh.rename(home)


def _inflate(name: str, target: Path) -> None:
    subprocess.run(["node", "-e", INFLATE, PACKAGE / "bin" / f"{name}.br", target], check=True)
