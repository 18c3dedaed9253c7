"""An example that flows through the graph: which rows there are, what each node read and wrote, and what the last edit changed.

Row texts and outputs go to a page in answers only: nothing of them is kept in what it shows, or saved.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from tep_nb.core.data import SPLITS, Dataset, Row, Trace
from tep_nb.core.diff import Change, hunks
from tep_nb.core.events import RowScore
from tep_nb.core.graph import Agent, Graph, Node
from tep_nb.core.review import PAST
from tep_nb.core.state import State
from tep_nb.core.text import show
from tep_nb.errors import ConfigError
from tep_nb.method.flow import Flow, last_edit
from tep_nb.notebook.views.geometry import FLOW
from tep_nb.notebook.views.graph import place
from tep_nb.notebook.views.link import Bench
from tep_nb.notebook.views.memo import by_identity
from tep_nb.notebook.views.text import clip, number

__all__ = ["ANSWERS", "LOOKS", "flow_answer", "rows_look"]

_SHOWN = 12
"""Rows that one look answers: of each the calls are counted, which looks up the record for every node."""
_LINE = 160
"""Characters of a row in the list."""
_TEXT = 4000
"""Characters of a field that reach the page; the journal has all of them."""
_COMPARED = 40
"""Fields that are compared word by word; of more only old and new are shown, because a diff takes quadratic time."""

Part = dict[str, Any]


def rows_look(bench: Bench, find: str = "", at: int = 0) -> dict[str, Any]:
    """Rows of train and validation that a person may follow: by number, or by words that stand in them.

    Test rows are not offered: a look at test is counted, by evaluate. Neither the search nor the answer knows the target.

    Returns
    -------
    dict
        ``rows`` (``id``, ``split``, ``text``, and the ``calls`` that following it makes at most), and how many there are
        ``before`` and ``after`` these.
    """
    session = bench.session
    if session is None:
        raise ConfigError("no session yet: an example can be followed after %tep start")
    state = session.state
    columns = state.graph.columns
    rows = _rows(state.dataset, columns=columns)
    words = find.casefold().split()
    found = [(split, row) for split, row, text in rows if all(word in text for word in words) or words == [str(row.id)]]
    # A number names a row before it is a word of others.
    found.sort(key=lambda pair: str(pair[1].id) != find.strip())
    at = max(0, min(at, len(found)))
    shown = found[at : at + _SHOWN]
    return {
        "rows": [
            {"id": row.id, "split": split, "text": clip(row.line(columns), _LINE), "calls": session.flow_calls(row.id)}
            for split, row in shown
        ],
        "before": at,
        "after": len(found) - at - len(shown),
    }


@by_identity(2)
def _rows(dataset: Dataset, *, columns: Sequence[str]) -> list[tuple[str, Row, str]]:
    """Split, row and what is searched of it, by number: the parts were shuffled, a person counts."""
    rows = [(split, row) for split in SPLITS if split != "test" for row in sorted(dataset.part(split), key=lambda row: row.id)]
    return [(split, row, "\n".join(show(row.fields[name]) for name in columns).casefold()) for split, row in rows]


def flow_answer(flow: Flow, bench: Bench) -> dict[str, Any]:
    """What the page shows of a row on its way.

    Returns
    -------
    dict
        ``fields`` by name: ``now`` and, where another, ``before``, each as parts of which those that differ are marked;
        ``nodes`` by name: what each ``reads`` and ``writes`` and its ``state`` (new, same, changed, skipped); ``drawing``: places
        for cards that hold that; the row, its target, the metric, and since when it is compared.
    """
    session = bench.session
    graph, row = session.state.graph, flow.now.row
    fields = _fields(flow, graph)
    nodes = {node.name: _node(node, flow, fields) for node in graph.order}
    return {
        "row": row.id,
        "split": next((split for split in SPLITS if row in session.state.dataset.part(split)), ""),
        "text": clip(row.line(graph.columns), _LINE),
        "target": clip(show(row.target), _TEXT),
        "graph": flow.graph,
        "since": _since(flow, session.state),
        "changed": sum(node["state"] == "changed" for node in nodes.values()),
        "compared": flow.before is not None,
        "scores": [_score(score) for score in flow.scores],
        "fields": fields,
        "nodes": nodes,
        "drawing": place(graph, FLOW),
    }


def _since(flow: Flow, state: State) -> str:
    """The edit that is compared with, in the words of the history; in those of the flow where another came meanwhile."""
    last = last_edit(state)
    if last is None or flow.graph != state.graph.digest:
        return flow.since
    proposal, decision = last
    return f"step {proposal.step}: {decision.by} {PAST[decision.verdict]} {proposal.prompt}"


def _score(score: RowScore) -> dict[str, str]:
    return {"value": f"{score.value:g}", "note": clip(score.note, 200)}


def _fields(flow: Flow, graph: Graph) -> dict[str, dict[str, Any]]:
    """Every field that is read or written, as it is and as it was."""
    found: dict[str, dict[str, Any]] = {}
    compared = 0
    for name in (*graph.columns, *graph.producers):
        now = _value(flow.now, name)
        old = now if flow.before is None else _value(flow.before, name)
        same = old == now
        field: dict[str, Any] = {"same": same, "size": len(now)}
        if same:
            field["now"] = [{"text": clip(now, _TEXT)}]
        else:
            compared += 1
            close = compared <= _COMPARED and max(len(now), len(old)) <= _TEXT
            field["before"], field["now"] = _sides(old, now) if close else _whole(old, now)
        found[name] = field
    return found


def _value(trace: Trace, name: str) -> str:
    value = trace.values.get(name)
    return "" if value is None else show(value)


def _sides(old: str, new: str) -> tuple[list[Part], list[Part]]:
    """Both texts in parts, the words that differ marked."""
    before: list[Part] = []
    after: list[Part] = []
    at = 0
    changes: list[Change] = [change for hunk in hunks(old, new, ()) for change in hunk.changes]
    for change in sorted(changes, key=lambda one: one.start):
        kept = old[at : change.start]
        for side, text in ((before, change.old), (after, change.new)):
            side.extend([{"text": kept}] if kept else [])
            side.extend([{"text": text, "differs": True}] if text else [])
        at = change.end
    for side in (before, after):
        side.append({"text": old[at:]})
    return before, after


def _whole(old: str, new: str) -> tuple[list[Part], list[Part]]:
    return [{"text": clip(old, _TEXT), "differs": True}], [{"text": clip(new, _TEXT), "differs": True}]


def _node(node: Node, flow: Flow, fields: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    calls = flow.now.calls.get(node.name, "skipped")
    skipped = isinstance(calls, str)
    was_skipped = flow.before is not None and isinstance(flow.before.calls.get(node.name, "skipped"), str)
    same = all(fields[name]["same"] for name in node.outputs)
    state = "skipped" if skipped else "new" if flow.before is None else "same" if same and not was_skipped else "changed"
    return {
        "reads": [[name, field] for name, field in _reads(node)],
        "writes": list(node.outputs),
        "state": state,
        "differs": flow.before is not None and (not same or skipped != was_skipped),
        "note": _note(node, skipped, was_skipped, flow),
        "tokens": number(sum(call.tokens for call in calls)) if not isinstance(calls, str) and isinstance(node, Agent) else "",
    }


def _reads(node: Node) -> list[tuple[str, str]]:
    """What a node calls each thing that it reads, and the field that it is."""
    if not isinstance(node, Agent):
        return [(name, name) for name in node.needs]
    return list(node.reads.items())


def _note(node: Node, skipped: bool, was_skipped: bool, flow: Flow) -> str:
    if skipped and isinstance(node, Agent) and node.guard is not None:
        passed = f"{node.guard.otherwise} is passed on" if node.guard.otherwise else "nothing is passed on"
        earlier = "" if flow.before is None or was_skipped else "; it ran before the last edit"
        return f"did not run: it runs when {node.guard}; {passed}{earlier}"
    return "it did not run before the last edit" if was_skipped and not skipped else ""


LOOKS = {"rows": rows_look}
ANSWERS = {"flow": flow_answer}
