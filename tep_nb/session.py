"""The one object that a person drives: propose, assess, decide."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from tep_nb.core import events as ev
from tep_nb.core.data import Dataset
from tep_nb.core.graph import Graph
from tep_nb.core.kinds import check_text, check_whole, wrong
from tep_nb.core.metric import Metric
from tep_nb.core.node import Tool
from tep_nb.core.review import Decider, Decision, Evidence, Proposal, check_author, check_seconds
from tep_nb.core.state import State, Step, replay, start
from tep_nb.errors import BadReply, BudgetExceeded, Done, EvidenceVoid, PendingDecisions, ReviewError
from tep_nb.inquiry import Inquiry
from tep_nb.journal import Journal
from tep_nb.method.assess import Assessor
from tep_nb.method.tep import TEP
from tep_nb.method.tep.again import UNASKED, ask_again, replacement
from tep_nb.method.verdict import check, suggestion
from tep_nb.model.base import Model, Models
from tep_nb.model.budget import Budget
from tep_nb.opening import bind, check_budget, describe, prepare

__all__ = ["Session"]

_LOOKS = frozenset({"again", "ask", "assess", "compare", "evaluate", "flow", "run"})
"""Verbs that leave the prompts alone while they wait for a model: a person may decide meanwhile."""


class Session(Inquiry):
    """A session: one journal, one state, and the verbs that a person drives it with.

    Make one with `start` or `resume`. It may be called from any thread; of propose, assess, run and evaluate one runs at a time.
    A context manager; `close` checkpoints the file and frees it.
    """

    @classmethod
    def start(
        cls,
        path: str | os.PathLike[str],
        graph: Graph,
        data: Dataset,
        *,
        metric: str | Callable[..., Any] | Metric,
        model: Model | Models,
        objective: str = "",
        method: TEP | None = None,
        budget: Budget | None = None,
        again: bool = False,
        concurrency: int = 16,
    ) -> Self:
        """Begin a session in a new file.

        Parameters
        ----------
        path : path
            The file to make.
        graph : Graph
        data : Dataset
        metric : str, function or Metric
            A built-in's name, a function of names, or what `judge` made.
        model : Model or Models
        objective : str
            One to three sentences on what a good answer is; needed where the method has a nudged phase.
        method : TEP, optional
        budget : Budget, optional
        again : bool
            An old file is set aside and its calls are kept as the record, none of its decisions.
        concurrency : int
            Calls in flight at most.

        Raises
        ------
        JournalExists
            The file is there: resume it, or pass again=True.
        GraphError, MetricError, ModelError, ConfigError
            The parts do not fit together; nothing was written.
        """
        event, bound, models, functions = prepare(graph, data, metric, model, objective, method or TEP(), budget, concurrency)
        state = start(event)
        return cls(Journal.create(path, event, again=again), state, bound, models, functions, concurrency)

    @classmethod
    def resume(
        cls,
        path: str | os.PathLike[str],
        *,
        model: Model | Models,
        tools: Sequence[Tool | Callable[..., Any]] = (),
        metric: Callable[..., Any] | Metric | None = None,
        budget: Budget | None = None,
        concurrency: int = 16,
    ) -> Self:
        """Go on with a session from its file.

        Parameters
        ----------
        path : path
        model : Model or Models
        tools : sequence of Tool or function
            The graph's tools, checked by name and version.
        metric : function, optional
            The session's own metric, checked likewise; built-ins and judges are in the file.
        budget : Budget, optional
            Replaces the recorded one.

        Raises
        ------
        JournalError, JournalLocked, JournalMismatch
            No such file, another writer, or another function than the recorded one.
        """
        check_budget(budget, optional=True)
        reader = Journal.read(path)
        try:
            state = replay(reader.events())
        finally:
            reader.close()
        bound, models, functions = bind(state, model, tools, metric, concurrency)  # before anything of the file is touched
        journal = Journal.open(path)
        try:
            if journal.count() != state.seq:  # another process was faster
                state = replay(journal.events())
                bound, models, functions = bind(state, model, tools, metric, concurrency)
            session = cls(journal, state, bound, models, functions, concurrency)
            session._record(ev.Resumed(models=describe(models)))
            if budget is not None and budget.settings() != dict(state.budget):
                session._record(ev.Budgeted(budget=budget.settings(), reason="resumed"))
            session._follow()  # what a crash kept from being written
            journal.checkpoint()
        except BaseException:
            journal.close()
            raise
        return session

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def __repr__(self) -> str:
        state = self._state
        return f"<Session {self.path.name}: step {state.step.index}, {state.phase}, {len(state.step.pending)} pending>"

    def close(self) -> None:
        """Checkpoint the file and let others write it; closing twice is fine."""
        self.journal.close()

    @property
    def path(self) -> Path:
        """The session's file."""
        return self.journal.path

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
            if self._state.step.proposed:
                if pending := self._state.step.pending:
                    names = ", ".join(proposal.prompt for proposal in pending)
                    raise PendingDecisions(f"{len(pending)} wait for a decision ({names}): approve, reject or skip them")
                if self._state.phase == "done":
                    raise Done("the last phase has ended: evaluate('test') measures, rewind(n) goes back, fork starts from here")
                self._record(await self.method.draft(door, self._state))
            door.step = self._state.step.index
            self._record(await self.method.propose(door, self._state, self.metric))
            self._follow()
        return self._state.step

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
        EvidenceVoid
            Too many rows failed.
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

        Raises
        ------
        GraphError, PromptError
            No such prompt; a text that cannot replace it, or is the prompt as it stands.
        """
        with self._lock:
            self._idle_for("suggest", but=_LOOKS - {"run"})
            made = suggestion(self.method, self._state, prompt, text, reason, by)
            self._record(ev.Suggested(proposal=made, cell=cell))
            self.journal.checkpoint()
            return made

    def freeze(self, prompt: str, frozen: bool = True, *, by: str = "me") -> State:
        """Propose no more edits of a prompt (its pending proposal is withdrawn), or propose them again."""
        by = check_author("a freeze", by)
        with self._lock:
            self._idle_for("freeze", but=_LOOKS)
            if self._state.graph.users(prompt)[0].frozen != frozen:
                self._record(ev.Frozen(prompt=prompt, frozen=frozen, by=by))
                self._follow()
                self.journal.checkpoint()
            return self._state

    def undo(self, *, by: str = "me") -> State:
        """Take back the last decision, and what followed from it; begins no new branch."""
        state = self._state
        before = next((s for s in state.lineage if len(s.reviewed) < len(state.reviewed)), None)
        if before is None:
            raise ReviewError("there is no decision to take back on this branch")
        return self._go_back(before, "undo", by, branches=False)

    def rewind(self, to: int, *, by: str = "me") -> State:
        """Go back to the state in which step ``to`` was complete; 0 is the start. Begins a new branch.

        Raises
        ------
        ReviewError
            No such step on this branch, or it is not complete.
        """
        return self._go_back(self._at(to), "rewind", by, branches=True)

    def fork(self, path: str | os.PathLike[str], at: int | None = None) -> Session:
        """A new session in another file that goes on from here, or from a complete step; errors as in `rewind` and `start`."""
        with self._lock:
            self._idle_for("fork")
            target = self._state if at is None else self._at(at)
            journal = self.journal.copy(path)
            try:
                other = type(self)(journal, self._state, self.metric, self.models, self._functions, self._throttles.concurrency)
                other._record(ev.Rewound(to=target.seq, why="fork"))  # noqa: SLF001  the same class
                journal.checkpoint()
            except BaseException:
                journal.close()
                raise
            return other

    async def run(self, decider: Decider, steps: int | None = None, until: str = "done") -> State:
        """Step and decide until the first of: ``steps``, the phase ``until``, a decider's None, the budget.

        A decider is given None for evidence that cannot be had in the free phase (no critique could be read).

        Raises
        ------
        BadReply
            A step whose critics cannot be read at all: such steps would end in an equilibrium that means nothing.
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
            taken = 0
            try:
                while True:
                    while pending := self._state.step.pending:
                        evidence = await self._evidence(pending[0])
                        if pending[0] in self._state.step.pending:  # a person may have been faster
                            decision = _asked(decider, pending[0], evidence)
                            if decision is not None and self._unmeasured(pending[0], decision):
                                # A text of the decider's own: it is asked again, knowing what that text does.
                                evidence = await self.assess(pending[0], decision.text, local=True)
                                decision = _asked(decider, pending[0], evidence)
                            if decision is None:
                                return self._state
                            self.decide(decision)
                    if self._state.phase in (until, "done") or taken == steps:
                        return self._state
                    self._check_read(await self.propose())
                    taken += 1
            except BudgetExceeded:
                return self._state

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

    def set_budget(self, budget: Budget) -> State:
        """Raise or lower what may be spent."""
        check_budget(budget)
        self._record(ev.Budgeted(budget=budget.settings(), reason="set"))
        self.journal.checkpoint()
        return self._state

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
