"""The one door to models and tools: the recorded reply first, then budget, limit, call, record."""

from __future__ import annotations

import asyncio
import hashlib
import inspect
import json
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, TypeVar

from tep_nb.core.data import json_value
from tep_nb.core.node import Tool
from tep_nb.errors import DataError, GraphError, TepError, ToolFailed
from tep_nb.journal import Journal
from tep_nb.model.base import Closable, Models, Reply, Request, Usage
from tep_nb.model.budget import Budget
from tep_nb.model.budget import Usage as Sums
from tep_nb.model.caller import Caller, Where, last_line
from tep_nb.model.ledger import Ledger
from tep_nb.model.throttle import Throttles

__all__ = ["Answer", "Progress", "Runtime", "Where", "draw"]

T = TypeVar("T")


def draw(*parts: Any) -> int:
    """Draw number for these parts, 1 to 2**31 - 1: the same parts give the same number, on every machine."""
    text = json.dumps(parts, sort_keys=True, default=str)
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:4], "big") % (2**31 - 1) + 1


@dataclass(frozen=True, slots=True)
class Answer:
    """A reply, the key it is recorded under, and whether it came from the record."""

    key: str
    reply: Reply
    recorded: bool


@dataclass(slots=True)
class Progress:
    """What a running command has done: attempts made, calls answered from the record, calls in flight by node."""

    done: int = 0
    recorded: int = 0
    tokens: int = 0
    purpose: str = ""
    running: Counter[str] = field(default_factory=Counter)


