"""PayPal's types: orders and the money that moves for them, invoices, subscriptions, disputes, transactions."""

from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from typing import Annotated

import strawberry

from schema.payments import Payment
from schema.relay import Node
from schema.scalars import Money

UNKNOWN = strawberry.enum_value("unknown", description="A word that PayPal has and this gateway does not know yet.")


@strawberry.enum(name="PayPalIntent", description="What is to be done with the money of an order.")
class PayPalIntent(Enum):
    CAPTURE = strawberry.enum_value("CAPTURE", description="It is taken at once.")
    AUTHORIZE = strawberry.enum_value("AUTHORIZE", description="It is held, to be taken later.")
    UNKNOWN = UNKNOWN


@strawberry.enum(description="What shall be done with the money of a new order.")
class PayPalIntentRequest(Enum):
    CAPTURE = strawberry.enum_value("CAPTURE", description="Take it at once.")
    AUTHORIZE = strawberry.enum_value("AUTHORIZE", description="Hold it, to take it later.")


@strawberry.enum(description="Where an order stands.")
class PayPalOrderStatus(Enum):
    CREATED = strawberry.enum_value("CREATED", description="Nobody has approved it yet.")
    SAVED = strawberry.enum_value("SAVED", description="It is kept for later.")
    APPROVED = strawberry.enum_value("APPROVED", description="Its payer said yes.")
    VOIDED = strawberry.enum_value("VOIDED", description="It was given up.")
    COMPLETED = strawberry.enum_value("COMPLETED", description="The money is taken, or held.")
    PAYER_ACTION_REQUIRED = strawberry.enum_value(
        "PAYER_ACTION_REQUIRED", description="Its payer has something left to do."
    )
    UNKNOWN = UNKNOWN


@strawberry.enum(description="Where a capture stands.")
class PayPalCaptureStatus(Enum):
    COMPLETED = strawberry.enum_value("COMPLETED", description="The money is there.")
    DECLINED = strawberry.enum_value("DECLINED", description="The money could not be taken.")
    PARTIALLY_REFUNDED = strawberry.enum_value("PARTIALLY_REFUNDED", description="A part of it was given back.")
    PENDING = strawberry.enum_value("PENDING", description="The money is on its way.")
    REFUNDED = strawberry.enum_value("REFUNDED", description="All of it was given back.")
    FAILED = strawberry.enum_value("FAILED", description="Something went wrong on the way.")
    UNKNOWN = UNKNOWN


@strawberry.enum(description="Where held money stands.")
class PayPalAuthorizationStatus(Enum):
    CREATED = strawberry.enum_value("CREATED", description="It is held.")
    CAPTURED = strawberry.enum_value("CAPTURED", description="It was taken.")
    DENIED = strawberry.enum_value("DENIED", description="It cannot be taken.")
    PARTIALLY_CAPTURED = strawberry.enum_value("PARTIALLY_CAPTURED", description="A part of it was taken.")
    VOIDED = strawberry.enum_value("VOIDED", description="It was let go.")
    PENDING = strawberry.enum_value("PENDING", description="It is not decided yet.")
    UNKNOWN = UNKNOWN


@strawberry.enum(description="Where a refund stands.")
class PayPalRefundStatus(Enum):
    CANCELLED = strawberry.enum_value("CANCELLED", description="It was called off.")
    FAILED = strawberry.enum_value("FAILED", description="The money could not be given back.")
    PENDING = strawberry.enum_value("PENDING", description="The money is on its way.")
    COMPLETED = strawberry.enum_value("COMPLETED", description="The money was given back.")
    UNKNOWN = UNKNOWN


