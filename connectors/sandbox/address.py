"""Where a sandbox is."""

from starlette.requests import Request


def address(request: Request) -> str:
    """Where the sandbox that got a request can be reached, the path it is mounted at included; no trailing slash."""
    return str(request.url.replace(path=request.scope.get("root_path", ""), query="", fragment="")).rstrip("/")
