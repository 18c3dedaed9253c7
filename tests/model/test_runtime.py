"""The one door: the record first, then budget, limit, call, record."""

from __future__ import annotations

import asyncio
import json
import linecache
import re
import sqlite3
from collections.abc import Callable
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from scripts import run

import tep_nb as tep
from tep_nb.errors import BudgetExceeded, ModelError, ToolFailed
from tep_nb.journal import Journal
from tep_nb.model.function import FunctionModel
from tep_nb.model.runtime import Progress, Runtime, Where, draw

WHERE = Where("forward", "a1", 3)


def request(text: str, **more: Any) -> tep.Request:
    return tep.Request((tep.Message.of("user", text),), **more)


class Gate:
    """A model whose calls wait for `go`."""

    name = "gate"

    def __init__(self, reply: Callable[[tep.Request], Any] = lambda r: tep.Reply(r.text.upper())) -> None:
        self.reply, self.calls = reply, 0
        self.begun, self.go = asyncio.Event(), asyncio.Event()

    async def complete(self, request: tep.Request) -> tep.Reply:
        self.calls += 1
        self.begun.set()
        await self.go.wait()
        return self.reply(request)


def doors(tmp_path: Path) -> list[Journal | None]:
    return [None, Journal.create(tmp_path / "r.tep")]


async def settle(*tasks: Any) -> list[Any]:
    return await asyncio.gather(*tasks, return_exceptions=True)


def test_identical_calls_in_flight_are_made_once(tmp_path: Path) -> None:
    """Ten askers of one request share one call, recorded once; another draw number is another call."""

    async def drive(journal: Journal | None) -> int:
        gate = Gate()
        async with Runtime(journal, tep.Models(gate), {}) as door:
            tasks = [asyncio.ensure_future(door.ask(request("x"), WHERE)) for _ in range(10)]
            tasks.append(asyncio.ensure_future(door.ask(request("x", seed=1), WHERE)))
            await gate.begun.wait()
            gate.go.set()
            answers = await asyncio.gather(*tasks)
            assert {a.reply.text for a in answers} == {"X"}
            assert [a.recorded for a in answers].count(False) == 2
            assert (await door.ask(request("x"), WHERE)).recorded
        return gate.calls

    for journal in doors(tmp_path):
        assert run(drive(journal)) == 2
        if journal is not None:
            assert sum(row[2] for row in journal.usage()) == 2
            journal.close()


def test_when_the_first_is_stopped_the_next_makes_the_call(tmp_path: Path) -> None:
    """Cancelling the asker that made the call fails nobody who waits for the same one."""

    async def drive() -> None:
        gate = Gate()
        async with Runtime(None, tep.Models(gate), {}) as door:
            first, second, third = (asyncio.ensure_future(door.ask(request("x"), WHERE)) for _ in range(3))
            await gate.begun.wait()
            first.cancel()
            gate.go.set()
            stopped, *answers = await settle(first, second, third)
            assert isinstance(stopped, asyncio.CancelledError)
            assert [a.reply.text for a in answers] == ["X", "X"]
            assert gate.calls == 2

    run(drive())


def test_a_stopped_waiter_stops_nobody(tmp_path: Path) -> None:
    """Cancelling one that waits leaves the call and the others alone."""

    async def drive() -> None:
        gate = Gate()
        async with Runtime(None, tep.Models(gate), {}) as door:
            first, second = (asyncio.ensure_future(door.ask(request("x"), WHERE)) for _ in range(2))
            await gate.begun.wait()
            second.cancel()
            await settle(second)
            gate.go.set()
            assert (await first).reply.text == "X"
            assert gate.calls == 1

    run(drive())


def test_a_failed_call_fails_all_and_is_asked_anew(tmp_path: Path) -> None:
    """Those in flight share the failure; it is recorded as an attempt and never answers a later ask."""
    journal = Journal.create(tmp_path / "r.tep")

    async def drive() -> None:
        fails = [True]

        def reply(request: tep.Request) -> tep.Reply:
            if fails[0]:
                raise ModelError("gone \udc80\nand more")
            return tep.Reply("back")

        gate = Gate(reply)
        async with Runtime(journal, tep.Models(gate), {}) as door:
            tasks = [asyncio.ensure_future(door.ask(request("x"), WHERE)) for _ in range(2)]
            await gate.begun.wait()
            gate.go.set()
            assert [type(e) for e in await settle(*tasks)] == [ModelError, ModelError]
            fails[0] = False
            assert (await door.ask(request("x"), WHERE)).reply.text == "back"

    run(drive())
    with closing(journal), closing(sqlite3.connect(tmp_path / "r.tep")) as connection:
        found = connection.execute("SELECT outcome, purpose, node, row, reply FROM calls ORDER BY id").fetchall()
        assert found == [("gone \\udc80", "forward", "a1", 3, "null"), ("ok", "forward", "a1", 3, '["back", "stop"]')]


