"""``python -m faults`` in the folder ``tests``: the fault server until Ctrl-C."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import importlib
import json
import sys

from faults.plan import Plan
from faults.server import FaultServer


async def _main() -> None:
    parser = argparse.ArgumentParser(description="A server that does wrong on purpose; prints its base URL.")
    parser.add_argument("--answer", default="faults.server:simulated()", help="module:function, or module:function()")
    parser.add_argument("--plan", default="{}", help='the plan as JSON, as in \'{"rates": {"500": 0.1}}\'')
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--while-stdin", action="store_true", help="end at the end of the standard input")
    given = parser.parse_args()
    module, _, name = given.answer.partition(":")
    found = getattr(importlib.import_module(module), name.removesuffix("()"))
    server = FaultServer(found() if name.endswith("()") else found, Plan(**json.loads(given.plan)))
    serving = asyncio.create_task(server.serve(lambda url: print(url, flush=True), given.port))
    if given.while_stdin:
        await asyncio.to_thread(sys.stdin.read)
        serving.cancel()
    await asyncio.gather(serving, return_exceptions=True)


if __name__ == "__main__":
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(_main())
