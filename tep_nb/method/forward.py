"""One forward pass: run a graph on rows. The only place that fans out over rows."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any, Literal, TypeVar

from tep_nb.core.data import Call, Row, Trace
from tep_nb.core.graph import Graph
from tep_nb.core.node import Agent, Tool
from tep_nb.core.text import show
from tep_nb.errors import EvidenceVoid, MissingKey, ModelError, NotRecorded, TepError, ToolFailed
from tep_nb.method.reply import Fault, read_fields
from tep_nb.method.template import fill, load
from tep_nb.model.base import Message, Reply, Request
from tep_nb.model.runtime import Answer, Runtime, Where, draw

__all__ = ["ask_until", "forward", "gather", "measured_draw", "request_of", "run_agent", "too_many", "written_by"]

T = TypeVar("T")
R = TypeVar("R")

_ASKS = 4  # of an agent: a reply that stays unusable fails its row, where a critic's is left out at no loss (our choice)
_NOTHING = "(nothing)"  # stands for an empty reply where it is told what was wrong with it: servers refuse an empty message


async def gather(waits: Iterable[Awaitable[T]]) -> list[T]:
    """Wait for all, also when one fails, so that no reply that was paid for is lost; then raise the first failure."""
    done = await asyncio.gather(*waits, return_exceptions=True)
    for result in done:
        if isinstance(result, BaseException):
            raise result
    return [result for result in done if not isinstance(result, BaseException)]


async def ask_until(
    door: Runtime,
    request: Request,
    where: Where,
    read: Callable[[str], R | Fault],
    *,
    model: str | None = None,
    asks: int = 2,
) -> tuple[R | Fault, Answer]:
    """Ask, and where the reply cannot be used ask again with what was wrong, ``asks`` times in all.

    A command that failed is asked for again with as many asks more, or it would meet the same recorded replies for ever.

    A reply that is empty, or was withheld by the server, is never used. One that was cut off is asked for again as a shorter one;
    if the last is cut off too, it is read as far as it goes.
    """
    asks *= 1 + door.failures
    answer = await door.ask(request, where, model)
    result = _usable(answer.reply, read, last=asks == 1)
    for attempt in range(where.attempt + 1, where.attempt + asks):
        if not isinstance(result, Fault):
            break
        again = fill(load("again"), {"fault": result.text})
        shown = answer.reply.text if answer.reply.text.strip() else _NOTHING
        said = (Message.of("assistant", shown), Message.of("user", again))
        seed = draw(request.seed, attempt) if request.seed else 0
        request = Request((*request.messages, *said), request.temperature, request.schema, seed, request.max_tokens, request.role)
        answer = await door.ask(request, Where(where.purpose, where.node, where.row, attempt), model)
        result = _usable(answer.reply, read, last=attempt == where.attempt + asks - 1)
    return result, answer


def _usable(reply: Reply, read: Callable[[str], R | Fault], *, last: bool) -> R | Fault:
    if reply.finish == "content_filter":
        return Fault("the server withheld it (content filter).")
    if reply.finish == "garbled":
        return Fault("it was no JSON that its server could read.")
    if not reply.text.strip():
        return Fault("it is empty.")
    cut = reply.finish == "length"
    if cut and not last:
        return Fault("it was cut off at its longest length: answer shorter.")
    result = read(reply.text)
    if cut and isinstance(result, Fault):
        return replace(result, text=f"{result.text} It was cut off at its longest length.")
    return result


def request_of(agent: Agent, fields: Mapping[str, Any], temperature: float, seed: int) -> Request:
    """The request an agent makes: its rendered prompt and nothing else."""
    system, user = agent.prompt.render_parts(fields)
    messages = (Message.of("user", user),) if system is None else (Message.of("system", system), Message.of("user", user))
    schema = None
    if len(agent.outputs) > 1:
        schema = {
            "type": "object",
            "properties": {name: {} for name in agent.outputs},  # any JSON value
            "required": list(agent.outputs),
            "additionalProperties": False,
        }
    return Request(messages, temperature, schema, seed, role="actor")


def measured_draw(seed: int, agent: Agent, row: int) -> int:
    """Draw number of an agent's call where it is measured: of seed, node and row alone, so that before and after share it.

    0 at temperature 0: there the same text on the same row is one call, whatever it is for.
    """
    return draw(seed, agent.name, row) if agent.temperature else 0


def _fields(agent: Agent, text: str) -> dict[str, Any] | Fault:
    return read_fields(text, agent.outputs) if len(agent.outputs) > 1 else {agent.output: text}


def written_by(agent: Agent, reply: Reply) -> dict[str, Any] | Fault:
    """The fields that an agent's first reply holds, or why it is asked again."""
    return _usable(reply, partial(_fields, agent), last=False)


