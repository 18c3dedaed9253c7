"""The half of a session in which a person decides: evidence, verdicts, edits of one's own, going back."""

from __future__ import annotations

from dataclasses import replace

from tep_nb.core import events as ev
from tep_nb.core.kinds import check_text, wrong
from tep_nb.core.review import Decision, Evidence, Proposal, check_author, check_seconds
from tep_nb.core.state import State
from tep_nb.errors import ReviewError
from tep_nb.inquiry import Inquiry
from tep_nb.method.assess import Assessor
from tep_nb.method.tep.again import UNASKED, ask_again, replacement
from tep_nb.method.verdict import check, suggestion

__all__ = ["Deciding"]

_LOOKS = frozenset({"again", "ask", "assess", "compare", "evaluate", "flow", "run"})
"""Verbs that leave the prompts alone while they wait for a model: a person may decide meanwhile."""


class Deciding(Inquiry):
    """What a person does with proposals."""

    async def assess(
        self, proposal: Proposal | str, text: str | None = None, *, kind: str | None = None, local: bool = False
    ) -> Evidence:
        """Buy evidence for a proposal's text, or for another text of its prompt.

        Parameters
        ----------
        proposal : Proposal or id
        text : str, optional
        kind : {"metric", "local"}, optional
            By default metric in the nudged phase (or with ``gate="both"``), local in the free phase.
        local : bool
            Where metric evidence says *no worse*, buy the critic's score as well.

        Raises
        ------
        ReviewError, PromptError
            No such proposal; a text that cannot replace the prompt.
        DataError
            Metric evidence, and there are no validation rows.
        EvidenceVoid
            More than a fifth of the rows failed, or no critique could be read.
        BudgetExceeded, ModelError, ToolFailed
            It can be asked for again; what was recorded is not paid for twice.
        """
        found = self._known(proposal, "what to assess")
        if kind not in (None, "metric", "local"):
            raise ReviewError(f"evidence of kind {kind!r} is not known: metric or local")
        text = found.after if text is None else text
        self._state.prompts[found.prompt].replaced(text)
        nudged = self._state.phase != "free" or self.method.gate == "both"
        async with self._verb("assess") as door:
            assessor, before = Assessor(self.method, door, self._state, self.metric), self.usage.total
            if (kind or ("metric" if nudged else "local")) == "metric":
                evidence = await assessor.by_metric(found.prompt, text, local=local)
            else:
                evidence = await assessor.by_critic(found.prompt, text)
            evidence = replace(evidence, paid=self._paid(before))
            self._record(ev.Assessed(evidence=evidence, proposal=found.id, paid=evidence.paid))
        return evidence

    def decide(self, decision: Decision, *, seconds: float | None = None) -> State:
        """Write a decision down and apply it.

        Parameters
        ----------
        decision : Decision
        seconds : float, optional
            How long the proposal was before the person, 0 or more, where it was measured.

        Raises
        ------
        ReviewError, PromptError
            As in `tep_nb.method.verdict.check`, and then nothing is written.
        Busy
            A step is being proposed.
        """
        if not isinstance(decision, Decision):
            raise wrong("what to decide", "a Decision", decision, "proposal.approve(by=…) makes one")
        check_seconds(seconds)
        with self._lock:
            self._idle_for("decide", but=_LOOKS)
            beyond = check(self.method, self._state, decision)
            self._record(ev.Decided(decision=decision, beyond=beyond, seconds=seconds))
            self._follow()
            self.journal.checkpoint()
            return self._state

    async def again(self, proposal: Proposal | str, reason: str = "", *, by: str, seconds: float | None = None) -> Proposal:
        """Ask the editor for another proposal in the place of a pending one, which ends as rejected.

        The critiques, the bound and the checks are those of the first; the editor is told this text and the reason, beside all
        earlier rejections. What cannot be had leaves the proposal pending.

        Parameters
        ----------
        proposal : Proposal or id
        reason : str
            Why not this one; by default "a person asked for another proposal".
        by : str
            Who asks, the author of the rejection.
        seconds : float, optional
            As in `decide`.

        Returns
        -------
        Proposal
            The new one.

        Raises
        ------
        ReviewError
            It cannot be decided, no critiques led to it (an earlier text, a person's edit), or the editor has nothing else.
        BudgetExceeded, ModelError
            It can be asked for again; what was recorded is not paid for twice.
        """
        check_text("the reason for another proposal", reason)
        check_seconds(seconds)
        decision = self._known(proposal, "what to ask again for").reject(reason.strip() or UNASKED, by)
        async with self._verb("again") as door:
            check(self.method, self._state, decision)
            made = await ask_again(self.method, door, self._state, decision)
            with self._lock:
                new = replacement(self.method, self._state, decision.proposal, made)
                self._record(ev.Suggested(proposal=new), ev.Decided(decision=decision, seconds=seconds))
        return new

    def _known(self, proposal: Proposal | str, what: str) -> Proposal:
        if not isinstance(proposal, Proposal | str):
            raise wrong(what, "a Proposal or its id", proposal, "step.pending has them")
        identity = proposal if isinstance(proposal, str) else proposal.id
        found = self._state.proposal(identity)
        if found is None:
            known = ", ".join(p.id for p in self._state.step.pending) or "none"
            raise ReviewError(f"there is no proposal {identity!r}: pending are {known}")
        return found

    def suggest(self, prompt: str, text: str, reason: str = "", *, by: str = "me", cell: bool = False) -> Proposal:
        """Put a person's own edit forward as a proposal.

        Parameters
        ----------
        prompt : str
            Its name.
        text : str
            The whole new text.
        reason : str
            Why; the proposal's rationale.
        by : str
            Who suggests it.
        cell : bool
            The text is that of the prompt's cell, which then is no edit until it is changed again.

        Raises
        ------
        GraphError, PromptError
            No such prompt; a text that cannot replace it, or is the prompt as it stands.
        ReviewError, Busy
            No author; a step that is planned and not finished, or one that runs.
        """
        with self._lock:
            self._idle_for("suggest", but=_LOOKS - {"run"})
            made = suggestion(self.method, self._state, prompt, text, reason, by)
            self._record(ev.Suggested(proposal=made, cell=cell))
            self.journal.checkpoint()
            return made

    def freeze(self, prompt: str, frozen: bool = True, *, by: str = "me") -> State:
        """Propose no more edits of a prompt (its pending proposals are withdrawn), or propose them again.

        Raises
        ------
        GraphError, ReviewError, Busy
            No such prompt; no author; a step runs.
        """
        by = check_author("a freeze", by)
        with self._lock:
            self._idle_for("freeze", but=_LOOKS)
            if self._state.graph.is_frozen(prompt) != frozen:
                self._record(ev.Frozen(prompt=prompt, frozen=frozen, by=by))
                self._follow()
                self.journal.checkpoint()
            return self._state

    def undo(self, *, by: str = "me") -> State:
        """Take back the last decision, and what followed from it; begins no new branch.

        Raises
        ------
        ReviewError, Busy
            There is none on this branch; a verb runs.
        """
        with self._lock:
            state = self._state
            before = next((s for s in state.lineage if len(s.reviewed) < len(state.reviewed)), None)
            if before is None:
                raise ReviewError("there is no decision to take back on this branch: rewind goes back to a step")
            return self._go_back(before, "undo", by, branches=False)

    def rewind(self, to: int, *, by: str = "me") -> State:
        """Go back to the state in which step ``to`` was complete; 0 is the start. Begins a new branch.

        Raises
        ------
        ReviewError
            No such step on this branch, or it is not complete.
        Busy
            A verb runs.
        """
        with self._lock:
            return self._go_back(self._at(to), "rewind", by, branches=True)

    def _follow(self) -> None:
        """Record what follows from a decided step."""
        for event in self.method.after(self._state):
            self._record(event)

    def _go_back(self, to: State, why: str, by: str, *, branches: bool) -> State:
        by = check_author(f"an {why}" if why == "undo" else f"a {why}", by)
        with self._lock:
            self._idle_for(why)
            self._record(ev.Rewound(to=to.seq, why=why, branches=branches, by=by))
            self._follow()
            self.journal.checkpoint()
            return self._state
