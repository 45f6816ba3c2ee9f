"""`/connect/{provider}`: where a user's browser goes to connect an account, and comes back.

The links of authenticated users have a ticket. As a link can be sent to somebody else, one is asked first whether it is
one's own wish; nothing else than that page may go on. Where nobody but this machine is let in and there is one user, no
ticket is needed.
"""

import re
import secrets
from collections.abc import Mapping
from html import escape
from urllib.parse import urlsplit

import httpx2
import structlog
from fastapi import FastAPI, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from connectors.auth.store.memory import MemoryVouchers
from connectors.auth.store.opening import vouchers_in
from connectors.auth.store.store import StoreUnavailable
from connectors.clock import Clock
from connectors.connector import ConfigurationError, Connector, checked_url
from connectors.consent import STATE_S, Connection, Consent, Unusable, Wish, grant_of
from connectors.database import Database
from server.settings import Settings

log = structlog.get_logger("punnet.connect")

SANDBOX = "/sandbox"
"""Under which the pages of sandboxes are, each under its provider's name: a browser cannot reach them otherwise."""

BROWSER = re.compile(r"[A-Za-z0-9_-]{43}", re.ASCII)
"""What we call browsers by."""

PAGE = """<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>{title}</title><style>body {{ font: 16px/1.5 system-ui, sans-serif; max-width: 34rem; margin: 4rem auto;
padding: 0 1rem; }} button {{ font: inherit; padding: .4rem 1.2rem; }}</style>
<h1>{title}</h1><p>{text}</p>{more}</html>"""

HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    # Same-origin, so that the form says where it comes from; the address of this page goes to nobody else.
    "Referrer-Policy": "same-origin",
}


class Connecting:
    """The pages. `public_url` is where browsers reach us and are told to come back to; the request's own if unset.

    `user` is who comes without a ticket; `None` where nobody may.
    """

    def __init__(self, consent: Consent, *, public_url: str | None, user: str | None) -> None:
        self._consent = consent
        self._public_url = public_url and public_url.rstrip("/")
        self._user = user

    def add_to(self, app: FastAPI) -> None:
        """The pages take no more than the request: FastAPI would load `pydantic.v1` for a parameter."""
        app.get("/connect/{provider}", response_model=None)(self.begin)
        app.post("/connect/{provider}", response_model=None)(self.go_on)
        app.get("/connect/{provider}/callback", response_model=None)(self.arrive)
        for name, connector in self._consent.connectors.items():
            if connector.emulator:
                app.mount(f"{SANDBOX}/{name}", connector.emulator)

    async def begin(self, request: Request) -> Response:
        """Show whose wish it is, or go at once where there is one user."""
        provider: str = request.path_params["provider"]
        ticket = request.query_params.get("ticket")
        try:
            if ticket is None:
                if self._user is None:
                    message = "Open the link that your application gives you: it asks for one by `connectProvider`."
                    return page(401, "No ticket", message)
                return_to = request.query_params.get("return_to")
                return await self._depart(request, Wish(provider=provider, user=self._user, return_to=return_to))
            wish = await self._consent.wish_of(provider, ticket, spend=False)
        except (Unusable, StoreUnavailable) as error:
            return refused(error)
        title = self._consent.connectors[provider].upstream.title
        text = (
            f"You are about to let {escape(host_of(request))} use an account of yours at {escape(title)}, as its user "
            f"<b>{escape(wish.user.removeprefix('user:'))}</b>. If you did not ask for this yourself, close this page."
        )
        button = f'<form method="post"><button autofocus>Connect {escape(title)}</button></form>'
        return page(200, f"Connect {title}", text, button)

    async def go_on(self, request: Request) -> Response:
        """Spend the ticket, for who comes from our own page."""
        provider: str = request.path_params["provider"]
        if request.headers.get("origin") != "{0.scheme}://{0.netloc}".format(urlsplit(self._our(request))):
            return page(403, "Not from here", "This was not sent from the page of this gateway.")
        try:
            wish = await self._consent.wish_of(provider, request.query_params.get("ticket", ""), spend=True)
            return await self._depart(request, wish)
        except (Unusable, StoreUnavailable) as error:
            return refused(error)

    async def arrive(self, request: Request) -> Response:
        """Take what the provider sent the browser back with."""
        provider: str = request.path_params["provider"]
        browser = request.cookies.get(self._cookie(request), "")
        try:
            wish, connection = await self._consent.arrive(provider, dict(request.query_params), browser=browser)
        except (Unusable, StoreUnavailable) as error:
            return refused(error, provider)
        return done(wish, connection)

    async def _depart(self, request: Request, wish: Wish) -> Response:
        ours, cookie = self._our(request), self._cookie(request)
        browser = request.cookies.get(cookie, "")
        if not BROWSER.fullmatch(browser):
            browser = secrets.token_urlsafe(32)
        callback = f"{ours}/connect/{wish.provider}/callback"
        link = await self._consent.depart(wish, redirect_uri=callback, browser=browser)
        response = RedirectResponse(reachable(self._consent.connectors[wish.provider], link), 303, headers=HEADERS)
        secure = ours.startswith("https:")
        response.set_cookie(cookie, browser, max_age=int(STATE_S), httponly=True, secure=secure, samesite="lax")
        return response

    def _our(self, request: Request) -> str:
        return self._public_url or f"{request.url.scheme}://{request.url.netloc}"

    def _cookie(self, request: Request) -> str:
        """No other site of the same domain can set one with this prefix, which takes HTTPS (RFC 6265bis, 4.1.3)."""
        return "__Host-punnet-connect" if self._our(request).startswith("https:") else "punnet-connect"


