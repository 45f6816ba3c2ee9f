"""Where sessions come from: `login` with a password, or an OAuth access token that is there already."""

from collections.abc import Mapping

import httpx2

from connectors.auth.fetched import FetchedAuth
from connectors.auth.session import FixedSession, Session
from connectors.call import Scope, Send, call_of
from connectors.connector import checked_url
from connectors.errors import NotAuthorized, PayloadMismatch
from connectors.protocols.soap.client import Soap
from connectors.protocols.soap.envelope import envelope_of
from connectors.protocols.soap.faults import SoapFault
from connectors.providers.salesforce.partner import SOAP_PATH, session_header, wsdl
from connectors.providers.salesforce.payloads import LoginResultPayload
from connectors.request import rebuilt
from connectors.upstream import Endpoint

UPSTREAM = "salesforce"
DOMAINS = ("salesforce.com", "force.com", "salesforce.mil", "sfcrmproducts.cn", "sfcrmapps.cn")
REFUSED = (
    "the user name, the password or the security token was refused, or the user may not log in from here at this time: "
    "check the SALESFORCE_ variables and the login history in Salesforce"
)
SWITCHED_OFF = "this org does not allow login by SOAP: allow it in Setup, or use SALESFORCE_ACCESS_TOKEN instead"


def by_password(values: Mapping[str, str]) -> FetchedAuth[Session]:
    """Log in with `SALESFORCE_USERNAME` and `SALESFORCE_PASSWORD`; the security token goes behind the password."""
    username = values["SALESFORCE_USERNAME"]
    password = values["SALESFORCE_PASSWORD"] + values.get("SALESFORCE_SECURITY_TOKEN", "")

    async def log_in(request: httpx2.Request, send: Send) -> Session:
        scope = Scope(calls=call_of(request).scope.calls)
        soap = Soap(Endpoint(UPSTREAM, str(request.url), send, scope), wsdl())
        arguments = {"username": username, "password": password}
        try:
            result: LoginResultPayload | None = await soap.call(
                "login", arguments, safe=True, bucket="auth", anonymous=True
            )
        except NotAuthorized as error:
            raise NotAuthorized(UPSTREAM, "login", REFUSED) from error
        except SoapFault as error:
            if error.faultcode == "INVALID_OPERATION":
                raise NotAuthorized(UPSTREAM, "login", SWITCHED_OFF) from error
            raise
        return session_from(result, request.url)

    return FetchedAuth(log_in, signed)


def by_token(values: Mapping[str, str]) -> FixedSession:
    """Use the OAuth access token `SALESFORCE_ACCESS_TOKEN` at `SALESFORCE_INSTANCE_URL`."""
    instance = checked_url("SALESFORCE_INSTANCE_URL", values["SALESFORCE_INSTANCE_URL"])
    return FixedSession(Session(values["SALESFORCE_ACCESS_TOKEN"], instance + SOAP_PATH), signed)


def session_from(result: LoginResultPayload | None, asked: httpx2.URL) -> Session:
    """The session in a login's answer, if the address in it may be trusted with one.

    That is a Salesforce host over HTTPS, or the very server that was asked (`asked`), which the operator chose.
    """
    if not isinstance(result, dict):
        raise PayloadMismatch(UPSTREAM, "login", path="result", expected="a LoginResult")
    if result.get("passwordExpired"):
        raise NotAuthorized(UPSTREAM, "login", "the password has expired: set a new one in Salesforce")
    session_id, address = result.get("sessionId"), result.get("serverUrl")
    if not session_id or not address:
        raise PayloadMismatch(UPSTREAM, "login", path="result", expected="a sessionId and a serverUrl")
    if not trusted(address, asked):
        raise PayloadMismatch(UPSTREAM, "login", path="result.serverUrl", expected="an https address of Salesforce")
    return Session(session_id, address)


def trusted(address: str, asked: httpx2.URL) -> bool:
    """Whether an address is a Salesforce host over HTTPS, or the very server that was asked."""
    try:
        url = httpx2.URL(address)
    except httpx2.InvalidURL:
        return False
    if url.scheme == "https" and url.host.endswith(tuple(f".{domain}" for domain in DOMAINS)):
        return True
    return (url.scheme, url.host, url.port) == (asked.scheme, asked.host, asked.port)


def signed(request: httpx2.Request, session: Session) -> httpx2.Request:
    """The request with a `SessionHeader`, at the session's own address."""
    content = envelope_of(request).rendered(session_header(session.id))
    return rebuilt(request, url=session.url, content=content)
