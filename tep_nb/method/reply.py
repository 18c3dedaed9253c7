"""Read what a model answered; a reply that cannot be read is a value, never an exception.

A grammar-valid reply is not a valid one: numbers are checked to be finite, of the right type and in range.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tep_nb.core.rubric import Suggestion

__all__ = ["Edit", "Fault", "Judged", "read_critique", "read_edit", "read_fields", "read_judged", "read_object"]

_DEEP = 100  # levels of nesting that any reader of JSON takes
_FEW, _SHOWN = 8, 40  # keys that are told, and characters of each
_FENCE = re.compile(r"```[\w-]*\n(.*?)```", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Fault:
    """Why a reply cannot be used, said so that the model can mend it; ``read`` where it was understood and refused."""

    text: str
    read: bool = False


@dataclass(frozen=True, slots=True)
class Edit:
    """An editor's answer; ``prompt`` None proposes nothing."""

    prompt: str | None
    rationale: str
    held_back: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Judged:
    """A judge's answer; ``score`` 0 to 10."""

    score: float
    note: str


def read_object(text: str) -> dict[str, Any] | Fault:
    """The JSON object in a reply: bare, fenced, or with text before and after."""
    if not text.strip():
        return Fault("it is empty.")
    decoder = json.JSONDecoder()
    for candidate in (text, *(match[1] for match in _FENCE.finditer(text))):
        at = candidate.find("{")
        while at >= 0:
            try:
                value, _ = decoder.raw_decode(candidate, at)
            except (ValueError, RecursionError):
                at = candidate.find("{", at + 1)
                continue
            if isinstance(value, dict):
                return value
            break
    return Fault("it holds no JSON object.")


def read_fields(text: str, names: Sequence[str]) -> dict[str, Any] | Fault:
    """The object of an agent with several outputs: exactly these keys, JSON values with finite numbers."""
    found = read_object(text)
    if isinstance(found, Fault):
        return Fault(f"{found.text} It must be one JSON object with exactly the keys {', '.join(names)}.")
    if set(found) != set(names):
        return Fault(f"it must be one JSON object with exactly the keys {', '.join(names)}; it has {_keys(found)}.")
    if not _finite(found, _DEEP):
        return Fault(f"it holds a number that is not finite, or more than {_DEEP} levels of lists and objects.")
    return {name: found[name] for name in names}


def read_critique(text: str, criteria: Sequence[str]) -> tuple[dict[str, float], tuple[Suggestion, ...], bool] | Fault:
    """Scores by criterion, suggestions and content."""
    found = read_object(text)
    if isinstance(found, Fault):
        return found
    given = found.get("scores")
    if not isinstance(given, dict):
        return Fault('"scores" must be an object with a number for each criterion.')
    scores: dict[str, float] = {}
    for name in criteria:
        number = _number(given.get(name))
        if number is None:
            return Fault(f"the score for {name} must be a number from 0 to 10.")
        scores[name] = number
    listed = found.get("suggestions", [])
    if not isinstance(listed, list):
        return Fault('"suggestions" must be a list of objects with "about" and "do".')
    suggestions = tuple(
        Suggestion(_line(item.get("about")), _line(item.get("do")))
        for item in listed
        if isinstance(item, dict) and _line(item.get("do"))
    )
    return scores, suggestions, found.get("content") is True


def read_edit(text: str) -> Edit | Fault:
    """The editor's new text, its reason and what it left out."""
    found = read_object(text)
    if isinstance(found, Fault):
        return found
    if "prompt" not in found:
        return Fault('the key "prompt" is missing: give the whole new text, or null.')
    prompt = found["prompt"]
    if prompt is not None and not isinstance(prompt, str):
        return Fault('"prompt" must be a text or null.')
    held = found.get("held_back", [])
    lines = tuple(_line(item) for item in held if _line(item)) if isinstance(held, list) else ()
    return Edit(prompt, _line(found.get("rationale")), lines)


def read_judged(text: str) -> Judged | Fault:
    """A judge's score and note."""
    found = read_object(text)
    if isinstance(found, Fault):
        return found
    number = _number(found.get("score"))
    if number is None:
        return Fault('"score" must be a number from 0 to 10.')
    return Judged(number, _line(found.get("note")))


def _keys(found: Mapping[str, Any]) -> str:
    """The keys that a reply has, as JSON: what strangers wrote stays in its quotes, in one line, and short."""
    shown = [json.dumps(key)[:_SHOWN] for key in found]
    more = f" and {len(shown) - _FEW} more" if len(shown) > _FEW else ""
    return ", ".join(shown[:_FEW]) + more if shown else "none"


def _number(value: Any) -> float | None:
    """A score from 0 to 10, or None; a bool, a text, NaN and infinity are none."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return float(value) if 0 <= value <= 10 else None  # NaN is neither


def _line(value: Any) -> str:
    return " ".join(value.split()) if isinstance(value, str) else ""


def _finite(value: Any, levels: int) -> bool:
    if isinstance(value, float):
        return math.isfinite(value)
    if not isinstance(value, dict | list):
        return True
    return levels > 0 and all(_finite(item, levels - 1) for item in (value.values() if isinstance(value, dict) else value))
