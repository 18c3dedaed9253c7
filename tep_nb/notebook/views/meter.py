"""What was paid for, by purpose, what of the budget is left, and what the next step can take."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tep_nb.model.budget import Budget, Usage
from tep_nb.notebook.views.link import Bench
from tep_nb.notebook.views.text import number, shown

__all__ = ["meter_data", "paint_meter"]


def paint_meter(bench: Bench) -> dict[str, Any]:
    """The value ``meter``."""
    session, state = bench.session, bench.state
    if session is None or state is None:
        return {"meter": meter_data(None, {})}
    return {"meter": meter_data(session.usage, state.budget, session.estimate().total)}


def meter_data(usage: Usage | None, budget: Mapping[str, Any], ahead: int = 0) -> dict[str, Any]:
    """What the meter draws; pure.

    Parameters
    ----------
    usage : Usage or None
        ``session.usage``: the paid calls by purpose.
    budget : mapping
        ``State.budget``.
    ahead : int
        Calls that the next step makes at most, 0 where there is none.
    """
    if usage is None:
        return {"rows": [], "totals": [], "budget": []}
    rows = [
        {"purpose": purpose, "calls": number(spent.calls), "tokens": number(spent.tokens)}
        for purpose, spent in usage.purposes.items()
        if spent.calls
    ]
    totals = [{"name": "calls paid", "value": number(usage.calls)}, {"name": "tokens", "value": number(usage.tokens)}]
    if ahead:
        totals.append({"name": "calls at most in the next step", "value": number(ahead)})
    data: dict[str, Any] = shown({"rows": rows, "totals": totals, "budget": _left(usage, Budget(**budget))})
    return data


def _left(usage: Usage, budget: Budget) -> list[dict[str, Any]]:
    """The caps that are set, and how much of each is used."""
    total = usage.total
    used = {"calls": total.calls, "tokens": total.tokens, "seconds": total.seconds, "cost": total.cost}
    caps = {name: getattr(budget, name) for name in used}
    return [
        {"name": name, "used": _amount(used[name]), "cap": _amount(cap), "share": min(1.0, used[name] / cap) if cap else 1.0}
        for name, cap in caps.items()
        if cap is not None
    ]


def _amount(value: float) -> str:
    return number(value) if value >= 100 or value == int(value) else f"{value:.2f}"
