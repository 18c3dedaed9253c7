"""The studio and its single views: workbench in, widget out."""

from __future__ import annotations

from base64 import b64encode
from pathlib import PurePath
from typing import Any, ClassVar

import traitlets
from anywidget import AnyWidget

from tep_nb.core.state import State
from tep_nb.notebook.views.graph import graph_data
from tep_nb.notebook.views.history import history_data
from tep_nb.notebook.views.link import Bench, Shows, View, module, style
from tep_nb.notebook.views.meter import meter_data
from tep_nb.notebook.views.picture import graph_png, static_graph
from tep_nb.notebook.views.review import review_data
from tep_nb.notebook.views.static import static_review, summary_text
from tep_nb.notebook.views.text import shown
from tep_nb.report.team import is_simulated, team_note

__all__ = ["GraphView", "ReviewView", "StudioView", "graph_view", "review_view", "status_data", "studio"]

_PAINTED = 60
"""Nodes up to which a PNG is made too: painting 200 takes three seconds, and nobody could read it."""
_STATE = frozenset({"state", "session"})
_ALL = frozenset({"state", "session", "progress", "error"})


def status_data(bench: Bench) -> dict[str, Any]:
    """Where the session stands, what runs, and what went wrong."""
    state, session, progress = bench.state, bench.session, bench.progress
    data: dict[str, Any] = {
        "session": session is not None,
        "file": PurePath(session.path).name if session is not None else "",
        "phase": state.phase if state else "",
        "step": state.step.index if state else 0,
        "beta": f"{state.step.beta:.2f}" if state and state.step.beta is not None else "",
        "pending": len(state.step.pending) if state else 0,
        "models": _models(state) if state else "",
        "running": bench.running or "",
        "progress": None,
        "error": bench.errors or "",
    }
    if progress is not None and bench.running:
        data["progress"] = {
            "done": progress.done,
            "recorded": progress.recorded,
            "running": {name: n for name, n in dict(progress.running).items() if n},
            "purpose": progress.purpose,
            "tokens": progress.tokens,
        }
    cleaned: dict[str, Any] = shown(data)
    return cleaned


def _models(state: State) -> str:
    """The simulated model is named wherever its results are shown, with its roles where it is not the actor."""
    return "simulated model" if is_simulated(state.models.get("actor", "")) else team_note(state)


def _graph(bench: Bench) -> dict[str, Any]:
    return graph_data(bench.graph, bench.state)


def _review(bench: Bench) -> dict[str, Any]:
    return review_data(bench.state)


def _history(bench: Bench) -> dict[str, Any]:
    return history_data(bench.state)


def _meter(bench: Bench) -> dict[str, Any]:
    session, state = bench.session, bench.state
    if session is None or state is None:
        return meter_data(None, {})
    return meter_data(session.usage, state.budget, session.estimate().total)


class _Static(View):
    """A view whose saved output has, beside the widget, what can be read without a kernel."""

    def _repr_mimebundle_(self, **kwargs: Any) -> tuple[dict[str, Any], dict[str, Any]] | None:
        bundle: Any = AnyWidget._repr_mimebundle_(self, **kwargs)
        if bundle is None:
            return None
        data, metadata = bundle if isinstance(bundle, tuple) else (bundle, {})
        still = {"text/plain": summary_text(self._bench.graph, self._bench.state), **self._still()}
        return {**data, **still}, metadata

    def _still(self) -> dict[str, str]:
        graph, state = self._bench.graph, self._bench.state
        if graph is None:
            return {}
        # nbconvert shows the SVG; an untrusted JupyterLab and some code hosts show only the PNG.
        still = {"image/svg+xml": static_graph(graph, state)}
        if len(graph.nodes) <= _PAINTED:
            still["image/png"] = b64encode(graph_png(graph, state)).decode("ascii")
        return still


class GraphView(_Static):
    """The graph of agents and tools.

    Attributes
    ----------
    selected : str
        The node that is selected on the page, empty for none; may be set.
    """

    _esm = module("graph", "graph")
    _css = style("graph")
    SHOWS: ClassVar[Shows] = {"graph": (_graph, _STATE), "status": (status_data, _ALL)}

    graph = traitlets.Dict().tag(sync=True)
    status = traitlets.Dict().tag(sync=True)
    selected = traitlets.Unicode("").tag(sync=True)


class ReviewView(_Static):
    """The proposals that wait for a decision."""

    _esm = module("review", "proposal", "actions", "review")
    _css = style("review")
    SHOWS: ClassVar[Shows] = {"review": (_review, _STATE), "status": (status_data, _ALL)}

    review = traitlets.Dict().tag(sync=True)
    status = traitlets.Dict().tag(sync=True)

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

    _esm = module("studio", "graph", "proposal", "actions", "review", "history", "meter", "studio")
    _css = style("graph", "review", "history", "meter", "studio")
    SHOWS: ClassVar[Shows] = {
        "graph": (_graph, _STATE),
        "review": (_review, _STATE),
        "history": (_history, _STATE),
        "meter": (_meter, _STATE),
        "status": (status_data, _ALL),
    }

    graph = traitlets.Dict().tag(sync=True)
    review = traitlets.Dict().tag(sync=True)
    history = traitlets.Dict().tag(sync=True)
    meter = traitlets.Dict().tag(sync=True)
    status = traitlets.Dict().tag(sync=True)
    selected = traitlets.Unicode("").tag(sync=True)


def studio(workbench: Bench) -> StudioView:
    """A studio of the workbench's session; several of one session agree."""
    return StudioView(workbench)


def graph_view(workbench: Bench) -> GraphView:
    """The graph alone: of the session, or of the drafts before it starts."""
    return GraphView(workbench)


def review_view(workbench: Bench) -> ReviewView:
    """The review panel alone."""
    return ReviewView(workbench)
