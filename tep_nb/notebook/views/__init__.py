"""What the analyst sees: each view as a widget and as a static twin."""

from tep_nb.notebook.views.picture import graph_png, static_graph
from tep_nb.notebook.views.static import static_review, static_summary
from tep_nb.notebook.views.studio import graph_view, review_view, studio

__all__ = ["graph_png", "graph_view", "review_view", "static_graph", "static_review", "static_summary", "studio"]
