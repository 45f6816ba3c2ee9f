"""The authorization server of a sandbox: a page where somebody agrees, and the tokens that come of it.

RFC 6749 with PKCE (7636), the refresh tokens of RFC 9700 (section 4.14) and revocation (7009). What a provider does in
its own way is in its `Dialect`.
"""

import hashlib
import secrets
from base64 import b64decode, urlsafe_b64encode
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from html import escape
from typing import Any, Literal
from urllib.parse import parse_qsl, unquote_plus, urlencode, urlsplit

from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route

from connectors.sandbox.address import address
from connectors.sandbox.people import Person

CODE_LIFE_S = 600
CHOICES = 8
"""How many people one can agree as."""

Mishap = Literal["client", "code", "refresh", "request", "grant_type"]
"""What can be wrong with a request for a token."""

WORDS: Mapping[Mishap, str] = {
    "client": "invalid_client",
    "code": "invalid_grant",
    "refresh": "invalid_grant",
    "request": "invalid_request",
    "grant_type": "unsupported_grant_type",
}

PAGE = """<!doctype html><html lang="en"><meta charset="utf-8"><title>{title} (sandbox)</title>
<style>body {{ font: 16px/1.5 sans-serif; max-width: 32rem; margin: 4rem auto; }}</style>
<h1>{title}</h1><p>This is a sandbox: everything here is invented.</p>
<p><b>{client}</b> asks for:</p><ul>{scopes}</ul>
<form method="post"><p><label>Agree as <select name="person">{people}</select></label></p>
<button name="decision" value="allow">Allow</button><button name="decision" value="deny">Deny</button></form></html>"""


@dataclass(eq=False, kw_only=True)
class Issued:
    """One token that was given out. Those that come of one agreement are a `family`.

    `beside` is the other one in an answer with two, which is `second`. `returned` are the parameters of the
    authorization request.
    """

    access_token: str
    refresh_token: str | None
    person: Person
    returned: Mapping[str, str]
    expires_at: float | None
    family: object
    second: bool = False
    beside: "Issued | None" = None
    spent: bool = False


@dataclass(frozen=True, eq=False)
class Code:
    """One authorization code. `asked` are the parameters of the request that it answers."""

    person: Person
    asked: Mapping[str, str]
    expires_at: float
    family: object = field(default_factory=object)


def plain(issued: Issued, lifetime_s: int | None, address: str) -> dict[str, Any]:
    """A token's answer as the RFC has it."""
    answer = {
        "access_token": issued.access_token,
        "token_type": "Bearer",
        "expires_in": lifetime_s,
        "refresh_token": issued.refresh_token,
        "scope": issued.returned.get("scope"),
    }
    return {name: value for name, value in answer.items() if value is not None}


def refused(word: str) -> Response:
    """An error as the RFC has it (section 5.2)."""
    return JSONResponse({"error": word}, 401 if word == "invalid_client" else 400)


def token_in_form(request: Request, form: Mapping[str, str], body: bytes) -> str:
    return form.get("token", "")


@dataclass(frozen=True, kw_only=True)
class Taking:
    """How a provider has tokens taken back: where, by which method, and which token a request is about.

    Unless it is `open`, whoever asks must show that they are the client.
    """

    path: str
    method: str = "POST"
    token: Callable[[Request, Mapping[str, str], bytes], str] = token_in_form
    open: bool = False
    answer: Callable[[bool], Response] = lambda known: JSONResponse({})


@dataclass(frozen=True, kw_only=True)
class Dialect:
    """What a provider's authorization server does in its own way.

    `authorize` and `token` are paths. Without `pkce` a challenge is not looked at. Access tokens last for `lifetime_s`
    (for ever, if `None`), and begin as `prefixes` says, refresh tokens and second tokens too: without a prefix there is
    none of the kind. A refresh token is given only to who asks with the parameters in `offline`. One that `rotates` is
    good once; one that does not is `repeated` in the answer to a refresh, or not. `opens` is what a token lets in. A
    token request with a parameter that is not in `takes` is refused, where that is given; with `implied`, one with a
    code need not say what it grants. `issuer` is told to who comes back (RFC 9207).
    """

    title: str
    client_id: str
    client_secret: str
    authorize: str
    token: str
    taking: Taking
    prefixes: tuple[str, str | None, str | None]
    pkce: bool = True
    lifetime_s: int | None = 3600
    rotates: bool = False
    repeated: bool = False
    offline: Mapping[str, str] = field(default_factory=dict)
    scope_parameters: tuple[tuple[str, str], ...] = (("scope", " "),)
    takes: frozenset[str] | None = None
    implied: bool = False
    issuer: str | None = None
    opens: Callable[[Issued], str] = lambda issued: issued.access_token
    answer: Callable[[Issued, int | None, str], dict[str, Any]] = plain
    words: Mapping[Mishap, str] = field(default_factory=dict)
    refused: Callable[[str], Response] = refused


