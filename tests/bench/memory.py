"""The most memory that ten thousand calls through the door take: run by ``door.py``, in a process of its own."""

from __future__ import annotations

import argparse
import asyncio
import sys
import tempfile
from pathlib import Path

from doors import asked, door

__all__: list[str] = []


def peak() -> float:
    """The most memory that this process has held, in MB; 0 where the system does not say."""
    status = Path("/proc/self/status")
    if not status.exists():
        return 0.0
    return next(int(line.split()[1]) for line in status.read_text().splitlines() if line.startswith("VmHWM")) / 1024


async def many(url: str, path: Path, calls: int, concurrency: int) -> None:
    async with door(url, path, concurrency) as ask:
        await ask(asked(1, 10**9)[0])
        print(f"{'after one call':25} {peak():.0f} MB", flush=True)
        await asyncio.gather(*(ask(request) for request in asked(calls)))
    size = sum(file.stat().st_size for file in path.parent.glob(f"{path.name}*")) / 2**20
    print(f"{f'after {calls} calls':25} {peak():.0f} MB, {concurrency} at once; the file has {size:.0f} MB", flush=True)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("url")
    parser.add_argument("--calls", type=int, default=10_000)
    parser.add_argument("--concurrency", type=int, default=200)
    given = parser.parse_args()
    print(f"{'memory: with imports':25} {peak():.0f} MB   ({sys.version.split()[0]})", flush=True)
    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(many(given.url, Path(folder) / "r.tep", given.calls, given.concurrency))
