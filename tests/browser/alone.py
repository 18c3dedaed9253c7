"""The graph view in a page of its own, without a notebook or a kernel: the test is what Python would be."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import SimpleNamespace
from typing import Any

from driving import Watch

from tep_nb.core.graph import Graph
from tep_nb.notebook.views.graph import paint_graph
from tep_nb.notebook.views.link import module, style
from tep_nb.notebook.views.studio import GRAPH_PARTS

__all__ = ["SEEN", "STATUS", "card", "graph_pages", "paint", "values"]

MODEL = """
const listeners = {};
const model = {
  values: { selected: "", first: {} }, sent: [],
  get(name) { return this.values[name]; },
  set(name, value) { this.values[name] = value; for (const f of listeners[`change:${name}`] || []) f(); },
  save_changes() {},
  on(event, f) { (listeners[event] ||= []).push(f); },
  off() {},
  send(content) { if (content.verb) this.sent.push(content); },
};
const hear = (message) => { for (const f of listeners["msg:custom"] || []) f(message); };
let painted = 0;
window.paint = (set, whole = false) => hear({ paint: ++painted, whole, set, drop: [] });
window.answer = (verb, data, error = "") => {
  const at = model.sent.findIndex((one) => one.verb === verb);
  const [{ id, args }] = model.sent.splice(at, 1);
  hear({ id, ok: !error, error, note: "", data });
  return args;
};
window.asked = (verb) => model.sent.some((one) => one.verb === verb);
const begin = GraphPanel.prototype.start;
GraphPanel.prototype.start = function () { window.panel = this; return begin.call(this); };
const render = widget("tep-alone", graphView);
render({ model, el: document.getElementById("here") });
window.paint(window.START, true);
"""
STATUS = {"session": True, "phase": "free", "running": "", "progress": None, "error": "", "pending": 0}
SEEN = """(name) => {
  const port = document.querySelector(".tep-port").getBoundingClientRect();
  const box = document.querySelector(`[data-node="${name}"]`).getBoundingClientRect();
  return box.left >= port.left && box.right <= port.right && box.top >= port.top && box.bottom <= port.bottom && box.width > 150;
}"""


def values(graph: Graph) -> dict[str, Any]:
    """What a page is told of a graph's drafts."""
    return {**paint_graph(SimpleNamespace(graph=graph, state=None)), "status": STATUS}


@contextmanager
def graph_pages(chromium: Any, watch: Watch) -> Iterator[Callable[..., Any]]:
    """What opens the graph view of a graph; afterwards: no console error, no request."""
    pages = []

    def opener(graph: Graph, width: int = 1000, height: int = 800) -> Any:
        context = chromium.new_context(viewport={"width": width, "height": height})
        context.set_default_timeout(10_000)
        page = context.new_page()
        pages.append(context)
        watch.listen(page)
        source = module("graph", *GRAPH_PARTS).rsplit("export default", 1)[0]
        page.set_content(f"<!doctype html><style>{style('graph', 'graphmap', 'flow')}</style><div id=here></div>")
        page.evaluate("(start) => (window.START = start)", values(graph))
        page.add_script_tag(type="module", content=source + MODEL)
        page.wait_for_selector(".tep-card")
        return page

    yield opener
    for context in pages:
        context.close()
    assert (watch.errors, watch.strangers) == ([], [])


def paint(page: Any, **changed: Any) -> None:
    """Tell the page of changed values, and wait until they are drawn."""
    page.evaluate(
        "(set) => { window.paint(set); return new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))); }",
        changed,
    )


def card(page: Any, name: str) -> Any:
    """The card of a node."""
    return page.locator(f'[data-node="{name}"]')