class Runtime:
    """The door for one command; an asynchronous context manager, because nothing of it outlives the command.

    Parameters
    ----------
    journal : Journal or None
        None records in memory only (a question on drafts).
    models : Models
    functions : mapping of tool name to callable
    budget : Budget
    step : int
        Recorded beside each call.
    failures : int
        Commands that have failed in a row before this one: it may ask further where their replies could not be used, which are
        in the record and will not change.
    throttles : Throttles, optional
        What is known of the models' servers, and how many calls may be in flight.
    watch : callable, optional
        Told of progress after every call, on the running thread.
    """

    def __init__(
        self,
        journal: Journal | None,
        models: Models,
        functions: Mapping[str, Callable[..., Any]],
        *,
        budget: Budget | None = None,
        step: int = 0,
        failures: int = 0,
        throttles: Throttles | None = None,
        watch: Callable[[Progress], None] | None = None,
    ) -> None:
        self.models = models
        self.progress = Progress()
        self._journal = journal
        self._functions = functions
        self.step = step
        self.failures = failures
        self._watch = watch
        self._memory: dict[str, tuple[Any, dict[str, Any]]] = {}
        self._flying: dict[str, asyncio.Future[Any]] = {}
        budget, throttles = budget or Budget(), throttles or Throttles(16)
        paid = Sums.of([] if journal is None else journal.tally(), budget).total
        limit = asyncio.Semaphore(throttles.concurrency)
        throttles.begin()
        self._caller = Caller(Ledger(budget, paid), throttles, limit, self._record, self._note)
        self._thread: ThreadPoolExecutor | None = None

    async def __aenter__(self) -> Runtime:
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if self._thread is not None:
            self._thread.shutdown(wait=False, cancel_futures=True)
        models = {id(m): m for m in (self.models.actor, self.models.critic, self.models.editor, self.models.judge)}
        models.update({id(m): m for m in self.models.named.values()})
        for model in models.values():
            if isinstance(model, Closable):
                await model.aclose()

    async def ask(self, request: Request, where: Where, model: str | None = None) -> Answer:
        """Ask the model of the request's role (or the named one), or answer from the record.

        Raises
        ------
        BudgetExceeded
            Before the call; nothing was sent.
        ModelError
            The model cannot answer; the attempt is recorded.
        """
        who = self.models.of(request.role, model)
        text = request.json()
        key = request.key(who.name, text)

        async def call() -> tuple[Any, dict[str, Any]]:
            reply = await self._caller.call(who, request, key, text, where)
            return [reply.text, reply.finish], reply.usage.body()

        (said, finish), usage, recorded = await self._once(key, call)
        counts = Usage(usage["prompt_tokens"], usage["completion_tokens"], usage["estimated"])
        return Answer(key, Reply(said, counts, finish), recorded)

    async def run_tool(self, tool: Tool, inputs: Mapping[str, Any], row: int | None) -> Any:
        """Run a tool, or answer from the record.

        Raises
        ------
        ToolFailed
            One line: the tool, the row and the last line of its exception. The attempt is recorded.
        """
        key = tool.key(inputs)

        async def call() -> tuple[Any, dict[str, Any]]:
            return await self._execute(tool, inputs, key, row)

        value, _, _ = await self._once(key, call)
        return value

    async def in_thread(self, function: Callable[..., T], **named: Any) -> T:
        """Run an analyst's function: awaited when it is asynchronous, else on the one worker thread."""
        if inspect.iscoroutinefunction(function):
            return await _awaited(function(**named))
        if self._thread is None:
            self._thread = ThreadPoolExecutor(1, "tep_nb-tools")
        value = await asyncio.get_running_loop().run_in_executor(self._thread, _guarded, function, named)
        return await _awaited(value) if inspect.isawaitable(value) else value

    async def _once(
        self, key: str, call: Callable[[], Awaitable[tuple[Any, dict[str, Any]]]]
    ) -> tuple[Any, dict[str, Any], bool]:
        """From the record, from an identical call in flight, or by calling."""
        while True:
            found = self._memory.get(key) if self._journal is None else self._journal.look_up(key)
            if found is not None:
                self.progress.recorded += 1
                return (*found, True)
            if key not in self._flying:
                break
            if (shared := await asyncio.shield(self._flying[key])) is not None:
                return (*shared, True)
        future = self._flying[key] = asyncio.get_running_loop().create_future()
        try:
            made = await call()
        except TepError as error:
            future.set_exception(error)
            future.exception()  # seen: a call that nobody else waits for must not warn
            raise
        except BaseException:
            future.set_result(None)  # stopped: whoever waits for it makes the call
            raise
        finally:
            del self._flying[key]
        if self._journal is None:
            self._memory[key] = made
        future.set_result(made)
        return (*made, False)

    async def _execute(self, tool: Tool, inputs: Mapping[str, Any], key: str, row: int | None) -> tuple[Any, dict[str, Any]]:
        where = Where("tool", tool.name, row)
        asked = {"tool": tool.name, "version": tool.version, "options": dict(tool.options), "inputs": dict(inputs)}
        request = json.dumps(asked, ensure_ascii=True)
        begun = time.monotonic()
        self._note(where, 1, 0)
        try:
            value = _result(tool, await self.in_thread(self._functions[tool.name], **inputs, **tool.options))
        except Exception as error:
            line = f"tool {tool.name} failed on row {row}: {type(error).__name__}: {last_line(error)}"
            self._record(key, where, line, request, None, {}, time.monotonic() - begun, "")
            raise ToolFailed(line) from error
        finally:
            self._note(where, -1, 0)
        self._record(key, where, "ok", request, value, {}, time.monotonic() - begun, "")
        return value, {}

    def _record(
        self, key: str, where: Where, outcome: str, request: str, reply: Any, usage: dict[str, Any], seconds: float, model: str
    ) -> None:
        if self._journal is not None:
            outcome = outcome.encode("utf-8", "backslashreplace").decode()  # a server's words may hold half a character
            self._journal.record(
                key, purpose=where.purpose, step=self.step, node=where.node, row=where.row, attempt=where.attempt,
                outcome=outcome, request=request, reply=reply, usage=usage, seconds=seconds, model=model,
            )  # fmt: skip

    def _note(self, where: Where, change: int, tokens: int) -> None:
        self.progress.purpose = where.purpose
        self.progress.running[where.node] += change
        self.progress.done += change < 0 and where.purpose != "tool"
        self.progress.tokens += tokens
        if self._watch is not None:
            self._watch(self.progress)


def _guarded(function: Callable[..., T], named: Mapping[str, Any]) -> T:
    """Call it; what would end the process (exit()) or never reach the loop (next() of nothing) becomes an ordinary error."""
    try:
        return function(**named)
    except (StopIteration, SystemExit) as error:
        raise RuntimeError(f"it raised {type(error).__name__} {error}".strip()) from error


async def _awaited(value: Awaitable[T]) -> T:
    try:
        return await value
    except SystemExit as error:
        raise RuntimeError(f"it raised SystemExit {error}".strip()) from error


def _result(tool: Tool, value: Any) -> Any:
    """What a tool returned, as JSON; several outputs are a dict with exactly these keys."""
    try:
        value = json_value(value, f"what {tool.name} returned")
    except DataError as error:
        raise GraphError(str(error)) from None
    if len(tool.outputs) > 1 and (not isinstance(value, dict) or set(value) != set(tool.outputs)):
        raise GraphError(f"{tool.name} writes {list(tool.outputs)}: it must return a dict with exactly these keys")
    return value
