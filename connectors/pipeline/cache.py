"""Reads that need not be sent: identical ones in flight share one answer, those that may be used again are kept."""

import asyncio
from collections.abc import Awaitable
from contextlib import suppress
from dataclasses import replace
from typing import TypeVar

import httpx2

from connectors.call import Call, Record, Send, Stage
from connectors.errors import (
    CircuitOpen,
    CredentialsUnavailable,
    RateLimited,
    UpstreamError,
    UpstreamTimeout,
    UpstreamUnavailable,
)
from connectors.flights import Flight
from connectors.headers import texts_of, told_of
from connectors.judgement import FAILED, OK, Outcome, Verdict, verdict_of
from connectors.pipeline.answers import Answers
from connectors.pipeline.entries import Entry, key_of
from connectors.pipeline.freshness import freshness, renewed, validators
from connectors.pipeline.kept import Kept
from connectors.pipeline.limit import Limit
from connectors.pipeline.setup import Setup, record_of
from connectors.policy import HTTP_ONLY
from connectors.request import rebuilt

T = TypeVar("T")

FAILURES = (CircuitOpen, CredentialsUnavailable, RateLimited, UpstreamTimeout, UpstreamUnavailable)
"""Errors that a stale answer can stand in for: there is nothing wrong with the call."""

SPEAKS_OF_KEEPING = frozenset((b"cache-control", b"etag", b"expires", b"last-modified"))

MOST_OPERATIONS = 1_000

MOST_REFRESHES = 32
"""Answers of one upstream that are refreshed at a time while stale ones are used."""


def displaces(call: Call, response: httpx2.Response) -> bool:
    """Whether an answer is the upstream's word, after which none from before it holds."""
    return verdict_of(response).outcome is not FAILED and (call.sound is None or call.sound(response.content))