@pytest.mark.parametrize(
    ("reply", "match"),
    [
        (lambda r: "a plain str", "'gate' raised TypeError: complete returned a str, not a Reply"),
        (lambda r: None, "NoneType"),
        (lambda r: 1 / 0, "ZeroDivisionError: division by zero; mend the model"),
    ],
)
def test_a_model_that_breaks_its_protocol(reply: Any, match: str) -> None:
    """Whatever a model raises or returns instead of a Reply is a ModelError that names it."""

    async def drive() -> None:
        gate = Gate(reply)
        gate.go.set()
        async with Runtime(None, tep.Models(gate), {}) as door:
            with pytest.raises(ModelError, match=match):
                await door.ask(request("x"), WHERE)

    run(drive())


@pytest.mark.parametrize("concurrency", [1, 7, 200])
def test_the_cap_holds_at_any_concurrency(concurrency: int) -> None:
    """Calls are reserved before they are made: 200 askers and a budget of 20 make exactly 20 calls."""

    async def drive() -> None:
        gate = Gate()
        gate.go.set()
        async with Runtime(None, tep.Models(gate), {}, budget=tep.Budget(calls=20), concurrency=concurrency) as door:
            done = await settle(*(door.ask(request(str(i)), WHERE) for i in range(200)))
        assert gate.calls == 20
        assert sum(isinstance(d, BudgetExceeded) for d in done) == 180

    run(drive())


def test_the_key_is_what_changes_the_answer() -> None:
    """Model name, messages, sampling, schema and draw number; not role, purpose, node or row."""
    base = request("x").key("m")
    others = [
        request("y").key("m"), request("x").key("n"), request("x", temperature=0.5).key("m"), request("x", seed=1).key("m"),
        request("x", schema={}).key("m"), request("x", max_tokens=5).key("m"),
        tep.Request((tep.Message.of("system", "x"),)).key("m"),
    ]  # fmt: skip
    assert len({base, *others}) == 8
    assert request("x", role="critic").key("m") == base


def test_roles_choose_the_model() -> None:
    """Critic defaults to actor, editor and judge to critic; a named model goes before."""
    one, two = tep.ScriptedModel(["a"], "one"), tep.ScriptedModel(["b"], "two")
    models = tep.Models(one, critic=two, named={"small": two})
    assert [models.of(role).name for role in ("actor", "critic", "editor", "judge")] == ["one", "two", "two", "two"]  # type: ignore[arg-type]
    assert models.of("actor", "small") is two


def test_draws_are_the_same_everywhere() -> None:
    """The digest of the parts, 1 to 2**31 - 1: the numbers are pinned, because journals hold them."""
    assert draw(0, "epoch", 0) == draw(0, "epoch", 0) == 1673915687
    assert len({draw(i) for i in range(1000)}) == 1000
    assert all(1 <= draw(i) < 2**31 for i in range(1000))


def make(body: str, **more: Any) -> tep.Tool:
    made: dict[str, Any] = {"asyncio": asyncio}
    exec(body, made)
    return tep.Tool(made["f"], version="1", **more)


def use(tool: tep.Tool, journal: Journal | None = None, **inputs: Any) -> Any:
    async def drive() -> Any:
        async with Runtime(journal, tep.Models(tep.ScriptedModel([])), {tool.name: tool.fn}) as door:  # type: ignore[dict-item]
            return await door.run_tool(tool, inputs, 4)

    return run(drive())


@pytest.mark.parametrize(
    ("body", "value"),
    [
        ("def f(x, k=3): return x * k", 6),
        ("async def f(x):\n    await asyncio.sleep(0)\n    return (x, None)", [2, None]),
        ("class F:\n    __name__ = 'f'\n    async def __call__(self, x): return {1: x}\nf = F()", {"1": 2}),
    ],
)
def test_tools_are_called_or_awaited(tmp_path: Path, body: str, value: Any) -> None:
    """Plain and asynchronous functions alike; the result is JSON, and the record answers the second time."""
    tool = make(body)
    with closing(Journal.create(tmp_path / "r.tep")) as journal:
        assert use(tool, journal, x=2) == value
        object.__setattr__(tool, "fn", None)
        assert use(tool, journal, x=2) == value
        assert journal.usage() == []


