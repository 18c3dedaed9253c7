"""How long the measures of a state take: ``python tests/bench/measures.py [--decisions 500]``."""

from __future__ import annotations

import argparse
import asyncio
import tempfile
import time
from dataclasses import replace
from pathlib import Path

import tep_nb as tep
from tep_nb.core.measures import measures


async def state() -> tep.State:
    """A quickstart session to its end."""
    task = tep.task.object_counting
    data = tep.load_dataset(task.generate(210, seed=0), split=(45, 40, 125), seed=0)
    parts = {"metric": task.metric, "objective": task.objective, "model": tep.SimulatedModel(seed=0), "method": tep.TEP(seed=3)}
    with (
        tempfile.TemporaryDirectory() as folder,
        tep.Session.start(Path(folder) / "r.tep", task.graph(), data, **parts) as session,
    ):
        return await session.run(tep.deciders.approve_all)


def main() -> None:
    """Print the median of 200 calls, in milliseconds."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--decisions", type=int, default=500)
    n = parser.parse_args().decisions
    made = asyncio.run(state())
    made = replace(made, reviewed=(made.reviewed * n)[:n], seconds=(1.5,) * n, labels=("proven",) * n)
    took = []
    for _ in range(200):
        begun = time.perf_counter()
        measures(made)
        took.append(time.perf_counter() - begun)
    print(f"{n} decisions: {1000 * sorted(took)[100]:.3f} ms a call (median of 200), {1000 * max(took):.3f} ms at worst")


if __name__ == "__main__":
    main()
