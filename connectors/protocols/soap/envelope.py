"""An envelope that is ready but for what each attempt adds to it."""

from copy import deepcopy
from dataclasses import dataclass
from typing import Literal, cast

import httpx2
from lxml import etree

Version = Literal["1.1", "1.2"]
NAMESPACES: dict[Version, str] = {
    "1.1": "http://schemas.xmlsoap.org/soap/envelope/",
    "1.2": "http://www.w3.org/2003/05/soap-envelope",
}


@dataclass(frozen=True)
class Envelope:
    """A SOAP request. It travels on the `httpx2.Request` as `extensions["envelope"]`, so that an auth scheme can render
    it again with the headers that one attempt needs (`SessionHeader`, `wsse:Security`).

    `root` is never changed once it is here.
    """

    root: etree._Element
    version: Version
    action: str

    def rendered(self, *headers: etree._Element) -> bytes:
        """The envelope as it goes out, with more header elements behind its own."""
        root = self.root
        if headers:
            root = deepcopy(root)
            name = f"{{{NAMESPACES[self.version]}}}Header"
            header = root.find(name)
            if header is None:
                header = etree.Element(name)
                root.insert(0, header)
            header.extend(deepcopy(headers))
        return etree.tostring(root, xml_declaration=True, encoding="utf-8")

    @property
    def http_headers(self) -> dict[str, str]:
        """What HTTP must say of it: W3C Note SOAP 1.1, section 6.1.1, and RFC 3902 for SOAP 1.2."""
        if self.version == "1.1":
            return {"Content-Type": "text/xml; charset=utf-8", "SOAPAction": f'"{self.action}"'}
        action = f'; action="{self.action}"' if self.action else ""
        return {"Content-Type": f"application/soap+xml; charset=utf-8{action}"}


def envelope_of(request: httpx2.Request) -> Envelope:
    """The envelope that a SOAP request carries."""
    return cast(Envelope, request.extensions["envelope"])
