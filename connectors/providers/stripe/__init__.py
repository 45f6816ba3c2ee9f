"""Stripe: payments, invoices and subscriptions, over form-encoded REST."""
