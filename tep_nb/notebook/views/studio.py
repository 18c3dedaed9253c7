"""The studio and its single views: workbench in, widget out."""

from __future__ import annotations

from typing import Any, ClassVar

import traitlets

from tep_nb.notebook.views import flow, points
from tep_nb.notebook.views.autopilot import paint_run, run_data
from tep_nb.notebook.views.graph import paint_graph
from tep_nb.notebook.views.history import paint_history
from tep_nb.notebook.views.link import Answers, Bench, Looks, Parts, View, module, style
from tep_nb.notebook.views.meter import paint_meter
from tep_nb.notebook.views.picture import graph_pictures
from tep_nb.notebook.views.review import REVIEW_ANSWERS, REVIEW_LOOKS, paint_review
from tep_nb.notebook.views.static import static_review, summary_text
from tep_nb.notebook.views.status import look_files, paint_revive, paint_status

__all__ = ["GraphView", "ReviewView", "StudioView", "graph_view", "review_view", "studio"]

_STATE = frozenset({"state", "session"})
_ALL = frozenset({"state", "session", "progress", "error"})
_STATUS = (paint_status, _ALL)
GRAPH_PARTS = ("graphcard", "graphmarks", "graphport", "graphfind", "flowrows", "flow", "graph")
_REVIEW = (
    "queue", "marks", "fold", "proposal", "evidence", "critique", "editor", "sheet", "queuehead", "reason", "actions", "review",
)  # fmt: skip
_HISTORY = ("chart", "lane", "compare", "points", "history")
_REVIEW_STYLE = ("review", "proposal", "evidence")
_FIRST = ("graph", "card", "status")


class _Static(View):
    """A view whose saved output has, beside the widget, what can be read without a kernel."""

    def _repr_mimebundle_(self, **kwargs: Any) -> tuple[dict[str, Any], dict[str, Any]] | None:
        bundle: Any = super()._repr_mimebundle_(**kwargs)
        if bundle is None:
            return None
        data, metadata = bundle if isinstance(bundle, tuple) else (bundle, {})
        words = summary_text(self._bench.graph, self._bench.state)
        return {**data, **self._still(), "text/plain": words}, metadata

    def _still(self) -> dict[str, str]:
        graph, state = self._bench.graph, self._bench.state
        return {} if graph is None else graph_pictures(graph, state)


class GraphView(_Static):
    """The graph of agents and tools.

    Attributes
    ----------
    selected : str
        The node that is selected on the page, empty for none; may be set.
    """

    _esm = module("graph", *GRAPH_PARTS)
    _css = style("graph", "graphmap", "flow")
    PARTS: ClassVar[Parts] = ((paint_graph, _STATE), _STATUS)
    FIRST: ClassVar[tuple[str, ...]] = _FIRST
    LOOKS: ClassVar[Looks] = flow.LOOKS
    ANSWERS: ClassVar[Answers] = flow.ANSWERS

    selected = traitlets.Unicode("").tag(sync=True)


class ReviewView(_Static):
    """The proposals that wait for a decision."""

    _esm = module("review", *_REVIEW)
    _css = style(*_REVIEW_STYLE)
    PARTS: ClassVar[Parts] = ((paint_review, _STATE), _STATUS)
    LOOKS: ClassVar[Looks] = REVIEW_LOOKS
    ANSWERS: ClassVar[Answers] = REVIEW_ANSWERS

    def _still(self) -> dict[str, str]:
        state = self._bench.state
        return {} if state is None else {"text/html": static_review(state)}


class StudioView(_Static):
    """Graph, review, history and meter under one bar.

    Attributes
    ----------
    selected : str
        The node that is selected on the page, empty for none; may be set.
    """

    _esm = module("studio", *GRAPH_PARTS, *_REVIEW, *_HISTORY, "meter", "autopilot", "opening", "studio")
    _css = style("graph", "graphmap", "flow", *_REVIEW_STYLE, "history", "meter", "autopilot", "studio")
    PARTS: ClassVar[Parts] = (
        (paint_graph, _STATE),
        (paint_review, _STATE),
        (paint_history, _STATE),
        (paint_meter, _STATE),
        (paint_run, _STATE),
        (paint_revive, _STATE),
        _STATUS,
    )
    FIRST: ClassVar[tuple[str, ...]] = _FIRST
    LOOKS: ClassVar[Looks] = {"files": look_files, **flow.LOOKS, **REVIEW_LOOKS, **points.LOOKS}
    ANSWERS: ClassVar[Answers] = {"run": run_data, **flow.ANSWERS, **REVIEW_ANSWERS, **points.ANSWERS}

    selected = traitlets.Unicode("").tag(sync=True)

    def _still(self) -> dict[str, str]:
        # Beside a session's studio its pictures are outputs of their own, kept current: the first paint does not wait for them.
        return super()._still() if self._bench.state is None else {}


def studio(workbench: Bench) -> StudioView:
    """A studio of the workbench's session; several of one session agree."""
    return StudioView(workbench)


def graph_view(workbench: Bench) -> GraphView:
    """The graph alone: of the session, or of the drafts before it starts."""
    return GraphView(workbench)


def review_view(workbench: Bench) -> ReviewView:
    """The review panel alone."""
    return ReviewView(workbench)
