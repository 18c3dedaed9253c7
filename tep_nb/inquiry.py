"""What a session can be asked without changing a prompt: measure, ask, estimate, count."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any, overload

from tep_nb.core import events as ev
from tep_nb.core.data import Dataset, Row, Trace, json_value
from tep_nb.core.graph import Graph
from tep_nb.core.kinds import check, check_whole, wrong
from tep_nb.core.metric import Metric
from tep_nb.core.review import Paid
from tep_nb.core.state import State
from tep_nb.errors import DataError, ReviewError
from tep_nb.journal import Journal
from tep_nb.method.compare import Comparison, compare
from tep_nb.method.estimate import Estimate, Pace, estimate
from tep_nb.method.flow import Flow, flow, flow_calls
from tep_nb.method.forward import forward
from tep_nb.method.measure import evaluation, measure
from tep_nb.method.tep import TEP
from tep_nb.model.base import Model, Models, Role
from tep_nb.model.budget import Spent, Usage
from tep_nb.opening import models_of
from tep_nb.recorder import Recorder

__all__ = ["Inquiry", "question"]


class Inquiry(Recorder):
    """The half of a session that looks."""

    def __init__(
        self,
        journal: Journal,
        state: State,
        metric: Metric,
        models: Models,
        functions: Mapping[str, Callable[..., Any]],
        concurrency: int,
    ) -> None:
        super().__init__(journal, state, models, functions, concurrency)
        self.metric = metric
        self.method = TEP.from_settings(state.method)

    @property
    def usage(self) -> Usage:
        """What was paid for, by purpose and model."""
        return Usage.of(self.journal.tally(), self.budget)

    @overload
    async def evaluate(self, split: str | Sequence[Any], model: Model | None = None) -> ev.Evaluation: ...

    @overload
    async def evaluate(self, split: str | Sequence[Any], model: Sequence[Model]) -> tuple[ev.Evaluation, ...]: ...

    async def evaluate(
        self, split: str | Sequence[Any], model: Model | Sequence[Model] | None = None
    ) -> ev.Evaluation | tuple[ev.Evaluation, ...]:
        """Measure the current prompts on a split or on rows; every look at a split is an event.

        Parameters
        ----------
        split : {"train", "validation", "test"} or sequence of mappings
        model : Model or sequence of Model, optional
            Another actor in place of the session's (agents that name a model of their own keep it); several, one after the
            other, are the lines of a transfer table: prompts tuned on one model, measured on others.

        Returns
        -------
        Evaluation, or a tuple of them in the order of the models

        Raises
        ------
        DataError, GraphError
            No such split, or it is empty; rows that do not have what the graph reads.
        EvidenceVoid, ToolFailed, MetricError
            More than a fifth of the rows failed; the metric did.
        BudgetExceeded, ModelError
            It can be asked for again; what was recorded is not paid for twice.
        """
        if isinstance(model, Sequence):
            return tuple([await self._evaluate(split, one) for one in model])
        return await self._evaluate(split, model)

    async def _evaluate(self, split: str | Sequence[Any], model: Model | None) -> ev.Evaluation:
        rows = self._rows(split)
        models = self.models
        if model is not None:
            models = models_of(Models(model, models.critic, models.editor, models.judge, models.named), self._state.graph)
        async with self._verb("evaluate", models) as door:
            state = self._state  # a decision may be taken meanwhile
            traces = await forward(door, state.graph, rows, "evaluate", self.method.seed)
            scores = await measure(door, state.graph, self.metric, traces)
            name = split if isinstance(split, str) else "rows"
            found = evaluation(name, scores, models.actor.name, state, self.method.seed)
            self._record(ev.Evaluated(evaluation=found))
        return found

    async def compare(self, one: int, other: int | None = None) -> Comparison:
        """What lies between two points of this branch: prompts, and the metric on the gate rows.

        Parameters
        ----------
        one, other : int
            Steps that are complete, 0 for the start; without ``other``, now. What was measured once is not paid for again.

        Raises
        ------
        ReviewError
            No such step on this branch, or it is not complete.
        DataError, EvidenceVoid
            There are no validation rows; too many of them failed.
        """
        first, second = self._at(one), self._state if other is None else self._at(other)
        async with self._verb("compare") as door:
            before = self.usage.total
            found = await compare(self.method, door, first, second, self.metric)
        return replace(found, paid=self._paid(before))

    async def ask(self, row: int | None = None, fields: Mapping[str, Any] | None = None) -> Trace:
        """Run the current graph once: on a row of the data by its id, or on fields given by name.

        Raises
        ------
        DataError
            No such row; a field that is missing or that no node reads.
        ToolFailed, ModelError, BudgetExceeded
            A call failed for good, or would pass the budget.
        """
        if (row is None) == (fields is None):
            raise DataError("ask either for a row by its id or for fields by name: ask(row=7), or ask(fields={'question': …})")
        if row is not None:
            check_whole("the row to ask", row)
        if fields is not None:
            check("the fields to ask", fields, Mapping, "a mapping of name to value", 'write {"name": value}')
        found = self._state.dataset.get(row) if row is not None else question(self._state.graph, fields or {})
        async with self._verb("ask") as door:
            (trace,) = await forward(door, self._state.graph, [found], "ask", self.method.seed)
        return trace

    async def flow(self, row: int) -> Flow:
        """One row through the current graph, and through the graph before the last decision that changed a prompt.

        Temperature 0 and draws as in `ask`; what was recorded is not paid for again.

        Raises
        ------
        DataError
            No such row.
        ToolFailed, ModelError, MetricError, BudgetExceeded
            A call or the metric failed for good, or a call would pass the budget.
        """
        check_whole("the row to follow", row)
        found = self._state.dataset.get(row)
        async with self._verb("flow") as door:
            return await flow(self.method, door, self._state, found, self.metric)

    def flow_calls(self, row: int) -> int:
        """Model calls that `flow` would make at most; what is in the record is not counted. Asks nothing."""
        check_whole("the row to follow", row)

        def known(key: str) -> Any:
            found = self.journal.look_up(key)
            return None if found is None else found[0]

        return flow_calls(self.method, self._state, self._state.dataset.get(row), self.models, known)

    def estimate(self) -> Estimate:
        """What the next step and its evidence will take: calls, tokens, cost, time."""
        pace = Pace.of(self.journal.tally())
        return estimate(self.method, self._state, pace, self._price, self._throttles.concurrency)

    def _paid(self, before: Spent) -> Paid:
        """What was paid for since."""
        total = self.usage.total
        spent = total - before if total.calls > before.calls else Spent()  # sums in another order differ in their last digits
        return Paid(spent.calls, spent.tokens, spent.cost if total.cost else None, spent.seconds)

    def _price(self, role: Role, name: str | None, prompt: int, completion: int) -> float:
        limits = self._throttles.of(self.models.of(role, name)).limits
        return limits.price(prompt, completion) if limits.priced else self.budget.price(Spent(0, prompt, completion))

    def _at(self, step: int) -> State:
        """The newest state of this branch in which a step was complete."""
        check_whole("the step", step)
        if step == 0:
            return self._state.lineage[-1]
        found = next((s for s in self._state.lineage if s.step.index == step and s.step.is_decided), None)
        if found is None:
            last = max((s.index for s in self._state.steps), default=0)
            raise ReviewError(f"step {step} is not complete on this branch: complete are 0 (the start) to {last}")
        return found

    def _rows(self, split: str | Sequence[Any]) -> tuple[Row, ...]:
        data = self._state.dataset
        if not isinstance(split, str):
            if not isinstance(split, Sequence) or isinstance(split, bytes):
                remedy = "write train, validation or test, or pass a list of rows"
                raise wrong("what to evaluate", "the name of a split or a sequence of mappings", split, remedy)
            if not len(split):
                raise DataError("there are no rows to measure: pass at least one, or train, validation or test")
            given = Dataset(list(split), target=data.target)
            self._state.graph.check(given.columns, given.target)
            return given.train
        rows = data.part(split)
        if not rows:
            raise DataError(f"the {split} part is empty: split some rows off, or pass rows")
        return rows


def question(graph: Graph, fields: Mapping[str, Any]) -> Row:
    """A row made of fields that a person gave; it has no target."""
    wanted = set(graph.columns)
    if missing := sorted(wanted - set(fields)):
        raise DataError(f"the graph reads {', '.join(missing)} as well: give every field of {', '.join(graph.columns)}")
    if odd := sorted(set(fields) - wanted):
        raise DataError(f"no node reads {', '.join(odd)}: fields are {', '.join(graph.columns)}")
    return Row(-1, {name: json_value(value, name) for name, value in fields.items()}, None)
