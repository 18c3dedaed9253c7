"""Two points of a session, and one row through two graphs, as plain text; pure."""

from __future__ import annotations

from tep_nb.core.data import Call, Trace
from tep_nb.core.graph import Graph
from tep_nb.core.review import Paid
from tep_nb.deciders import marked
from tep_nb.method.compare import Comparison
from tep_nb.method.flow import Flow
from tep_nb.notebook.show import flips_text
from tep_nb.notebook.text import bounded, clean, one_line

__all__ = ["comparison_text", "flow_text", "paid_text"]

_LONG = 4000  # characters of one prompt's diff
_WRITTEN = 400  # characters of what a node wrote


def paid_text(paid: Paid | None) -> str:
    """What a command paid for, in words; empty where it is not known."""
    if paid is None:
        return ""
    if not paid.calls:
        return "paid: nothing, all of it was recorded"
    cost = "" if paid.cost is None else f", cost {paid.cost:,.4f}"
    return f"paid: {paid.calls:,} call{'' if paid.calls == 1 else 's'}, {paid.tokens:,} tokens{cost}"


def comparison_text(found: Comparison) -> str:
    """Prompts that differ as marked texts, the metric with its interval, the rows that changed, what it paid."""
    low, high = found.interval
    gain = 100 * (found.after - found.before)
    lines = [f"step {found.one} -> step {found.other}: {len(found.prompts)} of the prompts differ" if found.prompts else (
        f"step {found.one} -> step {found.other}: no prompt differs"
    )]  # fmt: skip
    for one in found.prompts:
        diff = bounded(marked(one.before, one.hunks), _LONG)
        lines += [f"{one.prompt}:", *(f"  {line}" for line in diff.splitlines())]
    lines.append(
        f"metric {found.before:.1%} -> {found.after:.1%} ({gain:+.1f} points, 95% {100 * low:+.1f} to {100 * high:+.1f}) on "
        f"{found.n} rows, {found.wins} won, {found.losses} lost, {found.chance}"
    )
    lines.append(flips_text(found.flips))
    lines += [f"{found.failed} {'row' if found.failed == 1 else 'rows'} failed and left out"] if found.failed else []
    return "\n".join(filter(None, [*lines, paid_text(found.paid)]))


def flow_text(found: Flow, graph: Graph) -> str:
    """What each node wrote, and where the last edit changed it, what it wrote before."""
    head = f"row {found.row}"
    if found.before is None:
        head += ": no edit was applied yet"
    else:
        changed = ", ".join(found.changed) or "nothing"
        head += f", before and after {one_line(found.since)}: {changed} changed"
    lines = [head]
    for node in graph.order:
        now = _wrote(found.now, node.name)
        lines.append(f"{node.name} -> {', '.join(node.outputs)}: {now}")
        if found.before is not None and node.name in found.changed:
            lines.append(f"  before: {_wrote(found.before, node.name)}")
    return "\n".join(lines)


def _wrote(trace: Trace, node: str) -> str:
    calls: tuple[Call, ...] | str = trace.calls.get(node, "skipped")
    if isinstance(calls, str):
        return "(skipped)"
    return bounded(clean("\n".join(call.text for call in calls)), _WRITTEN)
