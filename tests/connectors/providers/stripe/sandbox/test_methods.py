"""What customers pay with, as Stripe's own library sees it."""

import pytest
import stripe

from tests.connectors.providers.stripe.sandbox.account import Account


def a_customer(account: Account, *, but: str = "") -> str:
    return next(one.id for one in account.v1.customers.list().data if one.id != but)


def pay(account: Account, method: str, customer: str | None = None) -> stripe.PaymentIntent:
    wanted: stripe.params.PaymentIntentCreateParams = {
        "amount": 700,
        "currency": "usd",
        "confirm": True,
        "payment_method": method,
        "automatic_payment_methods": {"enabled": True, "allow_redirects": "never"},
    }
    return account.v1.payment_intents.create({**wanted, "customer": customer} if customer else wanted)


def test_a_test_card_becomes_a_customers_own_and_pays_again_and_again(account: Account) -> None:
    customer = a_customer(account)
    method = account.v1.payment_methods.attach("pm_card_mastercard", {"customer": customer})
    (newest, *_) = account.v1.customers.payment_methods.list(customer, {"limit": 3}).data

    assert method.id != "pm_card_mastercard"
    assert (newest.id, newest.customer) == (method.id, customer)
    assert method.card
    assert (method.card.brand, method.card.last4) == ("mastercard", "4444")
    assert [pay(account, method.id, customer).status for _ in range(2)] == ["succeeded", "succeeded"]


def test_a_payment_methods_customer_pays_and_nobody_else(account: Account) -> None:
    customer = a_customer(account)
    method = account.v1.payment_methods.attach("pm_card_visa", {"customer": customer})

    with pytest.raises(stripe.InvalidRequestError) as caught:
        pay(account, method.id, a_customer(account, but=customer))
    assert caught.value.param == "payment_method"
    with pytest.raises(stripe.InvalidRequestError):
        account.v1.payment_methods.attach(method.id, {"customer": customer})


def test_what_was_detached_or_has_paid_for_nobody_pays_no_more(account: Account) -> None:
    customer = a_customer(account)
    method = account.v1.payment_methods.attach("pm_card_visa", {"customer": customer})
    detached = account.v1.payment_methods.detach(method.id)
    passing = str(pay(account, "pm_card_visa").payment_method)

    assert detached.customer is None
    for id in (method.id, passing):
        with pytest.raises(stripe.InvalidRequestError):
            pay(account, id)
        with pytest.raises(stripe.InvalidRequestError):
            account.v1.payment_methods.attach(id, {"customer": customer})
    with pytest.raises(stripe.InvalidRequestError):
        account.v1.payment_methods.detach(method.id)


def test_a_default_that_is_detached_is_none_any_more(account: Account) -> None:
    subscription = next(one for one in account.v1.subscriptions.list({"limit": 100}).data if one.default_payment_method)
    account.v1.payment_methods.detach(str(subscription.default_payment_method))
    customer = account.v1.customers.retrieve(str(subscription.customer))

    assert account.v1.subscriptions.retrieve(subscription.id).default_payment_method is None
    assert customer.invoice_settings
    assert customer.invoice_settings.default_payment_method is None


def test_some_cards_are_declined_at_once_and_some_when_they_are_to_pay(account: Account) -> None:
    customer = a_customer(account)
    kept = account.v1.payment_methods.attach("pm_card_chargeCustomerFail", {"customer": customer})

    with pytest.raises(stripe.CardError) as at_once:
        account.v1.payment_methods.attach("pm_card_chargeDeclined", {"customer": customer})
    with pytest.raises(stripe.CardError) as later:
        pay(account, kept.id, customer)
    assert at_once.value.code == later.value.code == "card_declined"


def test_a_charge_names_what_paid_it_and_its_customer_has_it(account: Account) -> None:
    charge = next(one for one in account.v1.charges.list({"limit": 50}).data if one.customer and one.paid)
    method = account.v1.payment_methods.retrieve(str(charge.payment_method))

    assert method.customer == charge.customer
    assert charge.payment_method_details
    assert method.card
    assert charge.payment_method_details.card
    assert method.card.last4 == charge.payment_method_details.card.last4
    assert method.id in [one.id for one in account.v1.customers.payment_methods.list(str(charge.customer)).data]
