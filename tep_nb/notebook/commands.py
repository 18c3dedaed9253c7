"""The commands of a workbench, by verb: what cells and widgets ask for, run on the session's thread."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tep_nb import deciders
from tep_nb.core.data import Trace
from tep_nb.core.events import Evaluation
from tep_nb.core.graph import Node
from tep_nb.core.review import Proposal
from tep_nb.core.state import State, Step
from tep_nb.errors import ConfigError, DataError, ReviewError
from tep_nb.inquiry import question
from tep_nb.method.compare import Comparison
from tep_nb.method.flow import Flow
from tep_nb.method.forward import forward
from tep_nb.model.budget import Budget
from tep_nb.model.openai import OpenAIModel
from tep_nb.model.probe import Probe, probe_server
from tep_nb.model.runtime import Runtime
from tep_nb.model.simulated import SimulatedModel
from tep_nb.notebook.cells import Declared, catch_up, declare, fits
from tep_nb.notebook.policies import read_policy
from tep_nb.notebook.verdicts import again, approve, assess, edit, freeze, reject, skip, suggest, take
from tep_nb.opening import bind, prepare
from tep_nb.report import read_state
from tep_nb.session import Session

if TYPE_CHECKING:
    from tep_nb.notebook.workbench import Workbench

__all__ = ["COMMANDS"]

Command = Callable[..., Awaitable[Any]]


async def step(bench: Workbench) -> Step:
    """One iteration."""
    return await bench.current().propose()


async def undo(bench: Workbench, proposal: str | None = None, by: str | None = None) -> State:
    """Take back the last decision; only if it is the one on this proposal, where one is named."""
    session = bench.current()
    if proposal is not None and not (session.state.reviewed and session.state.reviewed[-1][0].id == proposal):
        raise ReviewError(f"the last decision is not the one on proposal {proposal}: nothing was taken back")
    return session.undo(by=bench.sign(by))


async def rewind(bench: Workbench, to: int, by: str | None = None) -> State:
    """Return to where a step was complete."""
    return bench.current().rewind(to, by=bench.sign(by))


async def fork(bench: Workbench, path: str, at: int | None = None) -> Session:
    """Copy the session into another file."""
    other = bench.current().fork(path, at)
    bench.keep_fork(other)
    return other


async def run(bench: Workbench, auto: str | deciders.Decider, until: str = "done", steps: int | None = None) -> State:
    """Step and decide by a policy; the session's ``ended`` says how it ended."""
    session = bench.current()
    refusal = "the policy console asks at a terminal: in a notebook use %tep step, then approve or reject"
    decider = read_policy(auto, refusal) if isinstance(auto, str) else auto
    if isinstance(decider, deciders.Console):
        raise ConfigError(refusal)
    return await session.run(decider, steps, until)


async def evaluate(bench: Workbench, split: str, models: list[str] | None = None) -> Evaluation | tuple[Evaluation, ...]:
    """Measure on a split, by the session's own model or by others."""
    if not models:
        return await bench.current().evaluate(split)
    found = await bench.current().evaluate(split, [bench.drafts.model(name) for name in models])
    return found[0] if len(found) == 1 else found


async def compare(bench: Workbench, one: int, other: int | None = None) -> Comparison:
    """What lies between two points of this branch."""
    return await bench.current().compare(one, other)


async def flow(bench: Workbench, row: int) -> Flow:
    """One row through the graph, and through the graph before the last edit."""
    return await bench.current().flow(row)


async def probe(bench: Workbench, model: OpenAIModel) -> Probe:  # noqa: ARG001  one signature for all commands
    """One tiny call to a server."""
    return await probe_server(model)


async def ask(bench: Workbench, row: int | None = None, fields: Mapping[str, Any] | None = None) -> Trace:
    """One question, recorded in the session; on drafts, before there is one, unrecorded."""
    if bench.session is not None:
        return await bench.session.ask(row, fields)
    graph, models = bench.drafts.graph(), bench.drafts.team()
    if row is not None:
        if bench.drafts.data is None:
            raise DataError(f"there is no row {row}, for there is no data yet: %tep data FILE --target COLUMN")
        asked = bench.drafts.data.get(row)
    else:
        asked = question(graph, fields or {})
    functions = {tool.name: tool.fn for tool in graph.tools if tool.fn is not None}
    async with Runtime(None, models, functions, budget=bench.drafts.budget, watch=bench.watch) as door:
        (trace,) = await forward(door, graph, [asked], "ask", bench.drafts.method.seed)
    return trace


