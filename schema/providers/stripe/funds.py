"""The merchant's own funds: what moves them, and how they reach the bank."""

from datetime import datetime
from decimal import Decimal
from enum import Enum
from typing import Annotated

import strawberry
from strawberry.scalars import JSON

from schema.providers.stripe.common import UNKNOWN, Reference
from schema.relay import Node
from schema.scalars import Long, Money


@strawberry.enum(description="Whether moved money can be paid out.")
class StripeBalanceTransactionStatus(Enum):
    AVAILABLE = strawberry.enum_value("available", description="It can.")
    PENDING = strawberry.enum_value("pending", description="Not yet: see `availableOn`.")
    UNKNOWN = UNKNOWN


@strawberry.enum(description="Where a payout stands.")
class StripePayoutStatus(Enum):
    PENDING = strawberry.enum_value("pending", description="It was not handed to the bank yet.")
    IN_TRANSIT = strawberry.enum_value("in_transit", description="The bank has it.")
    PAID = strawberry.enum_value("paid", description="It arrived, as far as is known; it may still come back.")
    FAILED = strawberry.enum_value("failed", description="The bank did not take it: see `failureCode`.")
    CANCELED = strawberry.enum_value("canceled", description="It was given up; the money is available again.")
    UNKNOWN = UNKNOWN


@strawberry.enum(description="The payout statuses that a list can be narrowed to.")
class StripePayoutStatusFilter(Enum):
    PENDING = strawberry.enum_value("pending", description="Only those not handed to the bank yet.")
    PAID = strawberry.enum_value("paid", description="Only those that arrived.")
    FAILED = strawberry.enum_value("failed", description="Only those that the bank did not take.")
    CANCELED = strawberry.enum_value("canceled", description="Only those given up.")


@strawberry.enum(description="How fast a payout is.")
class StripePayoutMethod(Enum):
    STANDARD = strawberry.enum_value("standard", description="A few days.")
    INSTANT = strawberry.enum_value("instant", description="Minutes, for a fee.")
    UNKNOWN = UNKNOWN


@strawberry.enum(description="The ways in which a client can ask for a payout.")
class StripePayoutMethodRequest(Enum):
    STANDARD = strawberry.enum_value("standard", description="A few days.")
    INSTANT = strawberry.enum_value("instant", description="Minutes, for a fee, where bank and account allow it.")


@strawberry.enum(description="Whether it is known what a payout pays.")
class StripeReconciliationStatus(Enum):
    COMPLETED = strawberry.enum_value("completed", description="`balanceTransactions` has all of it.")
    IN_PROGRESS = strawberry.enum_value("in_progress", description="Not yet.")
    NOT_APPLICABLE = strawberry.enum_value("not_applicable", description="The merchant asked for it by hand.")
    UNKNOWN = UNKNOWN


@strawberry.enum(description="Why Stripe sends nothing to the bank.")
class StripePayoutRejection(Enum):
    BALANCE_INSUFFICIENT = strawberry.enum_value(
        "balance_insufficient", description="Less than that is available in this currency."
    )
    AMOUNT_TOO_SMALL = strawberry.enum_value("amount_too_small", description="It is below the least amount.")
    AMOUNT_TOO_LARGE = strawberry.enum_value("amount_too_large", description="It is above the greatest amount.")
    PAYOUTS_NOT_ALLOWED = strawberry.enum_value(
        "payouts_not_allowed", description="The account may not have payouts now."
    )
    PAYOUTS_LIMIT_EXCEEDED = strawberry.enum_value(
        "payouts_limit_exceeded", description="It would be more than the account may have in a day."
    )
    INSTANT_PAYOUTS_UNSUPPORTED = strawberry.enum_value(
        "instant_payouts_unsupported", description="The bank or card takes no instant payouts."
    )
    INSTANT_PAYOUTS_LIMIT_EXCEEDED = strawberry.enum_value(
        "instant_payouts_limit_exceeded", description="There were too many instant payouts today."
    )
    INSTANT_PAYOUTS_CONFIG_DISABLED = strawberry.enum_value(
        "instant_payouts_config_disabled", description="The account may not have instant payouts."
    )
    INSTANT_PAYOUTS_CURRENCY_DISABLED = strawberry.enum_value(
        "instant_payouts_currency_disabled", description="There are no instant payouts in this currency."
    )
    UNKNOWN = UNKNOWN


@strawberry.type(description="The merchant's own funds at Stripe.")
class StripeBalance:
    available: list[Money] = strawberry.field(description="What can be paid out, by currency.")
    pending: list[Money] = strawberry.field(description="What is on its way, by currency.")
    livemode: bool = strawberry.field(description="False for test data.")


@strawberry.type(description="A part of what is kept of moved money.")
class StripeFee:
    amount: Money = strawberry.field(description="How much.")
    type: str = strawberry.field(description="`stripe_fee`, `application_fee`, `tax` ...")
    description: str | None = strawberry.field(description="What it is for.")


