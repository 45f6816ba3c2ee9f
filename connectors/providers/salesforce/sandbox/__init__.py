"""A Salesforce org in this process: the SOAP Partner API, and the part of REST that its Python client uses."""

from collections.abc import Sequence

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from connectors.clock import Clock, SystemClock
from connectors.providers.salesforce.partner import SOAP_PATH, WSDL_FILE
from connectors.providers.salesforce.sandbox import rest, soap
from connectors.providers.salesforce.sandbox.org import Org, Problem
from connectors.providers.salesforce.sandbox.story import tell
from connectors.providers.salesforce.sandbox.users import DIALECT
from connectors.sandbox.address import address
from connectors.sandbox.authorization import AuthorizationServer
from connectors.sandbox.base import Sandbox
from connectors.sandbox.people import Person

CODES = {
    401: "INVALID_SESSION_ID",
    403: "INSUFFICIENT_ACCESS",
    429: "REQUEST_LIMIT_EXCEEDED",
    500: "UNKNOWN_EXCEPTION",
}


class SalesforceSandbox(Sandbox):
    """Accounts (the companies), contacts (the people), opportunities, cases, leads and tasks.

    Operations have the names of the WSDL, REST's calls too. Sessions last until `expire`, query locators two days or
    until `expire_locators`.
    """

    def __init__(self, people: tuple[Person, ...], clock: Clock | None = None) -> None:
        super().__init__()
        self.org = Org(tell(people), clock or SystemClock())
        self.authorization = AuthorizationServer(DIALECT, people, self.org.sessions, now=lambda: self.time())
        soap_path = "/services/Soap/u/{version}"
        self._routes = (
            Route("/services/wsdl/partner", self._wsdl, name="wsdl"),
            Route(soap_path, self._soap, methods=["POST"], name="soap"),
            Route(f"{soap_path}/{{organization}}", self._soap, methods=["POST"], name="soap"),
            *rest.routes(self.org),
        )

    @property
    def routes(self) -> Sequence[Route]:
        return self._routes

    async def operation(self, request: Request, route: Route) -> str:
        """For SOAP, the name of the element in the envelope's body."""
        return soap.operation_of(await request.body()) if route.name == "soap" else route.name

    def failure(self, status: int) -> Response:
        return soap.fault(Problem(CODES.get(status, "SERVER_UNAVAILABLE" if status > 500 else "API_ERROR")), status)

    def throttled(self, retry_after_s: float) -> Response:
        """Salesforce does not say for how long."""
        return soap.fault(Problem("REQUEST_LIMIT_EXCEEDED"))

    def expire(self) -> Response:
        """End all sessions."""
        self.org.end_sessions()
        return soap.fault(Problem("INVALID_SESSION_ID"))

    def expire_locators(self) -> None:
        """Forget all queries that are still being read, as Salesforce does after two days."""
        self.org.forget_locators()

    async def _wsdl(self, request: Request) -> Response:
        here = f"{address(request)}{SOAP_PATH}"
        text = WSDL_FILE.read_text().replace(f"https://login.salesforce.com{SOAP_PATH}", here)
        return Response(text, media_type="text/xml")

    async def _soap(self, request: Request) -> Response:
        return await soap.answer(self.org, request)
