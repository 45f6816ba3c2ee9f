"""SOAP calls through the pipeline, against answers of every kind."""

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx2
import pytest

from connectors.auth.static import bearer
from connectors.call import Scope, call_of
from connectors.errors import PayloadMismatch, UpstreamError, UpstreamUnavailable
from connectors.pipeline import pipeline
from connectors.pipeline.setup import Setup
from connectors.policy import Policy, RetryPolicy
from connectors.protocols.soap.client import Soap
from connectors.protocols.soap.faults import SoapFault, by_fault
from connectors.protocols.soap.wsdl import Wsdl
from connectors.upstream import Endpoint

WSDL = Path(__file__).parent / "wsdl" / "orders.wsdl"
ARGUMENTS = {"order": {"number": "7", "buyer": {"name": "Ada"}, "note": None}}
FAULT_11 = """<e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/"><e:Body><e:Fault>
<faultcode>e:Client</faultcode><faultstring>no such item: SECRET</faultstring>
<detail><x:Why xmlns:x="urn:x">because</x:Why></detail></e:Fault></e:Body></e:Envelope>"""
FAULT_12 = """<e:Envelope xmlns:e="http://www.w3.org/2003/05/soap-envelope"><e:Body><e:Fault>
<e:Code><e:Value>e:Sender</e:Value><e:Subcode><e:Value xmlns:x="urn:x">x:NO_SUCH_ITEM</e:Value></e:Subcode></e:Code>
<e:Reason><e:Text xml:lang="en">no such item: SECRET</e:Text></e:Reason>
<e:Detail><x:Why xmlns:x="urn:x">because</x:Why></e:Detail></e:Fault></e:Body></e:Envelope>"""
ANSWER = b"""<e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/"><e:Body>
<o:placeOrderResponse xmlns:o="urn:orders:order"/></e:Body></e:Envelope>"""
BOMB = (
    '<!DOCTYPE e:Envelope [<!ENTITY a "aaaaaaaaaa">'
    + "".join(f'<!ENTITY {b} "{f"&{a};" * 10}">' for a, b in zip("abcdefgh", "bcdefghi", strict=True))
    + "]>"
)
ENVELOPE = '<e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/"><e:Body>{}</e:Body></e:Envelope>'
UNSAFE = {
    "a plain DOCTYPE": "<!DOCTYPE e:Envelope>" + ENVELOPE.format(""),
    "an external DTD": '<!DOCTYPE e:Envelope SYSTEM "http://127.0.0.1:9/x.dtd">' + ENVELOPE.format(""),
    "an external entity": '<!DOCTYPE x [<!ENTITY f SYSTEM "file:///etc/hostname">]>' + ENVELOPE.format("&f;"),
    "a parameter entity": '<!DOCTYPE x [<!ENTITY % p SYSTEM "http://127.0.0.1:9/p"> %p;]>' + ENVELOPE.format(""),
    "an entity bomb": BOMB + ENVELOPE.format("&i;"),
    "an entity bomb in an attribute": BOMB + ENVELOPE.format('<x y="&i;"/>'),
    "a comment in front": "<!-- <e:Envelope> --><!DOCTYPE e:Envelope>" + ENVELOPE.format(""),
}
Answer = Callable[[httpx2.Request], httpx2.Response]


def soap(answer: Answer, port: str = "Orders11") -> Soap:
    async def wire(request: httpx2.Request) -> httpx2.Response:
        return answer(request)

    policy = Policy(retry=RetryPolicy(base_s=0.0))
    send = pipeline(Setup(upstream="orders", auth=bearer("token"), judge=by_fault, policy=policy), wire)
    return Soap(Endpoint("orders", "https://orders.example/soap", send, Scope()), Wsdl(WSDL, port=port))


def place(answer: Answer, port: str = "Orders11", *, safe: bool = False) -> Any:
    return asyncio.run(soap(answer, port).call("placeOrder", ARGUMENTS, safe=safe))


def test_a_call_is_one_named_post_that_says_its_action() -> None:
    seen: list[httpx2.Request] = []

    def answer(request: httpx2.Request) -> httpx2.Response:
        seen.append(request)
        return httpx2.Response(200, content=ANSWER)

    assert place(answer) == []
    (request,) = seen
    assert (request.method, str(request.url)) == ("POST", "https://orders.example/soap")
    assert request.headers["SOAPAction"] == '"urn:orders:place"'
    assert call_of(request).operation == "placeOrder"
    assert b">Ada<" in request.content


def test_a_page_that_is_no_answer_is_not_kept_for_one() -> None:
    page = httpx2.Response(200, headers={"Cache-Control": "max-age=60"}, content=b"<html>We will be back soon</html>")
    answers = iter([page, httpx2.Response(200, content=ANSWER)])
    client = soap(lambda _: next(answers))

    async def both() -> Any:
        with pytest.raises(PayloadMismatch):
            await client.call("placeOrder", ARGUMENTS, safe=True)
        return await client.call("placeOrder", ARGUMENTS, safe=True)

    assert asyncio.run(both()) == []


