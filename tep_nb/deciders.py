"""Who decides without a person at the notebook: policies, and a person at a terminal.

A decider is called with a proposal and the evidence for it, and returns a Decision, or None for "not me": the proposal then
stays pending. Silence is never consent, and no decider is the default.
"""

from __future__ import annotations

import getpass
import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from functools import lru_cache
from typing import Literal

from tep_nb.core.kinds import check, check_text
from tep_nb.core.review import Decider, Decision, Evidence, Label, Proposal
from tep_nb.core.text import Hunk, count_tokens
from tep_nb.core.visible import visible
from tep_nb.errors import ConfigError, PromptError, ReviewError

__all__ = [
    "POLICIES", "Console", "Decider", "Policy", "approve_all", "approve_if", "console", "is_policy", "marked", "parse",
    "reject_all",
]  # fmt: skip

_RANK: Mapping[str, int] = {"worse": 0, "no worse": 1, "proven": 2}


@dataclass(frozen=True, slots=True)
class Policy:
    """A decider with a name, which is the author of its decisions and what `parse` reads."""

    name: str
    rule: Callable[[str, Proposal, Evidence | None], Decision | None] = field(repr=False)
    wants: Callable[[Proposal, Evidence | None], list[str]] = field(repr=False)

    def __call__(self, proposal: Proposal, evidence: Evidence | None, /) -> Decision | None:
        """Decide by the rule."""
        return self.rule(self.name, proposal, evidence)

    def unmet(self, proposal: Proposal, evidence: Evidence | None, /) -> str:
        """In words, why the policy leaves this one to a person; empty where it decides."""
        return "" if self(proposal, evidence) is not None else "; ".join(self.wants(proposal, evidence))


def _passes(proposal: Proposal, evidence: Evidence) -> bool:
    """METHOD's gate: never *worse*; nudged *no worse* only where the critic's score rose or the prompt became shorter."""
    if evidence.label == "worse":
        return False
    if proposal.phase != "nudged" or evidence.label == "proven":
        return True
    rose = evidence.local is not None and evidence.local[1] > evidence.local[0]
    return rose or count_tokens(proposal.after) < count_tokens(proposal.before)


def _leak(proposal: Proposal) -> str:
    return next(warning for warning in proposal.warnings if warning.startswith("leak"))


def _why(evidence: Evidence) -> str:
    """The evidence as a reason: without the interval, which tells an editor nothing."""
    return evidence.summary(interval=False)


def _approve_all(by: str, proposal: Proposal, evidence: Evidence | None) -> Decision | None:
    if proposal.leaks:
        return proposal.reject(_leak(proposal), by)
    nudged = proposal.phase == "nudged"
    if evidence is None:
        return None if nudged else proposal.approve(by)
    if nudged and evidence.kind == "local" and evidence.label != "worse":
        return None  # a critic's score alone opens no nudged gate: somebody has to buy the metric first
    return proposal.approve(by) if _passes(proposal, evidence) else proposal.reject(_why(evidence), by)


def _reject_all(by: str, proposal: Proposal, evidence: Evidence | None) -> Decision | None:  # noqa: ARG001  one signature
    return proposal.reject("this policy rejects every edit", by)


def _wants_metric(proposal: Proposal, evidence: Evidence | None) -> list[str]:
    """What an approval lacks where nothing, or only a critic's score, is known of the text."""
    if evidence is None:
        return ["there is no evidence"]
    if proposal.phase == "nudged" and evidence.kind == "local":
        return ["only the critic's score is known, the metric is needed"]
    return []


approve_all = Policy("approve_all", _approve_all, _wants_metric)
"""Approves what passes METHOD's gate and quotes no rows; gives the evidence as its reason where it rejects."""

reject_all = Policy("reject_all", _reject_all, lambda _proposal, _evidence: [])
"""Rejects everything: what a session does when nothing is ever changed."""


