"""What steps cost beyond their latency, and how many rounds of the model they wait for."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Any

import scripts
from doors import TIMEOUT, Cost, bare, measured, spread
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


async def walk(path: Path, url: str, graph: tep.Graph, rows: int, free_cap: int) -> AsyncIterator[tuple[str, Cost]]:
    """Kind and cost of each step up to the first nudged one; every proposal is approved."""
    method = tep.TEP(seed=1, minibatch=rows, free_cap=free_cap, nudged_cap=1)
    of = tep.OpenAIModel("scripted", url, timeout=TIMEOUT)
    with scripts.begin(
        path, graph=graph, data=scripts.data(2 * rows, 4, 2), method=method, model=of, concurrency=PLACES
    ) as session:
        phase = "free"
        while phase == "free":
            phase = session.state.phase
            cost = await measured([session.propose()])
            step = session.state.step
            kind = "nudged" if phase == "nudged" else "first free" if step.index == 1 else "refresh" if step.refresh else "free"
            yield kind, cost
            for proposal in step.pending if phase == "free" else ():
                session.decide(proposal.approve("bench"))


Bodies = list[list[dict[str, Any]]]


async def rounds_of(server: Remote, path: Path, graph: tep.Graph, rows: int) -> list[Bodies]:
    """For each step the bodies that it asks for, by round: told apart by a server that is slow beyond any doubt."""
    plan = Plan(latency=1.0)
    server.reset(plan)
    found = []
    async for _ in walk(path, server.url, graph, rows, free_cap=2):
        log, bodies = server.log(), server.bodies()
        rounds: Bodies = [[] for _ in range(longest_chain(log))]
        for entry, level in zip(log, levels(log), strict=True):
            rounds[level - 1].append(bodies[entry.digest])
        found.append(rounds)
        server.reset(plan)
    return found


async def replayed(server: Remote, rounds: Bodies) -> Cost:
    """What it costs the bare SDK to make the same calls in the same rounds."""
    async with bare(server.url, PLACES) as call:

        async def all_rounds() -> None:
            for bodies in rounds:
                await asyncio.gather(*(call(body) for body in bodies))

        return await measured([all_rounds()])


async def stepped(server: Remote, latency: float, path: Path, graph: tep.Graph, rows: int, known: list[Bodies]) -> Steps:
    """For each step its kind, its rounds, its cost and the bare SDK's."""
    plan, found = Plan(latency=latency), []
    server.reset(plan)
    async for kind, cost in walk(path, server.url, graph, rows, free_cap=2):
        rounds = known[len(found)]
        assert len(server.log()) == sum(map(len, rounds)), "a step that asks for something else each time cannot be compared"
        server.reset(plan)
        found.append((kind, rounds, cost, await replayed(server, rounds)))
        server.reset(plan)
    return found


Steps = list[tuple[str, Bodies, Cost, Cost]]


def step_costs(folder: Path, repeats: int) -> None:
    """One line a graph, latency and kind of step."""
    titles = ("s", "/ latency", "bare SDK / latency", "/ bare SDK", "ms of processor a call, bare / door")
    print(f"{'steps':34} {'calls by round':26} {' '.join(f'{title:18}' for title in titles)}")
    graphs = ((scripts.chain(4), 4, "chain 4"), (scripts.chain(8), 8, "chain 8"), (wide(7), 8, "wide 7+1"))
    shapes = [(graph, rows, f"{name}, {rows} rows") for graph, rows, name in graphs]
    with Remote("faults.scripted:answer") as server:
        for graph, rows, name in shapes:
            known = asyncio.run(rounds_of(server, folder / f"{name}.tep", graph, rows))
            for latency in (0.5, 0.05):
                paths = [folder / f"{name} {latency} {turn}.tep" for turn in range(repeats)]
                turns = [asyncio.run(stepped(server, latency, path, graph, rows, known)) for path in paths]
                for steps in zip(*turns, strict=True):
                    if steps[0][1]:  # else all that it asked for was recorded
                        print(f"{latency * 1000:3.0f} ms, {name + ': ' + steps[0][0]:26} {line(steps, latency)}", flush=True)


def line(steps: Sequence[tuple[str, Bodies, Cost, Cost]], latency: float) -> str:
    """One kind of step, several times."""
    rounds = steps[0][1]
    waited, calls = len(rounds) * latency, sum(map(len, rounds))
    ours, alone = [step[2] for step in steps], [step[3] for step in steps]
    columns = [
        spread(cost.wall for cost in ours),
        spread(cost.wall / waited for cost in ours),
        spread(cost.wall / waited for cost in alone),
        spread(one.wall / other.wall for one, other in zip(ours, alone, strict=True)),
        spread((cost.processor / calls * 1000 for cost in alone), ".1f"),
        spread((cost.processor / calls * 1000 for cost in ours), ".1f"),
    ]
    return f"{'+'.join(str(len(bodies)) for bodies in rounds):26} {' '.join(f'{column:18}' for column in columns)}"


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
