"""The facts a session consists of, and how they are written down.

An event class is a frozen dataclass with a ``kind`` and a version ``v``. A newer version of a kind adds one pure function to
`UPGRADES`, which turns the JSON of the version before into its own; old journals stay readable.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, ClassVar

from tep_nb.core.codec import decode, encode
from tep_nb.core.review import Decision, Evidence, Paid, Proposal
from tep_nb.core.rubric import Critique
from tep_nb.errors import JournalError

__all__ = [
    "EVENTS",
    "Assessed",
    "Budgeted",
    "Decided",
    "Drafted",
    "Evaluated",
    "Evaluation",
    "Event",
    "Failed",
    "Frozen",
    "Outcome",
    "Phase",
    "Proposed",
    "Resumed",
    "Rewound",
    "RowScore",
    "Settled",
    "Started",
    "Stopped",
    "Suggested",
    "from_json",
    "to_json",
]


@dataclass(frozen=True, kw_only=True)
class Event:
    """A fact; ``at`` is the UTC time it was recorded at (ISO 8601) and no part of the state."""

    kind: ClassVar[str] = ""
    v: ClassVar[int] = 1
    at: str = field(default="", compare=False)


@dataclass(frozen=True)
class Started(Event):
    """All that a session is about. ``rows`` holds ``[id, fields, target]`` by part."""

    kind: ClassVar[str] = "started"
    graph: dict[str, Any]
    rows: dict[str, Any]
    target: str
    metric: dict[str, Any]
    objective: str
    method: dict[str, Any]
    models: dict[str, Any]
    budget: dict[str, Any]
    version: str


@dataclass(frozen=True)
class Drafted(Event):
    """The plan of a step, before its calls.

    ``prompts`` are evaluated; ``reopened`` had settled and go on because their recorded inputs changed; ``refresh`` says that
    the inputs are recorded anew; ``signal`` says what the forward signal may hold.
    """

    kind: ClassVar[str] = "drafted"
    step: int
    phase: str
    prompts: tuple[str, ...]
    rows: tuple[int, ...]
    temperatures: dict[str, float]
    beta: float | None = None
    refresh: bool = False
    reopened: tuple[str, ...] = ()
    signal: str = ""


@dataclass(frozen=True)
class Outcome:
    """What a step found out about one prompt.

    ``note`` says why there is no proposal; ``silent`` that the critics led to none; ``held_back`` what the contrast left out.
    """

    prompt: str
    critiques: tuple[Critique, ...]
    score: float | None
    note: str = ""
    silent: bool = False
    held_back: tuple[str, ...] = ()
    free: tuple[Critique, ...] = ()


@dataclass(frozen=True)
class Proposed(Event):
    """A step's proposals and outcomes; ``ends`` are the end scores of its rows in the nudged phase."""

    kind: ClassVar[str] = "proposed"
    step: int
    proposals: tuple[Proposal, ...]
    outcomes: tuple[Outcome, ...]
    ends: dict[int, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Suggested(Event):
    """One more proposal: a person's own edit, or the editor's when a person asked again; ``cell``: from an agent's cell."""

    kind: ClassVar[str] = "suggested"
    proposal: Proposal
    cell: bool = False


@dataclass(frozen=True)
class Assessed(Event):
    """Evidence that was bought, and what the command ``paid`` for it."""

    kind: ClassVar[str] = "assessed"
    v: ClassVar[int] = 2
    evidence: Evidence
    proposal: str = ""
    paid: Paid | None = None


@dataclass(frozen=True)
class Decided(Event):
    """A verdict; the only event, beside ``rewound``, that changes a prompt.

    ``beyond`` says what bound it exceeds; ``seconds`` how long the proposal was before the person, where a page has measured it.
    """

    kind: ClassVar[str] = "decided"
    v: ClassVar[int] = 2
    decision: Decision
    beyond: tuple[str, ...] = ()
    seconds: float | None = None


@dataclass(frozen=True)
class Settled(Event):
    """A prompt reached its local equilibrium by ``rule``; ``stuck`` below 8.0."""

    kind: ClassVar[str] = "settled"
    prompt: str
    rule: str
    stuck: bool


@dataclass(frozen=True)
class Phase(Event):
    """A phase began."""

    kind: ClassVar[str] = "phase"
    phase: str
    reason: str
    round: int = 1


@dataclass(frozen=True)
class Frozen(Event):
    """A prompt was frozen or freed."""

    kind: ClassVar[str] = "frozen"
    prompt: str
    frozen: bool
    by: str


@dataclass(frozen=True)
class RowScore:
    """The metric on one row; ``failed`` where a call failed, and then no value counts."""

    row: int
    value: float
    output: str
    note: str = ""
    failed: str = ""


@dataclass(frozen=True)
class Evaluation:
    """A look at a split.

    Attributes
    ----------
    split : str
    n : int
        Rows that count.
    mean : float
    interval : (low, high)
        95%: Wilson where all values are 0 or 1, else the seeded percentile bootstrap over rows.
    rows : tuple of RowScore
    model : str
        The actor's name.
    graph : str
        Digest of the graph.
    step : int
        After which step.
    """

    split: str
    n: int
    mean: float
    interval: tuple[float, float]
    rows: tuple[RowScore, ...]
    model: str = ""
    graph: str = ""
    step: int = 0


@dataclass(frozen=True)
class Evaluated(Event):
    """A look at a split was taken."""

    kind: ClassVar[str] = "evaluated"
    evaluation: Evaluation


@dataclass(frozen=True)
class Budgeted(Event):
    """The budget was set, or stopped a command (``reason``)."""

    kind: ClassVar[str] = "budget"
    budget: dict[str, Any]
    reason: str = ""


@dataclass(frozen=True)
class Rewound(Event):
    """The state became what it was after event ``to``; a rewind and a fork begin a new branch, an undo does not."""

    kind: ClassVar[str] = "rewound"
    to: int
    why: str
    branches: bool = True
    by: str = ""


@dataclass(frozen=True)
class Resumed(Event):
    """The file was opened again, with these models."""

    kind: ClassVar[str] = "resumed"
    models: dict[str, Any]


@dataclass(frozen=True)
class Stopped(Event):
    """A person stopped a command."""

    kind: ClassVar[str] = "stopped"
    reason: str = ""


@dataclass(frozen=True)
class Failed(Event):
    """A command failed; what it had recorded is kept."""

    kind: ClassVar[str] = "failed"
    error: str


EVENTS: dict[str, type[Event]] = {
    event.kind: event
    for event in (
        Started, Drafted, Proposed, Suggested, Assessed, Decided, Settled, Phase,
        Frozen, Evaluated, Budgeted, Rewound, Resumed, Stopped, Failed,
    )
}  # fmt: skip
"""Kind to class."""

UPGRADES: dict[tuple[str, int], Callable[[dict[str, Any]], dict[str, Any]]] = {
    ("assessed", 1): lambda body: {**body, "paid": None},
    ("decided", 1): lambda body: {**body, "seconds": None},
}
"""(kind, v) to the function that turns JSON of version v into version v + 1."""


def to_json(event: Event) -> dict[str, Any]:
    """The body of an event (without kind, version and time)."""
    return dict(encode(event))


def from_json(kind: str, v: int, at: str, body: Mapping[str, Any]) -> Event:
    """The event that was written down.

    Raises
    ------
    JournalError
        A kind or version that this package does not know.
    """
    if kind not in EVENTS or v > EVENTS[kind].v:
        raise JournalError(f"event {kind!r} version {v} is not known here: the file is from a newer tep_nb; update it")
    data = dict(body)
    while v < EVENTS[kind].v:
        data = UPGRADES[kind, v](data)
        v += 1
    return replace(decode(EVENTS[kind], data), at=at)