def approve_if(
    label: Label = "proven", gain: float = 0.0, warnings: bool = False, otherwise: Literal["ask", "reject"] = "ask"
) -> Policy:
    """Make a policy that approves what has enough evidence and leaves, or rejects, the rest.

    Parameters
    ----------
    label : {"proven", "no worse"}
        The least label. *No worse* must pass METHOD's gate besides; *worse* takes a person's override, never a policy's.
    gain : float
        The least ``evidence.gain``: of the metric (0 to 1), in the free phase of the critic's score (0 to 10).
    warnings : bool
        Whether a proposal with warnings may pass. One that leaks rows never does.
    otherwise : {"ask", "reject"}
        What becomes of the rest: it stays pending, or is rejected with the evidence as the reason.

    Raises
    ------
    ConfigError
        A label or ``otherwise`` of another name, a gain that is no number from 0 to 10.
    """
    _known("label", label, [name for name in _RANK if name != "worse"], "worse evidence takes a person's override")
    _known("otherwise", otherwise, ["ask", "reject"])
    check("approve_if: gain", gain, (int, float), "a number from 0 to 10", "write it as in gain=0.02")
    check("approve_if: warnings", warnings, bool, "True or False", "write warnings=True, or leave it away")
    if not 0 <= gain <= 10:
        raise ConfigError(f"approve_if: gain {gain} is outside 0 to 10: give the least rise of the metric or the score")

    def wants(proposal: Proposal, evidence: Evidence | None) -> list[str]:
        if evidence is None or _wants_metric(proposal, evidence):
            return _wants_metric(proposal, evidence)
        found = [f"{evidence.label}, {label} is needed"] if _RANK[evidence.label] < _RANK[label] else []
        if evidence.gain < gain:
            found.append(_short_of(gain, evidence))
        if evidence.label != "worse" and not _passes(proposal, evidence):
            found.append("the critic's score did not rise and the prompt is not shorter")
        return [*found, *(f"warning: {w}" for w in proposal.warnings if not warnings or w.startswith("leak"))]

    def rule(by: str, proposal: Proposal, evidence: Evidence | None) -> Decision | None:
        if evidence is None or (proposal.phase == "nudged" and evidence.kind == "local"):
            return None
        if not wants(proposal, evidence):
            return proposal.approve(by)
        if otherwise == "ask":
            return None
        return proposal.reject("; ".join((*proposal.warnings, _why(evidence))), by)

    parts = [label, f"gain={gain:g}" if gain else "", "warnings" if warnings else "", "reject" if otherwise == "reject" else ""]
    return Policy(f"approve_if:{','.join(part for part in parts if part)}", rule, wants)


def _short_of(gain: float, evidence: Evidence) -> str:
    if evidence.kind == "local":
        return f"the critic's score gains {evidence.gain:.1f}, {gain:g} is needed"
    return f"gain {100 * evidence.gain:.1f} points, {100 * gain:.1f} are needed"


def _known(what: str, value: str, names: list[str], remedy: str = "") -> None:
    if value not in names:
        near = get_close_matches(str(value), names, 1)
        hint = f"; {remedy}" if remedy else f"; did you mean {near[0]!r}?" if near else ""
        raise ConfigError(f"{what} {value!r} is not known: use {' or '.join(names)}{hint}")


def marked(before: str, hunks: tuple[Hunk, ...], numbers: bool = False) -> str:
    """Show an edit as one text: ``[-removed-]`` and ``{+added+}``, with the hunk's number where asked for."""
    pieces, at = [], 0
    for change, number in sorted(((c, h.number) for h in hunks for c in h.changes), key=lambda pair: pair[0].start):
        tag = f"({number})" if numbers else ""
        old, new = (visible(side) for side in (change.old, change.new))
        pieces += [visible(before[at : change.start]), tag, f"[-{old}-]" if old else "", f"{{+{new}+}}" if new else ""]
        at = change.end
    return "".join([*pieces, visible(before[at:])])


