"""Pages for a browser, GraphiQL and the operators', under a policy that lets them talk to this host only."""

import re
from pathlib import Path

from starlette.responses import Response
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Scope

GRAPHIQL, OPERATORS = (Path(__file__).parent.parent / "web" / name for name in ("dist", "operators"))
"""Where the files of each are, `index.html` among them."""

POLICY = (
    "default-src 'none'; script-src 'self'; worker-src 'self'; style-src 'self' 'unsafe-inline'; font-src 'self'; "
    "img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
"""As `web/README.md` says GraphiQL needs it."""

HARDENING = {"X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer"}

HASHED = re.compile(r"-[0-9A-Z]{8}\.\w+$")
"""The names of files whose content never changes, as esbuild gives them."""


class Assets(StaticFiles):
    """The files of a page; those with a hash in their names may be kept for good."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        response = await super().get_response(path, scope)
        lasting = HASHED.search(path) and response.status_code in (200, 304)
        response.headers["Cache-Control"] = "public, max-age=31536000, immutable" if lasting else "no-cache"
        response.headers.update(HARDENING)
        return response


def page(directory: Path) -> ASGIApp:
    """A page itself."""
    headers = {"Content-Security-Policy": POLICY, "Cache-Control": "no-cache", "Vary": "Accept", **HARDENING}
    return Response((directory / "index.html").read_bytes(), media_type="text/html", headers=headers)
