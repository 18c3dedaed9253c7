"""What is suggested and what was decided."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal, Protocol, runtime_checkable

from tep_nb.core.evidence import Evidence, Flip, Label, Paid
from tep_nb.core.kinds import a, check_text, wrong
from tep_nb.core.rubric import Critique
from tep_nb.core.text import Hunk, Prompt
from tep_nb.errors import PromptError, ReviewError

__all__ = [
    "PAST", "Decider", "Decision", "Evidence", "Explains", "Flip", "Label", "Paid", "Proposal", "Verdict", "check_author",
    "check_override", "check_reason", "check_seconds",
]  # fmt: skip

Verdict = Literal["approve", "edit", "take", "reject", "skip"]
PAST: Mapping[str, str] = {
    "approve": "approved", "edit": "edited", "take": "took hunks of", "reject": "rejected", "skip": "skipped",
}  # fmt: skip
"""A verdict in the past tense, with the prompt behind it."""


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
        return Decision(self.id, "approve", self.after, _author(by), override=check_override(override))

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
        return Decision(self.id, "edit", text, _author(by), override=check_override(override))

    def take(self, hunks: tuple[int, ...] | list[int], by: str, override: str | None = None) -> Decision:
        """Take some hunks, by number from 1, and leave the others.

        Raises
        ------
        PromptError
            No hunk, or a number that is none of this proposal's.
        """
        return Decision(self.id, "take", self.taken(hunks), _author(by), override=check_override(override))

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
        """Leave the prompt, and tell the editor why in every later proposal for it.

        Raises
        ------
        TypeError, ReviewError
            The reason or the author is no str; it is empty.
        """
        return Decision(self.id, "reject", None, _author(by), reason=check_reason(reason))

    def skip(self, by: str) -> Decision:
        """Leave the prompt and tell nobody."""
        return Decision(self.id, "skip", None, _author(by))


class Decider(Protocol):
    """What `Session.run` asks; a plain function does as well."""

    def __call__(self, proposal: Proposal, evidence: Evidence | None, /) -> Decision | None:
        """Decide, or return None ("not me") to leave the proposal pending."""
        ...


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


def check_reason(reason: str) -> str:
    """The reason of a rejection, without white space around it.

    Raises
    ------
    TypeError, ReviewError
        It is no str; it is empty.
    """
    if not isinstance(reason, str):
        raise wrong("a reason", "a str", reason, "say in one sentence why")
    if not reason.strip():
        raise ReviewError("a rejection needs a reason: the editor will read it; skip the proposal to say nothing")
    return reason.strip()


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


def check_override(reason: str | None) -> str | None:
    """The reason of an override, without white space around it; None where there is no override.

    Raises
    ------
    TypeError, ReviewError
        It is no str; it is empty.
    """
    check_text("the reason of an override", reason, optional=True)
    if reason is not None and not reason.strip():
        raise ReviewError("an override needs a reason: say why the text should stand against its evidence or warning")
    return None if reason is None else reason.strip()


def _author(by: str) -> str:
    return check_author("a decision", by)
