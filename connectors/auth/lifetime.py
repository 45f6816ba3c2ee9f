"""How long a credential is good, and when another is due."""

from math import inf
from typing import Protocol

AHEAD_SHARE, AHEAD_S = 0.1, 300.0
"""The last tenth of a life, five minutes at most, is there to get another in."""

DOUBTFUL_SHARE, DOUBTFUL_S = 0.02, 10.0
"""So shortly before its end a credential may be refused when it arrives: clocks differ and calls take time."""


RENEWAL_PAUSE_S = 30.0
"""How long after a try to renew ahead of the end the next one is due, where the try gave nothing."""


class Credential(Protocol):
    """Something that is good from `issued_at` to `expires_at`, Unix time in seconds (`inf`: until it is refused)."""

    @property
    def issued_at(self) -> float: ...

    @property
    def expires_at(self) -> float: ...


def usable(credential: Credential, now: float) -> bool:
    """Whether it can be sent with the certainty that it arrives in time."""
    return credential.expires_at == inf or now < credential.expires_at - _at_most(
        DOUBTFUL_S, DOUBTFUL_SHARE, credential
    )


def renewal_at(credential: Credential, chance: float) -> float:
    """When to get another, ahead of the end. `chance` from 0 to 1 spreads replicas over half of the time there is."""
    if credential.expires_at == inf:
        return inf
    return credential.expires_at - _at_most(AHEAD_S, AHEAD_SHARE, credential) * (1 - chance / 2)


def _at_most(seconds: float, share: float, credential: Credential) -> float:
    return min(seconds, share * (credential.expires_at - credential.issued_at))
