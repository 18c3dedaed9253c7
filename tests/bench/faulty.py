"""Sessions against a server that does wrong: ``python tests/bench/faulty.py [PART …] [--seeds 20] [--kills 50]``.

The parts are transport, content, caps, hangs and kills; all of them where none is named. A seed is of TEP and of the server's
dice. Prints a table and, last, what was not as it should be. The model behind the server is the simulated one.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))

from doors import spread
from faults.counting import PRICES, answered, attempts, begin, charged, deciding, ended, model, resume, sent, started, unscored
from faults.plan import Plan
from faults.server import FaultServer, simulated

import tep_nb as tep

PARTS = ("transport", "content", "caps", "hangs", "kills")
TRANSPORT = {"429": 0.1, "429-ms": 0.1, "500": 0.1, "drops": 0.05, "broken": 0.05}
FOUR_TIMES = {"429-ms": 0.1, "500": 0.3, "drops": 0.3, "broken": 0.3}  # each request fails four times and is then answered
CONTENT = {"429": 0.2, "500": 0.1, "drop": 0.05, "empty": 0.05, "malformed": 0.1}
TESTS = Path(__file__).parents[1]


@dataclass
class Bench:
    """The server, the clean runs by seed, and what went wrong."""

    folder: Path
    server: FaultServer
    clean: dict[int, tuple[str, dict[str, Any], float]] = field(default_factory=dict)
    wrong: list[str] = field(default_factory=list)
    _files: int = 0

    def path(self) -> Path:
        self._files += 1
        return self.folder / f"{self._files}.tep"

    def held(self, good: bool, what: str) -> None:
        if not good:
            self.wrong.append(what)

    def run(self, plan: Plan, seed: int, places: int = 16, **settings: Any) -> tuple[str, dict[str, Any], float, Path]:
        """A whole session: what it came to, its replies, seconds, its file; the log is the server's."""
        self.server.reset(plan)
        path, begun = self.path(), time.perf_counter()
        with begin(path, model(self.server.url, **settings), seed=seed, concurrency=places) as session:
            asyncio.run(deciding(session))
            self.held(session.state.phase == "done", f"seed {seed}: stopped in the phase {session.state.phase}")
            return ended(session), answered(attempts(path)), time.perf_counter() - begun, path

    def clean_run(self, seed: int) -> tuple[str, dict[str, Any], float]:
        if seed not in self.clean:
            self.clean[seed] = self.run(Plan(), seed)[:3]
        return self.clean[seed]


def transport(bench: Bench, seeds: int) -> None:
    """Transport faults alone: the same prompts, decisions, evidence, scores and replies as without."""
    kinds = (("20/10/5/5 %", TRANSPORT, 16), ("four times each", FOUR_TIMES, 16), ("four times each", FOUR_TIMES, 200))
    for name, rates, places in kinds:
        same, failures, requests = 0, 0, 0
        for seed in range(seeds):
            expected = bench.clean_run(seed)
            found = bench.run(Plan(rates, seed=seed, retry_after=0.005), seed, places)
            equal = found[0] == expected[0] and found[1] == expected[1]
            bench.held(equal, f"transport, {name}, {places} at once, seed {seed}: not as the clean run")
            same += equal
            requests += len(bench.server.log)
            failures += sum(entry.outcome != "ok" for entry in bench.server.log)
        print(
            f"transport, {name}, {places:3} at once: {same} of {seeds} sessions equal the clean one; "
            f"{failures} of {requests} requests failed", flush=True,
        )  # fmt: skip


def content(bench: Bench, seeds: int) -> None:
    """All steps finish, no failed call is scored, each re-ask is in the journal."""
    whole, empty, again = 0, 0, 0
    for seed in range(seeds):
        path = bench.path()
        bench.server.reset(Plan(CONTENT, seed=seed, retry_after=0.005))
        with begin(path, model(bench.server.url), seed=seed) as session:
            try:
                asyncio.run(deciding(session))
            except tep.TepError as error:
                bench.held(False, f"content, seed {seed}: {type(error).__name__}: {error}")
            whole += session.state.phase == "done"
            bad = unscored(session, attempts(path))
            bench.held(not bad, f"content, seed {seed}: {bad[:3]}")
        made = attempts(path)
        asked = len(bench.server.log)
        bench.held(len(made) == asked, f"content, seed {seed}: {asked} requests, {len(made)} recorded")
        empty += sum(entry.outcome in ("empty", "cut", "nan", "types", "prose") for entry in bench.server.log)
        again += sum(len(attempt.request["messages"]) > 2 for attempt in made if attempt.ok)
    print(f"content: {whole} of {seeds} sessions end; {empty} empty or malformed replies, {again} answered re-asks", flush=True)


