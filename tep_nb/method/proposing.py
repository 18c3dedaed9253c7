"""A proposal, whoever makes it: the editor, an earlier text that scored better, a person."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tep_nb.core.review import Proposal
from tep_nb.core.rubric import Critique
from tep_nb.core.state import State
from tep_nb.method.caution import cautions

if TYPE_CHECKING:  # the method's package imports this module
    from tep_nb.method.tep.settings import Settings

__all__ = ["made_for", "proposed"]


def made_for(state: State, prompt: str) -> int:
    """How many proposals this step and branch has made for a prompt: the last number of their ids."""
    begins = f"{state.branch}.{state.step.index}.{prompt}."
    return len({p.id for p in (*state.step.proposals, *(p for p, _ in state.reviewed)) if p.id.startswith(begins)})


def proposed(
    tep: Settings,
    state: State,
    prompt: str,
    text: str,
    *,
    by: str,
    rationale: str = "",
    critiques: tuple[Critique, ...] = (),
) -> Proposal:
    """A text in the place of a prompt as the next proposal of the current step, with its hunks and its warnings.

    Parameters
    ----------
    tep : Settings
    state : State
    prompt : str
        Its name.
    text : str
        The whole new text, which can replace it.
    by : str
        ``editor``, ``best`` or the name of a person.
    rationale : str
        Why, in words.
    critiques : tuple of Critique
        What led to it.
    """
    step, current = state.step, state.prompts[prompt]
    return Proposal(
        id=f"{state.branch}.{step.index}.{prompt}.{made_for(state, prompt) + 1}",
        prompt=prompt,
        agents=tuple(agent.name for agent in state.graph.users(prompt)),
        phase=state.phase,
        before=current.text,
        after=text,
        hunks=current.diff(text),
        rationale=rationale,
        critiques=critiques,
        warnings=cautions(state, tep, prompt, text),
        by=by,
        step=step.index,
        beta=step.beta,
        protect=current.spans,
    )
