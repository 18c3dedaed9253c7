"""Writes journal_v1.tep and the state that it folds to: run once for a schema, and kept.

    PYTHONPATH=.:tests python tests/assets/make_journal.py

The files are stored: a test holds that every later version of the package reads them to the same state.
"""

from __future__ import annotations

import asyncio
import json
import sqlite3
from contextlib import closing
from pathlib import Path

import scripts

import tep_nb as tep
from tep_nb.core.events import EVENTS

HERE = Path(__file__).parent


def shout(a1: str, loud: bool = False) -> dict[str, str]:
    """Pass the number on; nothing else is read."""
    if "fits" in a1:
        raise ValueError(a1)
    return {"said": a1.upper() if loud else a1, "length": str(len(a1))}


async def drive(session: tep.Session) -> None:
    """A session in which every event occurs."""
    await session.evaluate("test")
    await session.propose()
    first, second = session.state.step.pending
    await session.assess(first)
    session.decide(first.approve("ada"))
    session.decide(second.reject("keep it short", "ada"))
    session.undo(by="ada")
    session.decide(second.skip("ada"))
    await session.run(scripts.seeded, steps=1)
    stopped = asyncio.ensure_future(session.propose())
    asyncio.get_running_loop().call_soon(stopped.cancel)
    await asyncio.gather(stopped, return_exceptions=True)
    await asyncio.gather(session.ask(fields={"question": "nothing that fits"}), return_exceptions=True)
    await session.run(scripts.seeded, steps=1)
    made = session.suggest("a3", "Pass number 3 on minus minus minus plus.\n{{said}}", "mine", by="ada", cell=True)
    session.decide(made.approve("ada"))
    session.freeze("a1", by="ada")
    await session.run(scripts.seeded, until="nudged")
    session.rewind(2)
    await session.run(scripts.seeded, until="nudged")
    session.set_budget(tep.Budget(calls=session.usage.calls + 5))
    await session.run(scripts.approve)
    session.set_budget(tep.Budget())
    await session.run(scripts.approve)


def main() -> None:
    path = HERE / "journal_v1.tep"
    path.unlink(missing_ok=True)
    graph = tep.Graph(
        [
            tep.Agent("a1", "Pass number 1 on.\n{{question}}", role="Passes.", protect=("Pass",)),
            tep.Tool(shout, output=("said", "length"), version="1"),
            tep.Agent("a3", "Pass number 3 on.\n{{said}}", output="answer", when="length=nothing", otherwise="said"),
            tep.Agent("a4", "Pass number 3 on.\n{{said}}", output="last", prompt_name="a3"),
        ],
        output="last",
    )
    method = tep.TEP(seed=1, minibatch=2, free_cap=3, nudged_cap=2, gate_rows=6)
    model = scripts.model(lambda request: "this fits" if "fits" in request.text else scripts.actor(request))
    with scripts.begin(
        path, graph=graph, data=scripts.data(4, 6, 2), metric="last_integer", method=method, model=model
    ) as session:
        asyncio.run(drive(session))
        kinds = {event.kind for event in scripts.events(session)} | {"resumed"}
        assert kinds == set(EVENTS), set(EVENTS) - kinds
        body = session.state.body()
    with scripts.again(path, metric=None, tools=[tep.Tool(shout, output=("said", "length"), version="1")]) as session:
        assert session.state.body() == body
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA journal_mode = DELETE")
        connection.execute("DELETE FROM calls WHERE id > 10")
        connection.commit()
        connection.execute("VACUUM")
    (HERE / "journal_v1.json").write_text(json.dumps(body, indent=1, sort_keys=True) + "\n", encoding="utf-8")
    path.with_name(path.name + ".lock").unlink()


if __name__ == "__main__":
    main()
