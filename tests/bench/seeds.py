"""Many seeds of the quickstart's task with the simulated model: ``python tests/bench/seeds.py [--seeds 20] [--questions FILE]``.

Prints, for both phases, each alone, and both with shuffled targets, the test accuracy before and after and how much of the metric
evidence was labelled *proven*. FILE is BIG-Bench Hard object counting (its questions become the test part); without it the
package's own generated test questions are used. The figures are about a simulated model.
"""

from __future__ import annotations

import argparse
import asyncio
import random
import tempfile
from pathlib import Path
from statistics import fmean
from typing import Any

import tep_nb as tep

COUNTING = tep.task.object_counting
CONDITIONS = {"both": ("free", "nudged"), "free": ("free",), "nudged": ("nudged",), "shuffled": ("free", "nudged")}


def table(questions: str | None, shuffle: int | None) -> tep.Dataset:
    """The quickstart's table; with a number, the targets of train and validation are shuffled by it."""
    made = tep.load_dataset(COUNTING.generate(210, seed=0), split=(45, 40, 125), seed=0)
    parts = (made.train, made.validation, made.test)
    train, validation, test = ([{**row.fields, "target": row.target} for row in part] for part in parts)
    if shuffle is not None:
        for part in (train, validation):
            targets = [row["target"] for row in part]
            random.Random(shuffle).shuffle(targets)
            part[:] = [{**row, "target": target} for row, target in zip(part, targets, strict=True)]
    return tep.Dataset(train, validation, COUNTING.load(questions) if questions else test)


async def one(seed: int, condition: str, questions: str | None, folder: Path) -> tuple[float, float, int, int]:
    """Test accuracy before and after, proven metric evidence, all metric evidence."""
    data = table(questions, seed if condition == "shuffled" else None)
    settings: dict[str, Any] = {"metric": COUNTING.metric, "objective": COUNTING.objective, "model": tep.SimulatedModel(seed=0)}
    method = tep.TEP(seed=seed, phases=CONDITIONS[condition])
    with tep.Session.start(folder / f"{condition}{seed}.tep", COUNTING.graph(), data, method=method, **settings) as session:
        before = await session.evaluate("test")
        await session.run(tep.deciders.approve_all)
        after = await session.evaluate("test")
        labels = [evidence.label for evidence in session.state.evidence if evidence.kind == "metric"]
    return before.mean, after.mean, labels.count("proven"), len(labels)


def main() -> None:
    """Print one line a condition."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=20)
    parser.add_argument("--questions")
    given = parser.parse_args()
    print("condition  start   mean   worst  >=90%  proven of metric evidence   (simulated model)")
    with tempfile.TemporaryDirectory() as folder:
        for condition in CONDITIONS:
            runs = [asyncio.run(one(seed, condition, given.questions, Path(folder))) for seed in range(given.seeds)]
            ends = [end for _, end, _, _ in runs]
            good, proven, bought = sum(end >= 0.9 for end in ends), sum(r[2] for r in runs), sum(r[3] for r in runs)
            ended = f"{runs[0][0]:5.1%}  {fmean(ends):5.1%}  {min(ends):5.1%}  {good:2} / {len(ends)}"
            print(f"{condition:9}  {ended}  {proven} of {bought}")


if __name__ == "__main__":
    main()
