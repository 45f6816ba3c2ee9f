"""The merchant's books: whether what Stripe's own library reads of them adds up."""

from collections import Counter

import pytest
import stripe

from tests.connectors.providers.stripe.sandbox.account import Account


def transactions(account: Account, **asked: str) -> list[stripe.BalanceTransaction]:
    parameters: stripe.params.BalanceTransactionListParams = {"limit": 100, **asked}  # type: ignore[typeddict-item]
    return list(account.v1.balance_transactions.list(parameters).auto_paging_iter())


def funds(account: Account, currency: str = "usd") -> tuple[int, int]:
    """What is available and what is pending."""
    balance = account.v1.balance.retrieve()
    lists = (balance.available, balance.pending)
    available, pending = (next(one.amount for one in funds if one.currency == currency) for funds in lists)
    return available, pending


def pay(account: Account, method: str = "pm_card_bypassPending", amount: int = 50_000) -> str:
    """The id of the charge."""
    intent = account.v1.payment_intents.create(
        {
            "amount": amount,
            "currency": "usd",
            "confirm": True,
            "payment_method": method,
            "automatic_payment_methods": {"enabled": True, "allow_redirects": "never"},
        }
    )
    return str(intent.latest_charge)


def test_all_that_ever_moved_is_what_is_there(account: Account) -> None:
    moved: dict[str, Counter[str]] = {"available": Counter(), "pending": Counter()}
    for one in transactions(account):
        assert one.net == one.amount - one.fee == one.amount - sum(fee.amount for fee in one.fee_details)
        moved[one.status][one.currency] += one.net
    balance = account.v1.balance.retrieve()

    assert {one.currency: one.amount for one in balance.available} == moved["available"]
    assert {one.currency: one.amount for one in balance.pending if one.amount} == moved["pending"]


def test_what_was_taken_and_given_back_moved_the_funds_once(account: Account) -> None:
    by_source = Counter(one.source for one in transactions(account, type="charge"))
    taken = [one.id for one in account.v1.charges.list({"limit": 100}).auto_paging_iter() if one.captured]
    back = account.v1.refunds.list({"limit": 100, "expand": ["data.balance_transaction"]}).auto_paging_iter()

    assert by_source == Counter(taken)
    for refund in back:
        assert isinstance(refund.balance_transaction, stripe.BalanceTransaction)
        assert (refund.balance_transaction.amount, refund.balance_transaction.source) == (-refund.amount, refund.id)


def test_an_automatic_payout_is_the_sum_of_what_it_pays(account: Account) -> None:
    payouts = list(account.v1.payouts.list({"limit": 5}).auto_paging_iter())
    assert payouts

    for payout in payouts[:8]:
        own, *paid = transactions(account, payout=payout.id)
        assert (own.id, own.net) == (payout.balance_transaction, -payout.amount)
        assert sum(one.net for one in paid) == payout.amount
        assert {one.currency for one in paid} == {payout.currency}


def test_money_is_sent_to_the_bank_and_comes_back_when_that_is_canceled(account: Account) -> None:
    pay(account)
    before, _ = funds(account)
    payout = account.v1.payouts.create({"amount": 20_000, "currency": "usd", "description": "Rent"})
    sent, _ = funds(account)
    canceled = account.v1.payouts.cancel(payout.id)

    assert (payout.status, payout.automatic, payout.description) == ("pending", False, "Rent")
    assert sent == before - 20_000
    assert canceled.status == "canceled"
    assert funds(account)[0] == before
    returned = account.v1.balance_transactions.retrieve(str(canceled.failure_balance_transaction))
    assert (returned.type, returned.net, returned.source) == ("payout_cancel", 20_000, payout.id)
    with pytest.raises(stripe.InvalidRequestError):
        account.v1.payouts.cancel(payout.id)


def test_no_more_is_sent_than_is_available(account: Account) -> None:
    available, _ = funds(account)
    pay(account, "pm_card_visa")

    with pytest.raises(stripe.InvalidRequestError) as caught:
        account.v1.payouts.create({"amount": available + 1, "currency": "usd"})
    assert caught.value.code == "balance_insufficient"
    assert funds(account)[1] > 0