def reachable(connector: Connector, link: str) -> str:
    """Where a browser finds the provider's page: a sandbox in this process has it here."""
    if not connector.emulator:
        return link
    parts = urlsplit(link)
    return f"{SANDBOX}/{connector.upstream.name}{parts.path}?{parts.query}"


def done(wish: Wish, connection: Connection) -> Response:
    """Back to where the user wants to be, or a page that says what has happened."""
    if wish.return_to:
        return back(wish.return_to, connected=wish.provider)
    account = f" ({escape(connection.account)})" if connection.account else ""
    title = f"{connection.title} is connected"
    return page(200, title, f"Your account{account} can be used now. You can close this page.")


def refused(error: Unusable | StoreUnavailable, provider: str = "") -> Response:
    if isinstance(error, StoreUnavailable):
        log.error("the store of tokens failed", problem=str(error))
        return page(503, "Not connected", "Something went wrong on our side. Try again later.")
    if error.return_to:
        return back(error.return_to, provider=provider, connect_error=error.code)
    title = "You said no" if error.code == "access_denied" else "Not connected"
    message = "Nothing has been connected." if error.code == "access_denied" else escape(str(error))
    return page(error.status, title, message)


def back(return_to: str, **told: str) -> Response:
    return RedirectResponse(str(httpx2.URL(return_to).copy_merge_params(told)), 303, headers=HEADERS)


def page(status: int, title: str, text: str, more: str = "") -> Response:
    """`text` and `more` are HTML."""
    return HTMLResponse(PAGE.format(title=escape(title), text=text, more=more), status, headers=HEADERS)


def host_of(request: Request) -> str:
    return request.url.hostname or "this gateway"


def consent_from(
    settings: Settings, connectors: Mapping[str, Connector], database: Database, clock: Clock
) -> Consent | None:
    """How users connect accounts, where there are providers for it. Raises `ConfigurationError` without a public URL.

    Where all of these are sandboxes, what is known of users goes with the process.
    """
    granting = {name: there for name, there in connectors.items() if grant_of(there)}
    real = [there.upstream.title for there in granting.values() if not there.emulator]
    if real and settings.public_url:
        checked_url("PUNNET_PUBLIC_URL", settings.public_url)
    elif real and not settings.private:
        raise ConfigurationError(f"PUNNET_PUBLIC_URL must say where users come back to from {' and '.join(real)}")
    if not granting:
        return None
    keys = settings.encryption_key.get_secret_value()
    vouchers = vouchers_in(database, keys) if real else MemoryVouchers(clock.time)
    return Consent(granting, vouchers, settings.returns)
