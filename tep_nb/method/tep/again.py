"""Another proposal in the place of one that a person does not want: the same critiques, another draw (our choice)."""

from __future__ import annotations

from tep_nb.core.review import Decision, Proposal
from tep_nb.core.state import State
from tep_nb.errors import BadReply, ReviewError
from tep_nb.method.editor import Draft
from tep_nb.method.proposing import made_for
from tep_nb.method.tep import free, nudged
from tep_nb.method.tep.settings import Settings
from tep_nb.method.verdict import find
from tep_nb.model.runtime import Runtime

__all__ = ["UNASKED", "ask_again", "replacement"]

UNASKED = "a person asked for another proposal"
"""What the editor is told where the person gives no reason."""


async def ask_again(tep: Settings, door: Runtime, state: State, decision: Decision) -> Draft:
    """What the editor makes of the same critiques, knowing that this proposal is rejected.

    Raises
    ------
    ReviewError
        The proposal cannot be decided, was made without critiques, or the editor has nothing else.
    BadReply
        The editor could not be asked, or its answer cannot be read.
    """
    proposal = find(state, decision.proposal)
    name, critiques = proposal.prompt, proposal.critiques
    if not critiques:
        author = {"best": "an earlier text that scored better"}.get(proposal.by, f"an edit of {proposal.by}")
        raise ReviewError(
            f"proposal {proposal.id} is {author}: no critiques led to it, so there is nothing to ask the editor from; "
            "reject or skip it"
        )
    attempt, beside = made_for(state, name), ((proposal, decision),)
    if proposal.phase == "nudged":
        held = state.track(name).free
        made = await nudged.edit(tep, door, state, name, held, critiques, attempt=attempt, beside=beside)
    else:
        made = await free.edit(tep, door, state, name, critiques, attempt=attempt, beside=beside)
    if made.failed:
        raise BadReply(f"another proposal for {name}: {made.note}; proposal {proposal.id} stays pending, ask again")
    if made.text is None:
        why = made.note.removeprefix("no proposal: ") or "it gives no reason"
        raise ReviewError(f"the editor has no other proposal for {name} ({why}): proposal {proposal.id} stays pending")
    return made


def replacement(tep: Settings, state: State, old: str, made: Draft) -> Proposal:
    """The proposal that takes the place of ``old``.

    Raises
    ------
    ReviewError, StaleProposal
        As in `tep_nb.method.verdict.find`; the same text waits already.
    """
    proposal = find(state, old)  # a person may have decided meanwhile
    same = next((p for p in state.step.pending if p.prompt == proposal.prompt and p.after == made.text), None)
    if same is not None:  # an undo leaves both the first and its replacement
        raise ReviewError(f"the editor proposes what waits already as {same.id}: decide on that one; {old} stays pending")
    new = free.edited(tep, state, proposal.prompt, made, proposal.critiques)
    assert new is not None  # `ask_again` gives no draft without a text
    return new
