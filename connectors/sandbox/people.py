"""The people every sandbox knows, so that data joins across upstreams: same names and addresses everywhere.

All of it is invented and the same in every run. Addresses end in `.example`, which no one can register (RFC 2606).
"""

import random
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

EPOCH = datetime(2026, 1, 1, tzinfo=UTC)
"""When the sandboxes' stories end: everything they hold was made before."""

FIRST_NAMES = (
    "Ada Alan Amara Anders Anika Astrid Benoit Bianca Carlos Chiara Clara Daniel Diego Edsger Elena Emeka Fatima Femi "
    "Fiona Freya Goran Grace Hana Hedy Hiro Ines Ivan Jamal Jana Joao Jonas Kaito Katja Kofi Lars Laila Leila Lin "
    "Lucia Mads Maria Mei Milan Mira Nadia Niklas Noor Olga Omar Paula Pedro Priya Radia Ravi Rosa Sami Sofia Tariq "
    "Theo Vera Wei Yara Yuki Zoe"
).split()
LAST_NAMES = (
    "Abebe Ahmed Almeida Andersen Banerjee Bauer Berg Bianchi Castro Chen Costa Diallo Dubois Eriksen Farouk Ferrari "
    "Fischer Garcia Hansen Haddad Hopper Ito Ivanova Jansen Kaya Keller Kim Kowalski Kumar Larsen Lopez Lovelace Mbeki "
    "Moreau Nakamura Nguyen Novak Okafor Olsen Park Patel Perlman Popov Quist Rossi Sato Schmidt Silva Singh Tanaka "
    "Torres Turing Vogel Walker Weber Yilmaz Zhang Ziegler"
).split()
COMPANIES = (
    ("Northwind Orchards", "Agriculture", "northwind-orchards.example"),
    ("Blue Harbor Logistics", "Transportation", "blueharbor.example"),
    ("Lumen & Fox", "Media", "lumenfox.example"),
    ("Quartz Analytics", "Technology", "quartz.example"),
    ("Fjord Robotics", "Machinery", "fjord-robotics.example"),
    ("Saffron Kitchens", "Food & Beverage", "saffron.example"),
    ("Granite Insurance", "Insurance", "granite.example"),
    ("Mistral Energy", "Energy", "mistral.example"),
    ("Papaya Health", "Healthcare", "papaya.example"),
    ("Tern Airlines", "Transportation", "tern.example"),
    ("Onyx Hotels", "Hospitality", "onyx.example"),
    ("Willow Learning", "Education", "willow.example"),
)
TITLES = ("Engineer", "Head of Finance", "Product Manager", "Buyer", "Analyst", "CTO", "Designer", "Office Manager")
CITIES = (("Berlin", "DE"), ("Lisbon", "PT"), ("Nairobi", "KE"), ("Osaka", "JP"), ("Lyon", "FR"), ("Austin", "US"))


@dataclass(frozen=True)
class Company:
    """An employer. `index` counts from 0."""

    index: int
    name: str
    industry: str
    domain: str


@dataclass(frozen=True)
class Person:
    """Somebody. `index` counts from 0; `login` is the name on code hosts; `joined_at` is when we first met them."""

    index: int
    first_name: str
    last_name: str
    email: str
    login: str
    title: str
    city: str
    country: str
    phone: str
    company: Company
    joined_at: datetime

    @property
    def name(self) -> str:
        return f"{self.first_name} {self.last_name}"


def population(size: int = 300, seed: int = 2026) -> tuple[Person, ...]:
    """`size` people, oldest acquaintance first; email addresses and logins are unique."""
    chance = random.Random(seed)
    companies = [Company(i, *facts) for i, facts in enumerate(COMPANIES)]
    names = [(first, last) for first in FIRST_NAMES for last in LAST_NAMES]
    if size > len(names):
        raise ValueError(f"there are names for {len(names)} people, not for {size}")
    return tuple(
        Person(
            index=index,
            first_name=first,
            last_name=last,
            email=f"{first}.{last}@{company.domain}".lower(),
            login=f"{first}-{last}".lower(),
            title=chance.choice(TITLES),
            city=city,
            country=country,
            phone=f"+1555{index:07}",
            company=company,
            joined_at=EPOCH - timedelta(hours=7 * (size - index), minutes=chance.randrange(60)),
        )
        for index, (first, last) in enumerate(chance.sample(names, size))
        for company in [chance.choice(companies)]
        for city, country in [chance.choice(CITIES)]
    )
