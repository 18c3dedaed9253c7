"""Sessions to judge the studio by, made in the kernel by a model of rules: graphs of any size, what waits, a long past."""

from __future__ import annotations

import asyncio
import itertools
import json
import os
import re
import threading
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from tep_nb.core.data import Dataset
from tep_nb.core.graph import Agent, Graph, Tool
from tep_nb.errors import ModelError
from tep_nb.method.tep import TEP
from tep_nb.model.base import Reply, Request, Usage
from tep_nb.notebook.workbench import Workbench
from tep_nb.session import Session

__all__ = ["Gate", "Teller", "begin", "chain", "decided", "drafts", "forty", "layered", "plain", "waiting", "worsening"]

FILES = itertools.count(1)
WORSE = "Guess."
"""A prompt with this word spoils the answer: the evidence of such an edit is *worse*."""
CARE = "Read with care what is given here, all of it, and use nothing else."
_CURRENT: list[Workbench] = []


class Gate:
    """Holds calls back until the test lets them pass."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._shut = False
        self._held: list[tuple[asyncio.AbstractEventLoop, asyncio.Future[None]]] = []

    async def passed(self) -> None:
        """Return when the gate is open, or this call is let through."""
        with self._lock:
            if not self._shut:
                return
            loop = asyncio.get_running_loop()
            waiter: asyncio.Future[None] = loop.create_future()
            self._held.append((loop, waiter))
        await waiter

    def shut(self) -> None:
        """From now on calls wait."""
        with self._lock:
            self._shut = True

    def let(self, number: int | None = None) -> int:
        """Let the calls pass that have waited longest (all of them without a number); returns how many."""
        with self._lock:
            passing, self._held = self._held[:number], self._held[len(self._held[:number]) :]
        for loop, waiter in passing:
            loop.call_soon_threadsafe(lambda one=waiter: one.done() or one.set_result(None))
        return len(passing)

    def open(self) -> None:
        """Let everything pass, now and later."""
        with self._lock:
            self._shut = False
        self.let()

    @property
    def held(self) -> int:
        """Calls that wait."""
        return sum(not waiter.done() for _, waiter in self._held)


class Teller:
    """A model of rules: it answers at once, or when the gate lets it.

    Parameters
    ----------
    edit : function (prompt, number) -> new prompt or None
        What the editor makes of a prompt.

    Attributes
    ----------
    gate : Gate
    about : function (request's text) -> str
        What critics and editors weave into their words.
    act : function (request) -> str
        What actors answer.
    fail : str
        The error of the next calls; empty for none.
    """

    name = "scripted"

    def __init__(self, edit: Callable[[str, int], str | None] | None = None) -> None:
        self.gate = Gate()
        self.prompts: Callable[[], Mapping[str, str]] = dict
        self.about: Callable[[str], str] = lambda _: "plain"
        self.act: Callable[[Request], str] = _number
        self.fail = ""
        self._edit = edit or plain
        self._numbers = itertools.count(1)

    async def complete(self, request: Request) -> Reply:
        """One reply by the rules."""
        await self.gate.passed()
        if self.fail:
            raise ModelError(self.fail)
        said = {"critic": self._critic, "editor": self._editor}.get(request.role, self.act)(request)
        return Reply(said, Usage(10, 5, estimated=True))

    def _critic(self, request: Request) -> str:
        assert request.schema is not None
        names = request.schema["properties"]["scores"]["properties"]
        scores = {name: 5 + len(name) % 4 for name in names}
        about = self.about(request.text)
        suggestion = {"about": f"the first line {about}", "do": f"Write one item a line. {about}"}
        return json.dumps({"scores": scores, "content": False, "suggestions": [suggestion]})

    def _editor(self, request: Request) -> str:
        mine = [text for text in self.prompts().values() if text in request.text]
        new = self._edit(max(mine, key=len), next(self._numbers)) if mine else None
        about = self.about(request.text)
        return json.dumps({"prompt": new, "rationale": f"The list was one long line. {about}", "held_back": [about]})


def _number(request: Request) -> str:
    """The number that stands in the question, unless a prompt spoils it."""
    found = re.search(r"number \d+", request.text)
    return found[0] if found and WORSE not in request.text and "spoilt" not in request.text else "spoilt"


def plain(prompt: str, number: int) -> str:
    """Two hunks: a sentence in the first line, one at the end; those of an earlier edit are replaced."""
    first, _, rest = prompt.partition("\n")
    first = first.partition(" Write")[0]
    rest = rest.partition("\nBe brief")[0]
    return f"{first} Write one item a line, list {number}.\n{rest}\nBe brief, edit {number}."


def worsening(prompt: str, number: int) -> str:
    """One small hunk; every fifth edit makes the answers worse."""
    first, _, rest = prompt.partition("\n")
    return f"{first} {WORSE if number % 5 == 0 else f'Mind case {number}.'}\n{rest}"


def chain(size: int) -> Graph:
    """Agents one after the other."""
    reads = ["question", *(f"a{at:03}" for at in range(size - 1))]
    return Graph([Agent(f"a{at:03}", f"Part {at} of the work.\n{CARE}\n{{{{{name}}}}}") for at, name in enumerate(reads)])


def tally(a000: str, scale: int = 1) -> dict[str, Any]:
    """Says whether the first part is there."""
    return {"ok": bool(a000), "scale": scale}


def layered(size: int, width: int = 10, role: str = "Does part {at} of the work") -> Graph:
    """A layered graph with a tool, a guard, and a last agent that reads the last layer."""
    nodes: list[Agent | Tool] = [Tool(tally)]
    for at in range(size - 1):
        layer, place = divmod(at, width)
        reads = [f"a{(layer - 1) * width + (place + step) % width:03}" for step in (0, 1)] if layer else ["question"]
        guarded = layer and place == min(3, width - 1)
        guard = {"when": "tally.ok=true", "otherwise": reads[0]} if guarded else {}
        text = f"Part {at} of the work.\n{CARE}\n" + "\n".join(f"{{{{{name}}}}}" for name in dict.fromkeys(reads))
        nodes.append(Agent(f"a{at:03}", text, role=role.format(at=at), **guard))
    read = {name for node in nodes if isinstance(node, Agent) for name in node.needs}
    loose = [f"a{at:03}" for at in range(size - 1) if f"a{at:03}" not in read]
    text = f"The last part.\n{CARE}\n" + "\n".join(f"{{{{{name}}}}}" for name in loose)
    return Graph([*nodes, Agent("answer", text, role="Answers the question")], "answer")


def rows(number: int = 16) -> list[dict[str, Any]]:
    """Rows whose answer stands in the question."""
    return [{"question": f"question number {n}", "target": f"number {n}"} for n in range(number)]


def begin(
    graph: Graph,
    phases: tuple[str, ...] = ("free",),
    model: Teller | None = None,
    data: Sequence[Mapping[str, Any]] | None = None,
    *,
    name: str = "judged",
    metric: Any = "exact_match",
    train: int = 6,
    validation: int = 6,
    **settings: Any,
) -> Workbench:
    """A workbench of a new session by "ada"; the one that the last call made is closed. ``settings`` are the method's."""
    while _CURRENT:
        _CURRENT.pop().close()
    model = model or Teller()
    path = f"{name}{os.getpid()}_{next(FILES)}.tep"
    Path(path).unlink(missing_ok=True)
    table = rows() if data is None else data
    split = Dataset(table[:train], table[train : train + validation], table[train + validation :])
    method = TEP(**{"seed": 0, "phases": phases, "minibatch": 2, "gate_rows": 4, "free_cap": 50, **settings})
    session = Session.start(
        path, graph, split, metric=metric, objective="The right number.", model=model, method=method
    )
    bench = Workbench(by="ada", every=1.0)
    model.prompts = lambda: {name: prompt.text for name, prompt in session.state.prompts.items()}
    bench.adopt(session)
    bench.model = model  # type: ignore[attr-defined]
    _CURRENT.append(bench)
    return bench


def drafts(graph: Graph) -> Workbench:
    """A workbench before its session starts."""
    bench = Workbench(by="ada")
    bench.drafts.nodes = {node.name: node for node in graph.order}
    bench.drafts.output = graph.output
    return bench


def waiting(graph: Graph, phases: tuple[str, ...] = ("free",), model: Teller | None = None, **others: Any) -> Workbench:
    """A session whose first step is made: every agent has a proposal; ``others`` as in `begin`."""
    bench = begin(graph, phases, model, **others)
    bench.command("step").result()
    return bench


def forty(phases: tuple[str, ...] = ("free",)) -> Workbench:
    """Forty proposals that wait; in the nudged phase every fifth makes answers worse and nothing is known of any."""
    return waiting(layered(40), phases, Teller(edit=None if phases == ("free",) else worsening))


def decided(number: int = 500, width: int = 25) -> Workbench:
    """A session with so many proposals decided, in turn approved, rejected and skipped, and one step that waits."""
    bench = begin(layered(width), minibatch=1, free_cap=1000)
    session = bench.session
    assert session is not None
    while len(session.state.decisions) < number:
        bench.command("step").result()
        for proposal in session.state.step.pending:
            turn = len(session.state.decisions) % 7
            made = proposal.reject("too long for this agent", "ada") if turn == 3 else proposal.skip("ada") if turn == 5 else None
            session.decide(made or proposal.approve("ada" if turn else "approve_all"))
    bench.command("step").result()
    return bench