@strawberry.type(description="One movement of the merchant's funds.")
class StripeBalanceTransaction(Node):
    amount: Money = strawberry.field(description="What moved before fees; negative where it left the merchant.")
    fee: Money = strawberry.field(description="What was kept of it.")
    net: Money = strawberry.field(description="What the funds changed by: the amount less the fee.")
    fee_details: list[StripeFee] = strawberry.field(description="What the fee is made of.")
    currency: str = strawberry.field(description="Lower-case ISO 4217 code, as Stripe writes it.")
    exchange_rate: Decimal | None = strawberry.field(
        description="What one unit of the source's currency gave, where it had another one."
    )
    type: str = strawberry.field(description="`charge`, `refund`, `adjustment`, `payout` ...")
    reporting_category: str = strawberry.field(
        description="The same as accountants see it: `charge`, `dispute`, `dispute_reversal`, `payout` ..."
    )
    status: StripeBalanceTransactionStatus = strawberry.field(description="Whether the money can be paid out.")
    available_on: datetime = strawberry.field(description="From when on the money can be paid out.")
    created_at: datetime = strawberry.field(description="When it moved.")
    description: str | None = strawberry.field(description="The note of what moved it.")
    source_id: str | None = strawberry.field(description="Stripe's id of what moved it.")
    source_ref: strawberry.Private[Reference]


@strawberry.type(description="Money on its way to the merchant's bank.")
class StripePayout(Node):
    amount: Money = strawberry.field(description="How much; negative where the bank was debited.")
    currency: str = strawberry.field(description="Lower-case ISO 4217 code, as Stripe writes it.")
    status: StripePayoutStatus = strawberry.field(description="Where the payout stands.")
    automatic: bool = strawberry.field(description="Whether Stripe made it by schedule; false where it was asked for.")
    method: StripePayoutMethod = strawberry.field(description="How fast it is.")
    type: str = strawberry.field(description="`bank_account` or `card`.")
    created_at: datetime = strawberry.field(description="When it was made.")
    arrival_date: datetime = strawberry.field(description="When it should be at the bank.")
    description: str | None = strawberry.field(description="The merchant's own note.")
    statement_descriptor: str | None = strawberry.field(description="What the merchant's bank statement says.")
    destination_id: str | None = strawberry.field(description="Stripe's id of the bank account or card.")
    failure_code: str | None = strawberry.field(description="Stripe's code for why it failed.")
    failure_message: str | None = strawberry.field(description="Why it failed.")
    reconciliation_status: StripeReconciliationStatus = strawberry.field(
        description="Whether it is known what it pays."
    )
    metadata: JSON | None = strawberry.field(description="The merchant's own keys and values, all of them strings.")
    livemode: bool = strawberry.field(description="False for test data.")
    balance_transaction_ref: strawberry.Private[Reference]
    failure_balance_transaction_ref: strawberry.Private[Reference]


@strawberry.input(description="Available funds to send to the bank.")
class StripePayoutInput:
    amount: Long = strawberry.field(description="In the currency's smallest unit: cents, yen, fils.")
    currency: str = strawberry.field(description="ISO 4217 code, in any case.")
    method: StripePayoutMethodRequest | None = strawberry.field(
        default=None, description="How fast. Default: `STANDARD`."
    )
    destination: str | None = strawberry.field(
        default=None, description="Stripe's id of a bank account or debit card. Without it, the currency's default."
    )
    description: str | None = strawberry.field(default=None, description="Your own note.")
    statement_descriptor: str | None = strawberry.field(
        default=None, description="What the bank statement shall say, 22 characters at most."
    )
    metadata: JSON | None = strawberry.field(default=None, description="An object of your own keys and strings.")


@strawberry.type(description="The money is on its way.")
class StripePayoutCreated:
    payout: StripePayout = strawberry.field(description="The payout.")


@strawberry.type(description="Nothing is sent.")
class StripePayoutRejected:
    reason: StripePayoutRejection = strawberry.field(description="Why.")
    message: str | None = strawberry.field(description="Stripe's explanation, for developers.")


@strawberry.type(description="The payout was given up; its money is available again.")
class StripePayoutCanceled:
    payout: StripePayout = strawberry.field(description="The payout.")


@strawberry.type(description="The payout goes on: it is automatic, or was on its way or canceled already.")
class StripePayoutNotCancelable:
    message: str | None = strawberry.field(description="Stripe's explanation, for developers.")


StripeCreatePayoutResult = Annotated[
    StripePayoutCreated | StripePayoutRejected,
    strawberry.union("StripeCreatePayoutResult", description="What came of sending money to the bank."),
]
StripeCancelPayoutResult = Annotated[
    StripePayoutCanceled | StripePayoutNotCancelable,
    strawberry.union("StripeCancelPayoutResult", description="What came of giving a payout up."),
]
