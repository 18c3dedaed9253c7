"""Critiques -> one edit of a prompt, checked in code."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from tep_nb.core.node import Agent
from tep_nb.core.review import Decision, Proposal
from tep_nb.core.rubric import Critique
from tep_nb.core.text import Prompt, tokens
from tep_nb.errors import MissingKey, ModelError, NotRecorded
from tep_nb.method.critic import card
from tep_nb.method.forward import ask_until
from tep_nb.method.reply import Edit, Fault, read_edit
from tep_nb.method.template import fence, fill, load
from tep_nb.model.base import Message, Request
from tep_nb.model.runtime import Runtime, Where, draw

__all__ = ["Draft", "Editor", "changed", "critique_text", "heard"]

_SCHEMA = {
    "type": "object",
    "properties": {
        "prompt": {"type": ["string", "null"]},
        "rationale": {"type": "string"},
        "held_back": {"type": "array", "items": {"type": "string"}},
    },
    "required": ["prompt", "rationale", "held_back"],
    "additionalProperties": False,
}


@dataclass(frozen=True, slots=True)
class Draft:
    """What an editor led to: a new text, or why there is none.

    ``failed`` where no answer could be read, which says nothing of the prompt; ``error`` where there was no answer at all.
    """

    text: str | None
    rationale: str = ""
    held_back: tuple[str, ...] = ()
    note: str = ""
    failed: bool = False
    error: ModelError | None = None


def critique_text(critiques: Sequence[Critique]) -> str:
    """Critiques as an editor reads them, each in its fence."""
    return "\n".join(fence("critique", _one(c)) for c in critiques if c.parsed) or "(none)"


def _one(critique: Critique) -> str:
    lines = [f"score: {critique.score:.1f}"]
    if critique.content or not critique.suggestions:
        lines.append("content")
    for suggestion in critique.suggestions:
        lines += [f"- about: {suggestion.about}", f"  do: {suggestion.do}"]
    return "\n".join(lines)


def changed(before: Prompt, after: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The tokens that an edit removes and adds, case folded: what two edits are compared by."""
    changes = [change for hunk in before.diff(after) for change in hunk.changes]
    removed = tuple(t.casefold() for change in changes for t in tokens(change.old))
    return removed, tuple(t.casefold() for change in changes for t in tokens(change.new))


@dataclass(frozen=True, slots=True)
class Editor:
    """Asks for one edit, and once more where the code refuses it.

    Parameters
    ----------
    door : Runtime
    agent : Agent
        One that uses the prompt; its role stands for all.
    rejected : sequence of (Proposal, Decision)
        Earlier rejections for this prompt, told with their reasons.
    seed : int
        Draw number of the first ask.
    temperature : float
    check : callable
        Faults of a new text beyond placeholders and protected spans (the bound); empty when it is fine.
    """

    door: Runtime
    agent: Agent
    rejected: Sequence[tuple[Proposal, Decision]]
    seed: int
    temperature: float
    check: Callable[[str], tuple[str, ...]]

    async def free(self, critiques: Sequence[Critique], rules: str) -> Draft:
        """The edit that the free critiques call for."""
        values = {"agent": card(self.agent), "critiques": critique_text(critiques), "rules": self._rules(rules)}
        return await self._ask("editor_free", values)

    async def nudged(self, free: Sequence[Critique], nudged: Sequence[Critique], rules: str) -> Draft:
        """U_v: the smallest edit that meets what the nudged critiques have and the free ones have not."""
        values = {
            "agent": card(self.agent),
            "free": critique_text(free),
            "nudged": critique_text(nudged),
            "rules": self._rules(rules),
        }
        return await self._ask("editor_nudged", values)

    async def _ask(self, template: str, values: dict[str, str]) -> Draft:
        text = fill(load(template), {**values, "rejected": self._rejected()})
        seed = draw(self.seed) if self.temperature else 0
        request = Request((Message.of("user", text),), self.temperature, _SCHEMA, seed, role="editor")
        try:
            result, _ = await ask_until(self.door, request, Where("editor", self.agent.prompt_name), self._read)
        except (MissingKey, NotRecorded):
            raise
        except ModelError as error:
            return Draft(None, note=f"the editor could not be asked: {error}", failed=True, error=error)
        if isinstance(result, Fault):
            return Draft(None, note=f"no proposal: {result.text}", failed=not result.read)
        if result.prompt is None or result.prompt == self.agent.prompt.text:
            return Draft(None, result.rationale, result.held_back, note=result.rationale or "the editor proposes nothing")
        return Draft(result.prompt, result.rationale, result.held_back)

    def _read(self, text: str) -> Edit | Fault:
        found = read_edit(text)
        if isinstance(found, Fault) or found.prompt is None:
            return found
        prompt = self.agent.prompt
        new = _like(prompt.text, found.prompt)
        if new == prompt.text:
            return Edit(None, found.rationale, found.held_back)
        if any(new == p.after or changed(prompt, new) == changed(Prompt(p.before), p.after) for p, _ in self.rejected):
            return Fault("this edit was rejected before: propose another one, or null.", read=True)
        if faults := (*prompt.faults(new), *self.check(new)):
            return Fault("; ".join(faults) + ": smaller, please." * any("allowed" in fault for fault in faults), read=True)
        return Edit(new, found.rationale, found.held_back)

    def _rejected(self) -> str:
        if not self.rejected:
            return ""
        told = []
        for proposal, decision in self.rejected:
            changes = [change for hunk in proposal.hunks for change in hunk.changes]
            added = " … ".join(" ".join(c.new.split()) for c in changes if c.new.strip())
            removed = " … ".join(" ".join(c.old.split()) for c in changes if c.old.strip())
            reason = " ".join(decision.reason.split())
            told.append(fence("rejected", f"reason: {reason}\nadded: {added}\nremoved: {removed}"))
        return "\n" + fill(load("editor_rejected"), {"edits": "\n".join(told)}) + "\n"

    def _rules(self, rules: str) -> str:
        prompt = self.agent.prompt
        names = ", ".join(f"{{{{{name}}}}}" for name in prompt.placeholders)
        lines = [f"- Keep each of these placeholders exactly as often as it stands: {names}. Add none."]
        if prompt.spans:
            lines += ["- Keep these texts byte for byte:", *(fence("span", span) for span in prompt.spans)]
        return "\n".join([*lines, rules])


def heard(drafts: Sequence[Draft | None]) -> None:
    """See that an editor answered, where some were asked: a step without one is no step in which there was nothing to propose.

    Raises
    ------
    ModelError
        None that was asked could be reached; the first one's error.
    """
    asked = [draft for draft in drafts if draft is not None]
    errors = [draft.error for draft in asked if draft.error is not None]
    if errors and len(errors) == len(asked):
        many = f" for any of {len(errors)} prompts" if len(errors) > 1 else ""
        raise ModelError(
            f"the editor could not be asked{many}: {errors[0]}; step again once that is mended: "
            "what is recorded is not paid for twice",
            errors[0].retry,
        )


def _like(before: str, after: str) -> str:
    """An editor's text with the outer white space of the prompt: a trailing newline is no edit."""
    lead = before[: len(before) - len(before.lstrip())]
    trail = before[len(before.rstrip()) :]
    return lead + after.strip() + trail