@strawberry.enum(description="Where an invoice stands.")
class PayPalInvoiceStatus(Enum):
    DRAFT = strawberry.enum_value("DRAFT", description="It can still be changed.")
    SENT = strawberry.enum_value("SENT", description="It was sent.")
    SCHEDULED = strawberry.enum_value("SCHEDULED", description="It is going to be sent.")
    PAID = strawberry.enum_value("PAID", description="It is paid.")
    MARKED_AS_PAID = strawberry.enum_value("MARKED_AS_PAID", description="It was paid some other way.")
    CANCELLED = strawberry.enum_value("CANCELLED", description="It was called off.")
    REFUNDED = strawberry.enum_value("REFUNDED", description="The money was given back.")
    PARTIALLY_PAID = strawberry.enum_value("PARTIALLY_PAID", description="A part of it is paid.")
    PARTIALLY_REFUNDED = strawberry.enum_value("PARTIALLY_REFUNDED", description="A part was given back.")
    MARKED_AS_REFUNDED = strawberry.enum_value("MARKED_AS_REFUNDED", description="It was given back some other way.")
    UNPAID = strawberry.enum_value("UNPAID", description="It waits for payment.")
    PAYMENT_PENDING = strawberry.enum_value("PAYMENT_PENDING", description="The money is on its way.")
    UNKNOWN = UNKNOWN


@strawberry.enum(description="The invoice statuses that a search can be narrowed to.")
class PayPalInvoiceStatusFilter(Enum):
    DRAFT = strawberry.enum_value("DRAFT", description="Drafts.")
    SENT = strawberry.enum_value("SENT", description="Those that were sent.")
    PAID = strawberry.enum_value("PAID", description="Paid ones.")
    PARTIALLY_PAID = strawberry.enum_value("PARTIALLY_PAID", description="Those paid in part.")
    CANCELLED = strawberry.enum_value("CANCELLED", description="Those called off.")
    UNPAID = strawberry.enum_value("UNPAID", description="Those that wait for payment.")


@strawberry.enum(description="Where a subscription stands.")
class PayPalSubscriptionStatus(Enum):
    APPROVAL_PENDING = strawberry.enum_value("APPROVAL_PENDING", description="Its payer has not said yes yet.")
    APPROVED = strawberry.enum_value("APPROVED", description="Its payer said yes.")
    ACTIVE = strawberry.enum_value("ACTIVE", description="It runs.")
    SUSPENDED = strawberry.enum_value("SUSPENDED", description="It rests.")
    CANCELLED = strawberry.enum_value("CANCELLED", description="It was ended.")
    EXPIRED = strawberry.enum_value("EXPIRED", description="It ran out.")
    UNKNOWN = UNKNOWN


@strawberry.enum(description="Where a dispute stands.")
class PayPalDisputeStatus(Enum):
    OPEN = strawberry.enum_value("OPEN", description="It is open.")
    WAITING_FOR_BUYER_RESPONSE = strawberry.enum_value(
        "WAITING_FOR_BUYER_RESPONSE", description="The buyer is to answer."
    )
    WAITING_FOR_SELLER_RESPONSE = strawberry.enum_value(
        "WAITING_FOR_SELLER_RESPONSE", description="The merchant is to answer."
    )
    UNDER_REVIEW = strawberry.enum_value("UNDER_REVIEW", description="PayPal looks into it.")
    RESOLVED = strawberry.enum_value("RESOLVED", description="It is settled.")
    OTHER = strawberry.enum_value("OTHER", description="None of these.")
    UNKNOWN = UNKNOWN


@strawberry.enum(description="The disputes that a list can be narrowed to.")
class PayPalDisputeState(Enum):
    OPEN_INQUIRIES = strawberry.enum_value("OPEN_INQUIRIES", description="Inquiries that are open.")
    REQUIRED_ACTION = strawberry.enum_value("REQUIRED_ACTION", description="Those that need the merchant.")
    REQUIRED_OTHER_PARTY_ACTION = strawberry.enum_value(
        "REQUIRED_OTHER_PARTY_ACTION", description="Those that need the buyer."
    )
    UNDER_PAYPAL_REVIEW = strawberry.enum_value("UNDER_PAYPAL_REVIEW", description="Those that PayPal looks into.")
    APPEALABLE = strawberry.enum_value("APPEALABLE", description="Those that can be appealed.")
    RESOLVED = strawberry.enum_value("RESOLVED", description="Settled ones.")


