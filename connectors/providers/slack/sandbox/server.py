"""What every method of the Slack sandbox shares: addresses, tokens, and how errors look."""

from collections.abc import Sequence

import orjson
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from connectors.providers.slack.sandbox.parameters import Refused, parameters
from connectors.providers.slack.sandbox.reads import Method, Reads
from connectors.providers.slack.sandbox.story import tell
from connectors.providers.slack.sandbox.users import DIALECT
from connectors.providers.slack.sandbox.workspace import Json
from connectors.providers.slack.sandbox.writes import Writes
from connectors.sandbox.authorization import AuthorizationServer
from connectors.sandbox.base import Sandbox
from connectors.sandbox.people import Person

BOT_TOKEN = "xoxb-punnet"  # noqa: S105
USER_TOKEN = "xoxp-punnet"  # noqa: S105
FOR_USERS = ("search.messages",)
ERRORS = {400: "invalid_arguments", 401: "invalid_auth", 403: "missing_scope", 404: "unknown_method"}


class SlackSandbox(Sandbox):
    """One workspace, with an app that has a bot token and a user token.

    Errors come under HTTP 200, but for throttling (429) and what breaks (5xx). Tokens never expire, so `expire` answers
    as if this one had been revoked. The user token is that of the first active person.
    """

    def __init__(self, people: tuple[Person, ...]) -> None:
        super().__init__()
        self.workspace = tell(people)
        reads = Reads(self.workspace)
        methods = reads.methods() | Writes(self.workspace, reads).methods()
        self._routes = [self._route_to(name, method) for name, method in methods.items()]
        people_there = (id for id, user in self.workspace.users.items() if not user["deleted"] and not user["is_bot"])
        self.bots, self.users = {BOT_TOKEN}, {USER_TOKEN}
        self.authorization = AuthorizationServer(DIALECT, people, self.bots, now=lambda: self.time(), beside=self.users)
        self.user = next(people_there, self.workspace.bot)

    @property
    def routes(self) -> Sequence[Route]:
        return self._routes

    def failure(self, status: int) -> Response:
        if status >= 500:
            return _respond({"ok": False, "error": "internal_error"}, status)
        if status == 429:
            return self.throttled(1)
        return _respond({"ok": False, "error": ERRORS.get(status, "invalid_arguments")})

    def throttled(self, retry_after_s: float) -> Response:
        answer = _respond({"ok": False, "error": "ratelimited"}, 429)
        answer.headers["Retry-After"] = f"{retry_after_s:.0f}"
        return answer

    def expire(self) -> Response:
        return _respond({"ok": False, "error": "token_revoked"})

    def _route_to(self, name: str, method: Method) -> Route:
        async def endpoint(request: Request) -> Response:
            try:
                given = await parameters(request)
                actor = self._actor(request, given, name)
                return _respond({"ok": True, **method(actor, given)})
            except Refused as refused:
                return _respond(refused.answer)

        return Route(f"/api/{name}", endpoint, methods=["GET", "POST"], name=name)

    def _actor(self, request: Request, given: Json, method: str) -> str:
        """The user that a token acts as."""
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        token = token if scheme.lower() == "bearer" else given.get("token", "")
        if not token:
            raise Refused("not_authed")
        if token in self.users:
            return self.user
        if token not in self.bots:
            raise Refused("invalid_auth")
        if method in FOR_USERS:
            raise Refused("not_allowed_token_type")
        return self.workspace.bot


def _respond(answer: Json, status: int = 200) -> Response:
    return Response(orjson.dumps(answer), status, media_type="application/json; charset=utf-8")
