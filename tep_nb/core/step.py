"""What a state is made of: steps, and each prompt's way to equilibrium."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from tep_nb.core import events as ev
from tep_nb.core.review import Decision, Proposal
from tep_nb.core.rubric import Critique

__all__ = ["LINE", "Act", "Feedback", "Scored", "Step", "Track"]

LINE = 8.0
"""Critic scores settle about here in the paper's figure; an agent that settles below it is *stuck*."""


@dataclass(frozen=True, slots=True)
class Act:
    """What a person did besides deciding.

    Attributes
    ----------
    what : str
        ``froze``, ``freed``; ``rewound`` and ``forked``, which begin a branch.
    by : str
        Empty where it was not written down.
    step : int
        After which step.
    prompt : str
        That was frozen or freed.
    left : int
        Step from which a branch went back.
    """

    what: str
    by: str
    step: int
    prompt: str = ""
    left: int = 0

    @property
    def words(self) -> str:
        """What was done, without who and to which prompt."""
        went = {"rewound": f"rewound from step {self.left} to step {self.step}", "forked": f"forked from step {self.step}"}
        return went.get(self.what, self.what)


@dataclass(frozen=True, slots=True)
class Scored:
    """The critic's score of one text at one step, 0 to 10."""

    step: int
    text: str
    score: float
    phase: str


@dataclass(frozen=True, slots=True)
class Feedback:
    """B(g) and S(g) of one prompt, over all its critiques that could be read (METHOD sections 2 and 4).

    Attributes
    ----------
    n : int
        Critiques.
    tokens, most : int
        Words and punctuation marks of all their suggestions, and of the longest critique.
    specific : float
        Sum of S(g), the share of suggestions that name something concrete and an action (our definition).
    """

    n: int = 0
    tokens: int = 0
    most: int = 0
    specific: float = 0.0

    @property
    def mean(self) -> float | None:
        """Mean B(g); None before the first critique."""
        return self.tokens / self.n if self.n else None

    @property
    def specificity(self) -> float | None:
        """Mean S(g), 0 to 1; None before the first critique."""
        return self.specific / self.n if self.n else None

    def plus(self, critiques: Iterable[Critique]) -> Feedback:
        """With these critiques too."""
        read = [critique for critique in critiques if critique.parsed]
        return Feedback(
            self.n + len(read),
            self.tokens + sum(critique.tokens for critique in read),
            max([self.most, *(critique.tokens for critique in read)]),
            self.specific + sum(critique.specificity for critique in read),
        )


@dataclass(frozen=True, slots=True)
class Track:
    """What is known of one prompt's way to equilibrium.

    Attributes
    ----------
    series : tuple of Scored
        The current free series (a refresh that changed the inputs begins a new one).
    history : tuple of Scored
        All scores, both phases.
    iterations : int
        Evaluations in this round's free phase; what the cap counts.
    silent : int
        Consecutive evaluations that led to no proposal.
    settled : str
        The rule that fired, empty while it is settling.
    stuck : bool
        Settled below `LINE`.
    offered : bool
        The best earlier text was put forward.
    free : tuple of Critique
        g_free: the last free critiques.
    feedback : Feedback
        Sizes of all critiques, both phases; no part of equality.
    """

    series: tuple[Scored, ...] = ()
    history: tuple[Scored, ...] = ()
    iterations: int = 0
    silent: int = 0
    settled: str = ""
    stuck: bool = False
    offered: bool = False
    free: tuple[Critique, ...] = ()
    feedback: Feedback = field(default=Feedback(), compare=False)


@dataclass(frozen=True, slots=True)
class Step:
    """One iteration: its plan, its outcomes, its proposals and what became of them.

    Index 0 is the time before the first step; a person's suggestions may belong to it.
    """

    index: int
    phase: str
    prompts: tuple[str, ...] = ()
    rows: tuple[int, ...] = ()
    temperatures: Mapping[str, float] = field(default_factory=dict)
    beta: float | None = None
    refresh: bool = False
    proposals: tuple[Proposal, ...] = ()
    outcomes: tuple[ev.Outcome, ...] = ()
    ends: Mapping[int, float] = field(default_factory=dict)
    decisions: tuple[Decision, ...] = ()
    withdrawn: tuple[str, ...] = ()
    proposed: bool = True
    texts: Mapping[str, str] = field(default_factory=dict)

    @property
    def pending(self) -> tuple[Proposal, ...]:
        """Proposals that wait for a decision, in topological order."""
        done = {decision.proposal for decision in self.decisions} | set(self.withdrawn)
        return tuple(proposal for proposal in self.proposals if proposal.id not in done)

    @property
    def is_decided(self) -> bool:
        """Whether its proposals were made and none waits."""
        return self.proposed and not self.pending

    @property
    def applied(self) -> tuple[Decision, ...]:
        """The decisions that changed a prompt."""
        return tuple(decision for decision in self.decisions if decision.text is not None)

    def outcome(self, prompt: str) -> ev.Outcome | None:
        """What the step found out about a prompt."""
        return next((outcome for outcome in self.outcomes if outcome.prompt == prompt), None)
