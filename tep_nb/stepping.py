"""The part of a session that goes on by steps: one iteration up to its proposals, or many of them decided by a policy."""

from __future__ import annotations

import asyncio

from tep_nb.core.kinds import check_whole, wrong
from tep_nb.core.review import Decider, Decision, Evidence, Explains, Proposal
from tep_nb.core.state import State, Step
from tep_nb.deciding import Deciding
from tep_nb.errors import BadReply, BudgetExceeded, EvidenceVoid, ReviewError, TepError
from tep_nb.method.verdict import check_step

__all__ = ["Stepping"]

_MUTE = 3
"""Steps running without an editor's answer that can be read, after which a run ends (our choice)."""


class Stepping(Deciding):
    """What asks for proposals.

    Attributes
    ----------
    ended : str
        How the last `run` ended: ``equilibrium (…)``, ``cap (…)``, ``the nudged phase has begun``, ``3 steps``, ``budget: …``,
        ``a question: PROMPT, because …``, ``stopped``, ``failed: …``; empty before the first one, and while one goes.
    """

    ended: str = ""

    async def propose(self) -> Step:
        """One iteration, up to its proposals.

        Raises
        ------
        PendingDecisions
            Proposals still wait.
        Done
            The last phase has ended.
        BudgetExceeded, ModelError, ToolFailed, EvidenceVoid
            The step can be asked for again; what was recorded is not paid for twice.
        """
        async with self._verb("propose") as door:
            check_step(self._state)
            if self._state.step.proposed:
                self._record(await self.method.draft(door, self._state))
            door.step = self._state.step.index
            self._record(await self.method.propose(door, self._state, self.metric))
            self._follow()
        return self._state.step

    async def run(self, decider: Decider, steps: int | None = None, until: str = "done") -> State:
        """Step and decide until the first of: ``steps``, the phase ``until``, a decider's None, the budget.

        `ended` says how the run ended; to reach the budget is an end, and no error.

        Parameters
        ----------
        decider : Decider
            Given each proposal with its evidence; None for evidence that cannot be had in the free phase (no critique could be
            read).
        steps : int, optional
            0 or more; 0 decides what waits and makes no step.
        until : {"nudged", "done"}
            The phase at whose beginning it ends.

        Raises
        ------
        TypeError, ReviewError
            The decider is no function, or returned no Decision; ``steps`` or ``until`` are none of the above.
        BadReply
            A step whose critics cannot be read at all, or three running whose editors cannot: such steps would end in an
            equilibrium that means nothing.
        ModelError, ToolFailed, EvidenceVoid
            As in `propose` and `assess`; the run can be asked for again.
        """
        if not callable(decider):
            remedy = 'pass deciders.approve_all, or deciders.parse("approve_all")'
            raise wrong("the decider of a run", "a function", decider, remedy)
        if steps is not None:
            check_whole("steps of a run", steps)
            if steps < 0:
                raise ReviewError(f"steps={steps} is below 0: give the number of steps, or leave it away")
        if until not in ("nudged", "done"):
            raise ReviewError(f"until={until!r} is no phase to run to: nudged or done")
        async with self._claim("run"):
            self.ended = ""
            try:
                self.ended = await self._drive(decider, steps, until)
            except BudgetExceeded as error:
                self.ended = f"budget: {error}"
            except asyncio.CancelledError:
                self.ended = "stopped"
                raise
            except TepError as error:
                self.ended = f"failed: {error}"
                raise
        return self._state

    async def _drive(self, decider: Decider, steps: int | None, until: str) -> str:
        """Step and decide; returns what ended it."""
        taken = mute = 0
        while True:
            while pending := self._state.step.pending:
                if why := await self._settle(decider, pending[0]):
                    return f"a question: {pending[0].prompt}, because {why}"
            if self._state.phase == "done":
                return _end(self._state.phases[-1][2])
            if self._state.phase == until:
                return "the nudged phase has begun"
            if taken == steps:
                return f"{taken} step{'' if taken == 1 else 's'}"
            step = await self.propose()
            self._check_read(step)
            mute = mute + 1 if _unread(step) else 0
            if mute == _MUTE:
                raise BadReply(
                    f"in {mute} steps running no editor's answer could be read, though each was asked for twice: check the "
                    f"editor ({self.models.editor.name!r}; the replies are in the journal), or go on step by step"
                )
            taken += 1

    async def _settle(self, decider: Decider, proposal: Proposal) -> str:
        """Have one proposal decided; empty, or why the decider leaves it to a person. Whoever was faster has decided."""
        evidence = await self._evidence(proposal)
        if proposal not in self._state.step.pending:
            return ""
        decision = _asked(decider, proposal, evidence)
        if decision is not None and self._unmeasured(proposal, decision):
            # A text of the decider's own: it is asked again, knowing what that text does.
            evidence = await self.assess(proposal, decision.text, local=True)
            if proposal not in self._state.step.pending:
                return ""
            decision = _asked(decider, proposal, evidence)
        if decision is None:
            said = decider.unmet(proposal, evidence) if isinstance(decider, Explains) else ""
            return said or "its decider leaves it to a person"
        try:
            self.decide(decision)
        except ReviewError:
            if proposal in self._state.step.pending:
                raise
        return ""

    def _check_read(self, step: Step) -> None:
        critiques = [critique for outcome in step.outcomes for critique in outcome.critiques]
        if critiques and not any(critique.parsed for critique in critiques):
            raise BadReply(
                f"none of the {len(critiques)} critiques of step {step.index} could be read, though each was asked for twice: "
                f"check the critic ({self.models.critic.name!r}; the replies are in the journal), or go on step by step"
            )

    def _unmeasured(self, proposal: Proposal, decision: Decision) -> bool:
        """Whether a decision needs evidence, in the nudged phase, that is not there."""
        text, nudged = decision.text, self._state.phase == "nudged"
        return nudged and text is not None and self._state.fresh(proposal.prompt, text, "metric") is None

    async def _evidence(self, proposal: Proposal) -> Evidence | None:
        known = self._state.fresh(proposal.prompt, proposal.after, "metric")
        if self._state.phase == "free" and known is not None:
            return known  # a person bought it: what `decide` will hold against an approval is what the decider has to see
        try:
            return await self.assess(proposal, local=True)
        except EvidenceVoid:
            if self._state.phase != "free":
                raise
            return None


def _end(reason: str) -> str:
    """Why the last phase ended: a cap is a cap, and no equilibrium."""
    rule, _, said = reason.partition(": ")
    return f"cap ({said})" if rule == "cap" else f"equilibrium ({reason.removeprefix('nudged equilibrium: ')})"


def _unread(step: Step) -> bool:
    """Whether editors were asked, and none gave an answer that could be read."""
    asked = [outcome for outcome in step.outcomes if any(c.parsed and c.suggestions for c in outcome.critiques)]
    made = {proposal.prompt for proposal in step.proposals}
    return bool(asked) and not any(outcome.silent or outcome.prompt in made for outcome in asked)


def _asked(decider: Decider, proposal: Proposal, evidence: Evidence | None) -> Decision | None:
    """What the decider says.

    Raises
    ------
    TypeError
        It said something that is no Decision.
    """
    said = decider(proposal, evidence)
    if said is not None and not isinstance(said, Decision):
        raise wrong("what a decider returns", "a Decision or None", said, "return proposal.approve(by=…), or None to leave it")
    return said
