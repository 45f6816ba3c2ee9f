"""What the HubSpot sandbox's company knows before anyone calls: the same in every run."""

import random
from datetime import timedelta
from typing import Any

from connectors.providers.hubspot.sandbox.portal import DEAL_STAGES, STAGES, Json, Portal, written
from connectors.sandbox.people import EPOCH, Person

SELLERS = (("Ada", "Quist"), ("Omar", "Berg"), ("Noor", "Sato"), ("Vera", "Diallo"))
"""The company's own people, who own what is in its CRM."""

FRUIT = ("Apples", "Pears", "Plums", "Cherries", "Quinces", "Berries")
QUESTIONS = ("Late delivery", "Bruised fruit", "Wrong invoice", "Change of address", "Missing crate")
PRIORITIES = ("LOW", "MEDIUM", "HIGH", "URGENT")
CURRENCY_OF = {"DE": "EUR", "PT": "EUR", "FR": "EUR", "JP": "JPY", "US": "USD", "KE": "USD"}


def tell(people: tuple[Person, ...]) -> Portal:
    """A portal in which every person is a contact of their company, with deals and tickets here and there.

    Two contacts have no address, every 19th person no phone number and every 31st no company.
    """
    return _Story(random.Random(70807), Portal(EPOCH)).told(people)  # noqa: S311


class _Story:
    def __init__(self, chance: random.Random, portal: Portal) -> None:
        self._chance = chance
        self._portal = portal

    def told(self, people: tuple[Person, ...]) -> Portal:
        portal, chance = self._portal, self._chance
        for number, (first, last) in enumerate(SELLERS):
            id, time = str(501_000 + number), written(EPOCH - timedelta(days=400))
            portal.owners[id] = {
                "id": id,
                "email": f"{first}.{last}@punnet.example".lower(),
                "firstName": first,
                "lastName": last,
                "type": "PERSON",
                "userId": 901_000 + number,
                "userIdIncludingInactive": 901_000 + number,
                "createdAt": time,
                "updatedAt": time,
                "archived": False,
            }
        companies = {company.domain: company for company in sorted({p.company for p in people}, key=lambda c: c.index)}
        employers = {domain: self._company(company) for domain, company in companies.items()}
        for name in ("Market", "Kiosk"):
            portal.add("contacts", {"firstname": name, "lastname": "Regular"}, EPOCH - timedelta(days=300))
        for person in people:
            contact = self._contact(person)
            employer = employers[person.company.domain]
            if person.index % 31 != 30:
                portal.associate("contacts", contact["id"], "companies", employer["id"], primary=True)
            if chance.random() < 0.3:
                self._deal(person, contact, employer)
            if chance.random() < 0.2:
                self._ticket(person, contact, employer)
        return portal

    def _company(self, company: Any) -> Json:
        facts = {
            "name": company.name,
            "domain": company.domain,
            "website": f"https://www.{company.domain}",
            "industry": company.industry.upper().replace(" & ", "_").replace(" ", "_"),
            "numberofemployees": str(self._chance.randrange(20, 9000)),
            "annualrevenue": f"{self._chance.randrange(10**6, 10**9)}.50",
            "lifecyclestage": "customer",
            "customer_number": f"K-{company.index:04}",
            **self._owned(),
        }
        return self._portal.add("companies", facts, EPOCH - timedelta(days=380 - company.index))

    def _contact(self, person: Person) -> Json:
        facts = {
            "email": person.email,
            "firstname": person.first_name,
            "lastname": person.last_name,
            "phone": None if person.index % 19 == 11 else person.phone,
            "jobtitle": person.title,
            "company": person.company.name,
            "city": person.city,
            "country": person.country,
            "lifecyclestage": self._chance.choice(STAGES),
            "favorite_fruit": self._chance.choice(FRUIT),
            **self._owned(),
        }
        return self._portal.add("contacts", facts, person.joined_at)

    def _deal(self, person: Person, contact: Json, employer: Json) -> None:
        chance, stage = self._chance, self._chance.choice(DEAL_STAGES)
        created = person.joined_at + timedelta(days=1)
        facts = {
            "dealname": f"{chance.choice(FRUIT)} for {person.company.name}",
            "amount": None
            if chance.random() < 0.1
            else f"{chance.randrange(100, 90_000)}.{chance.choice(('00', '5'))}",
            "deal_currency_code": CURRENCY_OF[person.country],
            "dealstage": stage,
            "pipeline": "default",
            "dealtype": chance.choice(("newbusiness", "existingbusiness")),
            "closedate": written(created + timedelta(days=chance.randrange(10, 90))),
            **self._owned(),
        }
        deal = self._portal.add("deals", facts, created)
        self._portal.associate("deals", deal["id"], "contacts", contact["id"])
        self._portal.associate("deals", deal["id"], "companies", employer["id"], primary=True)

    def _ticket(self, person: Person, contact: Json, employer: Json) -> None:
        chance, stage = self._chance, self._chance.choice(("1", "2", "3", "4"))
        created = person.joined_at + timedelta(days=2)
        facts = {
            "subject": chance.choice(QUESTIONS),
            "content": f"{person.first_name} asks for help.",
            "hs_pipeline": "0",
            "hs_pipeline_stage": stage,
            "hs_ticket_priority": chance.choice((*PRIORITIES, None)),
            "source_type": chance.choice(("EMAIL", "CHAT", "PHONE", "FORM")),
            "closed_date": written(created + timedelta(days=3)) if stage == "4" else None,
            **self._owned(),
        }
        ticket = self._portal.add("tickets", facts, created)
        self._portal.associate("tickets", ticket["id"], "contacts", contact["id"])
        self._portal.associate("tickets", ticket["id"], "companies", employer["id"], primary=True)

    def _owned(self) -> dict[str, str | None]:
        return {"hubspot_owner_id": self._chance.choice((*self._portal.owners, None))}
