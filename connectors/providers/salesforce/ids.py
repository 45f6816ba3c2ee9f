"""Record ids: 15 characters in which case counts, or 18 in which the last three say what the case was.

Source: https://help.salesforce.com/s/articleView?id=000385585
"""

import re

SUFFIX_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"
AN_ID = re.compile(r"[A-Za-z0-9]{15}(?:[A-Za-z0-9]{3})?\Z")


def suffix(short_id: str) -> str:
    """The three characters that make a 15-character id safe where case is lost: one for each five, from their case."""
    return "".join(
        SUFFIX_LETTERS[sum(1 << place for place, letter in enumerate(five) if letter in "ABCDEFGHIJKLMNOPQRSTUVWXYZ")]
        for five in (short_id[0:5], short_id[5:10], short_id[10:15])
    )


def long_id(value: str) -> str | None:
    """The 18-character form of an id; `None` for what cannot be one."""
    if not AN_ID.match(value):
        return None
    return value[:15] + suffix(value[:15])
