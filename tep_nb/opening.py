"""What a session starts from and resumes with: its parts, checked before anything is written."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from tep_nb._version import __version__
from tep_nb.core.data import Dataset, Row
from tep_nb.core.events import Started
from tep_nb.core.graph import Graph
from tep_nb.core.kinds import a, wrong
from tep_nb.core.metric import Metric, resolve
from tep_nb.core.node import Tool
from tep_nb.core.state import State
from tep_nb.errors import ConfigError, GraphError, JournalMismatch, ModelError
from tep_nb.method.tep import TEP
from tep_nb.model.base import Model, Models, check_model
from tep_nb.model.budget import Budget

__all__ = ["bind", "check_budget", "describe", "models_of", "prepare"]

_SHOWN: dict[type, str] = {
    Graph: "a Graph", Dataset: "a Dataset", str: "an objective that is a str", TEP: "a TEP as its method", Budget: "a Budget",
}  # fmt: skip

Functions = dict[str, Callable[..., Any]]


def prepare(
    graph: Graph,
    data: Dataset,
    metric: str | Callable[..., Any] | Metric,
    model: Model | Models,
    objective: str,
    method: TEP,
    budget: Budget | None,
    concurrency: int,
) -> tuple[Started, Metric, Models, Functions]:
    """The first event of a session and what it runs with.

    Raises
    ------
    TypeError, GraphError, MetricError, ModelError, ConfigError
        The parts do not fit together.
    """
    budget = Budget() if budget is None else budget
    for value, kind in ((graph, Graph), (data, Dataset), (objective, str), (method, TEP), (budget, Budget)):
        if not isinstance(value, kind):
            raise TypeError(f"start needs {_SHOWN[kind]}, not {a(value)}: pass one")
    _check_concurrency(concurrency)
    graph.check(data.columns, data.target)
    bound = resolve(metric)
    bound.check(data.columns, tuple(graph.producers))
    if bound.kind == "function" and bound.fn is None:
        raise ConfigError(f"metric {bound.name} has no function: pass the function itself")
    models = models_of(model, graph)
    if "nudged" in method.phases and not objective.strip():
        raise ConfigError(
            "the nudged phase needs an objective: say in one to three sentences what a good answer is "
            '(objective="…", %tep objective …), or leave the phase away (phases=("free",))'
        )
    rows = {name: [_plain(row) for row in data.part(name)] for name in ("train", "validation", "test")}
    event = Started(
        graph=graph.spec(),
        rows=rows,
        target=data.target,
        metric=bound.spec(),
        objective=objective.strip(),
        method=method.settings(),
        models=describe(models),
        budget=budget.settings(),
        version=__version__,
    )
    TEP.from_settings(event.method)  # what the first event says is read back before a file is made of it
    return event, bound, models, _functions(graph.tools)


def bind(
    state: State,
    model: Model | Models,
    tools: Sequence[Tool | Callable[..., Any]],
    metric: Callable[..., Any] | Metric | None,
    concurrency: int,
) -> tuple[Metric, Models, Functions]:
    """Give a recorded session its code again, checked by name and version.

    Raises
    ------
    JournalMismatch
        A tool or the metric is missing, or is not the recorded one.
    ModelError
        An agent's own model is missing.
    """
    _check_concurrency(concurrency)
    if isinstance(tools, str) or not isinstance(tools, Iterable):
        raise wrong("tools", "a sequence of functions", tools, "write tools=[function, …]")
    recorded = {tool.name: tool for tool in state.graph.tools}
    given = {tool.name: tool for tool in (_as_tool(item, recorded) for item in tools)}
    if missing := [name for name in recorded if name not in given]:
        raise JournalMismatch(f"the session has the tools {', '.join(recorded)}; pass {', '.join(missing)} with tools=[…]")
    for name, tool in given.items():
        if name not in recorded:
            raise JournalMismatch(f"the session has no tool {name!r}: its tools are {', '.join(recorded) or 'none'}")
        if tool != recorded[name]:
            raise JournalMismatch(
                f"tool {name} is not the recorded one (version {tool.version}, recorded {recorded[name].version}): pass the same "
                "source, options and fields, or start a new session"
            )
    bound = Metric.from_spec(state.metric)
    if bound.kind == "function":
        if metric is None:
            raise JournalMismatch(f"the session has a metric of its own, {bound.name}: pass it with metric=")
        bound = bound.bind(metric)
    elif metric is not None:
        given_metric = resolve(metric)
        if (given_metric.name, given_metric.version) != (bound.name, bound.version):
            raise JournalMismatch(
                f"metric {given_metric.name!r} was passed, the session has {bound.name!r}: leave metric= away, or start a new "
                "session with another one"
            )
    return bound, models_of(model, state.graph), _functions(given.values())


def models_of(model: Model | Models, graph: Graph) -> Models:
    """The models by role, checked against the agents that ask for one by name."""
    models = model if isinstance(model, Models) else Models(model)
    every = {"actor": models.actor, "critic": models.critic, "editor": models.editor, "judge": models.judge, **models.named}
    for role, one in every.items():
        check_model(role, one)
    for agent in graph.agents:
        if agent.model is not None and agent.model not in models.named:
            known = ", ".join(models.named) or "none"
            raise ModelError(f"{agent.name} asks for the model {agent.model!r}, named models are {known}: pass Models(named=…)")
    return models


def describe(models: Models) -> dict[str, Any]:
    """Names of the models, by role."""
    return {
        "actor": models.actor.name,
        "critic": models.critic.name,
        "editor": models.editor.name,
        "judge": models.judge.name,
        "named": {name: model.name for name, model in models.named.items()},
    }


def check_budget(budget: Any, *, optional: bool = False) -> None:
    """Refuse what is no Budget (nor, where it is optional, None)."""
    if not (isinstance(budget, Budget) or (optional and budget is None)):
        raise wrong("a budget", "a Budget", budget, "write it as in Budget(calls=5000)")


def _check_concurrency(concurrency: int) -> None:
    if isinstance(concurrency, bool) or not isinstance(concurrency, int):
        raise TypeError(f"concurrency is a whole number, not {a(concurrency)}: write it as in concurrency=16")
    if concurrency < 1:
        raise ConfigError(f"concurrency={concurrency}: at least one call must be allowed at a time")


def _as_tool(item: Tool | Callable[..., Any], recorded: Mapping[str, Tool]) -> Tool:
    if isinstance(item, Tool):
        return item
    name = getattr(item, "__name__", "")
    return Tool(item, output=recorded[name].outputs if name in recorded else None)


def _functions(tools: Sequence[Tool] | Any) -> Functions:
    functions: Functions = {}
    for tool in tools:
        if tool.fn is None:
            raise GraphError(f"tool {tool.name} has no function: make it with Tool(fn)")
        functions[tool.name] = tool.fn
    return functions


def _plain(row: Row) -> list[Any]:
    return [row.id, dict(row.fields), row.target]
