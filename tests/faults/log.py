"""What a server saw: one entry a request, and what follows from their times."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

__all__ = ["Entry", "levels", "longest_chain", "most_at_once", "rounds"]


@dataclass(slots=True)
class Entry:
    """One request.

    Attributes
    ----------
    digest : str
        Of its body.
    sight : int
        How often this body was seen before.
    begun, ended : float
        Seconds on the server's monotonic clock: the whole request had come; the answer was sent or the connection lost.
        While it runs ``ended`` is infinite.
    outcome : str
        ok, the fault it met, ``refused`` (a field or the length was), or ``limited`` (over the requests a second).
    gone : bool
        The client went away before the answer.
    prompt, completion : int
        Tokens where an answer was made, whether or not it arrived whole: what would be on the bill.
    """

    digest: str
    sight: int
    begun: float
    ended: float = float("inf")
    outcome: str = "ok"
    gone: bool = False
    prompt: int = 0
    completion: int = 0

    @property
    def tokens(self) -> int:
        """Prompt and completion together."""
        return self.prompt + self.completion


def levels(log: Sequence[Entry]) -> list[int]:
    """For each request the longest chain that ends with it, in requests; one follows another if it began after that one ended."""
    order = sorted(range(len(log)), key=lambda index: log[index].ended)
    ends = [log[index].ended for index in order]
    best = [0] * (len(log) + 1)  # best[k]: the longest chain that ends within the k requests that ended first
    found = [0] * len(log)
    for place, index in enumerate(order, 1):
        # Whoever ended before this one began also comes before it in this order, so their chains are known.
        found[index] = best[min(bisect_right(ends, log[index].begun), place - 1)] + 1
        best[place] = max(best[place - 1], found[index])
    return found


def longest_chain(log: Sequence[Entry]) -> int:
    """How many requests had to wait for one another, one by one."""
    return max(levels(log), default=0)


def rounds(log: Sequence[Entry]) -> int:
    """How often requests came to a server that had none in flight."""
    return sum(now == 1 and change > 0 for now, change in _flight(log))


def most_at_once(log: Sequence[Entry]) -> int:
    """The most requests that were in flight together."""
    return max((now for now, _ in _flight(log)), default=0)


def _flight(log: Sequence[Entry]) -> list[tuple[int, int]]:
    """The number in flight after each begin (+1) and end (-1); at one instant ends come first."""
    changes = sorted([(entry.begun, 1) for entry in log] + [(entry.ended, -1) for entry in log])
    now, found = 0, []
    for _, change in changes:
        now += change
        found.append((now, change))
    return found
