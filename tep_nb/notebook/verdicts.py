"""The commands of a workbench that judge proposals: evidence, verdicts, edits of a person's own."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from tep_nb.core.review import Decision, Evidence, Proposal
from tep_nb.core.state import State
from tep_nb.errors import ReviewError
from tep_nb.notebook.options import blank
from tep_nb.session import Session

if TYPE_CHECKING:
    from tep_nb.notebook.workbench import Workbench

__all__ = ["again", "approve", "assess", "edit", "freeze", "reject", "skip", "suggest", "take"]

Reason = TypeVar("Reason", str, str | None)


def _wanted(bench: Workbench, name: str) -> Proposal:
    found = bench.find(name)
    if found is None:
        raise ReviewError(f"nothing is pending for {name}: %tep step asks for more")
    return found


def _said(reason: Reason) -> Reason:
    """A reason that is no more than quotes says nothing, and is refused like an empty one."""
    return reason if reason is None or not blank(reason) else ""


async def assess(
    bench: Workbench, proposal: str | None = None, text: str | None = None, kind: str | None = None
) -> Evidence | tuple[Evidence, ...]:
    """Evidence for one proposal (or for another text of its prompt), or for all that wait."""
    session = bench.current()
    if proposal is not None:
        return await session.assess(_wanted(bench, proposal), text, kind=kind)
    return tuple([await session.assess(one, kind=kind) for one in session.state.step.pending])


async def _apply(session: Session, decision: Decision, proposal: Proposal, seconds: float | None) -> State:
    """Decide; in the nudged phase after buying the evidence that is missing or stale."""
    state = session.state
    if decision.text is not None and state.phase == "nudged" and state.fresh(proposal.prompt, decision.text, "metric") is None:
        await session.assess(proposal, decision.text)
    return session.decide(decision, seconds=seconds)


async def approve(
    bench: Workbench, proposal: str, override: str | None = None, by: str | None = None, seconds: float | None = None
) -> State:
    """Apply a proposal, or ``all`` in topological order; of all, those that cannot be applied stay pending.

    ``seconds``, here and below, is how long the proposal was before the person; of ``all`` nobody knows it.
    """
    session, author = bench.current(), bench.sign(by)
    if proposal != "all":
        found = _wanted(bench, proposal)
        return await _apply(session, found.approve(author, _said(override)), found, seconds)
    refused = []
    for one in session.state.step.pending:
        if one in session.state.step.pending:  # an approval withdraws others of the same prompt
            try:
                await _apply(session, one.approve(author, _said(override)), one, None)
            except ReviewError as error:
                refused.append((one, error))
    # What was refused may be withdrawn since: another one for its prompt was applied.
    refused = [(one, error) for one, error in refused if one in session.state.step.pending]
    if refused:
        names = ", ".join(one.prompt for one, _ in refused)
        raise ReviewError(f"{names} still pending: {refused[0][1]}")
    return session.state


async def take(
    bench: Workbench,
    proposal: str,
    hunks: list[int] | tuple[int, ...],
    override: str | None = None,
    by: str | None = None,
    seconds: float | None = None,
) -> State:
    """Apply some hunks."""
    found = _wanted(bench, proposal)
    return await _apply(bench.current(), found.take(tuple(hunks), bench.sign(by), _said(override)), found, seconds)


async def edit(
    bench: Workbench,
    proposal: str,
    text: str,
    override: str | None = None,
    by: str | None = None,
    seconds: float | None = None,
) -> State:
    """Apply a person's text instead."""
    found = _wanted(bench, proposal)
    return await _apply(bench.current(), found.edit(text, bench.sign(by), _said(override)), found, seconds)


async def reject(
    bench: Workbench, proposal: str, reason: str, by: str | None = None, seconds: float | None = None
) -> State:
    """Leave the prompt, and tell the editor why."""
    return bench.current().decide(_wanted(bench, proposal).reject(_said(reason), bench.sign(by)), seconds=seconds)


async def skip(bench: Workbench, proposal: str, by: str | None = None, seconds: float | None = None) -> State:
    """Leave the prompt and tell nobody."""
    return bench.current().decide(_wanted(bench, proposal).skip(bench.sign(by)), seconds=seconds)


async def again(
    bench: Workbench, proposal: str, reason: str = "", by: str | None = None, seconds: float | None = None
) -> Proposal:
    """Another proposal in the place of this one."""
    return await bench.current().again(_wanted(bench, proposal), _said(reason), by=bench.sign(by), seconds=seconds)


async def suggest(bench: Workbench, prompt: str, text: str, reason: str = "", by: str | None = None) -> Proposal:
    """A person's own edit becomes a proposal."""
    return bench.current().suggest(prompt, text, reason, by=bench.sign(by))


async def freeze(bench: Workbench, prompt: str, off: bool = False, by: str | None = None) -> State:
    """Ask for no edit of a prompt, or ask again."""
    return bench.current().freeze(prompt, not off, by=bench.sign(by))