@pytest.mark.parametrize(
    ("body", "more", "match"),
    [
        ("def f(x): raise ValueError('first\\nlast')", {}, "ValueError: last$"),
        ("def f(x): return next(iter([]))", {}, "StopIteration"),
        ("def f(x): exit(2)", {}, "SystemExit 2"),
        ("def f(x): return {1, 2}", {}, "set, which JSON does not have"),
        ("def f(x): return float('nan')", {}, "nan"),
        ("def f(x): return 1", {"output": ("a", "b")}, "exactly these keys"),
        ("def f(x): return {'a': 1, 'c': 2}", {"output": ("a", "b")}, "exactly these keys"),
        ("def f(x):\n    y = []\n    y.append(y)\n    return y", {}, "more than 100 levels"),
        ("async def f(x): raise KeyError('k')", {}, "KeyError"),
        ("async def f(x): exit(5)", {}, "SystemExit 5"),
    ],
)
def test_a_tool_that_fails_is_that_rows_failure(tmp_path: Path, body: str, more: Any, match: str) -> None:
    """One line with tool, row and the last line of the exception; the attempt is recorded and not answered from."""
    tool = make(body, **more)
    with closing(Journal.create(tmp_path / "r.tep")) as journal:
        for _ in range(2):
            with pytest.raises(ToolFailed, match=rf"tool f failed on row 4: .*{match}") as error:
                use(tool, journal, x=2)
            assert "\n" not in str(error.value)
        assert journal.look_up(tool.key({"x": 2})) is None


def test_progress_is_told(tmp_path: Path) -> None:
    """Calls done, tokens, answers from the record and calls in flight by node; all are back to 0 at the end."""
    seen: list[tuple[int, int]] = []

    async def drive() -> Progress:
        def watch(progress: Progress) -> None:
            seen.append((progress.done, progress.running.total()))

        async with Runtime(None, tep.Models(tep.ScriptedModel(lambda r: "y")), {}, watch=watch) as door:
            for text in ("x", "x", "z"):
                await door.ask(request(text), WHERE)
            return door.progress

    progress = run(drive())
    assert (progress.done, progress.recorded, progress.purpose, progress.running.total()) == (2, 1, "forward", 0)
    assert seen == [(0, 1), (1, 0), (1, 1), (2, 0)]


def test_the_reply_is_what_is_read_back(tmp_path: Path) -> None:
    """Text, finish and usage of a recorded reply come back byte for byte, half surrogates too."""
    said = tep.Reply("a\udc80\x00\u2028b", tep.Usage(3, 4, True), "length")

    async def drive(journal: Journal) -> list[Any]:
        async with Runtime(journal, tep.Models(tep.ScriptedModel([said])), {}) as door:
            return [await door.ask(request("x\udc80"), WHERE) for _ in range(2)]

    with closing(Journal.create(tmp_path / "r.tep")) as journal:
        first, second = run(drive(journal))
    assert first.reply == second.reply == said
    assert (first.recorded, second.recorded) == (False, True)
    with closing(sqlite3.connect(tmp_path / "r.tep")) as connection:
        (text,) = connection.execute("SELECT request FROM calls").fetchone()
    assert json.loads(text)["messages"][0]["content"] == "x\udc80"


def test_a_reply_that_is_no_text_is_a_model_error(tmp_path: Path) -> None:
    """The model and the remedy are named, the attempt is recorded, nothing is kept as its answer."""

    class Odd(tep.Reply):
        text = property(lambda self: 3, lambda self, value: None)  # type: ignore[assignment]

        def __post_init__(self) -> None:
            pass

    async def drive(journal: Journal | None, reply: Callable[[tep.Request], Any]) -> None:
        gate = Gate(reply)
        gate.go.set()
        async with Runtime(journal, tep.Models(gate), {}) as door:
            with pytest.raises(ModelError, match=r"model .gate. raised .*text of a Reply is a str, not an int.*; mend"):
                await door.ask(request("a"), WHERE)

    for journal in doors(tmp_path):
        for reply in (lambda r: tep.Reply(3), lambda r: Odd("x")):  # type: ignore[arg-type]
            run(drive(journal, reply))


def test_a_function_that_was_edited_is_asked_anew() -> None:
    """The digest of its source is part of a function model's name; a source that cannot be read leaves the name alone."""

    def make(text: str) -> Any:
        space: dict[str, Any] = {}
        lines = f"def editor(messages):\n    return {text!r}\n"
        linecache.cache[f"<{text}>"] = (len(lines), None, lines.splitlines(True), f"<{text}>")
        exec(compile(lines, f"<{text}>", "exec"), space)
        return space["editor"]

    one, two, same = (FunctionModel(make(text)) for text in ("a", "b", "a"))
    assert one.name == same.name != two.name
    assert re.fullmatch(r"editor@[0-9a-f]{8}", one.name)
    assert re.fullmatch(r"mine@[0-9a-f]{8}", FunctionModel(make("a"), "mine").name)
    assert repr(one) == f"FunctionModel({one.name})"
    assert FunctionModel(partial(make("a"))).name == one.name
    assert FunctionModel(eval("lambda messages: ''"), "bare").name == "bare"
