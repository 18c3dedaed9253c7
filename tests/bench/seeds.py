"""Many seeds of a task with the simulated model: ``python tests/bench/seeds.py [--seeds 20] [--questions FILE] [--train FILE]``.

Prints, for both phases, each alone, and both with shuffled targets, the test accuracy before and after and how much of the metric
evidence was labelled *proven*. The first FILE holds questions of BIG-Bench Hard, which become the test part; of the second one,
which may be the same, each seed draws its own 45 for train and 40 for validation, and the test part holds none of these.
Without a file the package's own generated questions are used. ``--task word_sorting`` sorts words instead of counting things, and
``--worlds`` gives each seed a simulated model of its own. The figures are about a simulated model.
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

CONDITIONS = {"both": ("free", "nudged"), "free": ("free",), "nudged": ("nudged",), "shuffled": ("free", "nudged")}


def table(given: argparse.Namespace, seed: int, shuffle: bool) -> tep.Dataset:
    """The quickstart's table, or one of files; the targets of train and validation are shuffled where that is asked for."""
    task = getattr(tep.task, given.task)
    made = tep.load_dataset(task.generate(210, seed=0), split=(45, 40, 125), seed=0)
    parts = (made.train, made.validation, made.test)
    train, validation, test = ([{**row.fields, "target": row.target} for row in part] for part in parts)
    if given.train:
        drawn = random.Random(seed).sample(task.load(given.train), 85)
        train, validation = drawn[:45], drawn[45:]
    if given.questions:
        seen = {row["question"] for row in (*train, *validation)}
        test = [row for row in task.load(given.questions) if row["question"] not in seen]
    if shuffle:
        for part in (train, validation):
            targets = [row["target"] for row in part]
            random.Random(seed).shuffle(targets)
            part[:] = [{**row, "target": target} for row, target in zip(part, targets, strict=True)]
    return tep.Dataset(train, validation, test)


async def one(given: argparse.Namespace, seed: int, condition: str, folder: Path) -> tuple[float, float, int, int]:
    """Test accuracy before and after, proven metric evidence, all metric evidence."""
    task = getattr(tep.task, given.task)
    data = table(given, seed, condition == "shuffled")
    model = tep.SimulatedModel(seed=seed if given.worlds else 0)
    settings: dict[str, Any] = {"metric": task.metric, "objective": task.objective, "model": model}
    method = tep.TEP(seed=seed, phases=CONDITIONS[condition])
    with tep.Session.start(folder / f"{condition}{seed}.tep", task.graph(), data, method=method, **settings) as session:
        before = await session.evaluate("test")
        await session.run(tep.deciders.approve_all)
        after = await session.evaluate("test")
        labels = [evidence.label for evidence in session.state.evidence if evidence.kind == "metric"]
    return before.mean, after.mean, labels.count("proven"), len(labels)


def main() -> None:
    """Print one line a condition."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=20)
    parser.add_argument("--questions", metavar="FILE")
    parser.add_argument("--train", metavar="FILE")
    parser.add_argument("--task", choices=("object_counting", "word_sorting"), default="object_counting")
    parser.add_argument("--worlds", action="store_true")
    given = parser.parse_args()
    print("condition  start   mean   worst  >=90%  proven of metric evidence   (simulated model)")
    with tempfile.TemporaryDirectory() as folder:
        for condition in CONDITIONS:
            runs = [asyncio.run(one(given, seed, condition, Path(folder))) for seed in range(given.seeds)]
            ends = [end for _, end, _, _ in runs]
            good, proven, bought = sum(end >= 0.9 for end in ends), sum(r[2] for r in runs), sum(r[3] for r in runs)
            began = fmean(start for start, _, _, _ in runs)
            ended = f"{began:5.1%}  {fmean(ends):5.1%}  {min(ends):5.1%}  {good:2} / {len(ends)}"
            print(f"{condition:9}  {ended}  {proven} of {bought}")


if __name__ == "__main__":
    main()
