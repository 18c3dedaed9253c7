"""A small but whole session of object counting over HTTP, and what its file tells of it afterwards."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from faults.log import Entry

import tep_nb as tep
from tep_nb.method.reply import Fault, read_critique

__all__ = [
    "PRICES", "Attempt", "answered", "attempts", "begin", "charged", "deciding", "ended", "model", "resume", "sent", "started",
    "unscored",
]  # fmt: skip

TASK = tep.task.object_counting
GATE = 6
PRICES = {"prompt_price": 1.0, "completion_price": 2.0}


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


def answered(made: Iterable[Attempt]) -> dict[str, list[str] | None]:
    """The reply to each call that was answered."""
    return {attempt.key: attempt.reply for attempt in made if attempt.ok}


def charged(log: Iterable[Entry]) -> dict[str, float]:
    """What the server's bill has, at 1 and 2 for a million tokens of prompts and answers."""
    calls, prompt, completion = 0, 0, 0
    for entry in log:
        calls, prompt, completion = calls + 1, prompt + entry.prompt, completion + entry.completion
    return {"calls": calls, "tokens": prompt + completion, "cost": (prompt + 2 * completion) / 1e6}


def unscored(session: tep.Session, made: Iterable[Attempt]) -> list[str]:
    """Critiques, flips and measured outputs that no answered call said."""
    replies: dict[tuple[str, int | None], list[str]] = {}
    for attempt in made:
        if attempt.ok and attempt.reply is not None and attempt.reply[0].strip():
            replies.setdefault((attempt.node, attempt.row), []).append(attempt.reply[0])
    found = []
    for critique in (c for state in session.state.lineage for o in state.step.outcomes for c in o.critiques if c.parsed):
        read = [read_critique(text, list(critique.scores)) for text in replies.get((critique.agent, critique.row), [])]
        if not any(not isinstance(one, Fault) and one[0] == critique.scores for one in read):
            found.append(f"critique of {critique.agent} on row {critique.row}")
    measured = [(row.row, row.output) for evaluation in session.state.evaluations for row in evaluation.rows if not row.failed]
    flips = [flip for evidence in session.state.evidence for flip in evidence.flips]
    measured += [(flip.row, text) for flip in flips for text in (flip.output_before, flip.output_after)]
    found += [f"{text!r} on row {row}" for row, text in measured if text not in replies.get(("answer", row), [])]
    for evidence in session.state.evidence:
        if evidence.kind == "metric" and evidence.n + evidence.failed != GATE:
            found.append(f"evidence of {evidence.prompt} on {evidence.n} and {evidence.failed} rows")
    return found
