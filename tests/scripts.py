"""Small graphs, a scripted world and seeded decisions: what the tests of the trunk share.

In this world a question holds a number and every agent passes on the last number that it reads. An agent is right on a row where
its remainder by 5 is below 2 plus how often its prompt says ``plus``, minus how often it says ``minus``; else it adds 1000.
So edits help or harm by known amounts, and errors of one agent show at the end of the chain.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import json
import re
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import tep_nb as tep

Request = tep.Request
Reply = tep.Reply
Role = Callable[[Request], "str | Reply"]

FREE = "say it with a plus in the free way"
NUDGED = "say it with a plus for the reader"


def calls_of(job: Callable[[], Any]) -> int:
    """How many functions a job calls, C's too: what it costs, the same on every machine."""
    count = 0

    def tell(frame: Any, event: str, argument: Any) -> None:
        nonlocal count
        count += event in ("call", "c_call")

    before = sys.getprofile()
    sys.setprofile(tell)
    try:
        job()
    finally:
        sys.setprofile(before)
    return count


def chain(depth: int, **more: Any) -> tep.Graph:
    """Agents a1 to a<depth>, each reading the one before."""
    fields = ["question", *(f"a{i}" for i in range(1, depth))]
    return tep.Graph([tep.Agent(f"a{i}", f"Pass number {i} on.\n{{{{{name}}}}}", **more) for i, name in enumerate(fields, 1)])


def rows(n: int, start: int = 0) -> list[dict[str, Any]]:
    """Rows with the numbers from start; targets of four digits, so that the leak guard knows them as answers."""
    return [{"question": f"number {i}", "target": str(i)} for i in range(start, start + n)]


def data(train: int = 8, validation: int = 10, test: int = 5) -> tep.Dataset:
    """Rows from 100 on, so that no target is a word of a prompt."""
    made = rows(train + validation + test, 100)
    return tep.Dataset(made[:train], made[train : train + validation], made[train + validation :])


def metric(output: str, target: str) -> float:
    """The last number of the answer is the target."""
    return float(re.findall(r"\d+", output)[-1:] == [target])


def fenced(text: str, label: str) -> list[str]:
    """What stands in the fences of this label."""
    return [match[2] for match in re.finditer(rf"^(~+) {re.escape(label)}\n(.*?)\n\1$", text, re.DOTALL | re.MULTILINE)]


def actor(request: Request) -> str:
    """Pass the last number on, rightly where the prompt is good enough for it."""
    prompt, _, read = request.messages[-1].text.partition("\n")
    found = re.findall(r"\d+", read)
    number = int(found[-1]) if found else 0
    right = number % 5 < 2 + prompt.count("plus") - prompt.count("minus")
    return f"It is {number if right or number >= 1000 else number + 1000}"


def critic(request: Request) -> str:
    """Score by the pluses and ask for one more until there are three, nudged until there are five."""
    prompt = "\n".join(fenced(request.text, "prompt"))
    nudged = bool(fenced(request.text, "objective"))
    good = prompt.count("plus") - prompt.count("minus")
    wants = [] if good >= (5 if nudged else 3) else [{"about": "the number", "do": NUDGED if nudged else FREE}]
    names = re.findall(r"^- (\w+): ", request.text, re.MULTILINE)
    return critique(min(10, max(0, 5 + good)), wants, names)


def critique(score: float, wants: list[dict[str, str]], names: list[str]) -> str:
    return json.dumps({"scores": dict.fromkeys(names, score), "suggestions": wants, "content": not wants})


def editor(request: Request) -> str:
    """Add one plus to the first sentence."""
    (prompt,) = fenced(request.text, "prompt")
    return edit(prompt.replace(" on", " on plus", 1))


def edit(prompt: str | None, rationale: str = "a plus helps", held_back: list[str] | None = None) -> str:
    return json.dumps({"prompt": prompt, "rationale": rationale, "held_back": held_back or []})


def judge(request: Request) -> str:
    return json.dumps({"score": 7, "note": "fine"})


