"""What the fault server does wrong, and when: a plan, and dice that depend on what is asked alone.

The n-th time that a body is seen it always meets the same fate, whatever else is asked meanwhile and in whatever order.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any, Literal

__all__ = ["CONTENT", "COUNTS", "FAULTS", "GROUPS", "TRANSPORT", "Dice", "Plan", "digest"]

GROUPS: dict[str, tuple[str, ...]] = {
    "limits": ("429", "429-date", "429-ms", "429-bare"),
    "drops": ("drop", "reset", "drop-body"),
    "broken": ("not-json", "cut-json", "shape", "html"),
    "malformed": ("cut", "prose", "nan", "types"),
}
"""A group's name in a plan's rates stands for its members in equal parts."""

TRANSPORT = (*GROUPS["limits"], "500", "502", "503", *GROUPS["drops"], *GROUPS["broken"], "hang")
"""No reply is had, or it comes late."""

CONTENT = ("empty", "null", *GROUPS["malformed"], "length")
"""A chat completion with a text that is of no use. What is malformed is JSON: a reply that is none stays as it is."""

COUNTS = ("no-usage", "zero-usage", "made-up-usage", "truncated")
"""The text is fine, or answers half of the prompt; the count of tokens is missing, 0, wrong, or that half's."""

FAULTS = (*TRANSPORT, *CONTENT, *COUNTS)


@dataclass(frozen=True, slots=True)
class Plan:
    """How a server behaves.

    Attributes
    ----------
    rates : mapping of str to float
        Fault or group to its probability; they exclude each other and sum to at most 1.
    seed : int
        Of the dice.
    most_running : int
        How often in a row one body may meet a fault of transport or content.
    latency, hang, retry_after : float
        Seconds: of every answer, of a hang (it then answers), and of the wait that a 429 asks for.
    per_second : float
        Requests a second that are taken, the others get 429; 0 takes all.
    quota : int
        Requests until the account is used up, which is a 429 without hope; 0 for any number.
    json_schema : {"ok", "400", "500", "ignored"}
        What happens where structured output is asked for in this form.
    refused : tuple of str
        Any of json_object, max_tokens (in favour of max_completion_tokens), temperature, seed.
    context : int
        Words and punctuation marks that a request may have; 0 for any number.
    overflow : {"openai", "vllm", "llama.cpp", "llama.cpp-500", "silent"}
        How a longer one is answered.
    """

    rates: Mapping[str, float] = field(default_factory=dict)
    seed: int = 0
    most_running: int = 4
    latency: float = 0.0
    hang: float = 30.0
    retry_after: float = 0.05
    per_second: float = 0.0
    quota: int = 0
    json_schema: Literal["ok", "400", "500", "ignored"] = "ok"
    refused: tuple[str, ...] = ()
    context: int = 0
    overflow: Literal["openai", "vllm", "llama.cpp", "llama.cpp-500", "silent"] = "openai"

    def __post_init__(self) -> None:
        unknown = set(self.rates) - set(FAULTS) - set(GROUPS)
        if unknown:
            raise ValueError(f"no such fault: {', '.join(sorted(unknown))}; there are {', '.join((*FAULTS, *GROUPS))}")
        if any(rate < 0 for rate in self.rates.values()) or sum(self.rates.values()) > 1 + 1e-9:
            raise ValueError(f"rates are 0 or more and sum to at most 1, not {dict(self.rates)}")
        object.__setattr__(self, "refused", tuple(self.refused))  # a list where it came as JSON


def digest(body: Mapping[str, Any]) -> str:
    """The body's name: 16 hexadecimal digits, the same for the same JSON in any order of keys."""
    return hashlib.sha256(json.dumps(body, sort_keys=True).encode()).hexdigest()[:16]


class Dice:
    """Draws the fate of each request; remembers how often each body was seen and how often in a row it failed."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._bounds = [0.0]
        for rate in plan.rates.values():
            self._bounds.append(self._bounds[-1] + rate)
        self._seen: Counter[str] = Counter()
        self._running: Counter[str] = Counter()

    def throw(self, name: str) -> tuple[str, int]:
        """The fault of this request, empty for none, and how often its body was seen before."""
        sight = self._seen[name]
        self._seen[name] += 1
        fault = self._draw(name, sight)
        if fault and fault not in COUNTS:
            if self._running[name] >= self._plan.most_running:
                fault = ""
            else:
                self._running[name] += 1
                return fault, sight
        self._running[name] = 0
        return fault, sight

    def _draw(self, name: str, sight: int) -> str:
        raw = hashlib.sha256(f"{self._plan.seed} {name} {sight}".encode()).digest()
        share = int.from_bytes(raw[:8], "big") / 2**64
        for fault, (low, high) in zip(self._plan.rates, pairwise(self._bounds), strict=True):
            if low <= share < high:
                members = GROUPS.get(fault, (fault,))
                return members[raw[8] % len(members)]
        return ""
