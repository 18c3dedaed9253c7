"""What the analyst sees: each view as a widget and as a static twin."""

from tep_nb.notebook.views.picture import graph_pictures, graph_png, static_graph
from tep_nb.notebook.views.static import static_review
from tep_nb.notebook.views.studio import graph_view, review_view, studio
from tep_nb.notebook.views.summary import static_summary

__all__ = [
    "graph_pictures", "graph_png", "graph_view", "review_view", "static_graph", "static_review", "static_summary", "studio",
]  # fmt: skip
