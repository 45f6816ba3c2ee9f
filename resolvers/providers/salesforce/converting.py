"""Leads that become accounts, contacts and opportunities."""

from operator import attrgetter
from typing import Annotated, Any
from uuid import uuid4

import strawberry

from connectors.providers.salesforce.client import SalesforceClient
from connectors.providers.salesforce.ids import long_id
from resolvers.context import Info
from resolvers.providers.salesforce import reads, writes
from resolvers.providers.salesforce.convert import ACCOUNTS, CONTACTS, LEADS, OPPORTUNITIES, RecordKind
from resolvers.providers.salesforce.fetching import as_written
from resolvers.providers.salesforce.outcomes import refusal
from resolvers.providers.salesforce.writes import fit_for_xml, record_id
from schema.fields import Calls
from schema.problems import BadInput
from schema.providers.salesforce import (
    SalesforceConversionResult,
    SalesforceLeadAlreadyConverted,
    SalesforceLeadConversionInput,
    SalesforceLeadConverted,
    SalesforceRecordNotFound,
)
from schema.relay import upstream_id_of

ALREADY_CONVERTED = "CANNOT_UPDATE_CONVERTED_LEAD"
OPPORTUNITY_LETTERS = 80

fields = writes.fields


@fields.mutation(calls=Calls(upstream="salesforce", operation="convertLead"))
async def salesforce_convert_lead(
    info: Info,
    id: reads.Id,
    input: Annotated[SalesforceLeadConversionInput, strawberry.argument(description="What is to become of the lead.")],
) -> SalesforceConversionResult | None:
    """Convert a lead: into an account, a contact and an opportunity, new ones or such that are there.

    What was planned with the lead is planned with the contact from then on. A conversion whose answer is lost is not
    sent again; done twice, the second finds the lead converted.
    """
    wanted = upstream_id_of(id, LEADS.type.__name__)
    lead = long_id(wanted)
    if lead is None:
        return SalesforceRecordNotFound(upstream_id=strawberry.ID(wanted))
    into = sent(input)
    result = await info.context.client(SalesforceClient).convert_lead(
        lead,
        fit_for_xml(input.status, "`status`"),
        **into,
        create_opportunity=input.create_opportunity,
        notify_owner=input.notify_owner,
    )
    at = uuid4().hex
    errors, opportunity = result["errors"], result["opportunityId"]
    if result["success"]:
        return SalesforceLeadConverted(
            upstream_id=strawberry.ID(str(result["leadId"])),
            lead_ref=(str(result["leadId"]), at),
            account_ref=(str(result["accountId"]), at),
            contact_ref=(str(result["contactId"]), at),
            opportunity_ref=(opportunity, at) if opportunity else None,
        )
    if errors and errors[0]["statusCode"] == ALREADY_CONVERTED:
        return SalesforceLeadAlreadyConverted(upstream_id=strawberry.ID(lead), lead_ref=(lead, at))
    names_others = any(value for name, value in into.items() if name.endswith(writes.REFERENCE))
    refused: SalesforceConversionResult = refusal(errors, "convertLead", None if names_others else lead)
    return refused


def sent(input: SalesforceLeadConversionInput) -> dict[str, str | None]:
    """What a lead is to become, as the client takes it. Raises `BadInput` for what does not go together."""
    if input.contact_id and not input.account_id:
        raise BadInput("`contactId` needs `accountId`: that of the account where the contact is")
    if input.opportunity_id and input.opportunity_name:
        raise BadInput("`opportunityName` is for a new opportunity, and `opportunityId` for one that is there")
    if not input.create_opportunity and (input.opportunity_id or input.opportunity_name):
        raise BadInput("`createOpportunity` is false: there is no `opportunityId` or `opportunityName` then")
    name = fit_for_xml(input.opportunity_name or "", "`opportunityName`")
    if len(name) > OPPORTUNITY_LETTERS:
        raise BadInput(f"`opportunityName` takes {OPPORTUNITY_LETTERS} characters, not {len(name)}")
    return {
        "account_id": known(input.account_id, "accountId", ACCOUNTS),
        "contact_id": known(input.contact_id, "contactId", CONTACTS),
        "opportunity_id": known(input.opportunity_id, "opportunityId", OPPORTUNITIES),
        "owner_id": known(input.owner_id, "ownerId"),
        "opportunity_name": name or None,
    }


def known(value: str | None, name: str, kind: RecordKind | None = None) -> str | None:
    """Salesforce's id of 18 characters for one that a client gave; raises `BadInput` for what cannot be one."""
    if not value:
        return None
    id = long_id(upstream_id_of(value, kind.type.__name__) if kind else record_id(value))
    if id is None:
        raise BadInput(f"`{name}` is not the id of a record in Salesforce")
    return id


def leads_to(type_: type[Any], kind: RecordKind, description: str) -> None:
    """A field for a record that a conversion wrote."""
    ref = f"{kind.noun}_ref"
    fields.link(type_, kind.noun, via=as_written(kind), key=attrgetter(ref), needs=(ref,), description=description)


leads_to(SalesforceLeadConverted, LEADS, "The lead as it is now.")
leads_to(SalesforceLeadConverted, ACCOUNTS, "The account that it was converted into.")
leads_to(SalesforceLeadConverted, CONTACTS, "The contact that it was converted into.")
leads_to(SalesforceLeadConverted, OPPORTUNITIES, "Its opportunity; null for none.")
leads_to(SalesforceLeadAlreadyConverted, LEADS, "The lead, with what it was converted into.")
