"""The history of a session as one figure: metric, critic's scores, decisions and beta over the same steps."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Any

from tep_nb.core.events import Evaluation
from tep_nb.core.state import State
from tep_nb.core.step import LINE
from tep_nb.report.figures import DIM, INK, PAPER, canvas, hue, label, legend
from tep_nb.report.rows import Record

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["history_figure"]

_NAMED = 7  # prompts and authors with a colour of their own; all others are grey
_ROWS = 24  # prompts with a line of their own among the decisions
_SHAPES = {"approve": "o", "edit": "D", "take": "^", "reject": "X", "skip": "s"}
_WORDS = {"approve": "approved", "edit": "edited", "take": "took hunks", "reject": "rejected", "skip": "skipped"}
_SPLITS = ("o", "s", "^")
_CARDS = 0.19  # inches of height a prompt takes among the decisions

Panel = tuple[float, Callable[["Axes"], None]]
"""Height in inches, and what draws into it."""


def history_figure(state: State, records: Sequence[Record], looks: Sequence[Evaluation]) -> Figure:
    """Everything that changed over the steps, in panels that share them.

    From the top: the metric with 95% intervals; the critic's score of each prompt (0 to 10) with the line at 8.0; each decision
    as a mark, its shape the verdict and its colour the author; beta, where there is a nudged phase. Phases are bands.

    Parameters
    ----------
    state : State
    records : sequence of Record
        The decisions to mark.
    looks : sequence of Evaluation
        The looks at a split to draw.
    """
    rows = _rows(state, records)
    gates = [r for r in records if r.decision.text is not None and r.evidence is not None and r.evidence.kind == "metric"]
    panels: list[Panel] = []
    if looks or gates:
        panels.append((1.7, lambda axes: _metric(axes, state, gates, looks)))
    if not panels or any(state.track(name).history for name in state.prompts):
        panels.append((2.1, lambda axes: _scores(axes, state)))
    if records:
        panels.append((0.45 + _CARDS * max(len(rows), 4), lambda axes: _decisions(axes, rows, records)))
    betas = [(step.index, step.beta) for step in (*state.steps, state.step) if step.beta is not None]
    if betas:
        panels.append((0.6, lambda axes: _beta(axes, betas)))
    figure, found = canvas([height for height, _ in panels])
    for axes, (_, draw) in zip(found, panels, strict=True):
        _bands(axes, state)
        draw(axes)
    _name_phases(found[0], state)
    _steps(found[-1], state)
    return figure


def _metric(axes: Axes, state: State, gates: Iterable[Record], looks: Sequence[Evaluation]) -> None:
    for index, split in enumerate(dict.fromkeys(look.split for look in looks)):
        own = [look for look in looks if look.split == split]
        ends = [[abs(look.interval[side] - look.mean) for look in own] for side in (0, 1)]  # never below 0
        look: dict[str, Any] = {"color": hue(index), "marker": _SPLITS[index % 3], "markersize": 4.5, "linewidth": 1.2}
        axes.errorbar([e.step for e in own], [e.mean for e in own], yerr=ends, capsize=3, label=label(split), **look)
    points = [(record.step, record.evidence.after) for record in gates if record.evidence is not None]
    if points:
        found: dict[str, Any] = {"linestyle": "none", "marker": "P", "color": hue(3), "markersize": 5}
        axes.plot(*zip(*points, strict=True), label="evidence, after an edit", **found)
    axes.set_ylim(-0.04, 1.04)
    axes.set_yticks([0, 0.5, 1], ["0%", "50%", "100%"])
    axes.set_ylabel(f"metric\n{label(str(state.metric.get('name', '')))}")
    legend(axes)


def _scores(axes: Axes, state: State) -> None:
    for index, name in enumerate(state.prompts):
        points = state.track(name).history
        look: dict[str, Any] = {"color": hue(index, _NAMED), "marker": ".", "markersize": 5, "linewidth": 1.2}
        # A nudged score counts alignment too: a line through both phases would join two scales.
        for number, phase in enumerate(dict.fromkeys(point.phase for point in points)):
            own = [point for point in points if point.phase == phase]
            said = label(name) if not number and index < _NAMED else ""
            axes.plot([p.step for p in own], [p.score for p in own], label=said, **look)
    axes.axhline(LINE, color=DIM, linewidth=1, linestyle=":")
    lowest = min((point.score for name in state.prompts for point in state.track(name).history), default=10)
    ticks = [tick for tick in (0, 2, 4, 6, 8, 10) if tick >= min(6, lowest - 2)]
    axes.set_ylim(ticks[0] - 0.4, 10.4)
    axes.set_yticks(ticks, ["8.0" if tick == 8 else str(tick) for tick in ticks])
    axes.set_ylabel("critic's score")
    legend(axes, [f"{len(state.prompts) - _NAMED} others in grey"] if len(state.prompts) > _NAMED else [])


def _rows(state: State, records: Sequence[Record]) -> list[str]:
    """The prompts that have a line: those with decisions, the most decided ones where there are too many; in order."""
    counts: dict[str, int] = {}
    for record in records:
        counts[record.proposal.prompt] = counts.get(record.proposal.prompt, 0) + 1
    most = sorted(counts, key=lambda name: -counts[name])[:_ROWS]
    return [name for name in state.prompts if name in most]


def _decisions(axes: Axes, rows: Sequence[str], records: Sequence[Record]) -> None:
    authors: dict[str, int] = {}
    for record in records:
        authors[record.decision.by] = authors.get(record.decision.by, 0) + 1
    shown = sorted(authors, key=lambda by: -authors[by])
    colour = {by: hue(index, _NAMED) for index, by in enumerate(shown)}
    place = {name: index for index, name in enumerate(rows)}
    many = Counter((record.proposal.prompt, record.step) for record in records)
    beside: Counter[tuple[str, int]] = Counter()
    groups: dict[tuple[str, str], list[tuple[float, int]]] = {}
    for record in records:
        prompt, decision = record.proposal.prompt, record.decision
        if prompt in place:
            apart = min(0.2, 0.8 / many[prompt, record.step])  # several of one step stand side by side, before the next
            point = (record.step + apart * beside[prompt, record.step], place[prompt])
            beside[prompt, record.step] += 1
            groups.setdefault((decision.verdict, colour[decision.by]), []).append(point)
    for (verdict, tint), points in groups.items():
        x, y = zip(*points, strict=True)
        axes.scatter(x, y, s=26, marker=_SHAPES[verdict], color=tint, linewidths=0.5, edgecolors=PAPER)
    for verdict in dict.fromkeys(record.decision.verdict for record in records):
        axes.scatter([], [], marker=_SHAPES[verdict], color=INK, s=26, label=_WORDS[verdict])
    for by in shown[:_NAMED]:
        axes.plot([], [], linewidth=5, color=colour[by], label=f"by {label(by)}")
    axes.set_ylim(len(rows) - 0.4, -0.6)
    axes.set_yticks(range(len(rows)), [label(name) for name in rows])
    axes.set_ylabel("decisions")
    left = [f"{len(shown) - _NAMED} other authors in grey"] if len(shown) > _NAMED else []
    legend(axes, left)


def _beta(axes: Axes, betas: Sequence[tuple[int, float]]) -> None:
    axes.plot(*zip(*betas, strict=True), color=DIM, marker=".", markersize=4, linewidth=1, drawstyle="steps-mid")
    top = max(beta for _, beta in betas)
    axes.set_ylim(0, 1.25 * top)
    axes.set_yticks([0, top], ["0", f"{top:g}"])
    axes.set_ylabel("beta")


def _spans(state: State) -> list[tuple[str, float, float]]:
    """Phase, where it begins and where it ends."""
    ends = [*(step for step, _, _ in state.phases[1:]), state.step.index + 0.5]
    return [(phase, step + 0.5 if step else -0.5, end + 0.5) for (step, phase, _), end in zip(state.phases, ends, strict=True)]


def _bands(axes: Axes, state: State) -> None:
    for phase, begin, end in _spans(state):
        if phase == "nudged":
            axes.axvspan(begin, end, color=DIM, alpha=0.12, linewidth=0)


def _name_phases(axes: Axes, state: State) -> None:
    for phase, begin, end in _spans(state):
        if phase != "done":
            axes.annotate(
                f"{phase} phase", ((begin + end) / 2, 1), xycoords=("data", "axes fraction"), xytext=(0, 3),
                textcoords="offset points", ha="center", va="bottom", color=DIM,
            )  # fmt: skip


def _steps(axes: Axes, state: State) -> None:
    from matplotlib.ticker import MaxNLocator

    axes.set_xlim(-0.5, max(1, state.step.index) + 1.0)
    axes.set_xlabel("step")
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
