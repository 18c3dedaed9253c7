"""A session with seeded decisions that another process kills: says one word before and after each record that it writes."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path
from typing import Any

import scripts

import tep_nb as tep
from tep_nb.journal import Journal

METHOD = tep.TEP(seed=5, minibatch=3, free_cap=3, nudged_cap=3, gate_rows=6)


def flaky(request: tep.Request) -> str:
    """A critic that cannot be read the first time on some rows, so that re-asks are on the way too."""
    first = len(request.messages) == 1
    return "hm" if first and request.text.count("3") % 3 == 2 else scripts.critic(request)


def begin(path: Path) -> tep.Session:
    return scripts.begin(path, depth=3, data=scripts.data(7, 8, 2), method=METHOD, model=scripts.model(critic=flaky))


def resume(path: Path) -> tep.Session:
    return scripts.again(path, model=scripts.model(critic=flaky))


def main() -> None:
    path = Path(sys.argv[1])

    def tell(real: Any) -> Any:
        def told(*given: Any, **named: Any) -> Any:
            print("before", flush=True)
            result = real(*given, **named)
            print("after", flush=True)
            return result

        return told

    for name in ("append", "record", "checkpoint"):
        setattr(Journal, name, tell(getattr(Journal, name)))
    Journal.create = tell(Journal.create)  # type: ignore[method-assign]
    session = resume(path) if path.exists() else begin(path)
    asyncio.run(session.run(scripts.seeded))
    session.close()


if __name__ == "__main__":
    main()
