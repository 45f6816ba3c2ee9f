"""Payers who went to their bank, and what the merchant says to that."""

from datetime import datetime
from enum import Enum
from typing import Annotated

import strawberry
from strawberry.scalars import JSON

from schema.providers.stripe.common import UNKNOWN, Reference
from schema.providers.stripe.funds import StripeBalanceTransaction
from schema.relay import Node
from schema.scalars import Money


@strawberry.enum(description="Where a dispute stands.")
class StripeDisputeStatus(Enum):
    WARNING_NEEDS_RESPONSE = strawberry.enum_value(
        "warning_needs_response", description="The bank asks, and waits for an answer; no money was taken back."
    )
    WARNING_UNDER_REVIEW = strawberry.enum_value(
        "warning_under_review", description="The bank asked, and considers the answer."
    )
    WARNING_CLOSED = strawberry.enum_value("warning_closed", description="The bank asked, and let it be.")
    NEEDS_RESPONSE = strawberry.enum_value("needs_response", description="The bank took the money back, and waits.")
    UNDER_REVIEW = strawberry.enum_value("under_review", description="The bank considers the merchant's evidence.")
    WON = strawberry.enum_value("won", description="The merchant got the money back.")
    LOST = strawberry.enum_value("lost", description="The payer keeps the money.")
    PREVENTED = strawberry.enum_value("prevented", description="It was settled before it became a dispute.")
    APPEAL_NEEDS_RESPONSE = strawberry.enum_value(
        "appeal_needs_response", description="The merchant may appeal, with more evidence."
    )
    APPEAL_UNDER_REVIEW = strawberry.enum_value("appeal_under_review", description="The appeal is considered.")
    UNKNOWN = UNKNOWN


@strawberry.enum(description="Why a payer disputes a charge.")
class StripeDisputeReason(Enum):
    BANK_CANNOT_PROCESS = strawberry.enum_value("bank_cannot_process", description="The bank cannot process it.")
    CHECK_RETURNED = strawberry.enum_value("check_returned", description="The check was returned.")
    CREDIT_NOT_PROCESSED = strawberry.enum_value(
        "credit_not_processed", description="The goods were returned, or the purchase canceled, without a refund."
    )
    CUSTOMER_INITIATED = strawberry.enum_value("customer_initiated", description="The payer said no more than that.")
    DEBIT_NOT_AUTHORIZED = strawberry.enum_value("debit_not_authorized", description="The debit was not authorized.")
    DUPLICATE = strawberry.enum_value("duplicate", description="It was charged twice.")
    FRAUDULENT = strawberry.enum_value("fraudulent", description="The payer does not know of the purchase.")
    GENERAL = strawberry.enum_value("general", description="None of the other reasons.")
    INCORRECT_ACCOUNT_DETAILS = strawberry.enum_value(
        "incorrect_account_details", description="The account's details were wrong."
    )
    INSUFFICIENT_FUNDS = strawberry.enum_value("insufficient_funds", description="The account lacked the money.")
    NONCOMPLIANT = strawberry.enum_value("noncompliant", description="A rule of the card network was broken.")
    PRODUCT_NOT_RECEIVED = strawberry.enum_value("product_not_received", description="Nothing was received.")
    PRODUCT_UNACCEPTABLE = strawberry.enum_value(
        "product_unacceptable", description="What was received was broken, or not as described."
    )
    SUBSCRIPTION_CANCELED = strawberry.enum_value(
        "subscription_canceled", description="The subscription had been canceled."
    )
    UNRECOGNIZED = strawberry.enum_value("unrecognized", description="The payer does not recognize the merchant.")
    UNKNOWN = UNKNOWN