def cache(setup: Setup) -> Stage:
    """Share identical reads in flight, and keep what HTTP and the policy allow, for each principal of its own.

    The last caller to go away cancels the call it shared with others. Each waits to its own deadline: those who have
    more time than the caller who began share another one when that one's is over. What begins after a write has ended
    shares nothing that began before, and finds nothing that the write made untrue. A stale answer is used while it is
    refreshed, or where the upstream fails, for as long as HTTP or the policy says; its record says that it is stale,
    and how the call failed that it stands in for.
    """
    clock, policy = setup.clock, setup.policy.cache
    answers = setup.answers or Answers(setup.upstream, clock, policy.max_bytes, setup.shared)
    flights, replicas = answers.flights, answers.replicas
    keeps = bool(policy.max_bytes or replicas)
    credential_of, account = setup.auth.credential, setup.account
    common: set[str] = set()
    rules = Kept(policy.rule_of, MOST_OPERATIONS)

    def used(entry: Entry, record: Record) -> httpx2.Response:
        now = clock.time()
        fresh = entry.freshness.fresh(now)
        record.cache = "hit" if fresh else "stale"
        record.age_s = entry.freshness.age_s(now)
        record.stale_s = None if fresh else entry.freshness.stale_s(now)
        answers.note(entry, record)
        return entry.response

    def keep(
        response: httpx2.Response, call: Call, record: Record, key: bytes, *, asked: float, since: int
    ) -> Entry | None:
        """Keep an answer if that is allowed and of use; what other replicas may keep too."""
        rule = rules[call.operation]
        if rule is HTTP_ONLY and SPEAKS_OF_KEEPING.isdisjoint(told_of(response)):
            return None
        outcome = verdict_of(response).outcome
        if outcome is not Outcome.NOT_FOUND and (outcome is not OK or response.status_code != 200):
            return None
        now = clock.time()
        headers = texts_of(response)
        fresh = freshness(headers, outcome, rule, asked=asked, received=now)
        if fresh is None or (now >= fresh.over_at and not validators(headers)):
            return None
        if call.sound and not call.sound(response.content):
            return None
        ids = policy.ids(response.content) if policy.ids else ()
        entry = Entry(key, response, fresh, (*call.tags, *ids))
        if answers.keep(entry, since=since):
            answers.note(entry, record)
        if replicas and len(common) < MOST_OPERATIONS:
            common.add(call.operation)
        return entry

    def around(send: Send) -> Send:
        async def fetch(
            request: httpx2.Request, call: Call, key: bytes, entry: Entry | None, began: int | None = None
        ) -> httpx2.Response:
            """The upstream's answer, or the one we have if the upstream confirms it. What may be kept of it is kept.

            It is kept for all replicas where `began` is given, Redis's time from before they were asked for it. Where
            nothing may be kept, the one we have goes: what is no longer so must not come back when the upstream fails.
            """
            record: Record = request.extensions["record"]
            asked, since = clock.time(), answers.evictions
            questions = entry.validators if entry and request.method == "GET" else {}
            response = await send(rebuilt(request, headers=questions) if questions else request)
            if entry and questions and response.status_code == 304:
                record.cache = "revalidated"
                headers = renewed(entry.response.headers, response.headers)
                verdict = verdict_of(entry.response)
                response = httpx2.Response(entry.response.status_code, headers=headers, content=entry.response.content)
                response.extensions["verdict"] = verdict
            if keeps:
                kept = keep(response, call, record, key, asked=asked, since=since)
                if kept and replicas and began is not None:
                    await replicas.keep(kept, began)
                if kept is None and entry and displaces(call, response):
                    await answers.drop(key)
            return response

        async def obtain(request: httpx2.Request, call: Call, key: bytes, entry: Entry | None) -> httpx2.Response:
            """A newer answer than the one we have: from another replica, or fetched by us for all of them."""
            assert replicas is not None

            def newer(found: Entry) -> bool:
                """Whether another replica's answer is of use as it is; it is kept if it is later than ours."""
                if entry and found.freshness.born <= entry.freshness.born:
                    return False
                answers.keep(found, since=since)
                return found.freshness.fresh(clock.time())

            since = answers.evictions
            found, began = await replicas.find(key)
            if call.reload:
                return await fetch(request, call, key, found or entry, began)
            if found and newer(found):
                return used(found, record_of(request))
            word = await replicas.lead(key)
            if word is None:
                followed = await replicas.follow(key, call.scope.deadline)
                if followed and newer(followed):
                    return used(followed, record_of(request))
            try:
                return await fetch(request, call, key, found or entry, began)
            finally:
                if word:
                    await replicas.release(key, word)

        async def write(request: httpx2.Request, call: Call) -> httpx2.Response:
            try:
                return await send(request)
            finally:
                await answers.evict(call.evicts)

        async def boarded(flight: Flight[httpx2.Response], key: bytes) -> httpx2.Response:
            try:
                return await flight.result()
            finally:
                if flight.over and flights.get(key) is flight:
                    del flights[key]

        async def in_time(awaited: Awaitable[T], call: Call) -> T:
            try:
                with Limit(call.scope.deadline - clock.now(), bell=setup.bell):
                    return await awaited
            except TimeoutError as error:
                raise UpstreamTimeout(setup.upstream, call.operation, "the operation's deadline has passed") from error

        async def asked(request: httpx2.Request, call: Call, key: bytes, entry: Entry | None) -> httpx2.Response:
            """The answer of a call in flight, or of one of our own."""
            record: Record = request.extensions["record"]
            while not call.reload and (flight := flights.get(key)) and not flight.over:
                record.cache = "shared"
                try:
                    return await in_time(boarded(flight, key), call)
                except UpstreamTimeout:
                    if clock.now() < flight.deadline or clock.now() >= call.scope.deadline:
                        raise
            record.cache = "miss"
            alone = replicas is None or (rules[call.operation] is HTTP_ONLY and call.operation not in common)
            work = fetch if alone else obtain
            if not policy.share:
                return await work(request, call, key, entry)
            flight = flights[key] = Flight(lambda: work(request, call, key, entry), call.scope.deadline)
            return await boarded(flight, key)

        def refresh(request: httpx2.Request, call: Call, key: bytes) -> None:
            """Fetch a newer answer in the background, unless that is under way."""
            if key in answers.refreshes or len(answers.refreshes) >= MOST_REFRESHES:
                return
            now = clock.now()
            scope = replace(call.scope, began=now, deadline=now + setup.policy.budget_s, calls=[])
            again = rebuilt(request)
            again.extensions = {**request.extensions, "call": replace(call, scope=scope, refreshes=True)}

            async def refreshed() -> None:
                with suppress(UpstreamError):
                    await setup.entry(again)

            answers.refreshes[key] = task = asyncio.get_running_loop().create_task(refreshed())
            task.add_done_callback(lambda _: answers.refreshes.pop(key))

        async def cached(request: httpx2.Request) -> httpx2.Response:
            call: Call = request.extensions["call"]
            record: Record = request.extensions["record"]
            if call.anonymous:
                return await send(request)
            if not call.safe:
                return await write(request, call)
            if not (policy.share or policy.max_bytes):
                return await send(request)
            if setup.identify:
                credential = await in_time(setup.identify(call.scope), call)
            else:
                credential = credential_of(call.scope)
            key = key_of(request, call, credential, account)
            entry = answers.find(key)
            if entry and not (call.reload or call.refreshes):
                now = clock.time()
                if entry.freshness.fresh(now):
                    return used(entry, record)
                if entry.freshness.good_while_refreshing(now):
                    refresh(request, call, key)
                    return used(entry, record)
            try:
                response = await asked(request, call, key, entry)
            except FAILURES as error:
                entry = answers.find(key)
                if entry is None or not entry.freshness.good_while_failing(clock.time()):
                    raise
                record.outcome = error.code
                return used(entry, record)
            verdict: Verdict = response.extensions["verdict"]
            if verdict.outcome is FAILED:
                entry = answers.find(key)
                if entry and entry.freshness.good_while_failing(clock.time()):
                    record.outcome, record.reason = verdict.outcome.value, verdict.reason
                    return used(entry, record)
            elif record.cache == "shared":
                entry = answers.find(key)
                if entry and entry.response is response:
                    answers.note(entry, record)
            return response

        return cached

    return around
