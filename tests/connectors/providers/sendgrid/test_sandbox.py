"""The sandbox, driven by SendGrid's own library over a real socket."""

from collections.abc import Iterator
from typing import Any

import pytest
from python_http_client.exceptions import (  # type: ignore[import-untyped]
    BadRequestsError,
    NotFoundError,
    UnauthorizedError,
)
from sendgrid import SendGridAPIClient  # type: ignore[import-untyped]
from sendgrid.helpers.mail import Mail, Personalization, To  # type: ignore[import-untyped]

from connectors.providers.sendgrid.sandbox import KEY, SendGridSandbox
from connectors.sandbox.people import population
from connectors.sandbox.standalone import standalone
from tests.serving import served

PEOPLE = population(120)


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    with served(standalone({"sendgrid": SANDBOX})) as url:
        yield f"{url}/sendgrid"


SANDBOX = SendGridSandbox(PEOPLE)


@pytest.fixture
def library(address: str) -> Any:
    return SendGridAPIClient(KEY, host=address).client


def mail() -> Mail:
    return Mail("hello@punnet.example", "ada@april.example", "Hello", plain_text_content="Hello there.")


def test_a_mail_is_taken_with_an_id_and_an_empty_answer(address: str) -> None:
    answer = SendGridAPIClient(KEY, host=address).send(mail())

    assert (answer.status_code, answer.body) == (202, b"")
    assert answer.headers["X-Message-Id"]
    assert SANDBOX.account.outbox[-1]["personalizations"] == [{"to": [{"email": "ada@april.example"}]}]


def test_more_than_a_thousand_personalizations_are_refused(address: str) -> None:
    large = mail()
    for n in range(1_000):
        one = Personalization()
        one.add_to(To(f"person{n}@april.example"))
        large.add_personalization(one)

    with pytest.raises(BadRequestsError) as refused:
        SendGridAPIClient(KEY, host=address).send(large)

    assert refused.value.to_dict["errors"][0]["field"] == "personalizations"


def test_templates_come_in_pages_that_end(library: Any) -> None:
    seen: list[str] = []
    token = None
    while True:
        query = {"generations": "legacy,dynamic", "page_size": 3, **({"page_token": token} if token else {})}
        page = library.templates.get(query_params=query).to_dict
        seen += [template["id"] for template in page["result"]]
        if "next" not in page["_metadata"]:
            break
        token = page["_metadata"]["next"].rpartition("page_token=")[2]

    assert len(seen) == len(set(seen)) == 7


def test_contacts_are_found_by_address_in_any_case(library: Any) -> None:
    person = PEOPLE[0]

    wanted = {"emails": [person.email.upper(), "nobody@april.example"]}
    found = library.marketing.contacts.search.emails.post(request_body=wanted).to_dict["result"]

    assert found[person.email]["contact"]["first_name"] == person.first_name
    assert "error" in found["nobody@april.example"]


def test_nobody_found_is_a_404(library: Any) -> None:
    with pytest.raises(NotFoundError):
        library.marketing.contacts.search.emails.post(request_body={"emails": ["nobody@april.example"]})


def test_a_suppression_is_lifted_once(library: Any) -> None:
    (bounce, *_) = library.suppression.bounces.get().to_dict

    assert library.suppression.bounces._(bounce["email"]).delete().status_code == 204
    with pytest.raises(NotFoundError):
        library.suppression.bounces._(bounce["email"]).delete()


def test_statistics_come_by_week(library: Any) -> None:
    query = {"start_date": "2025-12-01", "end_date": "2025-12-31", "aggregated_by": "week"}

    weeks = library.stats.get(query_params=query).to_dict

    assert [week["date"] for week in weeks] == ["2025-12-01", "2025-12-08", "2025-12-15", "2025-12-22", "2025-12-29"]


def test_a_wrong_key_is_refused(address: str) -> None:
    with pytest.raises(UnauthorizedError):
        SendGridAPIClient("SG.wrong", host=address).client.templates.get()
