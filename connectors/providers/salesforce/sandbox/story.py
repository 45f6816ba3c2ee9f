"""What the sandbox's org knows before anyone calls: the same in every run."""

import random
from datetime import timedelta
from decimal import Decimal

from connectors.providers.salesforce.sandbox.store import STAGES, Record, Store
from connectors.sandbox.people import EPOCH, Person

SUBJECTS = ("Invoice shows the wrong address", "Cannot sign in", "Delivery is late", "Question about the contract")
DEPARTMENTS = ("Finance", "Operations", "Research", "Sales")
ERRANDS = ("Call back", "Send the offer", "Prepare the visit", "Ask for a reference")
STATUSES = ("Open - Not Contacted", "Working - Contacted", "Closed - Not Converted", "Closed - Converted")
SOURCES = ("Web", "Trade Show", "Referral", "Phone Inquiry")


def tell(people: tuple[Person, ...]) -> Store:
    """An org in which every person is a contact of their company's account, with what there is between us.

    Every fifth person was a lead before, and every seventh has a colleague who still is one.
    """
    store = Store()
    for place, status in enumerate(STATUSES):
        values: Record = {"MasterLabel": status, "ApiName": status, "SortOrder": place + 1}
        values |= {"IsDefault": place == 0, "IsConverted": status == STATUSES[-1]}
        store.insert(store.tables["LeadStatus"], values, EPOCH)
    _tell_of_accounts(store, people)
    _tell_of_leads_and_tasks(store, people)
    return store


def _tell_of_accounts(store: Store, people: tuple[Person, ...]) -> None:
    chance = random.Random(500)  # noqa: S311  # invented data, the same in every run
    accounts: dict[int, str] = {}
    for person in sorted(people, key=lambda one: one.company.index):
        company = person.company
        if company.index in accounts:
            continue
        accounts[company.index] = store.insert(
            store.tables["Account"],
            {
                "Name": company.name,
                "Industry": company.industry,
                "Website": f"https://{company.domain}",
                "Phone": f"+1666{company.index:07}",
                "AnnualRevenue": Decimal(chance.randrange(1_000, 90_000)) * 1000,
                "NumberOfEmployees": chance.randrange(20, 9000),
                "BillingCity": person.city,
                "BillingCountry": person.country,
                "External_Id__c": f"company-{company.index}",
            },
            EPOCH - timedelta(days=120 - company.index),
        )
    for person in people:
        account = accounts[person.company.index]
        contact = store.insert(
            store.tables["Contact"],
            {
                "FirstName": person.first_name,
                "LastName": person.last_name,
                "Email": person.email,
                "Phone": person.phone,
                "Title": person.title,
                "Department": chance.choice(DEPARTMENTS),
                "MailingCity": person.city,
                "MailingCountry": person.country,
                "AccountId": account,
                "GitHub_Login__c": person.login,
                "External_Id__c": f"person-{person.index}",
            },
            person.joined_at,
        )
        if person.index % 3 == 0:
            stage = chance.choice(STAGES)
            store.insert(
                store.tables["Opportunity"],
                {
                    "Name": f"{person.company.name} - {person.last_name}",
                    "StageName": stage[0],
                    "Amount": Decimal(chance.randrange(500, 250_000)),
                    "CloseDate": (person.joined_at + timedelta(days=chance.randrange(10, 90))).date(),
                    "AccountId": account,
                },
                person.joined_at + timedelta(hours=1),
            )
        for _ in range(chance.choice((0, 0, 1, 2))):
            store.insert(
                store.tables["Case"],
                {
                    "Subject": (subject := chance.choice(SUBJECTS)),
                    "Description": f"{subject}.\nPlease call {person.first_name} back.",
                    "Status": chance.choice(("New", "Working", "Escalated", "Closed")),
                    "Priority": chance.choice(("Low", "Medium", "High")),
                    "Origin": chance.choice(("Email", "Phone", "Web")),
                    "ContactId": contact,
                    "AccountId": account,
                },
                person.joined_at + timedelta(hours=2),
            )


def _tell_of_leads_and_tasks(store: Store, people: tuple[Person, ...]) -> None:
    chance = random.Random(600)  # noqa: S311
    tables = store.tables
    contacts = {str(row["External_Id__c"]): row for row in tables["Contact"].rows.values()}
    opportunities = {row["AccountId"]: row["Id"] for row in tables["Opportunity"].rows.values()}
    for person in people:
        contact = contacts[f"person-{person.index}"]
        account = contact["AccountId"]
        facts: Record = {
            "Company": person.company.name,
            "LeadSource": chance.choice(SOURCES),
            "Industry": person.company.industry,
            "Rating": chance.choice(("Hot", "Warm", "Cold")),
            "City": person.city,
            "Country": person.country,
        }
        if person.index % 5 == 0:
            converted: Record = {
                "Status": STATUSES[-1],
                "ConvertedDate": person.joined_at.date(),
                "ConvertedAccountId": account,
                "ConvertedContactId": contact["Id"],
                "ConvertedOpportunityId": opportunities.get(account),
            }
            name: Record = {"FirstName": person.first_name, "LastName": person.last_name, "Email": person.email}
            store.insert(tables["Lead"], {**facts, **name, **converted}, person.joined_at - timedelta(days=20))
        if person.index % 7 == 3:
            name = {"LastName": f"{person.last_name}-Weiss", "Email": f"office-{person.index}@{person.company.domain}"}
            status = chance.choice(STATUSES[:2])
            store.insert(tables["Lead"], {**facts, **name, "Status": status}, person.joined_at)
        for step in range(chance.randrange(3)):
            about = chance.choice((account, opportunities.get(account), None))
            done = chance.random() < 0.5
            store.insert(
                tables["Task"],
                {
                    "Subject": chance.choice(ERRANDS),
                    "Status": "Completed" if done else chance.choice(("Not Started", "In Progress")),
                    "Priority": chance.choice(("High", "Normal", "Low")),
                    "ActivityDate": (person.joined_at + timedelta(days=chance.randrange(5, 30))).date(),
                    "WhoId": contact["Id"],
                    "WhatId": about,
                },
                person.joined_at + timedelta(hours=3 + step),
            )