async def run_agent(
    door: Runtime, agent: Agent, fields: Mapping[str, Any], *, purpose: str, row: int, temperature: float, seed: int
) -> tuple[dict[str, Any], Call] | Fault:
    """One call of an agent: the fields it wrote and the call, or why its reply cannot be used."""
    request = request_of(agent, fields, temperature, seed)
    where = Where(purpose, agent.name, row)
    result, answer = await ask_until(door, request, where, partial(_fields, agent), model=agent.model, asks=_ASKS)
    if isinstance(result, Fault):
        # What was answered is kept as the record: the same step again would read the same.
        remedy = "Ask for that form in its prompt; going back with rewind draws anew."
        return Fault(f"the reply of {agent.name} cannot be used: {result.text} {remedy}")
    return result, Call(answer.key, dict(fields), answer.reply.text, answer.reply.usage.tokens)


async def forward(door: Runtime, graph: Graph, rows: Sequence[Row], purpose: str, seed: int = 0) -> list[Trace]:
    """Run a graph on rows: rows side by side, nodes as soon as what they read is there.

    Parameters
    ----------
    door : Runtime
    graph : Graph
    rows : sequence of Row
    purpose : str
        forward, gate, evaluate or ask.
    seed : int
        Of the draws of agents with a temperature of their own (`measured_draw`).

    Returns
    -------
    list of Trace
        In the order of the rows; a row whose call failed for good says so in ``failed``.

    Raises
    ------
    ToolFailed, ModelError, EvidenceVoid
        More than a fifth of the rows failed.
    BudgetExceeded, MissingKey, NotRecorded
        At once.
    """
    results = await gather(_row(door, graph, row, purpose, seed) for row in rows)
    too_many([error for _, error in results if error is not None], len(rows))
    return [trace for trace, _ in results]


def too_many(errors: Sequence[TepError], n: int) -> None:
    """Raise when more than a fifth of n rows failed: then nothing can be said of the rest (METHOD section 3)."""
    if 5 * len(errors) > n:
        first = errors[0]
        kind = type(first) if isinstance(first, ToolFailed | ModelError) else EvidenceVoid
        raise kind(f"{len(errors)} of {n} rows failed, more than a fifth; the first: {first}" if n > 1 else str(first))


class _RowFailed(Exception):
    """Carries a value through the node tasks of one row, never leaves this module."""

    def __init__(self, node: str, error: TepError) -> None:
        super().__init__(node)
        self.node, self.error = node, error


async def _row(door: Runtime, graph: Graph, row: Row, purpose: str, seed: int) -> tuple[Trace, TepError | None]:
    values: dict[str, Any] = dict(row.fields)
    calls: dict[str, tuple[Call, ...] | Literal["skipped"]] = {}
    tasks: dict[str, asyncio.Task[None]] = {}

    async def node(name: str) -> None:
        this = graph[name]
        sources = dict.fromkeys(graph.producers[need].name for need in this.needs if need in graph.producers)
        for source in sources:
            await asyncio.shield(tasks[source])
        passed = this.passed_on(values) if isinstance(this, Agent) else None
        if passed is not None:
            values.update(passed)
            calls[name] = "skipped"
        else:
            written, call = await _node(door, this, values, row, purpose, seed)
            values.update(written)
            calls[name] = (call,)

    for this in graph.order:
        tasks[this.name] = asyncio.ensure_future(node(this.name))
    done = await asyncio.gather(*tasks.values(), return_exceptions=True)
    errors = [result for result in done if isinstance(result, BaseException)]
    for error in errors:
        if not isinstance(error, _RowFailed):  # the budget, a key: no fault of this row, whatever else failed
            raise error
    ordered = {n.name: calls[n.name] for n in graph.order if n.name in calls}
    for failure in errors:
        assert isinstance(failure, _RowFailed)
        return Trace(row, values, ordered, (failure.node, str(failure.error))), failure.error
    return Trace(row, values, ordered), None


async def _node(
    door: Runtime, this: Agent | Tool, values: Mapping[str, Any], row: Row, purpose: str, seed: int
) -> tuple[dict[str, Any], Call]:
    try:
        if isinstance(this, Tool):
            inputs = {name: values[name] for name in this.needs}
            result = await door.run_tool(this, inputs, row.id)
            return (result if len(this.outputs) > 1 else {this.output: result}), Call(this.key(inputs), inputs, show(result))
        number = measured_draw(seed, this, row.id)
        made = await run_agent(
            door, this, this.fields(values), purpose=purpose, row=row.id, temperature=this.temperature, seed=number
        )
    except (MissingKey, NotRecorded):
        raise
    except (ModelError, ToolFailed) as error:
        raise _RowFailed(this.name, error) from error
    if isinstance(made, Fault):
        raise _RowFailed(this.name, ModelError(made.text))
    return made
