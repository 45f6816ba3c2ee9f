"""The sandboxes as a server of their own, each under its provider's name, to stand in for the upstreams of any program.

Beside them, under `/_control/{name}`, is how to make one misbehave and what it has seen:

    GET    /_control/{name}/calls    the calls so far: operation, method, path and query of each
    DELETE /_control/{name}/calls    forget them
    POST   /_control/{name}/faults   add a fault: a JSON object with the fields of `Fault`
    DELETE /_control/{name}/faults   behave again
"""

from collections.abc import Mapping
from dataclasses import fields

from pydantic import TypeAdapter
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Mount, Route
from starlette.types import ASGIApp, Receive, Scope, Send

from connectors.sandbox.base import ConnectionDropped, Sandbox
from connectors.sandbox.faults import Fault

FAULT = TypeAdapter(Fault)
FAULT_FIELDS = frozenset(field.name for field in fields(Fault))


class HangingUp:
    """Lets a sandbox hang up on a real socket: an answer is begun and never finished, so the server closes it."""

    def __init__(self, sandboxes: Mapping[str, Sandbox], name: str) -> None:
        self._sandboxes = sandboxes
        self._name = name

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await self._sandboxes[self._name](scope, receive, send)
        except ConnectionDropped:
            await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"2")]})
            await send({"type": "http.response.body", "body": b"{", "more_body": True})


def standalone(sandboxes: Mapping[str, Sandbox]) -> ASGIApp:
    """All `sandboxes` in one ASGI app, with their controls. None is looked at before it is called."""

    def named(request: Request) -> Sandbox:
        name = request.path_params["name"]
        if name not in sandboxes:
            raise HTTPException(404, f"no sandbox {name!r} here, only: {', '.join(sandboxes)}")
        return sandboxes[name]

    async def calls(request: Request) -> Response:
        return JSONResponse(
            [
                {"operation": call.operation, "method": call.method, "path": call.path, "query": call.query}
                for call in named(request).calls
            ]
        )

    async def forget_calls(request: Request) -> Response:
        named(request).calls.clear()
        return Response(status_code=204)

    async def add_fault(request: Request) -> Response:
        faults = named(request).faults
        try:
            wanted = await request.json()
            unknown = sorted(set(wanted) - FAULT_FIELDS)
            if unknown:
                raise ValueError(f"unknown fields: {', '.join(unknown)}")
            faults.add(FAULT.validate_python(wanted))
        except (ValueError, TypeError) as error:
            raise HTTPException(400, f"not a fault: {error}") from error
        return Response(status_code=204)

    async def clear_faults(request: Request) -> Response:
        named(request).faults.clear()
        return Response(status_code=204)

    return Starlette(
        routes=[
            Route("/_control/{name}/calls", calls, methods=["GET"]),
            Route("/_control/{name}/calls", forget_calls, methods=["DELETE"]),
            Route("/_control/{name}/faults", add_fault, methods=["POST"]),
            Route("/_control/{name}/faults", clear_faults, methods=["DELETE"]),
            *(Mount(f"/{name}", HangingUp(sandboxes, name)) for name in sandboxes),
        ]
    )
