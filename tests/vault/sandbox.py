"""The vault: a service that knows its users by OAuth, and tells each what is theirs."""

from collections.abc import Sequence

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from connectors.sandbox.base import Sandbox
from connectors.sandbox.people import Person
from tests.vault.authorization import REFRESH_TOKEN, AuthorizationServer, Form, Issued, Memory


class VaultSandbox(Sandbox):
    """`memory` is what its authorization server knows: that Ada has agreed, to begin with."""

    def __init__(self, people: tuple[Person, ...] = ()) -> None:
        super().__init__()
        self.memory = Memory()
        self.memory.issued.append(Issued("ended long ago", REFRESH_TOKEN, "ada", expires_at=0.0))
        self._server = AuthorizationServer(self.memory)

    @property
    def routes(self) -> Sequence[Route]:
        return [
            Route("/oauth/token", self.token, methods=["POST"], name="oauth2.token"),
            Route("/oauth/revoke", self.revoke, methods=["POST"], name="oauth2.revoke"),
            Route("/items/{id}", self.item, name="items.get"),
        ]

    def failure(self, status: int) -> Response:
        return JSONResponse({"error": "temporarily_unavailable"}, status)

    def throttled(self, retry_after_s: float) -> Response:
        return JSONResponse({"error": "slow_down"}, 429, headers={"Retry-After": f"{retry_after_s:.0f}"})

    def expire(self) -> None:
        self.memory.expire()

    async def token(self, request: Request) -> Response:
        response: Response = self._server.create_token_response(Form(_named(request), await request.body()))
        return response

    async def revoke(self, request: Request) -> Response:
        form = Form(_named(request), await request.body())
        response: Response = self._server.create_endpoint_response("revocation", form)
        return response

    async def item(self, request: Request) -> Response:
        user = self.memory.user_of(request.headers.get("authorization", "").removeprefix("Bearer "))
        if user is None:
            return JSONResponse({"error": "invalid_token"}, 401)
        return JSONResponse({"id": request.path_params["id"], "owner": user}, headers={"Cache-Control": "max-age=60"})


def _named(request: Request) -> dict[str, str]:
    """Headers under the names that Authlib looks for."""
    return {name.title(): value for name, value in request.headers.items()}
