"""A WSDL file and what it pulls in, read once: values to envelopes and envelopes to values. No network, ever."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, cast
from urllib.parse import urlsplit

from lxml import etree
from zeep.exceptions import Error as ZeepError
from zeep.helpers import serialize_object
from zeep.settings import Settings
from zeep.wsdl import Document
from zeep.wsdl.bindings.soap import Soap12Binding, SoapBinding

from connectors.protocols.soap.envelope import Envelope, Version
from connectors.protocols.soap.xml import NotXml, UnsafeXml, parsed


class WsdlError(ValueError):
    """A WSDL that cannot be used; the message says which file and why."""


class _LocalFiles:
    """Where the WSDL reader gets its documents from."""

    def load(self, location: str) -> bytes:
        scheme = urlsplit(location).scheme
        if scheme:
            raise WsdlError(f"{location} would have to be fetched: only local files are read, save it beside the WSDL")
        try:
            content = Path(location).read_bytes()
            parsed(content)
        except OSError as error:
            raise WsdlError(f"{location} cannot be read: {error.strerror}") from error
        except (NotXml, UnsafeXml) as error:
            raise WsdlError(f"{location}: {error}") from error
        return content


class Wsdl:
    """One port of a WSDL. Reading and writing are pure computing."""

    def __init__(self, path: Path, *, port: str | None = None) -> None:
        """`port` names one of the SOAP ports; by default it is the first. Raises `WsdlError`."""
        settings = Settings(forbid_dtd=True, forbid_entities=True)
        try:
            document = Document(str(path.resolve()), cast(Any, _LocalFiles()), settings=settings)
        except (ZeepError, etree.XMLSyntaxError) as error:
            raise WsdlError(f"{path.name} is not a usable WSDL: {error}") from error
        ports = [
            one
            for service in document.services.values()
            for one in service.ports.values()
            if isinstance(one.binding, SoapBinding) and port in (None, one.name)
        ]
        if not ports:
            raise WsdlError(f"{path.name} has no SOAP port" + (f" named {port}" if port else ""))
        self._binding = ports[0].binding
        self.version: Version = "1.2" if isinstance(self._binding, Soap12Binding) else "1.1"
        self.address: str | None = ports[0].binding_options.get("address")
        self.operations: tuple[str, ...] = tuple(self._binding.all())

    def envelope(
        self, operation: str, arguments: Mapping[str, Any], headers: Mapping[str, Any] | None = None
    ) -> Envelope:
        """The request of `operation`. `headers` are its declared header parts, by part name.

        An lxml element stands for itself where the schema says `xsd:any`, `None` for `xsi:nil`.
        Raises `ValueError` or `TypeError` for arguments that do not fit the schema.
        """
        declared = self._binding.get(operation)
        try:
            message = declared.create(**arguments, _soapheaders=dict(headers) if headers else None)
        except ZeepError as error:
            raise ValueError(str(error)) from error
        return Envelope(message.content, self.version, declared.soapaction or "")

    def decoded(self, operation: str, envelope: etree._Element) -> Any:
        """The answer to `operation` as dicts, lists and values; what the schema does not describe stays an element.

        Raises `ValueError` for an envelope that is not such an answer.
        """
        try:
            return serialize_object(self._binding.get(operation).process_reply(envelope), dict)  # type: ignore[no-untyped-call]
        except (ZeepError, AttributeError, KeyError, IndexError, TypeError) as error:
            raise ValueError("the answer does not fit the WSDL") from error
