"""What an operation would ask of the upstreams, for people and programs to read."""

from typing import Any

from schema.execution.cost import Estimate, Fetch


def described(estimate: Estimate) -> dict[str, Any]:
    """The estimate as `extensions.plan`: levels of fetches, then what each upstream gets in all, at most."""
    return {
        "levels": [[_fetch(fetch) for fetch in level] for level in estimate.levels],
        "calls": estimate.calls,
        "points": estimate.points,
        "totalCalls": estimate.total,
    }


def _fetch(fetch: Fetch) -> dict[str, Any]:
    return {
        "upstream": fetch.upstream,
        "operation": fetch.operation,
        "calls": fetch.calls,
        "keys": fetch.keys,
        "fields": fetch.paths,
    }


def written(estimate: Estimate) -> str:
    """The estimate as text: a line for each fetch, and below it the fields that it serves."""
    lines: list[str] = []
    for number, level in enumerate(estimate.levels, 1):
        lines.append(f"Level {number}")
        for fetch in level:
            keys = f" with {_number(fetch.keys, 'key')}" if fetch.keys > 1 else ""
            lines.append(f"  {fetch.upstream} {fetch.operation}: {_number(fetch.calls, 'call')}{keys}")
            lines += [f"    {path}" for path in fetch.paths]
    each = [f"{upstream} {calls:,}" for upstream, calls in estimate.calls.items()]
    points = [f"{_number(points, 'point')} of {upstream}'s budget" for upstream, points in estimate.points.items()]
    total = f"{_number(estimate.total, 'call')} at most"
    lines.append("; ".join([f"{total}: {', '.join(each)}" if each else total, *points]))
    return "\n".join(lines)


def _number(number: int, noun: str) -> str:
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"
