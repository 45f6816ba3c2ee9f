"""The one place where XML from outside is parsed: no DTD, no entities, no network, no huge trees."""

from typing import NoReturn
from xml.parsers import expat

from lxml import etree

XSI = "http://www.w3.org/2001/XMLSchema-instance"


class NotXml(ValueError):
    """The text is not well-formed XML."""


class UnsafeXml(ValueError):
    """The text has a document type declaration, the vehicle of entity bombs and of external entities."""


class _RootReached(Exception):
    """The prolog is over."""


def parsed(content: bytes) -> etree._Element:
    """The root element. Raises `UnsafeXml` for any DOCTYPE, before a single declaration in it is read, and `NotXml`."""
    _check_prolog(content)
    parser = etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        dtd_validation=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )
    try:
        return etree.fromstring(content, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise NotXml("the text is not well-formed XML") from error


def is_nil(element: etree._Element) -> bool:
    """Whether an element says that it has no value (`xsi:nil`)."""
    return element.get(f"{{{XSI}}}nil") in ("true", "1")


def local_name(element: etree._Element) -> str:
    """An element's name without its namespace."""
    return str(etree.QName(element).localname)


def _check_prolog(content: bytes) -> None:
    def refuse(*_: object) -> NoReturn:
        raise UnsafeXml("XML with a DOCTYPE is refused")

    def stop(*_: object) -> NoReturn:
        raise _RootReached

    prolog = expat.ParserCreate()
    prolog.StartDoctypeDeclHandler = refuse
    prolog.StartElementHandler = stop
    try:
        prolog.Parse(content, True)
    except _RootReached:
        return
    except (expat.ExpatError, ValueError, LookupError) as error:
        if isinstance(error, UnsafeXml):
            raise
        raise NotXml("the text is not well-formed XML") from error
