"""Which prompts and rows an iteration sees, and at which temperature: everything here is a function of seed and state."""

from __future__ import annotations

import random

from tep_nb.core.data import Dataset, Row
from tep_nb.core.state import State
from tep_nb.method.tep.settings import Settings
from tep_nb.model.runtime import draw

__all__ = ["batch", "gate_rows", "input_rows", "open_prompts", "temperature"]


def open_prompts(state: State) -> tuple[str, ...]:
    """Prompts that are not frozen, in topological order."""
    return tuple(name for name in state.prompts if not state.graph.is_frozen(name))


def _positions(seed: int, rows: tuple[Row, ...], start: int, stop: int) -> tuple[int, ...]:
    """Row ids at positions start to stop of the endless order: epoch after epoch, each shuffled; no id twice."""
    n = len(rows)
    found: dict[int, None] = {}
    for epoch in range(start // n, (max(start, stop - 1)) // n + 1):
        order = [row.id for row in rows]
        random.Random(draw(seed, "epoch", epoch)).shuffle(order)
        for index, row in enumerate(order, epoch * n):
            if start <= index < stop:
                found[row] = None
    return tuple(found)


def _drawn(state: State) -> int:
    """Minibatches that earlier steps of this branch have drawn."""
    return sum(bool(step.rows) for step in state.steps)


def _size(tep: Settings, data: Dataset) -> int:
    return min(tep.minibatch, len(data.train))


def batch(tep: Settings, state: State) -> tuple[int, ...]:
    """The next minibatch: train rows without replacement, epoch by epoch (METHOD section 2)."""
    size = _size(tep, state.dataset)
    start = _drawn(state) * size
    return _positions(tep.seed, state.dataset.train, start, start + size)


def input_rows(tep: Settings, state: State) -> tuple[int, ...]:
    """The rows that the free phase can still draw: their inputs are recorded in one forward pass.

    An agent that has iterated i times can go on for ``free_cap - i`` more; the next minibatch is always among them.
    """
    size = _size(tep, state.dataset)
    left = max((tep.free_cap - state.track(name).iterations for name in open_prompts(state)), default=0)
    start = _drawn(state) * size
    return _positions(tep.seed, state.dataset.train, start, start + max(1, left) * size)


def temperature(tep: Settings, state: State, step: int, prompt: str) -> float:
    """The actor's temperature in a free iteration: U(low, high), drawn per iteration and prompt."""
    source = random.Random(draw(tep.seed, state.branch, step, prompt, "temperature"))
    return round(source.uniform(tep.low, tep.high), 3)


def gate_rows(tep: Settings, data: Dataset) -> tuple[Row, ...]:
    """The fixed subset of validation that the gate looks at."""
    rows = list(data.validation)
    if len(rows) > tep.gate_rows:
        rows = random.Random(draw(tep.seed, "gate")).sample(rows, tep.gate_rows)
    return tuple(sorted(rows, key=lambda row: row.id))
