"""What a text weighs in the place of a prompt: the numbers beside a proposal, and of what a person makes of it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tep_nb.core.review import Proposal
from tep_nb.core.state import State
from tep_nb.core.text import Limit, count_tokens
from tep_nb.errors import PromptError
from tep_nb.method.tep.nudged import bound_limits
from tep_nb.method.tep.settings import Settings
from tep_nb.method.weigh import drift, weigh
from tep_nb.notebook.views.proposal import warning_view
from tep_nb.notebook.views.text import Raw, plural

__all__ = ["own_weight", "weighed_view"]

_NAMES = {"places": "places", "edited": "tokens edited", "growth": "growth", "length": "length"}


def own_weight(state: State, tep: Settings, proposal: Proposal) -> dict[str, Any]:
    """What a proposal's own text takes of the bounds; its cautions are its warnings."""
    limits = bound_limits(tep, state, proposal.prompt, proposal.after) if proposal.phase == "nudged" else ()
    edited = sum(hunk.size for hunk in proposal.hunks)
    growth = count_tokens(proposal.after) - count_tokens(proposal.before)
    return {
        "lines": _lines(state, limits, edited, growth, drift(state, proposal.prompt, proposal.after)),
        "most": next((limit.most for limit in limits if limit.name == "edited"), 0),
    }


def weighed_view(state: State, tep: Settings, proposal: Proposal, text: str | None, hunks: list[int]) -> dict[str, Any]:
    """What a text, or a proposal with only these hunks, would be: its numbers, what forbids it, what to look at.

    Returns
    -------
    dict
        ``text`` is the whole new text, ``same`` says that it is the prompt as it stands.
    """
    if text is None:
        try:
            text = proposal.taken(hunks)
        except PromptError as error:
            return {"text": Raw(proposal.before), "same": not hunks, "lines": [], "faults": [str(error)], "cautions": []}
    found = weigh(tep, state, proposal.prompt, text)
    return {
        "text": Raw(text),
        "same": text == state.prompts[proposal.prompt].text,
        "lines": [
            {"name": "in", "value": plural(found.hunks, "hunk"), "limit": "", "kept": True},
            *_lines(state, found.limits, found.edited, found.growth, found.drift),
        ],
        "faults": list(found.faults),
        "cautions": [warning_view(caution) for caution in found.cautions],
    }


def _lines(state: State, limits: Sequence[Limit], edited: int, growth: int, drifted: int) -> list[dict[str, Any]]:
    """Each number with what is allowed, and whether it is kept; without a bound the plain sizes."""
    since = "the nudged phase began" if state.phase == "nudged" else "the round began"
    free = ((("edited", edited), ("growth", growth)) if not limits else ())
    return [
        *(_line(_NAMES[name], value) for name, value in free),
        *(_line(_NAMES[limit.name], limit.value, str(limit.most), limit.kept) for limit in limits),
        _line(f"tokens edited since {since}", drifted),
    ]


def _line(name: str, value: int, limit: str = "", kept: bool = True) -> dict[str, Any]:
    said = f"{value:+d}".replace("-", "−") if name == "growth" and value else str(value)
    return {"name": name, "value": said, "limit": limit, "kept": kept}
