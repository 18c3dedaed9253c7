"""``python -m faults.child FILE URL``: takes one step, for a parent that kills it; says a word after each recorded call."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path
from typing import Any

from faults import counting

from tep_nb.journal import Journal


def main() -> None:
    record = Journal.record

    def told(*given: Any, **named: Any) -> None:
        record(*given, **named)
        print("recorded", flush=True)

    Journal.record = told  # type: ignore[method-assign]
    path, of = Path(sys.argv[1]), counting.model(sys.argv[2])
    with counting.resume(path, of) if path.exists() else counting.begin(path, of) as session:
        asyncio.run(session.propose())


if __name__ == "__main__":
    main()
