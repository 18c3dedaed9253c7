"""What was paid for, what is left, what the next step can take, and how the edits and their reviewers fared."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from typing import Any
from weakref import WeakKeyDictionary

from tep_nb.core.measures import measures
from tep_nb.core.state import State
from tep_nb.deciders import is_policy
from tep_nb.method.estimate import Estimate
from tep_nb.method.weigh import drift
from tep_nb.model.budget import Budget, Spent, Usage
from tep_nb.notebook.views.link import Bench
from tep_nb.notebook.views.text import number

__all__ = ["Meter", "measures_data", "meter_data", "paint_meter"]

_LOCK = threading.Lock()
_KEPT: WeakKeyDictionary[Bench, Meter] = WeakKeyDictionary()


def paint_meter(bench: Bench) -> dict[str, Any]:
    """The values ``meter``, ``measures`` and ``feedback``."""
    session, state = bench.session, bench.state
    if session is None or state is None:
        return {"meter": meter_data(None, {}), "measures": None, "feedback": []}
    with _LOCK:
        meter = _KEPT.setdefault(bench, Meter())
    return {"meter": meter.read(session, state), **meter.measure(state)}


class Meter:
    """The last reading and what it was made of: it is read at every event, and sums are made only where something is new."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._calls = -1
        self._frozen: tuple[bool, ...] = ()
        self._of: tuple[Any, ...] = ()
        self._data: dict[str, Any] = {}
        self._counted: tuple[Any, ...] = ()
        self._measures: dict[str, Any] = {}

    def read(self, session: Any, state: State) -> dict[str, Any]:
        """What the meter draws, the same object as before where nothing is new."""
        with self._lock:
            calls = sum(one.calls for one in session.journal.tally())
            # These are immutable and held here: the same object is the same value. Of the graph, the estimate needs the prompts'
            # texts for its guesses only, and those may wait for the next step.
            of = (session, state.phase, state.steps, state.tracks, state.budget)
            frozen = tuple(agent.frozen for agent in state.graph.agents)
            same = len(of) == len(self._of) and all(new is old for new, old in zip(of, self._of, strict=True))
            if not same or (calls, frozen) != (self._calls, self._frozen):
                self._data = meter_data(session.usage, state.budget, session.estimate())
                self._calls, self._frozen, self._of = calls, frozen, of
            return self._data

    def measure(self, state: State) -> dict[str, Any]:
        """How the edits and their reviewers fared, the same object as before where nothing is new."""
        with self._lock:
            of = (state.reviewed, state.tracks, state.graph, state.baseline)
            if len(of) != len(self._counted) or any(new is not old for new, old in zip(of, self._counted, strict=True)):
                kept, self._counted = self._measures, of
                self._measures = {n: kept[n] if kept.get(n) == made else made for n, made in measures_data(state).items()}
            return self._measures


def measures_data(state: State) -> dict[str, Any]:
    """The measures of METHOD section 4 in words and figures, and those of the feedback by prompt; pure."""
    found = measures(state)
    rates = []
    if found.effective is not None:
        said = f"{found.proven} of {found.nudged} nudged proposals were applied as proven"
        rates.append({"name": "effective update rate", "value": f"{found.effective:.0%}", "of": said})
    if found.rate is not None:
        said = f"{found.accepted} of {found.decided} decisions changed a prompt"
        rates.append({"name": "accepted", "value": f"{found.rate:.0%}", "of": said})
    prompts = [
        {
            "prompt": name,
            "feedback": f"{mean:.1f}" if (mean := one.mean) is not None else "–",
            "most": number(one.most) if one.n else "–",
            "specific": f"{share:.2f}" if (share := one.specificity) is not None else "–",
            "drift": number(drift(state, name, state.prompts[name].text)) if state.phase != "free" else "–",
        }
        for name, one in found.feedback.items()
    ]
    people = [
        {
            "by": by,
            "auto": is_policy(by),
            "decided": number(one.decisions),
            "accepted": f"{number(one.accepted)} ({one.rate:.0%})",
            "median": f"{one.seconds:.1f} s" if one.seconds is not None else "–",
        }
        for by, one in found.authors.items()
    ]
    return {"measures": {"rates": rates, "people": people}, "feedback": prompts}


def meter_data(usage: Usage | None, budget: Mapping[str, Any], ahead: Estimate | None = None) -> dict[str, Any]:
    """What the meter draws; pure.

    Parameters
    ----------
    usage : Usage or None
        ``session.usage``: the paid calls by purpose.
    budget : mapping
        ``State.budget``.
    ahead : Estimate or None
        Of the next step.
    """
    if usage is None:
        return {"rows": [], "budget": [], "next": None}
    priced = bool(usage.total.cost)
    rows = [_row(purpose, spent, priced) for purpose, spent in usage.purposes.items() if spent.calls]
    return {
        "rows": rows,
        "total": _row("all", usage.total, priced),
        "priced": priced,
        "budget": _left(usage, Budget(**budget)),
        "next": _next(ahead, Budget(**budget).calls, usage.total.calls),
    }


def _row(purpose: str, spent: Spent, priced: bool) -> dict[str, str]:
    return {
        "purpose": purpose,
        "calls": number(spent.calls),
        "tokens": number(spent.tokens),
        "seconds": _seconds(spent.seconds),
        "cost": _cost(spent.cost) if priced else "",
    }


def _seconds(value: float) -> str:
    return f"{value:.1f} s" if value < 60 else f"{value / 60:.1f} min" if value < 3600 else f"{value / 3600:.1f} h"


def _cost(value: float) -> str:
    return f"{value:.4f}" if value < 1 else f"{value:.2f}"


def _next(ahead: Estimate | None, cap: int | None, used: int) -> dict[str, Any] | None:
    """The next step and the evidence for its proposals, as far as it can be known; None where there is none."""
    if ahead is None or not ahead.calls:
        return None
    parts = [f"{number(ahead.tokens)} tokens"]
    if ahead.cost is not None:
        parts.append(f"cost {_cost(ahead.cost)}")
    if ahead.seconds is not None:
        parts.append(f"about {_seconds(ahead.seconds)}" if ahead.seconds >= 0.1 else "under 0.1 s")
    return {
        "likely": number(ahead.expected),
        "most": number(ahead.total),
        "beyond": cap is not None and ahead.expected > cap - used,
        "rest": ", ".join(parts) + (", guessed" if ahead.guessed else ""),
    }


def _left(usage: Usage, budget: Budget) -> list[dict[str, Any]]:
    """The caps that are set, how much of each is used and what is left."""
    total = usage.total
    used = {"calls": total.calls, "tokens": total.tokens, "seconds": total.seconds, "cost": total.cost}
    caps = {name: getattr(budget, name) for name in used}
    return [
        {
            "name": name,
            "used": _amount(used[name]),
            "cap": _amount(cap),
            "left": _amount(max(0.0, cap - used[name])),
            "share": min(1.0, used[name] / cap) if cap else 1.0,
        }
        for name, cap in caps.items()
        if cap is not None
    ]


def _amount(value: float) -> str:
    return number(value) if value >= 100 or value == int(value) else f"{value:.2f}"