@strawberry.type(description="PayPal: orders, payments, invoices, subscriptions, disputes.")
class PayPalQuery:
    pass


@strawberry.type(description="Somebody who pays.")
class PayPalPayer:
    payer_id: str | None = strawberry.field(description="PayPal's id of the payer.")
    email: str | None = strawberry.field(description="The address of the payer's account.")
    given_name: str | None = strawberry.field(description="Given name.")
    surname: str | None = strawberry.field(description="Family name.")


@strawberry.type(description="Money that was taken.")
class PayPalCapture(Node):
    status: PayPalCaptureStatus = strawberry.field(description="Where it stands.")
    amount: Money = strawberry.field(description="How much.")
    fee: Money | None = strawberry.field(description="What PayPal keeps of it, once that is known.")
    net: Money | None = strawberry.field(description="What is left of it, once that is known.")
    final: bool | None = strawberry.field(description="Whether nothing more will be taken of what was held.")
    custom_id: str | None = strawberry.field(description="The merchant's own id.")
    invoice_id: str | None = strawberry.field(description="The merchant's invoice number.")
    created_at: datetime = strawberry.field(description="When it was taken.")
    updated_at: datetime = strawberry.field(description="When it last changed.")
    order_id: strawberry.Private[str | None]


@strawberry.type(description="Money that is held.")
class PayPalAuthorization(Node):
    status: PayPalAuthorizationStatus = strawberry.field(description="Where it stands.")
    amount: Money = strawberry.field(description="How much.")
    created_at: datetime = strawberry.field(description="Since when.")
    updated_at: datetime = strawberry.field(description="When it last changed.")
    expires_at: datetime | None = strawberry.field(description="Until when.")
    order_id: strawberry.Private[str | None]


@strawberry.type(description="Money that was given back.")
class PayPalRefund(Node):
    status: PayPalRefundStatus = strawberry.field(description="Where it stands.")
    amount: Money = strawberry.field(description="How much.")
    note: str | None = strawberry.field(description="What the payer was told.")
    created_at: datetime = strawberry.field(description="When it was given back.")
    updated_at: datetime = strawberry.field(description="When it last changed.")
    capture_id: strawberry.Private[str | None]


@strawberry.type(description="A part of an order, with an amount of its own.")
class PayPalPurchaseUnit:
    reference_id: str | None = strawberry.field(description="The merchant's name of the part.")
    amount: Money = strawberry.field(description="What it comes to.")
    description: str | None = strawberry.field(description="What is bought.")
    custom_id: str | None = strawberry.field(description="The merchant's own id.")
    invoice_id: str | None = strawberry.field(description="The merchant's invoice number.")
    captures: list[PayPalCapture] = strawberry.field(description="What was taken for it.")
    authorizations: list[PayPalAuthorization] = strawberry.field(description="What is held for it.")


@strawberry.type(description="An order: what somebody is to pay for, approves, and pays.")
class PayPalOrder(Node):
    intent: PayPalIntent = strawberry.field(description="What is to be done with the money.")
    status: PayPalOrderStatus = strawberry.field(description="Where it stands.")
    payer: PayPalPayer | None = strawberry.field(description="Who pays; null before it is approved.")
    purchase_units: list[PayPalPurchaseUnit] = strawberry.field(description="Its parts, 1 to 10.")
    created_at: datetime = strawberry.field(description="When it was begun.")
    updated_at: datetime | None = strawberry.field(description="When it last changed.")
    approve_url: str | None = strawberry.field(description="The page where its payer approves it, while that is due.")


@strawberry.type(description="An invoice that PayPal sends.")
class PayPalInvoice(Node):
    status: PayPalInvoiceStatus = strawberry.field(description="Where it stands.")
    number: str | None = strawberry.field(description="The number on it.")
    amount: Money = strawberry.field(description="What it comes to.")
    due_amount: Money | None = strawberry.field(description="What is still to be paid.")
    invoice_date: date | None = strawberry.field(description="The date on it.")
    due_date: date | None = strawberry.field(description="The day by which it is to be paid.")
    note: str | None = strawberry.field(description="What its recipient is told.")
    recipient_emails: list[str] = strawberry.field(description="Who gets it.")
    recipient_view_url: str | None = strawberry.field(description="The page where its recipient sees and pays it.")


