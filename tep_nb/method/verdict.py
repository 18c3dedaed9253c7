"""What a step and a decision must satisfy before they are written down (DESIGN, Rules)."""

from __future__ import annotations

from typing import get_args

from tep_nb.core.kinds import check_text
from tep_nb.core.review import Decision, Proposal, Verdict, check_author, check_override, check_reason
from tep_nb.core.state import State
from tep_nb.core.text import Prompt
from tep_nb.errors import Done, EvidenceNeeded, PendingDecisions, PromptError, ReviewError, StaleProposal
from tep_nb.method.leak import leaks
from tep_nb.method.proposing import proposed
from tep_nb.method.tep.nudged import bound_faults
from tep_nb.method.tep.settings import Settings

__all__ = ["check", "check_step", "find", "suggestion"]


def check_step(state: State) -> None:
    """Refuse a new step where none can be made; one that is planned and not finished can always be.

    Raises
    ------
    PendingDecisions
        Proposals still wait.
    Done
        The last phase has ended.
    """
    if not state.step.proposed:
        return
    if pending := state.step.pending:
        names, one = ", ".join(proposal.prompt for proposal in pending), len(pending) == 1
        waits = "1 proposal waits" if one else f"{len(pending)} proposals wait"
        raise PendingDecisions(f"{waits} for a decision ({names}): approve, reject or skip {'it' if one else 'them'}")
    if state.phase == "done":
        raise Done(
            "the last phase has ended: evaluate('test') measures (%tep evaluate test), rewind(n) goes back (%tep rewind N), "
            "fork goes on from here in another file (%tep fork FILE)"
        )


def find(state: State, identity: str) -> Proposal:
    """The pending proposal with this id, which can be decided.

    Raises
    ------
    ReviewError
        Unknown, or decided already.
    StaleProposal
        The prompt changed since it was made.
    """
    proposal = state.proposal(identity)
    if proposal is None:
        known = ", ".join(p.id for p in state.step.pending) or "none"
        raise ReviewError(f"there is no proposal {identity!r}: pending are {known}")
    done = next((d for p, d in state.reviewed if p.id == proposal.id), None)
    if done is not None:
        raise ReviewError(f"proposal {proposal.id} was decided already ({done.verdict} by {done.by}): undo takes it back")
    if proposal.id in state.step.withdrawn and state.graph.is_frozen(proposal.prompt):
        raise StaleProposal(f"proposal {proposal.id} was withdrawn when {proposal.prompt} was frozen: free it and step again")
    if proposal not in state.step.pending or state.prompts[proposal.prompt].text != proposal.before:
        raise StaleProposal(f"proposal {proposal.id} is stale: the prompt {proposal.prompt} has changed since; take a new step")
    return proposal


def check(tep: Settings, state: State, decision: Decision) -> tuple[str, ...]:
    """Refuse a decision that cannot be taken; returns the bounds that a person's own text exceeds.

    Raises
    ------
    ReviewError
        Unknown or decided proposal; a worse label or a leak without an override; an empty author or reason.
    StaleProposal, PromptError
        The prompt changed; the text adds or drops a placeholder or a protected span.
    EvidenceNeeded
        In the nudged phase, without metric evidence for this text on the current graph.
    """
    proposal = find(state, decision.proposal)
    _check_form(proposal, decision)
    if decision.text is None:
        return ()
    prompt = state.prompts[proposal.prompt]
    prompt.replaced(decision.text)
    if decision.text == prompt.text:
        raise PromptError(f"the text is the prompt {proposal.prompt} as it stands: reject or skip the proposal instead")
    _check_evidence(state, proposal, decision)
    _check_leak(tep, state, prompt, decision)
    if state.phase == "nudged" and (decision.verdict in ("edit", "take") or proposal.by not in ("editor", "best")):
        return bound_faults(tep, state, proposal.prompt, decision.text)
    return ()


def _check_form(proposal: Proposal, decision: Decision) -> None:
    """What `Proposal.approve` and its like see to, also for a decision that was made by hand."""
    if decision.verdict not in get_args(Verdict):
        raise ReviewError(f"{decision.verdict!r} is no verdict: use {', '.join(get_args(Verdict))}")
    check_author("a decision", decision.by)
    if decision.verdict == "reject":
        check_reason(decision.reason)
    check_override(decision.override)
    if (decision.text is None) != (decision.verdict in ("reject", "skip")):
        what = "needs a" if decision.text is None else "has no"
        raise ReviewError(
            f"a decision to {decision.verdict} {what} text: make it with approve, edit, take, reject or skip of the proposal"
        )
    if decision.verdict == "approve" and decision.text != proposal.after:
        raise ReviewError(f"an approval takes the text of proposal {proposal.id} as it is: use edit for another one")


def _check_evidence(state: State, proposal: Proposal, decision: Decision) -> None:
    assert decision.text is not None
    nudged = state.phase == "nudged"
    evidence = state.fresh(proposal.prompt, decision.text, "metric" if nudged else None)
    if evidence is None:
        if nudged:
            raise EvidenceNeeded(
                f"approving {proposal.prompt} in the nudged phase needs evidence for this text on the current graph: "
                f"assess it first (%tep assess {proposal.prompt})"
            )
        return
    if evidence.label == "worse" and decision.override is None:
        raise ReviewError(
            f"{proposal.prompt}: {evidence.summary()}; reject it, or give the reason for applying it all the same "
            "(--override, override=)"
        )


def _check_leak(tep: Settings, state: State, prompt: Prompt, decision: Decision) -> None:
    assert decision.text is not None
    found = leaks(prompt, decision.text, state.dataset, train_answers=tep.signal_targets == "sink")
    if found and decision.override is None:
        raise ReviewError(f"{found[0]}; reject it, or give the reason for applying it all the same (--override, override=)")


def suggestion(tep: Settings, state: State, prompt: str, text: str, reason: str, by: str) -> Proposal:
    """A person's own edit as a proposal.

    Raises
    ------
    GraphError, PromptError, ReviewError
        No such prompt; a text that cannot replace it, or is the prompt as it stands; no author; a step that is not finished.
    """
    check_text("the reason of a suggestion", reason)
    by = check_author("a suggestion", by)
    if not state.step.proposed:
        step = state.step.index
        raise ReviewError(
            f"step {step} is planned and not finished: propose() finishes it (%tep step), or rewind({step - 1}) leaves it; "
            "then suggest"
        )
    state.graph.users(prompt)  # raises, with the closest name
    current = state.prompts[prompt]
    check_text("the text of a suggestion", text)
    current.replaced(text)
    if text == current.text:
        raise PromptError(f"the text is the prompt {prompt} as it stands: there is nothing to decide")
    return proposed(tep, state, prompt, text, by=by, rationale=reason)