@pytest.mark.parametrize("status", [200, 500])
def test_a_fault_of_version_1_1_is_a_typed_error_under_any_status(status: int) -> None:
    with pytest.raises(SoapFault) as caught:
        place(lambda request: httpx2.Response(status, content=FAULT_11))

    error = caught.value
    assert (error.code, error.faultcode, error.subcode, error.reason) == ("UPSTREAM_REJECTED", "Client", None, "Client")
    assert error.detail is not None
    assert error.detail.findtext("{urn:x}Why") == "because"
    assert "SECRET" not in str(error)


@pytest.mark.parametrize("status", [200, 400, 500])
def test_a_fault_of_version_1_2_has_a_subcode_that_is_its_reason(status: int) -> None:
    with pytest.raises(SoapFault) as caught:
        place(lambda request: httpx2.Response(status, content=FAULT_12), "Orders12")

    error = caught.value
    assert (error.faultcode, error.subcode, error.reason) == ("Sender", "NO_SUCH_ITEM", "NO_SUCH_ITEM")
    assert error.detail is not None
    assert error.detail.findtext("{urn:x}Why") == "because"
    assert "SECRET" not in str(error)


def test_a_faultcode_that_is_no_name_is_not_passed_on() -> None:
    fault = FAULT_11.replace("e:Client", "the password was SECRET")

    with pytest.raises(SoapFault) as caught:
        place(lambda request: httpx2.Response(500, content=fault))

    assert caught.value.faultcode == "fault"
    assert "SECRET" not in str(caught.value)


def test_a_fault_that_blames_the_server_is_worth_another_read_but_not_another_write() -> None:
    calls: list[bool] = []

    def answer(request: httpx2.Request) -> httpx2.Response:
        calls.append(call_of(request).safe)
        return httpx2.Response(500, content=FAULT_11.replace("e:Client", "e:Server"))

    for safe in (True, False):
        with pytest.raises(SoapFault, match="Server"):
            place(answer, safe=safe)

    assert calls == [True, True, True, False]


@pytest.mark.parametrize("status", [200, 500])
@pytest.mark.parametrize("kind", UNSAFE)
def test_unsafe_xml_is_refused_unexpanded(kind: str, status: int) -> None:
    headers = {"Content-Type": "text/xml"}

    with pytest.raises(PayloadMismatch, match="XML without a DOCTYPE"):
        place(lambda request: httpx2.Response(status, headers=headers, content=UNSAFE[kind]))


def test_a_doctype_hidden_by_another_encoding_is_refused_too() -> None:
    bomb = f'<?xml version="1.0" encoding="utf-16"?>{UNSAFE["an entity bomb"]}'.encode("utf-16")

    with pytest.raises(PayloadMismatch, match="XML without a DOCTYPE"):
        place(lambda request: httpx2.Response(200, content=bomb))


@pytest.mark.parametrize("body", [b"", b"ok", b'{"ok": true}', b"<e:Envelope", ANSWER[:80], b"<a>&undeclared;</a>"])
def test_an_answer_that_is_not_xml_is_a_mismatch(body: bytes) -> None:
    with pytest.raises(PayloadMismatch, match="well-formed XML"):
        place(lambda request: httpx2.Response(200, content=body))


@pytest.mark.parametrize("body", [b"<html/>", FAULT_12.replace("Fault", "Fine").encode()])
def test_xml_that_is_not_an_envelope_of_our_version_is_a_mismatch(body: bytes) -> None:
    with pytest.raises(PayloadMismatch, match=r"a SOAP 1\.1 envelope"):
        place(lambda request: httpx2.Response(200, content=body))


def test_an_envelope_that_the_wsdl_does_not_describe_is_a_mismatch() -> None:
    with pytest.raises(PayloadMismatch, match="fits the WSDL"):
        place(lambda request: httpx2.Response(200, content=ENVELOPE.format("").encode()))


def test_a_proxys_error_page_says_no_more_than_its_status() -> None:
    page = "<!DOCTYPE html><html><body>Bad gateway</body></html>"

    with pytest.raises(UpstreamUnavailable, match="502"):
        place(lambda request: httpx2.Response(502, headers={"Content-Type": "text/html"}, content=page), safe=True)


def test_a_very_deep_document_is_refused() -> None:
    deep = ENVELOPE.format("<a>" * 5000 + "</a>" * 5000)

    with pytest.raises(UpstreamError) as caught:
        place(lambda request: httpx2.Response(200, content=deep))
    assert caught.value.code == "UPSTREAM_PAYLOAD_MISMATCH"
