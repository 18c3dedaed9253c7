"""What is suggested, what it does, and what was decided."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Literal, Protocol, runtime_checkable

from tep_nb.core.kinds import a, check_text, wrong
from tep_nb.core.rubric import Critique
from tep_nb.core.spread import paired_interval
from tep_nb.core.text import Hunk, Prompt
from tep_nb.errors import PromptError, ReviewError

__all__ = [
    "Decider", "Decision", "Evidence", "Explains", "Flip", "Label", "Paid", "Proposal", "Verdict", "check_author",
    "check_seconds",
]  # fmt: skip

Verdict = Literal["approve", "edit", "take", "reject", "skip"]
Label = Literal["proven", "no worse", "worse"]


@dataclass(frozen=True, slots=True)
class Flip:
    """A row whose value changed, with the output before and after."""

    row: int
    before: float
    after: float
    output_before: str
    output_after: str
    note: str = ""

    @property
    def gain(self) -> float:
        """``after - before``."""
        return self.after - self.before


@dataclass(frozen=True, slots=True)
class Paid:
    """What one command paid for; all is 0 where everything was in the record.

    Attributes
    ----------
    calls, tokens : int
        Attempts, failed ones too; tokens of prompts and answers.
    cost : float or None
        In the currency of the prices; None without prices.
    seconds : float
        Of waiting for the model, summed over calls.
    """

    calls: int
    tokens: int
    cost: float | None
    seconds: float


@dataclass(frozen=True, slots=True)
class Evidence:
    """What a text does when it replaces a prompt on a graph.

    Attributes
    ----------
    prompt, text : str
        Which prompt, and the text that was tried.
    graph : str
        Digest of the graph that it was tried against; the evidence is stale on any other.
    kind : {"metric", "local"}
    label : {"proven", "no worse", "worse"}
        METHOD section 3. Local evidence knows only *no worse* and *worse*.
    before, after : float
        Means over n rows: of the metric (0 to 1) or of the critic's score (0 to 10).
    n, wins, losses : int
        Rows compared, rows whose value rose, rows whose value fell.
    p : float or None
        One-sided exact sign test on wins against losses; None for local evidence.
    flips : tuple of Flip
    local : (before, after) or None
        The critic's scores, where they were bought beside metric evidence.
    failed : int
        Rows left out of both sides because a call failed.
    left_out : int
        Train rows left out because a demonstration quotes them.
    judged : bool
        The metric is a model's judgement.
    paid : Paid or None
        What the command that bought it paid for; None where that was not written down. No part of what the evidence says.
    """

    prompt: str
    text: str
    graph: str
    kind: Literal["metric", "local"]
    label: Label
    before: float
    after: float
    n: int
    wins: int
    losses: int
    p: float | None
    flips: tuple[Flip, ...] = ()
    local: tuple[float, float] | None = None
    failed: int = 0
    left_out: int = 0
    judged: bool = False
    paid: Paid | None = field(default=None, compare=False)

    @property
    def gain(self) -> float:
        """``after - before``."""
        return self.after - self.before

    @property
    def interval(self) -> tuple[float, float] | None:
        """95% of the gain of the metric, paired by row (`tep_nb.core.spread.paired_interval`, seed 0).

        None for local evidence, whose scores of single rows are not kept, and wherever the flips are not all there.
        """
        if self.kind != "metric" or len(self.flips) != self.wins + self.losses:
            return None
        return paired_interval([flip.gain for flip in self.flips], self.n)

    @property
    def chance(self) -> str:
        """The sign test in words: ``p = 0.031``, ``p < 0.001`` where three digits would say 0; empty without a test."""
        return "" if self.p is None else "p < 0.001" if self.p < 0.001 else f"p = {self.p:.3f}"

    def summary(self, *, interval: bool = True) -> str:
        """One line of numbers; ``interval`` adds that of the metric's gain, in points."""
        if self.kind == "local":
            return f"{self.label}: critic's score {self.before:.1f} -> {self.after:.1f} on {self.n} rows"
        chance = f", {self.chance}" if self.chance else ""
        source = " (a judge's)" if self.judged else ""
        local = "" if self.local is None else f"; critic's score {self.local[0]:.1f} -> {self.local[1]:.1f}"
        failed = f"; {self.failed} rows failed and are left out" if self.failed else ""
        spread = f" (95% {_points(self.interval)} points)" if interval and self.interval else ""
        return (
            f"{self.label}: metric{source} {self.before:.1%} -> {self.after:.1%}{spread} on {self.n} rows, "
            f"{self.wins} won, {self.losses} lost{chance}{local}{failed}"
        )


@dataclass(frozen=True, slots=True)
class Decision:
    """A verdict with an author, on one proposal.

    ``text`` is what the prompt becomes (None for reject and skip); ``override`` is the reason for applying it against fresh
    *worse* evidence or a leak warning.
    """

    proposal: str
    verdict: Verdict
    text: str | None
    by: str
    reason: str = ""
    override: str | None = None

    def __post_init__(self) -> None:
        for name in ("proposal", "verdict", "by", "reason"):
            check_text(f"{name} of a Decision", getattr(self, name))
        check_text("text of a Decision", self.text, optional=True)
        check_text("override of a Decision", self.override, optional=True)