@strawberry.type(description="Something that can be subscribed to.")
class PayPalPlan:
    upstream_id: strawberry.ID = strawberry.field(description="PayPal's id of the plan.")
    product_id: str = strawberry.field(description="PayPal's id of what is sold.")
    name: str = strawberry.field(description="Its name.")
    status: str = strawberry.field(description="`CREATED`, `ACTIVE` or `INACTIVE`.")
    description: str | None = strawberry.field(description="What it is.")
    created_at: datetime = strawberry.field(description="When it was made.")


@strawberry.type(description="Something that somebody pays for again and again.")
class PayPalSubscription(Node):
    status: PayPalSubscriptionStatus = strawberry.field(description="Where it stands.")
    plan_id: str = strawberry.field(description="PayPal's id of the plan.")
    quantity: str | None = strawberry.field(description="How many of it, as PayPal writes it.")
    custom_id: str | None = strawberry.field(description="The merchant's own id.")
    subscriber: PayPalPayer | None = strawberry.field(description="Who pays.")
    starts_at: datetime = strawberry.field(description="When it began, or begins.")
    created_at: datetime = strawberry.field(description="When it was made.")
    next_billing_at: datetime | None = strawberry.field(description="When money is taken next.")
    last_payment: Money | None = strawberry.field(description="What was paid last.")


@strawberry.type(description="A payer's complaint about a payment.")
class PayPalDispute(Node):
    status: PayPalDisputeStatus = strawberry.field(description="Where it stands.")
    reason: str = strawberry.field(description="PayPal's word for what it is about.")
    amount: Money = strawberry.field(description="How much is at stake.")
    stage: str | None = strawberry.field(description="How far it has come: `INQUIRY`, `CHARGEBACK`, `ARBITRATION` ...")
    respond_by: datetime | None = strawberry.field(description="Until when the merchant can answer.")
    created_at: datetime = strawberry.field(description="When it began.")
    updated_at: datetime = strawberry.field(description="When it last changed.")
    capture_id: strawberry.Private[str | None]


@strawberry.type(description="Something that moved money.")
class PayPalTransaction(Payment):
    upstream_id: strawberry.ID = strawberry.field(description="PayPal's id: that of the capture or refund, too.")
    event_code: str = strawberry.field(description="What kind it is: `T0006` is a checkout, `T1107` a refund.")
    status: str | None = strawberry.field(description="`S` is done, `P` pending, `D` denied, `V` reversed.")
    amount: Money = strawberry.field(description="How much; negative is money that left.")
    fee: Money | None = strawberry.field(description="PayPal's fee; negative is money that left.")
    created_at: datetime = strawberry.field(description="When it happened: the same as `initiatedAt`.")
    initiated_at: datetime = strawberry.field(description="When it happened.")
    payer_email: str | None = strawberry.field(description="The address of whoever was on the other side.")
    payer_name: str | None = strawberry.field(description="The name of whoever was on the other side.")


@strawberry.input(description="An exact amount of money.")
class PayPalAmountInput:
    amount: Decimal = strawberry.field(description="In the currency's main unit, exact: `12.50`.")
    currency: str = strawberry.field(description="ISO 4217 code, in any case.")


@strawberry.input(description="A part of an order, with an amount of its own.")
class PayPalPurchaseUnitInput:
    amount: PayPalAmountInput = strawberry.field(description="What it comes to.")
    reference_id: str | None = strawberry.field(
        default=None, description="Your name of the part; needed where there are several."
    )
    description: str | None = strawberry.field(default=None, description="What is bought, up to 127 characters.")
    custom_id: str | None = strawberry.field(default=None, description="Your own id; payers do not see it.")
    invoice_id: str | None = strawberry.field(default=None, description="Your invoice number; payers see it.")


