"""Before and after an edit -> Evidence with its label (METHOD section 3; our choice)."""

from __future__ import annotations

from dataclasses import dataclass
from statistics import fmean

from tep_nb.core.metric import Metric
from tep_nb.core.review import Evidence, Label
from tep_nb.core.rubric import Critique
from tep_nb.core.state import State
from tep_nb.errors import DataError, EvidenceVoid
from tep_nb.method.forward import forward, gather
from tep_nb.method.measure import SAME
from tep_nb.method.paired import measure_both, sign_test
from tep_nb.method.tep.free import FreeCritic, rows_of
from tep_nb.method.tep.nudged import NudgedCritic
from tep_nb.method.tep.schedule import batch, gate_rows
from tep_nb.method.tep.settings import Settings
from tep_nb.model.runtime import Runtime

__all__ = ["Assessor", "label_of"]


def label_of(before: float, after: float, wins: int, losses: int, alpha: float) -> Label:
    """METHOD section 3: *proven*, *no worse* or *worse*."""
    if wins < losses or after < before - SAME:
        return "worse"
    return "proven" if wins > losses and sign_test(wins, losses) <= alpha else "no worse"


@dataclass(frozen=True, slots=True)
class Assessor:
    """Buys evidence for a text of a prompt on the current graph."""

    tep: Settings
    door: Runtime
    state: State
    metric: Metric

    async def by_metric(self, prompt: str, text: str, *, local: bool = False) -> Evidence:
        """The metric on the gate rows, before and after; only what depends on the prompt is run again.

        Parameters
        ----------
        prompt, text : str
        local : bool
            Where the label is *no worse*, buy the critic's score as well.

        Raises
        ------
        DataError
            There are no validation rows.
        EvidenceVoid
            More than a fifth of the rows failed on either side.
        """
        rows = gate_rows(self.tep, self.state.dataset)
        if not rows:
            raise DataError("metric evidence needs validation rows: split some off, or buy local evidence in the free phase")
        graph = self.state.graph
        edited = graph.with_prompt(prompt, text)
        both = await measure_both(self.door, graph, edited, self.metric, rows, self.tep.seed)
        scores = None
        label = label_of(both.before, both.after, both.wins, both.losses, self.tep.alpha)
        if local and label == "no worse":
            judged = await self.by_critic(prompt, text)
            scores = (judged.before, judged.after)
        return Evidence(
            prompt=prompt,
            text=text,
            graph=graph.digest,
            kind="metric",
            label=label,
            before=both.before,
            after=both.after,
            n=both.n,
            wins=both.wins,
            losses=both.losses,
            p=both.p,
            flips=both.flips,
            local=scores,
            failed=both.failed,
            judged=self.metric.prompt is not None,
        )

    async def by_critic(self, prompt: str, text: str) -> Evidence:
        """The critic's score of the text and of the current one, on the same inputs: *worse* where the mean fell."""
        if self.state.phase == "nudged":
            old, new = await self._nudged(prompt, text)
        else:
            old, new = await self._free(prompt, text)
        weight = self.tep.weight(self.state.nudged) if self.state.phase == "nudged" else None
        scored = {(c.agent, c.row): _value(c, weight) for c in old if c.parsed}
        pairs = [(scored[c.agent, c.row], _value(c, weight)) for c in new if c.parsed and (c.agent, c.row) in scored]
        if not pairs:
            raise EvidenceVoid(f"no critique of {prompt} could be read on both sides: no label; assess it again after a step")
        before, after = fmean(b for b, _ in pairs), fmean(a for _, a in pairs)
        return Evidence(
            prompt=prompt,
            text=text,
            graph=self.state.graph.digest,
            kind="local",
            label="worse" if after < before - SAME else "no worse",
            before=before,
            after=after,
            n=len(pairs),
            wins=sum(a > b + SAME for b, a in pairs),
            losses=sum(a < b - SAME for b, a in pairs),
            p=None,
            failed=max(len(old), len(new)) - len(pairs),
        )

    async def _free(self, prompt: str, text: str) -> tuple[tuple[Critique, ...], tuple[Critique, ...]]:
        state = self.state
        rows = rows_of(state, state.step.rows or batch(self.tep, state))
        traces = tuple(await forward(self.door, state.inputs or state.graph, rows, "forward", self.tep.seed))
        critic = FreeCritic(self.tep, self.door, state, traces)
        (old, _), (new, _) = await gather(
            [critic.evaluate(prompt, state.prompts[prompt].text), critic.evaluate(prompt, text)]
        )
        return old, new

    async def _nudged(self, prompt: str, text: str) -> tuple[tuple[Critique, ...], tuple[Critique, ...]]:
        state = self.state
        critic = await NudgedCritic.make(self.tep, self.door, state, self.metric, state.step.ends)
        current = state.prompts[prompt].text
        unchanged = state.step.texts.get(prompt, current) == current
        old, new = await gather(
            [critic.evaluate(prompt, None if unchanged else current), critic.evaluate(prompt, text)]
        )
        return old, new


def _value(critique: Critique, weight: float | None) -> float:
    return critique.score if weight is None else critique.nudged_score(weight)