@dataclass(frozen=True, slots=True)
class Console:
    """A person at a terminal, who sees the diff and the evidence and answers with a key.

    Parameters
    ----------
    ask, say : callable
        ``input`` and ``print``, or what takes their place.
    by : str
        Who decides; by default ``$JUPYTERHUB_USER``, else the login name.
    """

    ask: Callable[[str], str] = input
    say: Callable[[str], None] = print
    by: str = ""
    name: str = "console"

    def __call__(self, proposal: Proposal, evidence: Evidence | None, /) -> Decision | None:
        """Ask until there is an answer; ``q`` and the end of the input leave the proposal pending."""
        self.say(f"\n{proposal.id}  {visible(proposal.prompt)} ({proposal.phase}, by {visible(proposal.by)})")
        self.say(marked(proposal.before, proposal.hunks, numbers=True))
        facts = [f"why: {proposal.rationale}" if proposal.rationale else "", *(f"warning: {w}" for w in proposal.warnings)]
        for fact in [*facts, "evidence: " + (evidence.summary() if evidence else "none was bought")]:
            if fact:
                self.say(visible(fact))
        try:
            while True:
                key = self.ask("a approve, t take hunks, e edit, r reject, s skip, q leave pending: ").strip().lower()[:1]
                if key == "q":
                    return None
                try:
                    if (decision := self._answer(key, proposal, evidence)) is not None:
                        return decision
                except (PromptError, ReviewError) as error:
                    self.say(visible(str(error)))
        except EOFError:
            return None

    def _answer(self, key: str, proposal: Proposal, evidence: Evidence | None) -> Decision | None:
        by = self.by or os.environ.get("JUPYTERHUB_USER") or getpass.getuser()
        if key == "r":
            return proposal.reject(self.ask("reason (the editor will read it): "), by)
        if key == "s":
            return proposal.skip(by)
        if key == "t":
            wanted = [int(n) for n in re.findall(r"\d+", self.ask("hunks to take, as in 1,3: "))]
            return proposal.take(wanted, by, self._override(proposal, None))
        if key == "e":
            self.say("the whole new text; a line with a single . ends it")
            return proposal.edit("\n".join(iter(lambda: self.ask(""), ".")), by, self._override(proposal, None))
        return proposal.approve(by, self._override(proposal, evidence)) if key == "a" else None

    def _override(self, proposal: Proposal, evidence: Evidence | None) -> str | None:
        if proposal.leaks or (evidence is not None and evidence.label == "worse"):
            return self.ask("this goes against the evidence or a leak warning; your reason: ")
        return None


console = Console()
"""Asks on this terminal."""

POLICIES: Mapping[str, Policy | Console] = {"approve_all": approve_all, "reject_all": reject_all, "console": console}
"""The deciders that a name alone gives; `approve_if` takes arguments."""


@lru_cache(maxsize=256)
def is_policy(author: str) -> bool:
    """Whether an author is a policy: its name says its rule. All other names are persons' or scripts'."""
    try:
        return isinstance(parse(author), Policy)
    except ConfigError:
        return False


def parse(policy: str) -> Policy | Console:
    """Read a POLICY: ``approve_all``, ``reject_all``, ``console``, or ``approve_if:proven,gain=0.02,warnings,reject``.

    Raises
    ------
    ConfigError
        An unknown name or argument; the message has the closest match.
    """
    check_text("a policy", policy)
    name, colon, arguments = policy.strip().partition(":")
    _known("policy", name, [*POLICIES, "approve_if"])
    if name in POLICIES:
        if colon:
            raise ConfigError(f"policy {name} takes no arguments, {arguments!r} follows it: only approve_if has some")
        return POLICIES[name]
    given: dict[str, str] = {}
    for part in (part.strip() for part in arguments.split(",") if colon):
        key, value = _argument(part)
        if key in given:
            raise ConfigError(f"policy {policy!r} gives {key} twice: leave one away")
        given[key] = value
    try:
        gain = float(given.get("gain", "0"))
    except ValueError:
        raise ConfigError(f"gain={given['gain']} is no number: write it as in gain=0.02") from None
    warnings = given.get("warnings", "false")
    _known("warnings", warnings, ["true", "false"])
    return approve_if(given.get("label", "proven"), gain, warnings == "true", given.get("otherwise", "ask"))  # type: ignore[arg-type]


def _argument(part: str) -> tuple[str, str]:
    """Find the parameter and the value that one argument means; a label, ``ask``, ``reject`` and ``warnings`` stand alone."""
    key, sign, value = (piece.strip() for piece in part.partition("="))
    if sign:
        _known("argument", key, ["label", "gain", "warnings", "otherwise"])
        return key, value.lower().replace("_", " ").replace("-", " ") if key == "label" else value.lower()
    alone = {**dict.fromkeys(_RANK, "label"), "ask": "otherwise", "reject": "otherwise", "warnings": "warnings"}
    word = part.lower().replace("_", " ").replace("-", " ")
    if word not in alone:
        _known("argument", word, [*(name for name in alone if name != "worse"), "gain=NUMBER"])
    return alone[word], "true" if word == "warnings" else word
