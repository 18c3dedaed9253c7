"""The verbs that look: measure, compare, follow a row, say where the session is."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tep_nb.core.events import Evaluation
from tep_nb.errors import ConfigError
from tep_nb.method.compare import Comparison
from tep_nb.method.flow import Flow
from tep_nb.notebook import show
from tep_nb.notebook.desk import Desk
from tep_nb.notebook.options import Call, nearest, whole
from tep_nb.notebook.past import past_text
from tep_nb.notebook.points import comparison_text, flow_text
from tep_nb.notebook.screen import Values
from tep_nb.notebook.views import studio
from tep_nb.report import read
from tep_nb.session import Session

__all__ = ["LOOKING"]

_SPLITS = ("train", "validation", "test")


def _evaluate(desk: Desk, call: Call) -> Evaluation | Values:
    split, column, state = str(call.arg()), call.option("by"), desk.bench.current().state
    if split not in _SPLITS:
        raise ConfigError(f"no split is called {split!r}: {nearest(split, _SPLITS)}use train, validation or test")
    if column is not None and column not in state.dataset.columns:
        known = state.dataset.columns
        raise ConfigError(f"no column is called {column!r}: {nearest(column, known)}columns are {', '.join(known)}")

    def one(found: Evaluation) -> str:
        return show.evaluation_text(found, None if column is None else show.groups(found, state.dataset, column), state)

    def tell(found: Evaluation | tuple[Evaluation, ...]) -> str:
        return "\n".join(map(one, found if isinstance(found, tuple) else (found,)))

    result: Evaluation | tuple[Evaluation, ...] = desk.do_long("evaluate", tell, split=split, models=call.options.get("model"))
    return desk.screen.mute(Values(result)) if isinstance(result, tuple) else result


def _session(desk: Desk, call: Call) -> Session:  # noqa: ARG001
    session = desk.bench.current()
    desk.screen.say(desk.describe(session))
    return desk.screen.mute(session)


def _studio(desk: Desk, call: Call) -> None:  # noqa: ARG001
    desk.screen.studio(studio)


def _status(desk: Desk, call: Call) -> None:  # noqa: ARG001
    bench = desk.bench
    lines = ["no session yet: %tep start FILE begins one" if bench.session is None else desk.describe(bench.session)]
    waiting = [ticket.name for ticket in bench.loop.unfinished if ticket is not bench.loop.running]
    if (running := bench.running) is not None:
        lines.append(show.progress_text(running, bench.progress))
    lines += [f"waiting: {', '.join(waiting)}"] if waiting else []
    lines += [f"last failure: {bench.failure}"] if bench.failure else []
    if bench.session is None:
        lines.append(f"declared: {', '.join(bench.drafts.nodes) or 'no agent'}")
    desk.screen.say("\n".join(lines))


def _history(desk: Desk, call: Call) -> None:  # noqa: ARG001
    past = past_text(read(desk.bench.current().path)[0].events)
    desk.screen.say("\n".join(filter(None, (show.history_text(desk.bench.current().state), past))))


def _cost(desk: Desk, call: Call) -> None:  # noqa: ARG001
    session = desk.bench.current()
    desk.screen.say(show.cost_text(session.usage, session.budget, session.estimate()))


def _compare(desk: Desk, call: Call) -> Comparison:
    one, other = whole("the first point", str(call.arg())), call.arg(1)
    second = None if other is None else whole("the second point", other)
    found: Comparison = desk.do_long("compare", comparison_text, one=one, other=second)
    return found


def _flow(desk: Desk, call: Call) -> Flow:
    found: Flow = desk.do_long(
        "flow", lambda made: flow_text(made, desk.bench.current().state.graph), row=whole("the row", str(call.arg()))
    )
    return found


LOOKING: dict[str, Callable[[Desk, Call], Any]] = {
    "evaluate": _evaluate, "compare": _compare, "flow": _flow, "session": _session, "studio": _studio, "status": _status,
    "history": _history, "cost": _cost,
}  # fmt: skip
"""Verb to what it does."""
