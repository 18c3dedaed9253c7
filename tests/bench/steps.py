"""What steps cost beyond their latency, and how many rounds of the model they wait for."""

from __future__ import annotations

import asyncio
import gc
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import scripts
from doors import TIMEOUT, bare, spread
from faults.log import levels, longest_chain
from faults.plan import Plan
from faults.remote import Remote

import tep_nb as tep

__all__ = ["chain_rounds", "step_costs", "wide"]

PLACES = 10_000  # at once: it is the steps that are measured, not the limit
KINDS = ("first free", "free", "refresh", "nudged")


def wide(width: int) -> tep.Graph:
    """Agents side by side and one that reads them all."""
    side = [tep.Agent(f"b{i}", "Pass number 1 on.\n{{question}}") for i in range(width)]
    joined = " ".join(f"{{{{b{i}}}}}" for i in range(width))
    return tep.Graph([*side, tep.Agent("last", f"Pass number 2 on.\n{joined}")], output="last")


async def walk(path: Path, url: str, graph: tep.Graph, rows: int, free_cap: int) -> AsyncIterator[tuple[str, float]]:
    """Kind and seconds of each step up to the first nudged one; every proposal is approved."""
    method = tep.TEP(seed=1, minibatch=rows, free_cap=free_cap, nudged_cap=1)
    of = tep.OpenAIModel("scripted", url, timeout=TIMEOUT)
    with scripts.begin(
        path, graph=graph, data=scripts.data(2 * rows, 4, 2), method=method, model=of, concurrency=PLACES
    ) as session:
        phase = "free"
        while phase == "free":
            phase = session.state.phase
            gc.collect()
            begun = time.perf_counter()
            step = await session.propose()
            seconds = time.perf_counter() - begun
            yield (
                "nudged" if phase == "nudged" else "first free" if step.index == 1 else "refresh" if step.refresh else "free",
                seconds,
            )
            for proposal in step.pending if phase == "free" else ():
                session.decide(proposal.approve("bench"))


def rounds_of(server: Remote) -> list[list[dict[str, Any]]]:
    """The bodies that were asked for since the last reset, by how many others they had to wait for."""
    log, bodies = server.log(), server.bodies()
    found: list[list[dict[str, Any]]] = []
    for entry, level in zip(log, levels(log), strict=True):
        found += [[] for _ in range(level - len(found))]
        found[level - 1].append(bodies[entry.digest])
    return found


async def replayed(server: Remote, rounds: list[list[dict[str, Any]]]) -> float:
    """Seconds that the bare SDK takes for the same bodies in the same rounds."""
    async with bare(server.url, PLACES) as call:
        gc.collect()
        begun = time.perf_counter()
        for bodies in rounds:
            await asyncio.gather(*(call(body) for body in bodies))
        return time.perf_counter() - begun


Costs = dict[str, list[tuple[str, float, float, float]]]


async def stepped(server: Remote, plan: Plan, path: Path, graph: tep.Graph, rows: int) -> Costs:
    """For each kind of step its calls by round, its seconds, the rounds' latency, and the bare SDK's seconds."""
    found: Costs = {}
    server.reset(plan)
    async for kind, seconds in walk(path, server.url, graph, rows, free_cap=2):
        rounds = rounds_of(server)
        server.reset(plan)
        alone = await replayed(server, rounds)
        server.reset(plan)
        calls = "+".join(str(len(bodies)) for bodies in rounds)
        found.setdefault(kind, []).append((calls, seconds, len(rounds) * plan.latency, alone))
    return found


def step_costs(folder: Path, repeats: int) -> None:
    """One line a graph, latency and kind of step."""
    print(f"{'steps':36} {'calls by round':22} {'s':20} {'/ latency':18} {'bare SDK / latency':18} / bare SDK")
    shapes = [
        (scripts.chain(4), 4, "chain 4, 4 rows"),
        (scripts.chain(8), 8, "chain 8, 8 rows"),
        (wide(7), 8, "wide 7+1, 8 rows"),
    ]
    with Remote("faults.scripted:answer") as server:
        for latency in (0.5, 0.05):
            for graph, rows, name in shapes:
                all_: Costs = {}
                for turn in range(repeats + 1):
                    path = folder / f"{name} {latency} {turn}.tep"
                    for kind, costs in asyncio.run(stepped(server, Plan(latency=latency), path, graph, rows)).items():
                        if turn:  # the first turn is for imports and the server's memory
                            all_.setdefault(kind, []).extend(costs)
                for kind, costs in all_.items():
                    where = f"{latency * 1000:3.0f} ms, {name}: {kind}"
                    wall = spread(seconds for _, seconds, _, _ in costs)
                    share = spread(seconds / waited for _, seconds, waited, _ in costs)
                    alone = spread(alone / waited for _, _, waited, alone in costs)
                    ratio = spread(seconds / alone for _, seconds, _, alone in costs)
                    print(f"{where:36} {costs[0][0]:22} {wall:20} {share:18} {alone:18} {ratio}", flush=True)


async def counted(server: Remote, latency: float, path: Path, graph: tep.Graph) -> dict[str, set[int]]:
    """Rounds of each kind of step: with agents that settle, and that are stopped at their cap while prompts still change."""
    found: dict[str, set[int]] = {}
    for cap in (2, 8):
        server.reset(Plan(latency=latency))
        async for kind, _ in walk(path.with_suffix(f".{cap}.tep"), server.url, graph, rows=2, free_cap=cap):
            found.setdefault(kind, set()).add(longest_chain(server.log()))
            server.reset(Plan(latency=latency))
    return found


def chain_rounds(folder: Path, latency: float = 0.3) -> None:
    """Rounds of each kind of step for chains of depth 1 to 12 and for wide graphs."""
    print(f"{'rounds':14} {' '.join(f'{kind:>12}' for kind in KINDS)}   expected at most")
    shapes = [(depth, scripts.chain(depth), f"chain {depth}") for depth in range(1, 13)]
    shapes += [(2, wide(width), f"wide {width}+1") for width in (4, 12)]
    with Remote("faults.scripted:answer") as server:
        for depth, graph, name in shapes:
            found = asyncio.run(counted(server, latency, folder / f"{name}.tep", graph))
            most = dict(zip(KINDS, (depth + 3, 3, depth + 3, depth + 2), strict=True))
            shown = " ".join(f"{','.join(map(str, sorted(found.get(kind, ())))):>12}" for kind in KINDS)
            over = [kind for kind, counts in found.items() if max(counts) > most[kind]]
            print(f"{name:14} {shown}   {list(most.values())}{'  over: ' + ', '.join(over) if over else ''}", flush=True)