def model(
    actor: Role = actor, critic: Role = critic, editor: Role = editor, judge: Role = judge, name: str = "scripted"
) -> tep.ScriptedModel:
    """The scripted world; its requests are in ``requests``."""
    roles = {"actor": actor, "critic": critic, "editor": editor, "judge": judge}
    return tep.ScriptedModel(lambda request: roles[request.role](request), name)


def asked(of: tep.ScriptedModel, role: str) -> list[str]:
    """Texts of the requests of one role."""
    return [request.text for request in of.requests if request.role == role]


def begin(path: Path, depth: int = 2, **more: Any) -> tep.Session:
    """A session on a chain in the scripted world; any part may be another one."""
    parts: dict[str, Any] = {
        "graph": chain(depth), "data": data(), "metric": metric, "objective": "The number is passed on.", "model": model(),
        "method": tep.TEP(seed=1, minibatch=2, free_cap=4, nudged_cap=4, gate_rows=10),
    }  # fmt: skip
    parts.update(more)
    return tep.Session.start(path, parts.pop("graph"), parts.pop("data"), **parts)


def again(path: Path, **more: Any) -> tep.Session:
    """Resume a session that `begin` made."""
    return tep.Session.resume(path, **{"model": model(), "metric": metric, **more})


def approve(proposal: tep.Proposal, evidence: tep.Evidence | None) -> tep.Decision:
    return proposal.approve("tester", override="the test wants it")


def seeded(proposal: tep.Proposal, evidence: tep.Evidence | None) -> tep.Decision:
    """A decision that depends on the proposal's id and text alone."""
    number = hashlib.sha256(f"{proposal.id} {proposal.after}".encode()).digest()[0] % 6
    if number == 0:
        return proposal.reject("not like this", "seeded")
    if number == 1:
        return proposal.skip("seeded")
    if number == 2:
        return proposal.take([1], "seeded", "seeded") if len(proposal.hunks) > 1 else proposal.approve("seeded", "seeded")
    return proposal.approve("seeded", "a seeded choice")


def events(session: tep.Session) -> list[Any]:
    return session.journal.events()


def calls(session: tep.Session) -> Counter[tuple[str, str]]:
    """(purpose, outcome is ok) of the recorded attempts."""
    import sqlite3

    with contextlib.closing(sqlite3.connect(session.path)) as connection:
        return Counter((p, o) for p, o in connection.execute("SELECT purpose, outcome FROM calls"))


def prompts(session: tep.Session) -> dict[str, str]:
    return {name: prompt.text for name, prompt in session.state.prompts.items()}


class Waves:
    """A model that answers all waiting requests at once, and only when the loop has nothing else to do: counts rounds."""

    def __init__(self, inner: tep.ScriptedModel) -> None:
        self.name = inner.name
        self.inner = inner
        self.waves: list[Counter[str]] = []
        self._waiting: list[tuple[Request, asyncio.Future[Reply]]] = []

    async def complete(self, request: Request) -> Reply:
        loop = asyncio.get_running_loop()
        if not self._waiting:
            loop.call_soon(self._look, loop)
        future: asyncio.Future[Reply] = loop.create_future()
        self._waiting.append((request, future))
        await future
        return await self.inner.complete(request)

    def _look(self, loop: Any) -> None:
        if loop._ready:  # something can still go on without an answer
            loop.call_soon(self._look, loop)
            return
        self.waves.append(Counter(request.role for request, _ in self._waiting))
        waiting, self._waiting = self._waiting, []
        for _, future in waiting:
            if not future.done():
                future.set_result(Reply(""))

    def taken(self) -> int:
        """Rounds since the last look."""
        found, self.waves = len(self.waves), []
        return found


@contextlib.contextmanager
def closing(session: tep.Session) -> Iterator[tep.Session]:
    try:
        yield session
    finally:
        session.close()


def run(coroutine: Any) -> Any:
    return asyncio.run(coroutine)
