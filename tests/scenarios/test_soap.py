"""Scenario 30: what a SOAP upstream may answer, through a gateway over HTTP."""

import pytest

from connectors.sandbox.faults import Fault
from tests.gateway import Gateway

CONTACTS = "{ salesforce { contacts(first: 1) { nodes { name } } } }"
ENVELOPE = '<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/">{}</soapenv:Envelope>'
FAULT = ENVELOPE.format(
    '<soapenv:Body><soapenv:Fault xmlns:sf="urn:fault.partner.soap.sforce.com"><faultcode>sf:{code}</faultcode>'
    "<faultstring>{code}: it said no, and quoted a secret</faultstring></soapenv:Fault></soapenv:Body>"
)
BOMB = (
    '<?xml version="1.0"?><!DOCTYPE b [<!ENTITY a "aaaaaaaaaa">'
    + "".join(f'<!ENTITY {chr(98 + n)} "{f"&{chr(97 + n)};" * 10}">' for n in range(9))
    + "]>"
    + ENVELOPE.format("<soapenv:Body>&j;</soapenv:Body>")
)
UNSAFE = {
    "a document type": '<!DOCTYPE x SYSTEM "http://127.0.0.1:1/x.dtd">' + ENVELOPE.format("<soapenv:Body/>"),
    "an external entity": '<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/hostname">]>' + ENVELOPE.format("&e;"),
    "an entity bomb": BOMB,
    "half a document": ENVELOPE.format("<soapenv:Body>")[:60],
    "a web page": "<html><body>Down for maintenance</body>",
}


@pytest.mark.parametrize("status", [200, 500])
@pytest.mark.parametrize("what", UNSAFE)
def test_30_unsafe_xml_is_refused(gateway: Gateway, what: str, status: int) -> None:
    fault = Fault(operation="query", times=None, status=status, body=UNSAFE[what])
    gateway.sandboxes["salesforce"].faults.add(fault)

    (error,) = gateway.errors(CONTACTS)

    expected = {"UPSTREAM_PAYLOAD_MISMATCH"} if status == 200 else {"UPSTREAM_PAYLOAD_MISMATCH", "UPSTREAM_UNAVAILABLE"}
    assert error["extensions"]["code"] in expected
    assert error["path"] == ["salesforce", "contacts"]
    assert "aaaa" not in str(error)


@pytest.mark.parametrize("status", [200, 500])
def test_30_a_fault_is_an_error_with_its_code_under_any_status(gateway: Gateway, status: int) -> None:
    body = FAULT.format(code="MALFORMED_QUERY")
    gateway.sandboxes["salesforce"].faults.add(Fault(operation="query", status=status, body=body))

    (error,) = gateway.errors(CONTACTS)

    assert error["extensions"]["code"] == "UPSTREAM_REJECTED"
    assert "MALFORMED_QUERY" in error["message"]
    assert "secret" not in str(error)
