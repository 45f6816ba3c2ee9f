"""Stripe's webhooks as they are usually taken: FastAPI checks and queues, Celery handles, Redis is in between.

`uvicorn receiver:app` and `celery -A receiver:tasks worker`, both with `REDIS_URL` and `STRIPE_WEBHOOK_SECRET`.
"""

import os

import celery  # type: ignore[import-not-found]
import redis.asyncio
import stripe
from fastapi import FastAPI, Request, Response

REDIS_URL = os.environ["REDIS_URL"]
SECRET = os.environ["STRIPE_WEBHOOK_SECRET"]
KEPT_S = 30 * 86_400

app = FastAPI()
tasks = celery.Celery("receiver", broker=REDIS_URL)
tasks.conf.task_acks_late = True
tasks.conf.task_ignore_result = True
store = redis.asyncio.Redis.from_url(REDIS_URL)
counter = redis.Redis.from_url(REDIS_URL)


@tasks.task(autoretry_for=(Exception,), retry_backoff=True, max_retries=6)  # type: ignore[untyped-decorator]
def handle(event: dict[str, object]) -> None:
    """Nothing but to count it."""
    counter.incr("handled")


@app.post("/webhooks/stripe")
async def receive(request: Request) -> Response:
    body = await request.body()
    try:
        event = stripe.Webhook.construct_event(body, request.headers["stripe-signature"], SECRET)
    except (KeyError, ValueError, stripe.SignatureVerificationError):
        return Response(status_code=401)
    if await store.set(f"event:{event.id}", 1, nx=True, ex=KEPT_S):
        handle.delay(event.to_dict())
    return Response()


@app.get("/readyz")
async def ready() -> dict[str, str]:
    return {"status": "ready"}
