"""What the next step will take: at most, from the graph; and likely, from what the session has seen so far."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from math import ceil
from statistics import fmean

from tep_nb.core.graph import Graph
from tep_nb.core.state import State
from tep_nb.core.text import count_tokens, show
from tep_nb.journal import Tally
from tep_nb.method.tep.schedule import gate_rows, input_rows, open_prompts
from tep_nb.method.tep.settings import Settings
from tep_nb.model.base import Role

__all__ = ["Estimate", "Pace", "estimate", "estimate_most"]

ROLES: Mapping[str, Role] = {"critic": "critic", "editor": "editor", "judge": "judge"}
"""Who answers a purpose; all others are the actor's."""

_WORD = 1.3  # tokens of a word or mark, where no server has counted yet (our choice)
_FORM = 450  # words of the template around a critique or an edit, and of the rubric
_ANSWER = 60  # words that an answer is guessed to have


@dataclass(frozen=True, slots=True)
class Estimate:
    """What the next step will take.

    Attributes
    ----------
    calls : mapping
        At most, by purpose, evidence for its proposals included; re-asks and retries are left out, and what is recorded already
        is not subtracted.
    likely : mapping
        By purpose: what the steps of this phase have taken on the average, where there were some, else as at most.
    tokens : int
        Of the likely calls, prompt and completion.
    cost : float or None
        Of the likely calls, in the currency of the prices; None without prices.
    seconds : float or None
        Of waiting, rounds one after the other; None before the first call.
    guessed : bool
        No call of some purpose was seen yet: its tokens are guessed from the prompts.
    """

    calls: dict[str, int]
    likely: dict[str, int]
    tokens: int = 0
    cost: float | None = None
    seconds: float | None = None
    guessed: bool = False

    @property
    def total(self) -> int:
        """Calls at most, all purposes together."""
        return sum(self.calls.values())

    @property
    def expected(self) -> int:
        """Likely calls, all purposes together."""
        return sum(self.likely.values())


@dataclass(frozen=True, slots=True)
class Mean:
    """Tokens of one call by side, and the seconds that it took."""

    prompt: float
    completion: float
    seconds: float | None


@dataclass(frozen=True, slots=True)
class Pace:
    """What the session's calls have taken so far: means by purpose, and paid calls by step and purpose."""

    means: Mapping[str, Mean]
    steps: Mapping[int, Mapping[str, int]]

    @classmethod
    def of(cls, tallies: Iterable[Tally]) -> Pace:
        """From a journal's tallies."""
        sums: dict[str, list[float]] = {}
        steps: dict[int, dict[str, int]] = {}
        for one in tallies:
            if one.ok:
                old = sums.setdefault(one.purpose, [0.0] * 4)
                sums[one.purpose] = [old[0] + one.calls, old[1] + one.prompt_tokens, old[2] + one.completion_tokens,
                                     old[3] + one.seconds]  # fmt: skip
            if not one.inherited:
                step = steps.setdefault(one.step, {})
                step[one.purpose] = step.get(one.purpose, 0) + one.calls
        return cls({name: Mean(p / n, c / n, s / n) for name, (n, p, c, s) in sums.items()}, steps)


def estimate(
    tep: Settings, state: State, pace: Pace, price: Callable[[Role, str | None, int, int], float], concurrency: int
) -> Estimate:
    """What the next step will take.

    Parameters
    ----------
    tep : Settings
    state : State
    pace : Pace
    price : callable
        Cost of (role, an agent's own model or None, prompt tokens, completion tokens).
    concurrency : int
        Calls in flight at most.
    """
    most = estimate_most(tep, state)
    likely = _likely(state, pace, most)
    tokens = cost = seconds = 0.0
    timed, guessed = bool(likely), False
    for purpose, calls in likely.items():
        mean = pace.means.get(purpose)
        if mean is None:
            mean, guessed = _guess(state, purpose, pace), True
        tokens += calls * (mean.prompt + mean.completion)
        names = [agent.model for agent in state.graph.agents] if purpose not in ROLES else [None]
        role, sides = ROLES.get(purpose, "actor"), (round(calls * mean.prompt), round(calls * mean.completion))
        cost += fmean(price(role, name, *sides) for name in names)
        rounds = max(state.graph.depth if purpose in ("forward", "gate") else 1, ceil(calls / concurrency))
        timed = timed and mean.seconds is not None
        seconds += rounds * (mean.seconds or 0.0)
    return Estimate(most, likely, round(tokens), cost or None, seconds if timed else None, guessed)


def _likely(state: State, pace: Pace, most: Mapping[str, int]) -> dict[str, int]:
    """Mean of what the decided steps of this phase paid, never more than at most."""
    before = [pace.steps.get(step.index, {}) for step in state.steps if step.phase == state.phase]
    if not before:
        return dict(most)
    return {name: min(n, ceil(fmean(step.get(name, 0) for step in before))) for name, n in most.items()}


def _guess(state: State, purpose: str, pace: Pace) -> Mean:
    """Tokens of a call that was not seen yet: like a similar one, else from the prompts and rows."""
    if purpose in ("forward", "actor", "gate"):
        for other in ("forward", "actor", "gate", "evaluate", "ask"):
            if other in pace.means:
                return pace.means[other]
    prompt, row = _words(state.graph), _row(state)
    read, written = {
        "critic": (_FORM + 2 * prompt + row + _ANSWER, 2 * _ANSWER),
        "editor": (_FORM + 2 * prompt + 2 * _ANSWER * 6, prompt + _ANSWER),
        "judge": (row + 2 * _ANSWER, _ANSWER / 2),
    }.get(purpose, (prompt + row, _ANSWER))
    seconds = [mean.seconds for mean in pace.means.values() if mean.seconds is not None]
    return Mean(_WORD * read, _WORD * written, fmean(seconds) if seconds else None)


def _words(graph: Graph) -> float:
    return fmean(count_tokens(agent.prompt.text) for agent in graph.agents)


def _row(state: State) -> float:
    read = set(state.graph.columns)
    rows = state.dataset.train[:20]
    return fmean(sum(count_tokens(show(value)) for name, value in row.fields.items() if name in read) for row in rows)


def estimate_most(tep: Settings, state: State) -> dict[str, int]:
    """An upper bound on the model calls of the next step and the evidence for its proposals; re-asks are left out."""
    if state.phase == "done":
        return {}
    graph, m = state.graph, min(tep.minibatch, len(state.dataset.train))
    free = state.phase == "free"
    waiting = [name for name in open_prompts(state) if not free or not state.track(name).settled]
    names = waiting or open_prompts(state)  # a refresh reopens some of the settled ones
    users = sum(len(graph.users(name)) for name in names)
    gated = not free or tep.gate == "both"
    n = len(gate_rows(tep, state.dataset)) if gated else 0
    agents = {agent.name for agent in graph.agents}
    below = sum(len(graph.descendants(name) & agents) for name in names)
    passed = m
    if free:
        passed = len(input_rows(tep, state)) * (1 if state.inputs is None else 0 if waiting else 2)  # the old graph's and the new
    # A minibatch is judged, then each edit of it; without a free phase g_free is judged as well.
    unheld = 0 if free else sum(len(graph.users(name)) for name in names if not state.track(name).free)
    local = users * m
    calls = {
        "forward": passed * len(agents),
        "actor": 2 * local if free else local,
        "critic": 2 * local + unheld * m,
        "editor": len(names),
        "gate": n * (len(agents) + below),
    }
    if state.metric["kind"] == "judge":
        calls["judge"] = (0 if free else m) + n * (1 + len(names))
    return {purpose: count for purpose, count in calls.items() if count}
