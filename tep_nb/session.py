"""The one object that a person drives: propose, assess, decide."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from tep_nb.core import events as ev
from tep_nb.core.data import Dataset
from tep_nb.core.graph import Graph
from tep_nb.core.metric import Metric
from tep_nb.core.node import Tool
from tep_nb.core.state import State, replay, start
from tep_nb.journal import Journal
from tep_nb.method.tep import TEP
from tep_nb.model.base import Model, Models
from tep_nb.model.budget import Budget
from tep_nb.opening import bind, check_budget, describe, prepare
from tep_nb.stepping import Stepping

__all__ = ["Session"]


class Session(Stepping):
    """A session: one journal, one state, and the verbs that a person drives it with.

    Make one with `start` or `resume`. It may be called from any thread; of propose, assess, run and evaluate one runs at a time.
    A context manager; `close` checkpoints the file and frees it.

    Attributes
    ----------
    ended : str
        How the last `run` ended, in words; empty before the first one, and while one goes.
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

    def fork(self, path: str | os.PathLike[str], at: int | None = None) -> Session:
        """A new session in another file that goes on from here, or from a complete step.

        Parameters
        ----------
        path : path
            The file to make.
        at : int, optional
            A step that is complete, 0 for the start.

        Raises
        ------
        ReviewError, Busy
            No such step on this branch, or it is not complete; a verb runs.
        JournalExists, JournalError
            The file is there; it cannot be made.
        """
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

    def set_budget(self, budget: Budget) -> State:
        """Raise or lower what may be spent.

        Raises
        ------
        TypeError
            It is no Budget.
        """
        check_budget(budget)
        self._record(ev.Budgeted(budget=budget.settings(), reason="set"))
        self.journal.checkpoint()
        return self._state