async def start(bench: Workbench, path: str, again: bool = False) -> Session:
    """Begin a session with the drafts; the one before is closed."""
    drafts = bench.drafts
    graph, models = drafts.graph(), drafts.team()
    if drafts.data is None:
        raise ConfigError("no data yet: %tep data FILE --target COLUMN, or task:object_counting")
    if drafts.metric is None:
        raise ConfigError("no metric yet: %tep metric exact_match, or another built-in, or a function of yours")
    data, metric = drafts.data, drafts.metric

    prepare(graph, data, metric, models, drafts.objective, drafts.method, drafts.budget, 1)  # before anything is closed

    def begin() -> Session:
        return Session.start(
            path, graph, data, metric=metric, objective=drafts.objective, model=models, method=drafts.method,
            budget=drafts.budget, again=again,
        )  # fmt: skip

    return _replace(bench, path, begin, reopen=again)


async def resume(bench: Workbench, path: str) -> Session:
    """Go on with a file; the one before is closed."""
    drafts = bench.drafts
    held = bench.session
    state = held.state if held is not None and held.path == _where(path) else read_state(path)
    if not drafts.models and _simulated(state):
        drafts.models["actor"] = SimulatedModel(seed=0)  # as %tep model simulated: it needs no key and no address
    models = drafts.team()
    metric = drafts.metric if drafts.metric is not None and drafts.metric.kind == "function" else None
    limits = drafts.budget if drafts.budget != Budget() else None
    fits(drafts, state)
    bind(state, models, drafts.tools, metric, 1)  # before anything is closed or written
    return _replace(
        bench, path, lambda: Session.resume(path, model=models, tools=drafts.tools, metric=metric, budget=limits), reopen=True
    )


async def cells(bench: Workbench) -> tuple[tuple[Proposal, ...], tuple[str, ...]]:
    """After `resume`: cells whose text was changed since become proposals."""
    return catch_up(bench.current(), bench.drafts, bench.by or "me")


def _simulated(state: State) -> bool:
    """Whether all roles were played by the simulated model."""
    roles = [name for role, name in state.models.items() if role != "named"]
    return not state.models.get("named") and set(roles) == {"simulated"}


def _where(path: str) -> Path:
    return Path(path).expanduser().absolute()


def _replace(bench: Workbench, path: str, begin: Callable[[], Session], *, reopen: bool) -> Session:
    """Open a session in place of the current one, which goes on if that fails."""
    before = bench.session
    if reopen:
        # One kernel is one writer: a file that it holds must be closed before it can be opened again.
        bench.release(_where(path))
        if before is not None and before.path == _where(path):
            bench.adopt(None)
            before.close()
    session = begin()
    if before is not None:
        before.close()
    bench.adopt(session)
    return session


async def budget(bench: Workbench, budget: Budget) -> Budget:
    """What may be spent, from now on."""
    bench.drafts.budget = budget
    if bench.session is not None:
        bench.session.set_budget(budget)
    return budget


async def cell(bench: Workbench, node: Node) -> Declared:
    """An agent's or a tool's cell was run."""
    return declare(bench.drafts, bench.session, node, bench.by or "me")


async def drop(bench: Workbench, name: str) -> Node:
    """Forget a draft."""
    return bench.drafts.drop(name)


async def reset(bench: Workbench) -> None:
    """Close the session and forget all drafts; files stay."""
    session = bench.session
    bench.adopt(None)
    if session is not None:
        session.close()
    bench.forget()


COMMANDS: Mapping[str, Command] = {
    command.__name__: command
    for command in (
        step, assess, approve, take, edit, reject, skip, again, suggest, freeze, undo, rewind, fork, run, evaluate, compare, flow,
        ask, start, resume, cells, budget, cell, drop, reset, probe,
    )
}  # fmt: skip
"""Verb to command."""