@dataclass(frozen=True, slots=True)
class Proposal:
    """One suggested edit and why.

    Attributes
    ----------
    id : str
        Made from branch, step, prompt and a count.
    prompt : str
        Name of the prompt.
    agents : tuple of str
        The agents that use it.
    phase : str
    before, after : str
    hunks : tuple of Hunk
        From ``before`` to ``after``.
    rationale : str
    critiques : tuple of Critique
    warnings : tuple of str
        ``leak: …``, ``growth: …``: what a person should look at.
    by : str
        ``editor``, ``best`` (a text that scored better before) or the name of a person.
    step : int
    beta : float or None
        In the nudged phase.
    protect : tuple of str
    """

    id: str
    prompt: str
    agents: tuple[str, ...]
    phase: str
    before: str
    after: str
    hunks: tuple[Hunk, ...]
    rationale: str = ""
    critiques: tuple[Critique, ...] = ()
    warnings: tuple[str, ...] = ()
    by: str = "editor"
    step: int = 0
    beta: float | None = None
    protect: tuple[str, ...] = ()

    @property
    def leaks(self) -> bool:
        """Whether the text quotes rows or answers (METHOD section 3)."""
        return any(warning.startswith("leak") for warning in self.warnings)

    def approve(self, by: str, override: str | None = None) -> Decision:
        """Take the text as it is."""
        return Decision(self.id, "approve", self.after, _author(by), override=_override(override))

    def edit(self, text: str, by: str, override: str | None = None) -> Decision:
        """Take another text instead.

        Raises
        ------
        PromptError
            The text adds or drops a placeholder or a protected span.
        """
        if not isinstance(text, str):
            raise wrong("the text of an edit", "a str", text, "pass the whole new prompt")
        Prompt(self.before, self.protect).replaced(text)
        if text == self.before:
            raise PromptError("the text is the prompt as it stands: reject or skip the proposal instead")
        return Decision(self.id, "edit", text, _author(by), override=_override(override))

    def take(self, hunks: tuple[int, ...] | list[int], by: str, override: str | None = None) -> Decision:
        """Take some hunks, by number from 1, and leave the others.

        Raises
        ------
        PromptError
            No hunk, or a number that is none of this proposal's.
        """
        return Decision(self.id, "take", self.taken(hunks), _author(by), override=_override(override))

    def taken(self, hunks: tuple[int, ...] | list[int]) -> str:
        """The text with only these hunks."""
        if not isinstance(hunks, Iterable) or isinstance(hunks, str | bytes):
            raise wrong("what to take", "a sequence of hunk numbers", hunks, "write it as in take([1, 3], by=…)")
        wanted = set()
        for number in hunks:
            if isinstance(number, bool) or not isinstance(number, int):
                raise TypeError(f"the number of a hunk is a whole number, not {a(number)}: write it as in take([1, 3], by=…)")
            wanted.add(number)
        numbers = {hunk.number for hunk in self.hunks}
        if not wanted or not wanted <= numbers:
            odd = ", ".join(str(n) for n in sorted(wanted - numbers))
            fault = f"hunks {odd} cannot be taken" if wanted else "no hunk was named"
            raise PromptError(f"{fault}: proposal {self.id} has hunks 1 to {len(self.hunks)}")
        prompt = Prompt(self.before, self.protect)
        return prompt.replaced(prompt.take(hunk for hunk in self.hunks if hunk.number in wanted)).text

    def reject(self, reason: str, by: str) -> Decision:
        """Leave the prompt, and tell the editor why in every later proposal for it."""
        if not isinstance(reason, str):
            raise wrong("a reason", "a str", reason, "say in one sentence why")
        if not reason.strip():
            raise ReviewError("a rejection needs a reason: the editor will read it; skip the proposal to say nothing")
        return Decision(self.id, "reject", None, _author(by), reason=reason.strip())

    def skip(self, by: str) -> Decision:
        """Leave the prompt and tell nobody."""
        return Decision(self.id, "skip", None, _author(by))


class Decider(Protocol):
    """What `Session.run` asks; a plain function does as well."""

    def __call__(self, proposal: Proposal, evidence: Evidence | None, /) -> Decision | None:
        """Decide, or return None ("not me") to leave the proposal pending."""
        ...


def _points(interval: tuple[float, float]) -> str:
    low, high = (f"{100 * end:+.1f}".replace("-0.0", "0.0").replace("+0.0", "0.0") for end in interval)
    return f"{low} to {high}"


@runtime_checkable
class Explains(Protocol):
    """A decider that says why it leaves a proposal to a person."""

    def unmet(self, proposal: Proposal, evidence: Evidence | None, /) -> str:
        """What is missing, in words; empty where it decides."""
        ...


def check_author(of: str, by: str) -> str:
    """The author's name, without white space around it.

    Raises
    ------
    TypeError, ReviewError
        It is no str; it is empty.
    """
    if not isinstance(by, str):
        raise wrong(f"the author of {of}", "a str", by, 'say who with by="name"')
    if not by.strip():
        raise ReviewError(f"{of} needs an author: say who with by=")
    return by.strip()


def check_seconds(seconds: float | None) -> None:
    """Refuse a time before the person that is none.

    Raises
    ------
    TypeError, ReviewError
        It is no number; it is negative or not finite.
    """
    if seconds is None:
        return
    if isinstance(seconds, bool) or not isinstance(seconds, int | float):
        raise wrong("the seconds of a decision", "a number", seconds, "leave it away where nothing was measured")
    if not 0 <= seconds < float("inf"):  # NaN too
        raise ReviewError(f"the seconds of a decision are {seconds}: give a time of 0 or more, or leave it away")


def _author(by: str) -> str:
    return check_author("a decision", by)


def _override(reason: str | None) -> str | None:
    check_text("the reason of an override", reason, optional=True)
    if reason is not None and not reason.strip():
        raise ReviewError("an override needs a reason: say why the text should stand against its evidence or warning")
    return None if reason is None else reason.strip()
