"""The one object that a person drives: propose, assess, decide."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from tep_nb.core import events as ev
from tep_nb.core.data import Dataset
from tep_nb.core.graph import Graph
from tep_nb.core.kinds import check_whole, wrong
from tep_nb.core.metric import Metric
from tep_nb.core.node import Tool
from tep_nb.core.review import Decider, Decision, Evidence, Explains, Proposal
from tep_nb.core.state import State, Step, replay, start
from tep_nb.deciding import Deciding
from tep_nb.errors import BadReply, BudgetExceeded, Done, EvidenceVoid, PendingDecisions, ReviewError, TepError
from tep_nb.journal import Journal
from tep_nb.method.tep import TEP
from tep_nb.model.base import Model, Models
from tep_nb.model.budget import Budget
from tep_nb.opening import bind, check_budget, describe, prepare

__all__ = ["Session"]

_MUTE = 3
"""Steps running without an editor's answer that can be read, after which a run ends (our choice)."""


class Session(Deciding):
    """A session: one journal, one state, and the verbs that a person drives it with.

    Make one with `start` or `resume`. It may be called from any thread; of propose, assess, run and evaluate one runs at a time.
    A context manager; `close` checkpoints the file and frees it.

    Attributes
    ----------
    ended : str
        How the last `run` ended: ``equilibrium (…)``, ``cap (…)``, ``the nudged phase has begun``, ``3 steps``, ``budget: …``,
        ``a question: PROMPT, because …``, ``stopped``, ``failed: …``; empty before the first one, and while one goes.
    """

    ended: str = ""

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

        A decider is given None for evidence that cannot be had in the free phase (no critique could be read). `ended` says how
        the run ended.

        Raises
        ------
        BadReply
            A step whose critics cannot be read at all, or three running whose editors cannot: such steps would end in an
            equilibrium that means nothing.
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
                    f"in {mute} steps running no editor's answer could be read, though each was asked for twice: check "
                    f"the editor ({self.models.editor.name!r}; the replies are in the journal), or go on step by step"
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

    def set_budget(self, budget: Budget) -> State:
        """Raise or lower what may be spent."""
        check_budget(budget)
        self._record(ev.Budgeted(budget=budget.settings(), reason="set"))
        self.journal.checkpoint()
        return self._state


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