@strawberry.input(description="An order to begin.")
class PayPalOrderInput:
    purchase_units: list[PayPalPurchaseUnitInput] = strawberry.field(description="Its parts, 1 to 10.")
    intent: PayPalIntentRequest = strawberry.field(
        default=PayPalIntentRequest.CAPTURE, description="What shall be done with the money."
    )
    return_url: str | None = strawberry.field(default=None, description="Where payers go once they approved.")
    cancel_url: str | None = strawberry.field(default=None, description="Where payers go who did not.")


@strawberry.type(description="The order was begun. Its payer is to approve it on the page at `approveUrl`.")
class PayPalOrderCreated:
    order: PayPalOrder = strawberry.field(description="The order.")


@strawberry.type(description="The money was taken.")
class PayPalOrderCaptured:
    order: PayPalOrder = strawberry.field(description="The order, with what was taken.")


@strawberry.type(description="The money is held.")
class PayPalOrderAuthorized:
    order: PayPalOrder = strawberry.field(description="The order, with what is held.")


@strawberry.type(description="Held money was taken.")
class PayPalAuthorizationCaptured:
    capture: PayPalCapture = strawberry.field(description="What was taken.")


@strawberry.type(description="Held money was let go.")
class PayPalAuthorizationVoided:
    authorization: PayPalAuthorization = strawberry.field(description="What was held.")


@strawberry.type(description="Money was given back.")
class PayPalCaptureRefunded:
    refund: PayPalRefund = strawberry.field(description="What was given back.")


@strawberry.type(description="The subscription has ended.")
class PayPalSubscriptionCancelled:
    subscription_id: strawberry.ID = strawberry.field(description="PayPal's id of the subscription.")


@strawberry.type(description="The payer's bank or card did not pay. The payer may choose another one.")
class PayPalPaymentDeclined:
    issue: str = strawberry.field(description="PayPal's word for it: `INSTRUMENT_DECLINED`, `PAYER_CANNOT_PAY` ...")
    message: str | None = strawberry.field(description="PayPal's explanation, for developers.")


@strawberry.type(description="Nothing was done, because things do not stand where this can be done.")
class PayPalUnprocessable:
    issue: str = strawberry.field(
        description="PayPal's word for it: `ORDER_NOT_APPROVED`, `REFUND_AMOUNT_EXCEEDED` ..."
    )
    message: str | None = strawberry.field(description="PayPal's explanation, for developers.")
    field: str | None = strawberry.field(description="Where in the request, as a JSON pointer.")


PayPalCreateOrderResult = Annotated[
    PayPalOrderCreated | PayPalUnprocessable,
    strawberry.union("PayPalCreateOrderResult", description="What came of beginning an order."),
]
PayPalCaptureOrderResult = Annotated[
    PayPalOrderCaptured | PayPalPaymentDeclined | PayPalUnprocessable,
    strawberry.union("PayPalCaptureOrderResult", description="What came of taking an order's money."),
]
PayPalAuthorizeOrderResult = Annotated[
    PayPalOrderAuthorized | PayPalPaymentDeclined | PayPalUnprocessable,
    strawberry.union("PayPalAuthorizeOrderResult", description="What came of holding an order's money."),
]
PayPalCaptureAuthorizationResult = Annotated[
    PayPalAuthorizationCaptured | PayPalPaymentDeclined | PayPalUnprocessable,
    strawberry.union("PayPalCaptureAuthorizationResult", description="What came of taking held money."),
]
PayPalVoidAuthorizationResult = Annotated[
    PayPalAuthorizationVoided | PayPalUnprocessable,
    strawberry.union("PayPalVoidAuthorizationResult", description="What came of letting go of held money."),
]
PayPalRefundCaptureResult = Annotated[
    PayPalCaptureRefunded | PayPalUnprocessable,
    strawberry.union("PayPalRefundCaptureResult", description="What came of giving money back."),
]
PayPalCancelSubscriptionResult = Annotated[
    PayPalSubscriptionCancelled | PayPalUnprocessable,
    strawberry.union("PayPalCancelSubscriptionResult", description="What came of ending a subscription."),
]
