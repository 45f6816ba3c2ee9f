"""Source: https://developer.salesforce.com/docs/atlas.en-us.api.meta/api/sforce_api_om_outboundmessaging_wsdl.htm"""

from tests.connectors.webhooks.senders import Example

ORGANIZATION = "00D5g000004LnvzEAC"
ENVELOPE = """<?xml version="1.0" encoding="UTF-8"?>
<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/"
 xmlns:xsd="http://www.w3.org/2001/XMLSchema" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">
 <soapenv:Body>
  <notifications xmlns="http://soap.sforce.com/2005/09/outbound">
   <OrganizationId>{organization}</OrganizationId>
   <ActionId>04k5g000000TNzTAAW</ActionId>
   <SessionId>the session of a user</SessionId>
   <EnterpriseUrl>https://april.my.salesforce.example/services/Soap/c/64.0/00D5g000004Lnvz</EnterpriseUrl>
   <PartnerUrl>https://april.my.salesforce.example/services/Soap/u/64.0/00D5g000004Lnvz</PartnerUrl>
   {notifications}
  </notifications>
 </soapenv:Body>
</soapenv:Envelope>"""
NOTIFICATION = """<Notification>
    <Id>{id}</Id>
    <sObject xsi:type="sf:Contact" xmlns:sf="urn:sobject.enterprise.soap.sforce.com">
     <sf:Id>{record}</sf:Id>
     <sf:Email>{email}</sf:Email>
     <sf:Phone xsi:nil="true"/>
     <sf:SystemModstamp>2026-05-28T20:00:{second:02}.000Z</sf:SystemModstamp>
    </sObject>
   </Notification>"""


def message(*notifications: str) -> bytes:
    return ENVELOPE.format(organization=ORGANIZATION, notifications="\n".join(notifications)).encode()


def notification(id: str, second: int, record: str = "0035g00000AbcdeAAB", email: str = "zoë@april.example") -> str:
    return NOTIFICATION.format(id=id, second=second, record=record, email=email)


EXAMPLE = Example(
    body=message(notification("04l1", 1), notification("04l2", 1, "0035g00000AbcdfAAB")),
    ids=("04l1", "04l2"),
    types=("Contact", "Contact"),
    sign=lambda body, secret, now: {"content-type": "text/xml; charset=utf-8"},
    query=lambda secret: f"?token={secret}",
    secrets=("one-secret", "another-secret"),
    timed=False,
    signs_body=False,
    ordered=(message(notification("04l3", 1)), message(notification("04l4", 2))),
    answer=(
        b'<?xml version="1.0" encoding="UTF-8"?><Envelope xmlns="http://schemas.xmlsoap.org/soap/envelope/"><Body>'
        b'<notificationsResponse xmlns="http://soap.sforce.com/2005/09/outbound"><Ack>true</Ack>'
        b"</notificationsResponse></Body></Envelope>"
    ),
    stale=frozenset({"Contact", "soql"}),
)
