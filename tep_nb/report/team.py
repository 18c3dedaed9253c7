"""Who answered, by the names that the journal keeps: results say where a simulated model had a part in them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tep_nb.core.state import State
from tep_nb.model.budget import Usage

__all__ = ["is_simulated", "judge_note", "played", "team_note", "took_part"]

_WORDS = "simulated model"


def is_simulated(name: object) -> bool:
    """Whether a model's name is that of a simulated one."""
    return str(name).startswith("simulated")


def took_part(state: State, spent: Usage) -> bool:
    """Whether a simulated model has a role, or was paid for."""
    roles = (value for value in state.models.values() if isinstance(value, str))
    return any(is_simulated(name) for name in (*roles, *state.models.get("named", {}).values(), *spent.models))


def played(models: Mapping[str, Any], metric: Mapping[str, Any]) -> tuple[str, ...]:
    """Roles and named models that are simulated; the judge counts where the metric asks one."""
    roles = ["actor", "critic", "editor", *(["judge"] if _judged(metric) else [])]
    named = models.get("named", {})
    return (
        *(role for role in roles if is_simulated(models.get(role, ""))),
        *(f"model {name}" for name, model in named.items() if is_simulated(model)),
    )


def team_note(state: State) -> str:
    """``critic, editor: simulated model``; empty where the actor is simulated, whose name says it, or where nobody is."""
    found = played(state.models, state.metric)
    return f"{', '.join(found)}: {_WORDS}" if found and "actor" not in found else ""


def judge_note(state: State, actor: object = None) -> str:
    """``judged by the simulated model`` where it gives the metric's values, but not the answers."""
    answers = state.models.get("actor", "") if actor is None else actor
    judged = _judged(state.metric) and is_simulated(state.models.get("judge", "")) and not is_simulated(answers)
    return f"judged by the {_WORDS}" if judged else ""


def _judged(metric: Mapping[str, Any]) -> bool:
    return metric.get("kind") == "judge"