def test_what_a_payout_pays_is_known_of_automatic_ones_only(account: Account) -> None:
    pay(account)
    payout = account.v1.payouts.create({"amount": 100, "currency": "usd"})

    with pytest.raises(stripe.InvalidRequestError) as caught:
        transactions(account, payout=payout.id)
    assert caught.value.param == "payout"


def test_an_automatic_payout_cannot_be_canceled(account: Account) -> None:
    (payout,) = account.v1.payouts.list({"limit": 1}).data

    with pytest.raises(stripe.InvalidRequestError):
        account.v1.payouts.cancel(payout.id)


def test_movements_are_narrowed_by_what_moved_them_and_by_currency(account: Account) -> None:
    charge = pay(account)
    (own,) = transactions(account, source=charge)

    assert own.fee == 50_000 * 29 // 1000 + 30
    assert {one.currency for one in transactions(account, currency="jpy")} == {"jpy"}
    assert {one.type for one in transactions(account, type="refund")} == {"refund"}


def test_a_dispute_takes_the_money_and_winning_brings_it_back(account: Account) -> None:
    before, _ = funds(account)
    charge = pay(account, "pm_card_createDispute")
    (dispute,) = account.v1.disputes.list({"charge": charge}).data
    taken, _ = funds(account)
    won = account.v1.disputes.update(dispute.id, {"evidence": {"uncategorized_text": "winning_evidence"}})

    assert (dispute.status, dispute.reason, dispute.amount) == ("needs_response", "fraudulent", 50_000)
    assert taken == before - 50_000 - 1500
    assert won.status == "won"
    assert [one.reporting_category for one in won.balance_transactions] == ["dispute", "dispute_reversal"]
    assert funds(account)[0] == taken + 50_000
    assert account.v1.charges.retrieve(charge).disputed


def test_evidence_is_noted_then_given_to_the_bank_once(account: Account) -> None:
    charge = pay(account, "pm_card_createDisputeProductNotReceived")
    (dispute,) = account.v1.disputes.list({"charge": charge}).data
    noted = account.v1.disputes.update(
        dispute.id, {"evidence": {"shipping_carrier": "Cargo bike"}, "submit": False, "metadata": {"case": "7"}}
    )
    given = account.v1.disputes.update(dispute.id, {"submit": True})

    assert (noted.status, noted.evidence_details.submission_count) == ("needs_response", 0)
    assert noted.evidence_details.has_evidence
    assert (given.status, given.evidence_details.submission_count) == ("under_review", 1)
    assert (given.evidence.shipping_carrier, given.metadata["case"]) == ("Cargo bike", "7")
    with pytest.raises(stripe.InvalidRequestError):
        account.v1.disputes.update(dispute.id, {"evidence": {"receipt": "file_1"}})


@pytest.mark.parametrize("end", ["closed", "losing_evidence"])
def test_a_dispute_is_lost_by_giving_up_or_by_bad_evidence(account: Account, end: str) -> None:
    charge = pay(account, "pm_card_createDispute")
    (dispute,) = account.v1.disputes.list({"charge": charge}).data
    if end == "closed":
        lost = account.v1.disputes.close(dispute.id)
    else:
        lost = account.v1.disputes.update(dispute.id, {"evidence": {"uncategorized_text": end}})

    assert lost.status == "lost"
    with pytest.raises(stripe.InvalidRequestError):
        account.v1.disputes.close(dispute.id)
    with pytest.raises(stripe.InvalidRequestError) as caught:
        account.v1.refunds.create({"charge": charge})
    assert caught.value.code == "charge_disputed"


def test_an_inquiry_takes_no_money_and_can_be_ended_by_a_refund(account: Account) -> None:
    charge = pay(account, "pm_card_createDisputeInquiry")
    (inquiry,) = account.v1.disputes.list({"charge": charge}).data

    assert (inquiry.status, inquiry.balance_transactions) == ("warning_needs_response", [])
    assert account.v1.refunds.create({"charge": charge}).status == "succeeded"
    assert account.v1.disputes.close(inquiry.id).status == "warning_closed"


def test_unknown_evidence_is_refused(account: Account) -> None:
    (dispute,) = account.v1.disputes.list({"limit": 1}).data

    with pytest.raises(stripe.InvalidRequestError):
        account.v1.disputes.update(dispute.id, {"evidence": {"alibi": "x"}})  # type: ignore[arg-type]
