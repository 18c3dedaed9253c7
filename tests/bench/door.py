"""The door against the bare SDK: ``python tests/bench/door.py [PART …] [--repeats 7] [--calls 600] [--profile]``.

The parts are throughput, steps, memory and rounds; all of them where none is named. The bare SDK, with its own transport, makes
the same calls in the same process and the same run, in turn, against a server in another process that answers at once or after
some latency. Prints medians with ranges; ratios are of pairs that ran one after the other. Nothing is asserted.
"""

from __future__ import annotations

import argparse
import asyncio
import cProfile
import pstats
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from doors import Cost, asked, bare, body, door, measured, spread
from faults.plan import Plan
from faults.remote import Remote
from steps import chain_rounds, step_costs

from tep_nb.model.base import Request


async def through_door(
    url: str, path: Path, requests: Sequence[Request], concurrency: int, profile: cProfile.Profile | None
) -> Cost:
    async with door(url, path, concurrency) as ask:
        await ask(WARM)
        if profile is not None:
            profile.enable()
        cost = await measured(ask(request) for request in requests)
        if profile is not None:
            profile.disable()
        return cost


async def through_sdk(url: str, requests: Sequence[Request], concurrency: int) -> Cost:
    bodies = [body(request) for request in requests]
    async with bare(url, concurrency) as call:
        await call(body(WARM))
        return await measured(call(given) for given in bodies)


WARM = asked(1, 10**9)[0]
PARTS = ("throughput", "steps", "memory", "rounds")


def throughput(server: Remote, folder: Path, calls: int, repeats: int, profile: cProfile.Profile | None) -> None:
    """One line for each concurrency and latency."""
    print(f"{'throughput':25} {'bare SDK, calls/s':24} {'door, calls/s':24} {'door / bare':18} processor ms a call, bare / door")
    for concurrency in (32, 200):
        for latency in (0.0, 0.05):
            server.reset(Plan(latency=latency))
            sdk, ours = [], []
            for turn in range(repeats):
                requests = asked(calls, turn * calls)
                path = folder / f"{concurrency}-{latency}-{turn}.tep"
                pair = {}
                for side in ("sdk", "door") if turn % 2 else ("door", "sdk"):
                    if side == "sdk":
                        pair[side] = asyncio.run(through_sdk(server.url, requests, concurrency))
                    else:
                        pair[side] = asyncio.run(through_door(server.url, path, requests, concurrency, profile))
                sdk.append(pair["sdk"])
                ours.append(pair["door"])
            rates = [spread([calls / cost.wall for cost in side], ".0f") for side in (sdk, ours)]
            ratio = spread([one.wall / other.wall for one, other in zip(sdk, ours, strict=True)])
            cpu = [spread([cost.processor / calls * 1000 for cost in side]) for side in (sdk, ours)]
            where = f"at once {concurrency:4}, {latency * 1000:3.0f} ms"
            print(f"{where:25} {rates[0]:24} {rates[1]:24} {ratio:18} {cpu[0]} / {cpu[1]}")


def main() -> None:
    """Print the tables that are asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("parts", nargs="*", help=f"any of {', '.join(PARTS)}")
    parser.add_argument("--repeats", type=int, default=7)
    parser.add_argument("--calls", type=int, default=600)
    parser.add_argument("--profile", action="store_true", help="the 25 functions of the door with the most time of their own")
    given = parser.parse_args()
    if unknown := set(given.parts) - set(PARTS):
        parser.error(f"no such part: {', '.join(unknown)}")
    parts = given.parts or PARTS
    profile = cProfile.Profile() if given.profile else None
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        if "throughput" in parts:
            with Remote() as server:
                throughput(server, folder, given.calls, given.repeats, profile)
        if "steps" in parts:
            step_costs(folder, given.repeats)
        if "memory" in parts:
            with Remote() as server:
                subprocess.run([sys.executable, str(Path(__file__).with_name("memory.py")), server.url], check=True)
        if "rounds" in parts:
            chain_rounds(folder)
    if profile is not None:
        pstats.Stats(profile).sort_stats("tottime").print_stats(25)
        pstats.Stats(profile).sort_stats("cumulative").print_stats(25)


if __name__ == "__main__":
    main()
