"""WSDL files with everything that makes them hard."""

from decimal import Decimal
from pathlib import Path

import pytest
from lxml import etree

from connectors.protocols.soap.wsdl import Wsdl, WsdlError
from connectors.protocols.soap.xml import parsed

FILES = Path(__file__).parent / "wsdl"
ORDER = "{urn:orders:order}"
PARTY = "{urn:orders:party}"
ANSWER = """
<e:Envelope xmlns:e="{envelope}" xmlns:o="urn:orders:order" xmlns:c="urn:orders:party" xmlns:m="urn:orders:money"
            xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><e:Body>
  <o:placeOrderResponse>
    <o:order>
      <o:number>7</o:number>
      <o:buyer xsi:type="c:Company"><c:name>Tern Airlines</c:name><c:register>HRB 1</c:register></o:buyer>
      <o:note xsi:nil="true"/>
      <o:line><o:item>wing</o:item><o:price><c:money currency="EUR">1.50</c:money></o:price></o:line>
      <o:line><o:item>tail</o:item><o:price><c:money currency="EUR">2.25</c:money></o:price></o:line>
    </o:order>
    <o:order><o:number>8</o:number><o:buyer><c:name>Ada</c:name></o:buyer><o:note>soon</o:note></o:order>
  </o:placeOrderResponse>
</e:Body></e:Envelope>
"""


def an_order() -> dict[str, object]:
    price = {"money": {"_value_1": Decimal("1.50"), "currency": "EUR"}}
    lines = [{"item": "wing", "price": price}, {"item": "tail", "price": price}]
    return {"number": "7", "buyer": {"name": "Ada"}, "note": None, "line": lines}


def test_relative_imports_three_levels_deep_cyclic_schemas_and_several_namespaces_become_an_envelope() -> None:
    wsdl = Wsdl(FILES / "orders.wsdl")

    root = parsed(wsdl.envelope("placeOrder", {"order": an_order()}).rendered())

    order = root.find(f".//{ORDER}order")
    assert order is not None
    assert order.findtext(f"{ORDER}buyer/{PARTY}name") == "Ada"
    assert [line.findtext(f"{ORDER}item") for line in order.iterfind(f"{ORDER}line")] == ["wing", "tail"]
    money = order.find(f".//{PARTY}money")
    assert money is not None
    assert (money.text, money.get("currency")) == ("1.50", "EUR")


def test_none_is_xsi_nil_on_the_way_out() -> None:
    root = parsed(Wsdl(FILES / "orders.wsdl").envelope("placeOrder", {"order": an_order()}).rendered())

    note = root.find(f".//{ORDER}note")
    assert note is not None
    assert note.get("{http://www.w3.org/2001/XMLSchema-instance}nil") == "true"


def test_header_parts_stand_in_the_header_with_what_an_attempt_adds_behind_them() -> None:
    envelope = Wsdl(FILES / "orders.wsdl").envelope(
        "placeOrder", {"order": an_order()}, {"ticket": {"code": "T1"}, "trace": "abc"}
    )
    added = etree.Element("{urn:security}Session")

    names = [child.tag for child in parsed(envelope.rendered(added))[0]]
    assert names == [f"{ORDER}ticket", f"{ORDER}trace", "{urn:security}Session"]
    assert [child.tag for child in parsed(envelope.rendered())[0]] == [f"{ORDER}ticket", f"{ORDER}trace"]


def test_a_header_is_made_where_there_was_none() -> None:
    envelope = Wsdl(FILES / "orders.wsdl").envelope("placeOrder", {"order": an_order()})

    root = parsed(envelope.rendered(etree.Element("{urn:security}Session")))
    assert [etree.QName(child).localname for child in root] == ["Header", "Body"]
    assert root[0][0].tag == "{urn:security}Session"


@pytest.mark.parametrize(
    ("port", "namespace"),
    [
        ("Orders11", "http://schemas.xmlsoap.org/soap/envelope/"),
        ("Orders12", "http://www.w3.org/2003/05/soap-envelope"),
    ],
)
def test_nil_xsi_type_and_unbounded_elements_come_back_as_values(port: str, namespace: str) -> None:
    wsdl = Wsdl(FILES / "orders.wsdl", port=port)

    first, second = wsdl.decoded("placeOrder", parsed(ANSWER.format(envelope=namespace).strip().encode()))

    assert first["note"] is None
    assert first["buyer"] == {"name": "Tern Airlines", "lastOrder": None, "register": "HRB 1"}
    assert [line["price"]["money"]["_value_1"] for line in first["line"]] == [Decimal("1.50"), Decimal("2.25")]
    assert (second["number"], second["note"], second["line"]) == ("8", "soon", [])


def test_each_version_says_in_http_what_it_is() -> None:
    old, new = (Wsdl(FILES / "orders.wsdl", port=port) for port in ("Orders11", "Orders12"))

    assert old.envelope("placeOrder", {"order": an_order()}).http_headers == {
        "Content-Type": "text/xml; charset=utf-8",
        "SOAPAction": '"urn:orders:place"',
    }
    assert new.envelope("placeOrder", {"order": an_order()}).http_headers == {
        "Content-Type": 'application/soap+xml; charset=utf-8; action="urn:orders:place"'
    }
    assert (old.address, new.address) == ("https://orders.example/soap", "https://orders.example/soap12")


def test_arguments_that_do_not_fit_the_schema_are_a_value_error() -> None:
    wsdl = Wsdl(FILES / "orders.wsdl")

    with pytest.raises(ValueError, match="number"):
        wsdl.envelope("placeOrder", {"order": {"buyer": {"name": "Ada"}, "note": None}})


def test_an_answer_of_another_kind_is_a_value_error() -> None:
    wsdl = Wsdl(FILES / "orders.wsdl")
    stranger = parsed(b'<e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/"><e:Body/></e:Envelope>')

    with pytest.raises(ValueError, match="does not fit"):
        wsdl.decoded("placeOrder", stranger)


def test_what_would_have_to_be_fetched_is_refused() -> None:
    with pytest.raises(WsdlError, match=r"http://elsewhere\.example/service\.wsdl would have to be fetched"):
        Wsdl(FILES / "fetching.wsdl")


def test_a_wsdl_with_a_doctype_is_refused() -> None:
    with pytest.raises(WsdlError, match="DOCTYPE"):
        Wsdl(FILES / "bomb.wsdl")


def test_a_missing_file_and_a_missing_port_are_named() -> None:
    with pytest.raises(WsdlError, match=r"nowhere\.wsdl cannot be read"):
        Wsdl(FILES / "nowhere.wsdl")
    with pytest.raises(WsdlError, match="no SOAP port named Orders13"):
        Wsdl(FILES / "orders.wsdl", port="Orders13")
