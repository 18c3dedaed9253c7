"""What was optimised, and how: the report's sections on the system and the method."""

from __future__ import annotations

from typing import Any

from tep_nb.core.node import Agent
from tep_nb.core.state import State
from tep_nb.model.budget import Usage
from tep_nb.report import prose
from tep_nb.report.figures import graph_figure, svg
from tep_nb.report.markup import details, figure, paragraph, table, text
from tep_nb.report.team import is_simulated, played, took_part

__all__ = ["caveat", "gate_rows", "method_section", "system_section"]

_SHRUNK = 8  # nodes up to which the picture is made to fit; a longer one is scrolled


def caveat(state: State, spent: Usage) -> str:
    """That a simulated model took part, and in which roles; nothing where none did."""
    if not took_part(state, spent):
        return ""
    roles = played(state.models, state.metric)
    part = roles and "actor" not in roles
    return paragraph(prose.SIMULATED_PART.format(roles=text(", ".join(roles))) if part else prose.SIMULATED, "note")


def gate_rows(state: State) -> int:
    """Validation rows that metric evidence looks at."""
    return min(int(state.method.get("gate_rows", 0)), len(state.dataset.validation))


def system_section(state: State) -> str:
    """Objective, data, metric, models, and the graph with its nodes."""
    agents, tools = len(state.graph.agents), len(state.graph.tools)
    picture = svg(graph_figure(state.graph), "The graph of agents and tools")
    sizes = [f"{len(state.dataset.part(split)):,} {split}" for split in ("train", "validation", "test")]
    document = str(state.metric.get("doc") or "").strip()
    target, metric = f"<code>{text(state.dataset.target)}</code>", f"<code>{text(state.metric.get('name', ''))}</code>"
    facts = [
        f"<strong>Objective.</strong> {text(state.objective) or 'None was given.'}",
        f"<strong>Data.</strong> {', '.join(sizes[:2])} and {sizes[2]} rows; the target is the column {target}. {prose.SPLITS}",
        f"<strong>Metric.</strong> {metric}, 0 to 1, higher is better. {text(document, 400)}",
        f"<strong>Models.</strong> {_models(state)}",
    ]
    nodes = f"{agents} agent{'' if agents == 1 else 's'} and {tools} tool{'' if tools == 1 else 's'}"
    caption = f"The graph of {nodes}. {prose.GRAPH}"
    heads = ("node", "kind", "reads", "writes", "what it does", "model", "runs")
    shown = table("Agents and tools, in the order they run", heads, _nodes(state))
    return f"{''.join(map(paragraph, facts))}{figure(picture, caption, wide=len(state.graph.nodes) > _SHRUNK)}{shown}"


def _models(state: State) -> str:
    names = {role: name for role, name in state.models.items() if isinstance(name, str)}
    names |= {f"model {key}" if key not in names else key: name for key, name in state.models.get("named", {}).items()}
    by_name: dict[str, list[str]] = {}
    for role, name in names.items():
        by_name.setdefault(name, []).append(role)
    return "; ".join(
        f"{text(', '.join(roles))}: <code>{text(name)}</code>{' (the simulated model)' if is_simulated(name) else ''}"
        for name, roles in by_name.items()
    ) + "."  # fmt: skip


def _nodes(state: State) -> list[tuple[str, ...]]:
    nodes: list[tuple[str, ...]] = []
    for node in state.graph.order:
        if isinstance(node, Agent):
            kind = "agent, frozen" if node.frozen else "agent"
            about = (kind, ", ".join(node.reads.values()), ", ".join(node.outputs), node.role)
            run = (node.model or "the actor", f"when {node.guard}" if node.guard else "always")
        else:
            about = ("tool", ", ".join(node.needs), ", ".join(node.outputs), node.doc)
            run = (f"version {node.version}", "always")
        nodes.append((node.name, *about, *run))
    return nodes


def method_section(state: State) -> str:
    """The method in sentences that hold the settings; all of them in a table."""
    one = state.method
    if one.get("name") != "TEP":  # another method tells itself by its settings
        return _settings(state)
    phases = one.get("phases", ())
    told = [prose.METHOD.format(**_words(one))]
    told += [prose.FREE.format(**_words(one))] if "free" in phases else ["There was no free phase."]
    told += [prose.NUDGED.format(**_words(one), **_bound(one))] if "nudged" in phases else ["There was no nudged phase."]
    told += [prose.GATE.format(rows=gate_rows(state), point=_point(state), alpha=f"{one['alpha']:g}")]
    told += [prose.REVIEW]
    return "".join(map(paragraph, told)) + _settings(state)


def _point(state: State) -> str:
    gate = gate_rows(state)
    return f"{round(100 / gate, 1):g}" if gate else "0"


def _words(one: Any) -> dict[str, str]:
    numbers = {name: f"{value:g}" for name, value in one.items() if isinstance(value, int | float)}
    sink = one["signal_targets"] == "sink"
    return {
        **numbers,
        "strict": "its output and the rubric" if one["strict"] else "its role, prompt, inputs and output",
        "stable": "" if one["stable"] == "scores" else " and the prompt did not change between them",
        "signal": "and, for the last agent, the targets of train rows" if sink else "but no reference answer",
    }


def _bound(one: Any) -> dict[str, str]:
    bound = one["bound"]
    return {"hunks": f"{bound['hunks']:g}", "floor": f"{bound['floor']:g}", "share": f"{bound['share']:.0%}"}


def _settings(state: State) -> str:
    rows = [(name, value) for name, value in state.method.items() if name != "bound"]
    rows += [(f"bound: {name}", value) for name, value in state.method.get("bound", {}).items()]
    return details("All settings of the method", table("Settings", ("setting", "value"), [(k, _value(v)) for k, v in rows]))


def _value(value: object) -> str:
    if isinstance(value, list | tuple):
        return ", ".join(map(str, value))
    return f"{value:g}" if isinstance(value, float) else str(value)
