"""How many attacks the cautions find, how often they cry wolf, how long they take: ``python tests/bench/cautions.py``.

The sentences are those of ``tests/method/cautions.py``; the editor's texts are those of the quickstart with the simulated model,
one session a seed. Times are of the processor, of texts of 25 and 200 kB that are made of what the patterns begin with.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

import tep_nb as tep
from tep_nb.method.injection import injections

sys.path.insert(0, str(Path(__file__).parents[1] / "method"))
from cautions import ATTACKS, LATER_ATTACKS, LATER_ORDINARY, ORDINARY

BASE = "Count the things.\nQuestion: {{question}}"
UNITS = ("ignore all ", "a@", "<|", "send to ", "do not ", "data:", "{{x}} ", "A1b2", "\u200b", "аa", "give this ", "1.1.", "é ")


async def warned(seed: int, folder: Path) -> Counter[str]:
    """Kinds of warnings of one quickstart session, and how many proposals it had."""
    task = tep.task.object_counting
    data = tep.load_dataset(task.generate(210, seed=0), split=(45, 40, 125), seed=0)
    parts = {"metric": task.metric, "objective": task.objective, "model": tep.SimulatedModel(seed=0)}
    session = tep.Session.start(folder / f"{seed}.tep", task.graph(), data, method=tep.TEP(seed=seed), **parts)
    with session:
        state = await session.run(tep.deciders.approve_all)
    found = Counter(warning.partition(":")[0] for proposal, _ in state.reviewed for warning in proposal.warnings)
    return found + Counter(proposals=len(state.reviewed))


def sentences() -> None:
    """Print what is found and what is not."""
    for name, attacks, ordinary in (("first", ATTACKS, ORDINARY), ("later", LATER_ATTACKS, LATER_ORDINARY)):
        hits, alarms = (
            sum(bool(injections(BASE, f"{sentence}\n{BASE}")) for sentence in side) for side in (attacks, ordinary)
        )
        precision = hits / (hits + alarms)
        told = f"{hits} of {len(attacks)} attacks, {alarms} false alarms in {len(ordinary)} ordinary ones"
        print(f"{name} sentences: {told}; precision {precision:.1%}")


def times() -> None:
    """Print how the time grows with the text."""
    for unit in UNITS:
        took = []
        for size in (25_000, 200_000):
            text = (unit * (size // len(unit) + 1))[:size]
            begun = time.process_time()
            injections("", text)
            took.append(time.process_time() - begun)
        print(f"{unit!r:16} 25 kB {1000 * took[0]:7.1f} ms, 200 kB {1000 * took[1]:7.1f} ms")


def main() -> None:
    """Print all three."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=20)
    given = parser.parse_args()
    sentences()
    with tempfile.TemporaryDirectory() as folder:
        found: Counter[str] = Counter()
        for seed in range(given.seeds):
            found += asyncio.run(warned(seed, Path(folder)))
    print(f"quickstart, {given.seeds} seeds (simulated model): {dict(found)}")
    times()


if __name__ == "__main__":
    main()
