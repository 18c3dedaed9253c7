"""What a critic judges, and one judgement."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from tep_nb.core.kinds import a, check_text, wrong
from tep_nb.errors import ConfigError

__all__ = ["ALIGNMENT", "SIX", "Criterion", "Critique", "Rubric", "Suggestion"]


@dataclass(frozen=True, slots=True)
class Criterion:
    """One line of a rubric, scored 0 to 10."""

    name: str
    asks: str

    def __post_init__(self) -> None:
        check_text("the name of a criterion", self.name)
        check_text(f"what criterion {self.name!r} asks", self.asks)
        if not self.name.isidentifier():
            raise ConfigError(f"criterion {self.name!r} is no name: use letters, digits and _")
        if not self.asks.strip():
            raise ConfigError(f"criterion {self.name!r} asks for nothing: say in one sentence what a 10 is")


SIX = (
    Criterion("structural_clarity", "the output is laid out so that its parts are easy to tell apart"),
    Criterion("specification_completeness", "the output has everything that the prompt and the inputs call for"),
    Criterion("internal_consistency", "no part of the output contradicts another part"),
    Criterion("context_integration", "the output uses what the inputs say, and nothing that they do not say"),
    Criterion("reasoning_transparency", "a reader can see from the output how the result came about"),
    Criterion("format_compliance", "the output keeps to the form that the prompt asks for"),
)
"""The six task-independent criteria (names ours; METHOD section 2)."""

ALIGNMENT = (
    Criterion("objective", "the output moves the end score of this row towards the objective"),
    Criterion("contracts", "the output gives each of its readers what it expects"),
)
"""What the nudged phase adds (METHOD section 3)."""


_MOST = 3  # criteria of the task's own (METHOD section 2)


@dataclass(frozen=True, slots=True)
class Rubric:
    """The six task-independent criteria and those of the task's own (METHOD section 2).

    Parameters
    ----------
    own : sequence of Criterion
        At most three: a score is the mean over all criteria, and more would drown the six.

    Raises
    ------
    ConfigError
        More than three, or a name that stands twice.
    """

    own: tuple[Criterion, ...] = ()

    def __post_init__(self) -> None:
        remedy = 'write rubric=[Criterion("name", "what a 10 is")]'
        if not isinstance(self.own, Iterable) or isinstance(self.own, str | bytes | Mapping):
            raise wrong("a rubric", "a sequence of Criterion", self.own, remedy)
        object.__setattr__(self, "own", tuple(self.own))
        for item in self.own:
            if not isinstance(item, Criterion):
                raise TypeError(f"a rubric is a sequence of Criterion, one of them is {a(item)}: {remedy}")
        names = [criterion.name for criterion in (*SIX, *ALIGNMENT, *self.own)]
        if twice := sorted({name for name in names if names.count(name) > 1}):
            raise ConfigError(f"the rubric has {', '.join(twice)} twice: give each criterion its own name")
        if len(self.own) > _MOST:
            raise ConfigError(
                f"the rubric has {len(self.own)} criteria of its own, at most {_MOST} stand beside the six: "
                "keep those that matter most, or say in one of them what several ask"
            )

    @classmethod
    def recorded(cls, own: Iterable[Sequence[str]]) -> Rubric:
        """A rubric as the journal knows it, from pairs of name and asks; one that a session was begun with is never too large."""
        self = object.__new__(cls)
        object.__setattr__(self, "own", tuple(Criterion(name, asks) for name, asks in own))
        return self

    @classmethod
    def for_role(cls, role: str) -> Rubric:
        """The rubric of an agent that declares none: one criterion made from its role."""
        return cls((Criterion("task", f"the step does what its role says: {role}" if role else "the step does its job"),))

    @property
    def criteria(self) -> tuple[Criterion, ...]:
        """The six and the own ones."""
        return (*SIX, *self.own)


@dataclass(frozen=True, slots=True)
class Suggestion:
    """What a critic would change: ``about`` names a span, field or rule, ``do`` states an action."""

    about: str
    do: str


@dataclass(frozen=True, slots=True)
class Critique:
    """One judgement of one step.

    Attributes
    ----------
    agent : str
    row : int
    phase : str
    scores : mapping of criterion to 0-10
    suggestions : tuple of Suggestion
    content : bool
        The critic proposes nothing more.
    parsed : bool
        False when the reply could not be read even after it was asked again; such a critique has no score.
    tokens : int
        B(g): words and punctuation marks of the suggestions, at most the cap.
    cut : bool
        The suggestions were longer than the cap, twice, and were cut.
    specificity : float
        S(g) before suggestions that name nothing were dropped: the fraction that name a span, field or rule and state an
        action (our definition; the sources give none).
    """

    agent: str
    row: int
    phase: str
    scores: dict[str, float]
    suggestions: tuple[Suggestion, ...] = ()
    content: bool = False
    parsed: bool = True
    tokens: int = 0
    cut: bool = False
    specificity: float = 1.0

    @property
    def score(self) -> float:
        """Mean over the criteria of the free rubric, 0 to 10."""
        local = [v for k, v in self.scores.items() if k not in {c.name for c in ALIGNMENT}]
        return sum(local) / len(local)

    def nudged_score(self, weight: float) -> float:
        """``(1 - weight) * mean(local) + weight * mean(alignment)``; METHOD section 3."""
        aligned = [self.scores[c.name] for c in ALIGNMENT if c.name in self.scores]
        return (1 - weight) * self.score + weight * sum(aligned) / len(aligned) if aligned else self.score