class Refused(Exception):
    """A request for a token that is not granted."""

    def __init__(self, mishap: Mishap) -> None:
        super().__init__(mishap)
        self.mishap: Mishap = mishap


class AuthorizationServer:
    """`tokens` are those that are good at the API, `beside` the second ones; both belong to the sandbox.

    `otherwise` answers the token requests of grants that are none of a user's.
    """

    def __init__(
        self,
        dialect: Dialect,
        people: tuple[Person, ...],
        tokens: set[str],
        *,
        now: Callable[[], float],
        beside: set[str] | None = None,
        otherwise: Callable[[Request], Awaitable[Response]] | None = None,
    ) -> None:
        self.dialect = dialect
        self.people = people[:CHOICES]
        self.issued: list[Issued] = []
        self._tokens = tokens
        self._beside = set[str]() if beside is None else beside
        self._now = now
        self._otherwise = otherwise
        self._codes: dict[str, Code] = {}
        self._spent: dict[str, object] = {}
        self.routes = (
            Route(dialect.authorize, self._authorize, methods=["GET", "POST"], name="oauth2.authorize"),
            Route(dialect.token, self._token, methods=["POST"], name="oauth2.token"),
            Route(dialect.taking.path, self._take, methods=[dialect.taking.method], name="oauth2.revoke"),
        )

    def end_what_is_over(self) -> None:
        """Take tokens out of `tokens` whose time is up."""
        now = self._now()
        over = [one for one in self.issued if one.expires_at is not None and one.expires_at <= now]
        good = {self.dialect.opens(one) for one in self.issued if one not in over}
        for issued in over:
            if self.dialect.opens(issued) not in good:
                self._shut(issued)

    def expire(self) -> None:
        """No access token is good any longer."""
        for issued in self.issued:
            issued.expires_at = self._now()
        self.end_what_is_over()

    async def _authorize(self, request: Request) -> Response:
        dialect, asked = self.dialect, dict(request.query_params)
        if asked.get("client_id") != dialect.client_id or not _is_callback(asked.get("redirect_uri", "")):
            return HTMLResponse("<p>The client or its redirect URI is not known here.</p>", 400)
        if asked.get("response_type") != "code":
            return self._back(asked, error="unsupported_response_type")
        if dialect.pkce and (asked.get("code_challenge_method") != "S256" or not asked.get("code_challenge")):
            return self._back(asked, error="invalid_request")
        if request.method == "GET":
            return HTMLResponse(self._page(asked), headers={"Cache-Control": "no-store"})
        given = dict(parse_qsl((await request.body()).decode()))
        if given.get("decision") != "allow":
            return self._back(asked, error="access_denied")
        person = next((one for one in self.people if one.email == given.get("person")), self.people[0])
        code = secrets.token_urlsafe(24)
        self._codes[code] = Code(person, asked, self._now() + CODE_LIFE_S)
        return self._back(asked, code=code)

    def _page(self, asked: Mapping[str, str]) -> str:
        scopes = [
            scope for name, between in self.dialect.scope_parameters for scope in asked.get(name, "").split(between)
        ]
        return PAGE.format(
            title=escape(self.dialect.title),
            client=escape(self.dialect.client_id),
            scopes="".join(f"<li>{escape(scope)}</li>" for scope in scopes if scope) or "<li>what the app may</li>",
            people="".join(f'<option value="{escape(p.email)}">{escape(p.name)}</option>' for p in self.people),
        )

    def _back(self, asked: Mapping[str, str], **told: str) -> Response:
        told |= {"state": asked["state"]} if "state" in asked else {}
        told |= {"iss": self.dialect.issuer} if self.dialect.issuer else {}
        return Response(status_code=302, headers={"Location": f"{asked['redirect_uri']}?{urlencode(told)}"})

    async def _token(self, request: Request) -> Response:
        form = dict(parse_qsl((await request.body()).decode(), keep_blank_values=True))
        form |= {"grant_type": "authorization_code"} if "code" in form and self.dialect.implied else {}
        refreshing = form.get("grant_type") == "refresh_token" and self._is_client(request, form)
        ours = refreshing or form.get("grant_type") == "authorization_code"
        if self._otherwise and not ours:
            return await self._otherwise(request)
        try:
            issued = self._granted(request, form)
        except Refused as refusal:
            return self.dialect.refused({**WORDS, **self.dialect.words}[refusal.mishap])
        answer = self.dialect.answer(issued, self.dialect.lifetime_s, address(request))
        if form["grant_type"] == "refresh_token" and not self.dialect.rotates and not self.dialect.repeated:
            answer.pop("refresh_token", None)
        return JSONResponse(answer, headers={"Cache-Control": "no-store"})

    def _granted(self, request: Request, form: Mapping[str, str]) -> Issued:
        if self.dialect.takes is not None and not form.keys() <= self.dialect.takes:
            raise Refused("request")
        if not self._is_client(request, form):
            raise Refused("client")
        if form.get("grant_type") == "authorization_code":
            return self._for_code(form)
        if form.get("grant_type") == "refresh_token":
            return self._refreshed(form.get("refresh_token", ""))
        raise Refused("grant_type")

    def _for_code(self, form: Mapping[str, str]) -> Issued:
        name = form.get("code", "")
        if name in self._spent:
            self.end(self._spent[name])
        code = self._codes.pop(name, None)
        if code is None or self._now() >= code.expires_at:
            raise Refused("code")
        self._spent[name] = code.family
        if form.get("redirect_uri", code.asked["redirect_uri"]) != code.asked["redirect_uri"]:
            raise Refused("code")
        if self.dialect.pkce and _s256(form.get("code_verifier", "")) != code.asked["code_challenge"]:
            raise Refused("code")
        offline = self.dialect.offline.items() <= code.asked.items()
        about = code.person, code.asked, code.family
        issued = self._issue(*about, refresh_token=None, offline=offline)
        if self.dialect.prefixes[2] is not None and code.asked.get("user_scope"):
            issued.beside = self._issue(*about, refresh_token=None, offline=offline, second=True)
        return issued

    def _refreshed(self, refresh_token: str) -> Issued:
        before = next((one for one in reversed(self.issued) if one.refresh_token == refresh_token), None)
        if before is None:
            raise Refused("refresh")
        if before.spent:
            self.end(before.family)
            raise Refused("refresh")
        before.spent = self.dialect.rotates
        if self.dialect.rotates:
            self._shut(before)
        kept = None if self.dialect.rotates else refresh_token
        about = before.person, before.returned, before.family
        return self._issue(*about, refresh_token=kept, offline=True, second=before.second)

    def _issue(
        self,
        person: Person,
        asked: Mapping[str, str],
        family: object,
        *,
        refresh_token: str | None,
        offline: bool,
        second: bool = False,
    ) -> Issued:
        first_prefix, refresh, second_prefix = self.dialect.prefixes
        lifetime_s = self.dialect.lifetime_s
        issued = Issued(
            access_token=((second_prefix if second else first_prefix) or "") + secrets.token_hex(16),
            refresh_token=refresh_token
            or (refresh + secrets.token_hex(16) if refresh is not None and offline else None),
            person=person,
            returned=asked,
            expires_at=None if lifetime_s is None else self._now() + lifetime_s,
            family=family,
            second=second,
        )
        self.issued.append(issued)
        self._good(issued).add(self.dialect.opens(issued))
        return issued

    def _good(self, issued: Issued) -> set[str]:
        """Those that are good where this one is."""
        return self._beside if issued.second else self._tokens

    def _shut(self, issued: Issued) -> None:
        """The token opens nothing any longer."""
        self._good(issued).discard(self.dialect.opens(issued))

    async def _take(self, request: Request) -> Response:
        body, taking = await request.body(), self.dialect.taking
        form = dict(parse_qsl(body.decode("utf-8", "replace")))
        if not taking.open and not self._is_client(request, form):
            return self.dialect.refused({**WORDS, **self.dialect.words}["client"])
        token = taking.token(request, form, body)
        known = [one for one in self.issued if token and token in (one.refresh_token, *self._names(one))]
        for issued in known:
            self.end(issued.family)
        return taking.answer(bool(known))

    def _names(self, issued: Issued) -> tuple[str, str]:
        return issued.access_token, self.dialect.opens(issued)

    def end(self, family: object) -> None:
        """Everything that came of one agreement is over."""
        for issued in [one for one in self.issued if one.family is family]:
            self.issued.remove(issued)
            self._shut(issued)

    def _is_client(self, request: Request, form: Mapping[str, str]) -> bool:
        shown = (form.get("client_id", self.dialect.client_id), form.get("client_secret", ""))
        scheme, _, value = request.headers.get("authorization", "").partition(" ")
        if scheme.lower() == "basic":
            try:
                name, _, secret = b64decode(value).decode().partition(":")
            except ValueError:
                return False
            shown = unquote_plus(name), unquote_plus(secret)
        elif scheme.lower() == "bearer":
            shown = form.get("client_id", self.dialect.client_id), value
        return shown == (self.dialect.client_id, self.dialect.client_secret)


def _is_callback(uri: str) -> bool:
    """Whether it could be a gateway's: what an app of a real provider has registered."""
    parts = urlsplit(uri)
    local = parts.hostname in ("127.0.0.1", "localhost")
    return (parts.scheme == "https" or (parts.scheme == "http" and local)) and parts.path.endswith("/callback")


def _s256(verifier: str) -> str:
    return urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
