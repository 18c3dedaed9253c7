"""What was paid for, by purpose, and what of the budget is left."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tep_nb.notebook.views.text import number, shown

__all__ = ["meter_data"]


def meter_data(usage: Any, budget: Mapping[str, Any]) -> dict[str, Any]:
    """What the meter draws; pure.

    Parameters
    ----------
    usage : Usage or None
        ``session.usage``: the paid calls by purpose.
    budget : mapping
        Cap by name, None where there is none, as in ``State.budget``.
    """
    if usage is None:
        return {"rows": [], "totals": [], "budget": []}
    rows = [
        {"purpose": purpose, "calls": number(one.calls), "tokens": number(one.prompt_tokens + one.completion_tokens)}
        for purpose, one in usage.purposes.items()
        if one.calls
    ]
    totals = [{"name": "calls paid", "value": number(usage.calls)}, {"name": "tokens", "value": number(usage.tokens)}]
    if usage.recorded:
        totals.append({"name": "answered from the record", "value": number(usage.recorded)})
    data: dict[str, Any] = shown({"rows": rows, "totals": totals, "budget": _budget(usage, budget)})
    return data


def _budget(usage: Any, budget: Mapping[str, Any]) -> list[dict[str, Any]]:
    seconds = sum(one.seconds for one in usage.purposes.values())
    used = {"calls": usage.calls, "tokens": usage.tokens, "seconds": seconds}
    return [
        {"name": name, "used": number(used[name]), "cap": number(cap), "share": min(1.0, used[name] / cap) if cap else 1.0}
        for name, cap in budget.items()
        if cap is not None and name in used
    ]
