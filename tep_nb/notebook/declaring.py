"""The verbs that declare: data, metric, objective, output, budget, method, graph, ask, drop, reset."""

from __future__ import annotations

import re
from types import ModuleType
from typing import Any

from tep_nb import task
from tep_nb.core.data import Dataset, Trace
from tep_nb.core.graph import Graph, Node
from tep_nb.core.metric import Metric, resolve
from tep_nb.errors import ConfigError, DataError
from tep_nb.io import load_dataset, parse_split
from tep_nb.method.tep import TEP
from tep_nb.model.budget import Budget
from tep_nb.model.limits import Limited
from tep_nb.notebook import show
from tep_nb.notebook.cells import changed_setup
from tep_nb.notebook.desk import Desk
from tep_nb.notebook.options import Call, nearest, whole
from tep_nb.notebook.settings import settings
from tep_nb.notebook.text import one_line
from tep_nb.notebook.views import graph_view

__all__ = ["ask", "budget", "data", "drop", "graph", "method", "metric", "objective", "output", "reset"]

_NAMED = re.compile(r"([^\W\d]\w*)=(?!=)")  # name=value; "is x = 1?" and "a == b" are prose
_TASK_ROWS, _TASK_SPLIT = 210, (45, 40, 125)  # what quickstart and demo use


def _keep(desk: Desk, what: str) -> None:
    """Refuse a declaration that the open session does not have; the draft stays for the next start."""
    state = desk.bench.state
    if state is not None and what in changed_setup(desk.bench.drafts, state):
        raise ConfigError(
            f"the running session keeps its own {what}: what you declared counts from the next %tep start OTHER.tep; "
            "%tep fork FILE keeps a copy of this session"
        )


def data(desk: Desk, call: Call) -> Dataset:
    """``data FILE|VARIABLE|task:NAME``."""
    name, drafts = str(call.arg()), desk.bench.drafts
    seed = int(call.option("seed") or "0") if re.fullmatch(r"-?\d{1,18}", call.option("seed") or "0") else None
    if seed is None:
        raise DataError(f"--seed is {call.option('seed')!r}: expected a whole number")
    split = parse_split(call.option("split") or "20/40/40")
    pairs = [_pair(pair) for pair in call.options.get("rename", ())]
    rename = dict(pairs)
    if len(rename) < len(pairs):
        twice = next(new for new, _ in pairs if sum(new == other for other, _ in pairs) > 1)
        raise DataError(f"--rename gives two columns the name {twice!r}: give each its own")
    target, note = call.option("target") or "target", ""
    if name.startswith("task:"):
        found = _task(name.removeprefix("task:"))
        rows = found.generate(_TASK_ROWS, seed=seed)
        made = load_dataset(rows, target, rename, split if call.has("split") else _TASK_SPLIT, seed)
        note = _task_defaults(desk, found)
    elif isinstance(source := _variable(desk, name), Dataset):
        if call.options:
            given = ", ".join(f"--{option}" for option in call.options)
            raise DataError(f"{name} is a Dataset, split and named already: leave {given} away")
        made = source
    else:
        made = load_dataset(source, target, rename, split, seed)
    drafts.data = made
    desk.screen.say(show.data_text(made) + note)
    warned: dict[str, list[str]] = {}
    for node in drafts.nodes.values():
        for warning in drafts.warnings(node):
            warned.setdefault(one_line(warning), []).append(node.name)
    for text, names in warned.items():  # what is true of several nodes is said once
        desk.screen.say(f"warning: {f'{names[0]}: ' if len(names) == 1 else ''}{text}")
    _keep(desk, "data")
    return desk.screen.mute(made)


def _pair(text: str) -> tuple[str, str]:
    new, sign, old = text.partition("=")
    if not sign or not new or not old:
        raise DataError(f"--rename {text!r} is not of the form new=old: write --rename question=input")
    return new, old


def _task(name: str) -> ModuleType:
    if name not in task.__all__:
        raise DataError(f"no task is called {name!r}: {nearest(name, task.__all__)}tasks are {', '.join(task.__all__)}")
    found: ModuleType = vars(task)[name]
    return found


def _task_defaults(desk: Desk, found: ModuleType) -> str:
    """A task brings its metric and objective where none is declared."""
    drafts, taken = desk.bench.drafts, []
    if drafts.metric is None:
        drafts.metric = resolve(found.metric)
        taken.append(f"metric {drafts.metric.name}")
    if not drafts.objective:
        drafts.objective = found.objective
        taken.append("objective")
    return f"; {' and '.join(taken)} of the task" if taken else ""


def _variable(desk: Desk, name: str) -> Any:
    """The variable of this name, else the name as a path."""
    return desk.names[name] if name.isidentifier() and name in desk.names else name


