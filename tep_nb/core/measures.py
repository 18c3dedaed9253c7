"""The measures of METHOD section 4 that a state knows by itself: no journal is read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from statistics import median

from tep_nb.core.state import Feedback, State

__all__ = ["Author", "Measures", "measures"]


@dataclass(frozen=True, slots=True)
class Author:
    """What one author has decided.

    Attributes
    ----------
    decisions, accepted : int
        Of this branch; accepted are those that changed a prompt.
    seconds : float or None
        Median time that a proposal was before the author, over the decisions whose time a page has measured.
    """

    decisions: int
    accepted: int
    seconds: float | None

    @property
    def rate(self) -> float:
        """Accepted of all, 0 to 1."""
        return self.accepted / self.decisions


@dataclass(frozen=True, slots=True)
class Measures:
    """Of the current branch.

    Attributes
    ----------
    decided, accepted : int
        Decided proposals, and those of them that changed a prompt.
    nudged, proven : int
        Decided proposals of the nudged phase, and those that changed a prompt and passed the gate as *proven*.
    authors : mapping of name to Author
        In the order of their first decision.
    feedback : mapping of prompt to Feedback
        B(g) and S(g), in topological order.
    """

    decided: int
    accepted: int
    nudged: int
    proven: int
    authors: Mapping[str, Author]
    feedback: Mapping[str, Feedback]

    @property
    def effective(self) -> float | None:
        """The effective update rate: proven of all nudged proposals, 0 to 1 (our definition); None before the first."""
        return self.proven / self.nudged if self.nudged else None

    @property
    def rate(self) -> float | None:
        """Accepted of all, 0 to 1; None before the first decision."""
        return self.accepted / self.decided if self.decided else None


def measures(state: State) -> Measures:
    """Count what was decided, in one walk over the decisions."""
    kept: dict[str, list[float]] = {}
    counts: dict[str, list[int]] = {}
    nudged = proven = accepted = 0
    for (proposal, decision), seconds, label in zip(state.reviewed, state.seconds, state.labels, strict=True):
        changed = decision.text is not None
        count = counts.setdefault(decision.by, [0, 0])
        count[0] += 1
        count[1] += changed
        accepted += changed
        if proposal.phase == "nudged":
            nudged += 1
            proven += changed and label == "proven"
        if seconds is not None:
            kept.setdefault(decision.by, []).append(seconds)
    authors = {by: Author(n, taken, median(kept[by]) if by in kept else None) for by, (n, taken) in counts.items()}
    feedback = {name: state.track(name).feedback for name in state.prompts}
    return Measures(len(state.reviewed), accepted, nudged, proven, authors, feedback)
