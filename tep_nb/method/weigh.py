"""What a text would be in the place of a prompt: its size, the bounds, what forbids it and what to look at."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from tep_nb.core.kinds import check_text
from tep_nb.core.state import State
from tep_nb.core.text import Limit, Prompt, count_tokens
from tep_nb.errors import GraphError
from tep_nb.method.caution import cautions
from tep_nb.method.tep.nudged import bound_limits
from tep_nb.method.tep.settings import Settings

__all__ = ["Weighed", "drift", "weigh"]


@dataclass(frozen=True, slots=True)
class Weighed:
    """One text against the prompt as it stands, in words and punctuation marks.

    Attributes
    ----------
    before, after : int
        Length of the prompt and of the text.
    hunks : int
        Hunks between them.
    edited : int
        The larger side of each change, summed.
    limits : tuple of Limit
        Of the nudged phase: the step's ``places``, ``edited`` and ``growth``, and ``length`` against drift; empty in the others.
        The editor must keep them, a person may overstep them.
    drift : int
        Edited since the nudged phase began (in the free phase: since the session or round did).
    faults : tuple of str
        Why the text cannot be applied at all: placeholders, protected spans, nothing changed.
    cautions : tuple of str
        `tep_nb.method.caution.cautions`.
    """

    before: int
    after: int
    hunks: int
    edited: int
    limits: tuple[Limit, ...]
    drift: int
    faults: tuple[str, ...]
    cautions: tuple[str, ...]

    @property
    def growth(self) -> int:
        """By how much the prompt grows; negative where it becomes shorter."""
        return self.after - self.before


def weigh(tep: Settings, state: State, prompt: str, text: str) -> Weighed:
    """Weigh any text: a selection of hunks, a person's edit, a proposal's own; changes and asks nothing.

    Raises
    ------
    GraphError
        No such prompt.
    TypeError
        The text is no str.
    """
    check_text("the text to weigh", text)
    if prompt not in state.prompts:
        raise GraphError(f"no prompt is called {prompt!r}: prompts are {', '.join(state.prompts)}")
    current = state.prompts[prompt]
    hunks = current.diff(text)
    faults = current.faults(text) or (("the text is the prompt as it stands",) if text == current.text else ())
    return Weighed(
        before=count_tokens(current.text),
        after=count_tokens(text),
        hunks=len(hunks),
        edited=sum(hunk.size for hunk in hunks),
        limits=bound_limits(tep, state, prompt, text) if state.phase == "nudged" else (),
        drift=drift(state, prompt, text),
        faults=faults,
        cautions=cautions(state, tep, prompt, text),
    )


def drift(state: State, prompt: str, text: str) -> int:
    """Tokens edited between the prompt with which the nudged phase began and a text, 0 or more."""
    return _edited(Prompt(state.baseline[prompt], state.prompts[prompt].protect), text)


@lru_cache(maxsize=1024)  # a meter tells it of every prompt after every decision, and one decision changes one prompt
def _edited(base: Prompt, text: str) -> int:
    return 0 if base.text == text else sum(hunk.size for hunk in base.diff(text))