@strawberry.type
class Evidence:
    access_activity_log: str | None = strawberry.field(
        default=None, description="What the customer did on the server: addresses, times, downloads."
    )
    billing_address: str | None = strawberry.field(
        default=None, description="The billing address that the customer gave."
    )
    cancellation_policy_disclosure: str | None = strawberry.field(
        default=None, description="How and when the customer was shown the cancellation policy."
    )
    cancellation_rebuttal: str | None = strawberry.field(
        default=None, description="Why the customer's subscription was not canceled."
    )
    customer_email_address: str | None = strawberry.field(default=None, description="The customer's email address.")
    customer_name: str | None = strawberry.field(default=None, description="The customer's name.")
    customer_purchase_ip: str | None = strawberry.field(
        default=None, description="The IP address that the customer bought from."
    )
    duplicate_charge_explanation: str | None = strawberry.field(
        default=None, description="How this charge differs from the one that looks like it."
    )
    duplicate_charge_id: str | None = strawberry.field(
        default=None, description="Stripe's id of the charge that looks like this one."
    )
    product_description: str | None = strawberry.field(default=None, description="What was sold.")
    refund_policy_disclosure: str | None = strawberry.field(
        default=None, description="How and when the customer was shown the refund policy."
    )
    refund_refusal_explanation: str | None = strawberry.field(
        default=None, description="Why the customer gets no refund."
    )
    service_date: str | None = strawberry.field(
        default=None, description="When the service was rendered, as the merchant writes it."
    )
    shipping_address: str | None = strawberry.field(default=None, description="Where the goods were sent.")
    shipping_carrier: str | None = strawberry.field(default=None, description="Who carried the goods.")
    shipping_date: str | None = strawberry.field(
        default=None, description="When the goods were on their way, as the merchant writes it."
    )
    shipping_tracking_number: str | None = strawberry.field(
        default=None, description="The carrier's number of the parcel."
    )
    uncategorized_text: str | None = strawberry.field(default=None, description="Anything else.")
    cancellation_policy: str | None = strawberry.field(
        default=None, description="Stripe's id of a file with the cancellation policy."
    )
    customer_communication: str | None = strawberry.field(
        default=None, description="Stripe's id of a file with what the customer wrote."
    )
    customer_signature: str | None = strawberry.field(
        default=None, description="Stripe's id of a file with the customer's signature."
    )
    duplicate_charge_documentation: str | None = strawberry.field(
        default=None, description="Stripe's id of a file on the charge that looks like this one."
    )
    receipt: str | None = strawberry.field(default=None, description="Stripe's id of a file with the receipt.")
    refund_policy: str | None = strawberry.field(
        default=None, description="Stripe's id of a file with the refund policy."
    )
    service_documentation: str | None = strawberry.field(
        default=None, description="Stripe's id of a file that shows the service was rendered."
    )
    shipping_documentation: str | None = strawberry.field(
        default=None, description="Stripe's id of a file that shows the goods were sent."
    )
    uncategorized_file: str | None = strawberry.field(default=None, description="Stripe's id of any other file.")


@strawberry.type(description="What the merchant says of a disputed charge, as far as it was given.")
class StripeDisputeEvidence(Evidence):
    pass


@strawberry.input(
    description="What to say of a disputed charge. What is left out stays as it is; an empty text unsays it."
)
class StripeDisputeEvidenceInput(Evidence):
    pass


@strawberry.type(description="A charge that its payer disputes at the bank, which takes the money back and decides.")
class StripeDispute(Node):
    amount: Money = strawberry.field(description="How much is disputed; mostly the amount of the charge.")
    currency: str = strawberry.field(description="Lower-case ISO 4217 code, as Stripe writes it.")
    status: StripeDisputeStatus = strawberry.field(description="Where the dispute stands.")
    reason: StripeDisputeReason = strawberry.field(description="What the payer says.")
    network_reason_code: str | None = strawberry.field(description="The card network's own code for the reason.")
    created_at: datetime = strawberry.field(description="When it was opened.")
    evidence_due_by: datetime | None = strawberry.field(
        description="Until when evidence is taken; null where none is any more."
    )
    has_evidence: bool = strawberry.field(description="Whether there is evidence, submitted or only noted down.")
    past_due: bool = strawberry.field(description="Whether the latest evidence came too late.")
    submission_count: int = strawberry.field(description="How often evidence was submitted; mostly once is allowed.")
    evidence: StripeDisputeEvidence = strawberry.field(description="The merchant's evidence.")
    is_charge_refundable: bool = strawberry.field(description="Whether a refund would end it without further loss.")
    balance_transactions: list[StripeBalanceTransaction] = strawberry.field(
        description="The money that the bank took back and, where the merchant won, returned; two at most."
    )
    metadata: JSON | None = strawberry.field(description="The merchant's own keys and values, all of them strings.")
    livemode: bool = strawberry.field(description="False for test data.")
    charge_ref: strawberry.Private[Reference]
    payment_intent_ref: strawberry.Private[Reference]


@strawberry.type(description="The answer is with the bank, or noted down.")
class StripeDisputeUpdated:
    dispute: StripeDispute = strawberry.field(description="The dispute.")


@strawberry.type(description="The dispute is accepted: the payer keeps the money.")
class StripeDisputeClosed:
    dispute: StripeDispute = strawberry.field(description="The dispute.")


@strawberry.type(description="Nothing was done, because the dispute takes no answer any more.")
class StripeDisputeNotOpen:
    message: str | None = strawberry.field(description="Stripe's explanation, for developers.")


StripeUpdateDisputeResult = Annotated[
    StripeDisputeUpdated | StripeDisputeNotOpen,
    strawberry.union("StripeUpdateDisputeResult", description="What came of answering a dispute."),
]
StripeCloseDisputeResult = Annotated[
    StripeDisputeClosed | StripeDisputeNotOpen,
    strawberry.union("StripeCloseDisputeResult", description="What came of accepting a dispute."),
]
