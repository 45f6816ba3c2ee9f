"""SendGrid's operations."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any, cast
from urllib.parse import parse_qs, urlsplit

from connectors.errors import CursorExpired, NotFound, PayloadMismatch, UpstreamRejected
from connectors.paging import Page, Window, paged
from connectors.protocols.rest import Rest, segment
from connectors.providers.sendgrid.payloads import (
    ContactListPayload,
    ContactPayload,
    ContactsPayload,
    DayPayload,
    ErrorPayload,
    MessagePayload,
    SuppressionPayload,
    TemplatePayload,
)
from connectors.upstream import Endpoint

VERSION = "/v3"
"""The version of the API that the payloads are written for."""

MOST_PERSONALIZATIONS = 1_000
MOST_CONTACTS = 100
"""How many contacts one call reads by their ids or addresses."""


class SendGridClient:
    """Mail, templates, marketing contacts, suppressions, statistics and message activity.

    SendGrid cannot tell a repeated write from a second one, so no write here is repeated once it was sent.
    An answer of another shape than documented raises `PayloadMismatch`.
    """

    upstream = "sendgrid"

    def __init__(self, endpoint: Endpoint) -> None:
        self._endpoint = endpoint
        self._rest = Rest(endpoint)

    async def send_mail(self, mail: Mapping[str, Any]) -> tuple[str | None, list[ErrorPayload]]:
        """Hand a mail over for delivery: its message id, or what is wrong with it.

        `mail` is the body as documented: up to 1,000 `personalizations`, 30 MB with its attachments (base64), `send_at`
        up to 72 hours ahead in Unix seconds. Raises `OutcomeUnknown` where the answer is lost.
        Source: https://www.twilio.com/docs/sendgrid/api-reference/mail-send/mail-send
        """
        response = await self._rest.submit(
            f"{VERSION}/mail/send", mail, operation="mail.send", bucket="mail", results=(400, 413)
        )
        if response.status_code < 300:
            return response.headers.get("x-message-id"), []
        errors = self._rest.parsed(response, "mail.send")
        return None, self._list(errors, "errors", "mail.send")

    async def make_batch(self) -> str:
        """A new id under which mails can be scheduled, so that they can be called off together.

        Source: https://www.twilio.com/docs/sendgrid/api-reference/mail-send/create-a-batch-id
        """
        answer = await self._rest.post(f"{VERSION}/mail/batch", operation="mail.batch", bucket="mail")
        batch_id = self._rest.object(answer, "mail.batch").get("batch_id")
        if not isinstance(batch_id, str):
            raise PayloadMismatch(self.upstream, "mail.batch", path="batch_id", expected="a string")
        return batch_id

    async def call_off(self, batch_id: str) -> None:
        """Cancel what is scheduled under a batch id, up to ten minutes before it is due.

        Source: https://www.twilio.com/docs/sendgrid/api-reference/cancel-scheduled-sends/cancel-or-pause-a-scheduled-send
        """
        body = {"batch_id": batch_id, "status": "cancel"}
        await self._rest.post(f"{VERSION}/user/scheduled_sends", body, operation="scheduled_sends.cancel")

    async def get_template(self, id: str) -> TemplatePayload:
        """One template with its versions. Raises `NotFound`.

        Source: https://www.twilio.com/docs/sendgrid/api-reference/transactional-templates/retrieve-a-single-transactional-template
        """
        path = f"{VERSION}/templates/{segment(id)}"
        answer = await self._rest.get(path, operation="templates.get", bucket="templates")
        return cast(TemplatePayload, self._rest.object(answer, "templates.get"))

    @paged("templates.list", max_limit=200)
    async def list_templates(self, window: Window, *, generations: str) -> Page[TemplatePayload]:
        """Templates, those changed last first. `generations` is `legacy`, `dynamic` or both, with a comma.

        Source: https://www.twilio.com/docs/sendgrid/api-reference/transactional-templates/retrieve-paged-transactional-templates
        """
        return await self._by_token("templates", window, {"generations": generations})

    async def recent_contacts(self) -> ContactsPayload:
        """The 50 contacts that came last, and how many there are.

        Source: https://www.twilio.com/docs/sendgrid/api-reference/contacts/get-sample-contacts
        """
        operation = "contacts.recent"
        answer = await self._rest.get(f"{VERSION}/marketing/contacts", operation=operation, bucket="contacts")
        return self._contacts(answer, operation)

    async def search_contacts(self, query: str) -> ContactsPayload:
        """The first 50 contacts for which `query` holds, in SendGrid's own query language, and how many there are.

        Source: https://www.twilio.com/docs/sendgrid/api-reference/contacts/search-contacts
        """
        operation, path = "contacts.search", f"{VERSION}/marketing/contacts/search"
        answer = await self._rest.post(path, {"query": query}, operation=operation, safe=True, bucket="contacts")
        return self._contacts(answer, operation)

    async def read_contacts(self, ids: Sequence[str]) -> list[ContactPayload]:
        """Up to 100 contacts by their ids, in any order; those that there are.

        Source: https://www.twilio.com/docs/sendgrid/api-reference/contacts/get-batched-contacts-by-ids
        """
        operation, path = "contacts.batch", f"{VERSION}/marketing/contacts/batch"
        answer = await self._rest.post(path, {"ids": list(ids)}, operation=operation, safe=True, bucket="contacts")
        return self._list(answer, "result", operation)

    async def read_contacts_by_email(self, emails: Sequence[str]) -> dict[str, ContactPayload]:
        """Up to 100 contacts by their addresses, which count in any case: by address as given, those that there are.

        Source: https://www.twilio.com/docs/sendgrid/api-reference/contacts/get-contacts-by-emails
        """
        operation, path = "contacts.by_email", f"{VERSION}/marketing/contacts/search/emails"
        answer = await self._rest.post(
            path, {"emails": list(emails)}, operation=operation, safe=True, bucket="contacts", results=(404,)
        )
        found = self._rest.object(answer, operation).get("result") or {}
        entries = self._rest.object(found, operation, path="result")
        by_email = {email.lower(): entry.get("contact") for email, entry in entries.items() if isinstance(entry, dict)}
        contacts = {email: by_email.get(email.lower()) for email in emails}
        return {email: contact for email, contact in contacts.items() if contact is not None}

    async def put_contacts(self, contacts: Sequence[Mapping[str, Any]], list_ids: Collection[str]) -> str:
        """Add contacts or change those with the same addresses, up to 30,000: the id of the job that does it.

        Sent twice it has the effect of once. Source: https://www.twilio.com/docs/sendgrid/api-reference/contacts/add-or-update-a-contact
        """
        operation = "contacts.put"
        body = {"contacts": list(contacts), **({"list_ids": list(list_ids)} if list_ids else {})}
        answer = await self._rest.post(
            f"{VERSION}/marketing/contacts", body, operation=operation, method="PUT", bucket="contacts", idempotent=True
        )
        job_id = self._rest.object(answer, operation).get("job_id")
        if not isinstance(job_id, str):
            raise PayloadMismatch(self.upstream, operation, path="job_id", expected="a string")
        return job_id

    async def get_list(self, id: str) -> ContactListPayload:
        """One list of contacts. Raises `NotFound`.

        Source: https://www.twilio.com/docs/sendgrid/api-reference/lists/get-a-list-by-id
        """
        path = f"{VERSION}/marketing/lists/{segment(id)}"
        answer = await self._rest.get(path, operation="lists.get", bucket="lists")
        return cast(ContactListPayload, self._rest.object(answer, "lists.get"))

    @paged("lists.list", max_limit=1000)
    async def list_lists(self, window: Window) -> Page[ContactListPayload]:
        """Lists of contacts. Source: https://www.twilio.com/docs/sendgrid/api-reference/lists/get-all-lists"""
        return await self._by_token("marketing/lists", window, {})

    @paged("suppressions.list", max_limit=500)
    async def list_suppressions(
        self,
        window: Window,
        *,
        kind: str,
        email: str | None = None,
        start_time: int | None = None,
        end_time: int | None = None,
    ) -> Page[SuppressionPayload]:
        """Addresses that get no mail, latest first, between two moments in Unix seconds.

        `kind` is `bounces`, `blocks`, `spam_reports`, `invalid_emails` or `unsubscribes` (from everything).
        Source: https://www.twilio.com/docs/sendgrid/api-reference/bounces-api/retrieve-all-bounces and its neighbours
        """
        operation = "suppressions.list"
        offset = int(window.after or 0)
        query = {
            "limit": window.limit,
            "offset": offset,
            "email": email,
            "start_time": start_time,
            "end_time": end_time,
        }
        path = f"{VERSION}/suppression/{segment(kind)}"
        answer = await self._rest.get(path, query, operation=operation, bucket="suppressions", about=(kind,))
        entries = self._rest.objects(answer, operation)
        more = str(offset + len(entries)) if len(entries) == window.limit else None
        return Page(cast(list[SuppressionPayload], entries), next_cursor=more)

    async def lift_suppression(self, kind: str, email: str) -> None:
        """Let an address get mail again. Raises `NotFound` where it did all along, not after a lost answer.

        Source: https://www.twilio.com/docs/sendgrid/api-reference/bounces-api/delete-a-bounce and its neighbours
        """
        single = "asm/suppressions/global" if kind == "unsubscribes" else f"suppression/{segment(kind)}"
        path = f"{VERSION}/{single}/{segment(email)}"
        query = {"email_address": email} if kind == "bounces" else None
        operation = "suppressions.delete"
        try:
            await self._rest.post(
                path, query=query, operation=operation, method="DELETE", bucket="suppressions", idempotent=True
            )
        except NotFound:
            if not self._endpoint.in_doubt():
                raise

    async def stats(self, *, start_date: str, end_date: str | None, aggregated_by: str) -> list[DayPayload]:
        """What became of the mail sent between two days (ISO 8601), summed up by `day`, `week` or `month`.

        Source: https://www.twilio.com/docs/sendgrid/api-reference/stats/retrieve-global-email-statistics
        """
        query = {"start_date": start_date, "end_date": end_date, "aggregated_by": aggregated_by}
        answer = await self._rest.get(f"{VERSION}/stats", query, operation="stats.get", bucket="stats")
        return cast(list[DayPayload], self._rest.objects(answer, "stats.get"))

    async def get_message(self, id: str) -> MessagePayload:
        """One message of the last 30 days, with its events. Raises `NotFound`.

        Source: https://www.twilio.com/docs/sendgrid/api-reference/email-activity/filter-messages-by-message-id
        """
        path = f"{VERSION}/messages/{segment(id)}"
        answer = await self._rest.get(path, operation="messages.get", bucket="messages", about=(id,))
        return cast(MessagePayload, self._rest.object(answer, "messages.get"))

    async def search_messages(self, query: str, limit: int) -> list[MessagePayload]:
        """Up to 1,000 messages of the last 30 days, latest event first; `query` in SendGrid's own language.

        The account needs the additional history of email activity.
        Source: https://www.twilio.com/docs/sendgrid/api-reference/email-activity/filter-all-messages
        """
        parameters = {"query": query, "limit": limit}
        answer = await self._rest.get(f"{VERSION}/messages", parameters, operation="messages.list", bucket="messages")
        return self._list(answer, "messages", "messages.list")

    async def _by_token(self, resource: str, window: Window, filters: Mapping[str, Any]) -> Page[Any]:
        """A page by token. Raises `CursorExpired` for a token that SendGrid does not take (any more)."""
        operation = f"{resource.rpartition('/')[2]}.list"
        query = {**filters, "page_size": window.limit, "page_token": window.after}
        try:
            bucket = operation.partition(".")[0]
            answer = await self._rest.get(f"{VERSION}/{resource}", query, operation=operation, bucket=bucket)
        except UpstreamRejected as error:
            if window.after and error.reason == "page_token":
                raise CursorExpired(self.upstream, operation) from error
            raise
        items: list[Any] = self._list(answer, "result", operation)
        following = self._rest.object(answer.get("_metadata") or {}, operation, path="_metadata").get("next")
        token = next_token(following) if isinstance(following, str) else None
        return Page(items, next_cursor=token)

    def _contacts(self, answer: Any, operation: str) -> ContactsPayload:
        self._list(answer, "result", operation)
        return cast(ContactsPayload, answer)

    def _list(self, answer: Any, name: str, operation: str) -> list[Any]:
        return self._rest.objects(self._rest.object(answer, operation).get(name), operation, path=name)


def next_token(address: str) -> str | None:
    """The `page_token` in the address of the next page; `None` where it has none."""
    found = parse_qs(urlsplit(address).query).get("page_token")
    return found[0] if found else None
