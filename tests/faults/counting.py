"""A small but whole session of object counting over HTTP, and what its file tells of it afterwards."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import tep_nb as tep

__all__ = ["Attempt", "attempts", "begin", "deciding", "ended", "model", "resume", "sent", "started"]

TASK = tep.task.object_counting
GATE = 6


def model(url: str, backoff: float = 0.002, prices: Mapping[str, float] | None = None, **more: Any) -> tep.OpenAIModel:
    """The simulated model behind a server; quick to ask again."""
    return tep.OpenAIModel("simulated", url, limits=tep.Limits(backoff=backoff, **(prices or {})), **more)


def begin(path: Path, of: tep.Model, *, seed: int = 0, budget: tep.Budget | None = None, concurrency: int = 16) -> tep.Session:
    """Two free and three nudged iterations at most, about 220 calls where nothing goes wrong."""
    data = tep.load_dataset(TASK.generate(18, seed=0), split=(8, GATE, 4), seed=0)
    method = tep.TEP(seed=seed, minibatch=3, free_cap=2, nudged_cap=3, gate_rows=GATE)
    return tep.Session.start(
        path, TASK.graph(), data, metric=TASK.metric, objective=TASK.objective, model=of, method=method, budget=budget,
        concurrency=concurrency,
    )  # fmt: skip


def resume(path: Path, of: tep.Model, **more: Any) -> tep.Session:
    """Go on with a session that `begin` made."""
    return tep.Session.resume(path, model=of, tools=[TASK.add_up], metric=TASK.metric, **more)


async def deciding(session: tep.Session) -> None:
    """To the end, by the policy that approves what passes the gate; then a look at the test part."""
    await session.run(tep.deciders.approve_all)
    if session.state.phase == "done":
        await session.evaluate("test")


def ended(session: tep.Session) -> str:
    """All that a session came to, prompts, decisions, evidence and scores, as JSON; not what it was allowed to spend."""
    body = session.state.body()
    del body["budget"]
    return json.dumps(body, sort_keys=True)


@dataclass(frozen=True, slots=True)
class Attempt:
    """A row of the table ``calls`` that asked a model."""

    id: int
    key: str
    purpose: str
    node: str
    row: int | None
    attempt: int
    outcome: str
    request: dict[str, Any]
    reply: list[str] | None
    usage: dict[str, Any]

    @property
    def ok(self) -> bool:
        return self.outcome == "ok"


def attempts(path: Path) -> list[Attempt]:
    """Every attempt at a model, in the order in which they ended."""
    columns = "id, key, purpose, node, row, attempt, outcome, request, reply, usage"
    with closing(sqlite3.connect(path)) as connection:
        rows = connection.execute(f"SELECT {columns} FROM calls WHERE purpose != 'tool' ORDER BY id").fetchall()
    return [Attempt(*row[:7], *map(json.loads, row[7:])) for row in rows]


def sent(body: Mapping[str, Any]) -> str:
    """What makes a request the one it is, of a body as the server saw it: words, heat and draw, not how it was spelt."""
    said = [[message["role"], message["content"]] for message in body["messages"]]
    return json.dumps([said, body.get("temperature"), body.get("seed")])


def started(made: Iterable[Attempt]) -> list[str]:
    """The same of recorded requests."""
    return [sent(attempt.request) for attempt in made]
