"""SOAP faults, of both versions, under whatever HTTP status they come."""

import re
from dataclasses import dataclass, field

import httpx2
from lxml import etree

from connectors.errors import UpstreamRejected
from connectors.headers import is_page
from connectors.judgement import Outcome, Verdict, by_status
from connectors.protocols.soap.envelope import NAMESPACES
from connectors.protocols.soap.xml import NotXml, UnsafeXml, parsed

SOAP11, SOAP12 = NAMESPACES["1.1"], NAMESPACES["1.2"]
TRANSIENT = ("Server", "Receiver")
A_NAME = re.compile(r"[A-Za-z_][\w.-]{0,79}\Z")
"""What a code must look like to be passed on: a name, so that nothing of a request can be quoted in it."""


@dataclass(frozen=True)
class Fault:
    """What a Fault element says. `code` and `subcode` are local names; SOAP 1.1 has no subcode."""

    code: str
    subcode: str | None = None
    text: str = field(default="", repr=False)
    detail: etree._Element | None = field(default=None, repr=False)

    @property
    def reason(self) -> str:
        """The most specific code."""
        return self.subcode or self.code


class SoapFault(UpstreamRejected):
    """The upstream answered with a SOAP fault.

    `faultcode` is the local name of the fault's code (`Server`, `INVALID_FIELD`), `subcode` that of SOAP 1.2's
    innermost Subcode. `detail` is the fault's detail element. The fault's text may quote the request: it is left out.
    """

    def __init__(self, upstream: str, operation: str, *, status: int, fault: Fault) -> None:
        super().__init__(upstream, operation, status=status, reason=fault.reason)
        self.faultcode = fault.code
        self.subcode = fault.subcode
        self.detail = fault.detail


def fault_in(envelope: etree._Element) -> Fault | None:
    """The fault in an envelope's body, if that is what it holds."""
    one = envelope.find(f"{{{SOAP11}}}Body/{{{SOAP11}}}Fault")
    if one is not None:
        return Fault(_name(one.findtext("faultcode")), None, one.findtext("faultstring") or "", one.find("detail"))
    two = envelope.find(f"{{{SOAP12}}}Body/{{{SOAP12}}}Fault")
    if two is None:
        return None
    codes = [value.text for value in two.iterfind(f"{{{SOAP12}}}Code//{{{SOAP12}}}Value")]
    subcode = _name(codes[-1]) if len(codes) > 1 else None
    text = two.findtext(f"{{{SOAP12}}}Reason/{{{SOAP12}}}Text") or ""
    return Fault(_name(codes[0] if codes else None), subcode, text, two.find(f"{{{SOAP12}}}Detail"))


def fault_of(response: httpx2.Response) -> Fault | None:
    """The fault in an answer. Raises `NotXml` and `UnsafeXml`; a success that cannot hold a fault is not parsed."""
    if response.status_code < 400 and b"Fault" not in response.content:
        return None
    return fault_in(parsed(response.content))


def by_fault(response: httpx2.Response, now: float) -> Verdict:
    """The verdict on a SOAP answer: that of its fault, else that of HTTP.

    A fault is a refusal, by a service that is alive. One that blames the server may be worth another try (SOAP 1.1,
    section 4.4.1). An HTML page of a proxy has a DOCTYPE too, and says no more than its status.
    """
    try:
        fault = fault_of(response)
    except UnsafeXml:
        if not is_page(response):
            return Verdict(Outcome.REJECTED, "unsafe XML")
        fault = None
    except NotXml:
        fault = None
    if fault is None:
        return by_status(response, now)
    return Verdict(Outcome.REJECTED, fault.reason, retry=fault.code in TRANSIENT or None)


def _name(qualified: str | None) -> str:
    name = (qualified or "").strip().rpartition(":")[2]
    return name if A_NAME.match(name) else "fault"