def caps(bench: Bench, seeds: int) -> None:
    """As the server counts, never more than the cap; with a higher one the session ends well and repays nothing."""
    for cap in ({"calls": 150}, {"tokens": 120_000}, {"cost": 0.2}):
        for places in (1, 16, 200):
            ((name, most),) = cap.items()
            used, same, repaid = [], 0, 0
            for seed in range(seeds):
                expected = bench.clean_run(seed)
                bench.server.reset(Plan(TRANSPORT, seed=seed, retry_after=0.002))
                path, of = bench.path(), model(bench.server.url, prices=PRICES)
                with begin(path, of, seed=seed, budget=tep.Budget(**cap), concurrency=places) as session:
                    asyncio.run(deciding(session))
                used.append(charged(bench.server.log)[name] / most)
                before, paid = len(bench.server.log), set(started(a for a in attempts(path) if a.ok))
                with resume(path, model(bench.server.url, prices=PRICES), budget=tep.Budget(), concurrency=places) as session:
                    asyncio.run(deciding(session))
                    same += ended(session) == expected[0]
                repaid += sum(sent(bench.server.bodies[entry.digest]) in paid for entry in bench.server.log[before:])
            bench.held(max(used) <= 1 and not repaid and same == seeds, f"cap {cap}, {places} at once")
            print(
                f"cap of {most:g} {name}, {places:3} at once: {spread(used)} of it spent as the server counts; "
                f"{repaid} repaid, {same} of {seeds} end as the clean one", flush=True,
            )  # fmt: skip


async def steps(session: tep.Session) -> list[float]:
    """Seconds of each step to the end; free edits are approved, nudged ones skipped."""
    walls = []
    while session.state.phase != "done":
        begun = time.perf_counter()
        step = await session.propose()
        walls.append(time.perf_counter() - begun)
        for proposal in step.pending:
            session.decide(proposal.approve("bench") if proposal.phase == "free" else proposal.skip("bench"))
    return walls


def hangs(bench: Bench, seeds: int, timeout: float = 2.0) -> None:
    """3% of replies never come: the end of the clean run, in twice its time and two timeouts a step."""
    beyond: list[float] = []
    hung, same = 0, 0
    for seed in range(seeds):
        made: list[tuple[str, list[float]]] = []
        for rates in ({}, {"hang": 0.03}):
            bench.server.reset(Plan(rates, seed=seed, latency=0.05, hang=30))
            with begin(bench.path(), model(bench.server.url, timeout=timeout), seed=seed, concurrency=200) as session:
                walls = asyncio.run(steps(session))
                made.append((ended(session), walls))
        (clean, quick), (found, slow) = made
        same += found == clean
        hung += sum(entry.outcome == "hang" for entry in bench.server.log)
        beyond += [one - 2 * other for one, other in zip(slow, quick, strict=True)]
    bench.held(same == seeds, "hangs: not as the clean run")
    bench.held(max(beyond) <= 2 * timeout, f"hangs: a step took {max(beyond):.2f} s beyond twice its clean time")
    print(
        f"hangs: {same} of {seeds} sessions equal the clean one; {hung} replies hung; a step took {spread(beyond)} s beyond "
        f"twice its clean time (two timeouts are {2 * timeout:g} s)", flush=True,
    )  # fmt: skip


def kills(bench: Bench, count: int) -> None:
    """Kill -9 at random moments of a step against a slow server: at most the calls in flight are asked for again."""
    bench.server.reset(Plan())
    with begin(bench.path(), model(bench.server.url)) as session:
        asyncio.run(session.propose())
        clean = ended(session)
    dice, killed, again, same, lost = random.Random(0), 0, 0, 0, []
    while killed < count:
        bench.server.reset(Plan(latency=0.05))
        path, here = bench.path(), min(dice.randrange(1, 6), count - killed)
        for _ in range(here):
            killed += kill(path, bench.server.url, dice.randrange(1, 26))
        with resume(path, model(bench.server.url)) as session:
            asyncio.run(session.propose()) if not session.state.step.proposed else None
            same += ended(session) == clean
        made = attempts(path)
        lost.append(len(bench.server.log) - len(made))
        bench.held(lost[-1] <= 16 * here, f"kills: {lost[-1]} requests were lost by {here} kills")
        again += len(made) - len({attempt.key for attempt in made})
    bench.held(again == 0, f"kills: {again} recorded calls were paid for again")
    bench.held(same == len(lost), f"kills: {same} of {len(lost)} steps end as the clean one")
    print(
        f"kills: {killed} in {len(lost)} steps, {same} of which end as the clean one; {again} recorded calls paid again; "
        f"{sum(lost)} requests without a record, 16 at once", flush=True,
    )  # fmt: skip


def kill(path: Path, url: str, words: int) -> bool:
    """Whether another process was still at its step when it had recorded so many calls, and was killed."""
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(TESTS.parent), str(TESTS)])}
    command = [sys.executable, "-m", "faults.child", str(path), url]
    with subprocess.Popen(command, stdout=subprocess.PIPE, env=environment, text=True) as child:
        assert child.stdout is not None
        for _ in range(words):
            if not child.stdout.readline():
                return False
        child.kill()
        return child.wait() == -signal.SIGKILL


def main() -> None:
    """Print the tables that are asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("parts", nargs="*", help=f"any of {', '.join(PARTS)}")
    parser.add_argument("--seeds", type=int, default=20)
    parser.add_argument("--kills", type=int, default=50)
    given = parser.parse_args()
    if unknown := set(given.parts) - set(PARTS):
        parser.error(f"no such part: {', '.join(unknown)}")
    parts = given.parts or PARTS
    with tempfile.TemporaryDirectory() as name, FaultServer(simulated(0)) as server:
        bench = Bench(Path(name), server)
        for part in parts:
            {"transport": transport, "content": content, "caps": caps, "hangs": hangs}.get(part, kills)(
                bench, given.kills if part == "kills" else given.seeds
            )
    print("\n".join(bench.wrong) or "all as it should be")


if __name__ == "__main__":
    main()