def metric(desk: Desk, call: Call) -> None:
    """``metric NAME``: a variable goes before a built-in."""
    name = str(call.arg())
    own = desk.names.get(name)
    made = resolve(own if isinstance(own, Metric) or callable(own) else name)
    desk.bench.drafts.metric = made
    desk.screen.say(f"metric {made.name} ({made.kind}): {one_line(made.doc)}")
    _keep(desk, "metric")


def objective(desk: Desk, call: Call) -> None:
    """``objective TEXT``."""
    desk.bench.drafts.objective = call.text
    desk.screen.say(f"objective: {call.text}")
    _keep(desk, "objective")


def output(desk: Desk, call: Call) -> None:
    """``output FIELD``."""
    name = call.arg()
    if name is None:
        desk.bench.drafts.output = None
        desk.screen.say("output: the field that nothing reads")
        _keep(desk, "output")
        return
    if not name.isidentifier():
        raise ConfigError(f"the output {name!r} is no field: use letters, digits and _")
    desk.bench.drafts.output = name
    desk.screen.say(f"output: {name}")
    _keep(desk, "output")


def budget(desk: Desk, call: Call) -> Budget:
    """``budget NAME=VALUE…``."""
    made = settings(desk.bench.drafts.budget, call.args)
    desk.do("budget", budget=made)
    models = desk.bench.drafts.models.values()
    priced = bool(models) and all(isinstance(model, Limited) and model.limits.priced for model in models)
    desk.screen.say(show.budget_text(made, priced))
    return desk.screen.mute(made)


def method(desk: Desk, call: Call) -> None:
    """``method TEP NAME=VALUE…``; what is not named has its default."""
    if call.arg() != "TEP":
        raise ConfigError(f"no method is called {call.arg()!r}: {nearest(str(call.arg()), ['TEP'])}write %tep method TEP")
    made = settings(TEP(), call.args[1:])
    desk.bench.drafts.method = made
    desk.screen.say(f"method TEP {' '.join(call.args[1:])}".rstrip())
    session = desk.bench.session
    if session is not None and made.settings() != session.method.settings():
        raise ConfigError(
            "the running session keeps its method: the new one counts from the next %tep start OTHER.tep; "
            "%tep fork FILE keeps a copy of this session"
        )


def graph(desk: Desk, call: Call) -> Graph:  # noqa: ARG001  one signature for all verbs
    """``graph``: of the session, else of the drafts."""
    state = desk.bench.state
    found = desk.bench.drafts.graph() if state is None else state.graph
    desk.screen.say(show.graph_text(found))
    if desk.screen.changes:
        desk.screen.widget(graph_view(desk.bench))
    return desk.screen.mute(found)


def ask(desk: Desk, call: Call) -> Trace:
    """``ask``: on a row, on fields, or on the text of the one input."""
    found = desk.bench.drafts.graph() if desk.bench.state is None else desk.bench.state.graph
    row, fields = call.option("row"), _fields(found, call.text)
    if (row is None) == (fields is None):
        ways = " ".join(f"{name}=…" for name in found.columns)
        raise DataError(f"ask needs one of: --row N, {ways}, or the text of the one input")

    def tell(trace: Trace) -> str:
        return show.trace_text(trace, found)

    result: Trace = desk.do_long("ask", tell, row=None if row is None else whole("--row", row), fields=fields)
    return result


def _fields(graph: Graph, text: str) -> dict[str, str] | None:
    """Read ``field=value …``: a value reaches to the next field's name, verbatim; without names it is the one input."""
    if not text:
        return None
    names = "|".join(re.escape(name) for name in graph.columns)
    found = list(re.finditer(rf"(?:^|(?<=\s))({names})=", text))
    if not found or found[0].start() > 0:
        if len(graph.columns) != 1:
            raise DataError(f"the graph reads {', '.join(graph.columns)}: write {' '.join(f'{n}=…' for n in graph.columns)}")
        one = graph.columns[0]
        if (odd := _NAMED.match(text)) is not None and (len(text.split()) == 1 or nearest(odd[1], [one])):
            hint = nearest(odd[1], [one])
            raise DataError(f"no input is called {odd[1]!r}: {hint}inputs are {one}; write {one}=…, or the text alone")
        return {one: text}
    if twice := next((m[1] for m in found if sum(m[1] == other[1] for other in found) > 1), None):
        raise DataError(f"ask gives the input {twice} twice: give it once (a text with {twice}= in it goes by --row or a script)")
    ends = [match.start() for match in found[1:]] + [len(text)]
    return {match[1]: text[match.end() : end].strip() for match, end in zip(found, ends, strict=True)}


def drop(desk: Desk, call: Call) -> None:
    """``drop AGENT``."""
    node: Node = desk.do("drop", name=str(call.arg()))
    kept = "" if desk.bench.session is None else "; the running session keeps it"
    desk.screen.say(f"dropped {node.name}{kept}")


def reset(desk: Desk, call: Call) -> None:  # noqa: ARG001
    """``reset``."""
    desk.do("reset")
    desk.screen.say("nothing is declared and no session is open; files stay")
