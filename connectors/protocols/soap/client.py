"""SOAP: named operations of a WSDL in, values or envelopes out."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import httpx2
from lxml import etree

from connectors.call import ALL, Call
from connectors.errors import PayloadMismatch
from connectors.judgement import Outcome, verdict_of
from connectors.protocols.answers import accepted
from connectors.protocols.soap.envelope import NAMESPACES
from connectors.protocols.soap.faults import SoapFault, fault_in
from connectors.protocols.soap.xml import NotXml, UnsafeXml, local_name, parsed
from connectors.upstream import Endpoint

if TYPE_CHECKING:
    from connectors.protocols.soap.wsdl import Wsdl


class Soap:
    """Named calls to one SOAP upstream, whose whole address is the endpoint's `base_url`."""

    def __init__(self, endpoint: Endpoint, wsdl: "Wsdl") -> None:
        self._endpoint = endpoint
        self._wsdl = wsdl

    async def call(
        self,
        operation: str,
        arguments: Mapping[str, Any],
        *,
        headers: Mapping[str, Any] | None = None,
        safe: bool = False,
        idempotency_key: str | None = None,
        bucket: str = "default",
        anonymous: bool = False,
        evicts: tuple[str, ...] = ALL,
    ) -> Any:
        """The answer as the WSDL describes it: see `Wsdl.envelope` and `Wsdl.decoded`. For `evicts` see `Call`.

        Raises `SoapFault`, the errors of `accepted`, and `PayloadMismatch` for an answer that is no XML, unsafe XML or
        not what the WSDL promises.
        """
        envelope = await self.exchange(
            operation,
            arguments,
            headers=headers,
            safe=safe,
            idempotency_key=idempotency_key,
            bucket=bucket,
            anonymous=anonymous,
            evicts=evicts,
        )
        try:
            return self._wsdl.decoded(operation, envelope)
        except ValueError as error:
            raise self._mismatch(operation, "an answer that fits the WSDL") from error

    async def exchange(
        self,
        operation: str,
        arguments: Mapping[str, Any],
        *,
        headers: Mapping[str, Any] | None = None,
        safe: bool = False,
        idempotent: bool = False,
        idempotency_key: str | None = None,
        bucket: str = "default",
        anonymous: bool = False,
        about: tuple[str, ...] = (),
        evicts: tuple[str, ...] = ALL,
    ) -> etree._Element:
        """Like `call`, with the answer as the whole envelope: for answers that are too long to be decoded by schema."""
        call = Call(
            operation=operation,
            safe=safe,
            scope=self._endpoint.scope,
            idempotent=idempotent,
            idempotency_key=idempotency_key,
            bucket=bucket,
            anonymous=anonymous,
            about=about,
            evicts=evicts,
            sound=is_envelope,
        )
        envelope = self._wsdl.envelope(operation, arguments, headers)
        request = httpx2.Request(
            "POST",
            self._endpoint.base_url,
            headers=envelope.http_headers,
            content=envelope.rendered(),
            extensions={"call": call, "envelope": envelope},
        )
        return self._read(request, await self._endpoint.send(request), operation)

    def _read(self, request: httpx2.Request, response: httpx2.Response, operation: str) -> etree._Element:
        outcome = verdict_of(response).outcome
        try:
            root = parsed(response.content)
        except UnsafeXml as error:
            if outcome in (Outcome.OK, Outcome.REJECTED):
                raise self._mismatch(operation, "XML without a DOCTYPE") from error
        except NotXml as error:
            if outcome is Outcome.OK:
                raise self._mismatch(operation, "well-formed XML") from error
        else:
            fault = fault_in(root)
            if fault is not None and outcome in (Outcome.OK, Outcome.REJECTED):
                raise SoapFault(self._endpoint.upstream, operation, status=response.status_code, fault=fault)
            if outcome is Outcome.OK and root.tag != f"{{{NAMESPACES[self._wsdl.version]}}}Envelope":
                raise self._mismatch(operation, f"a SOAP {self._wsdl.version} envelope")
        accepted(self._endpoint.upstream, request, response)
        return root

    def _mismatch(self, operation: str, expected: str) -> PayloadMismatch:
        return PayloadMismatch(self._endpoint.upstream, operation, path="body", expected=expected)


def is_envelope(content: bytes) -> bool:
    """Whether an answer is SOAP at all."""
    try:
        return local_name(parsed(content)) == "Envelope"
    except (NotXml, UnsafeXml):
        return False
