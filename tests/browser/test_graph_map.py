"""Large and odd graphs: all of one fits, what is found or walked to can be read, nothing lies over something else."""

from __future__ import annotations

import random
import re
from itertools import combinations

import pytest
from alone import STATUS, card, graph_pages, paint, values
from judging import axe, faint
from playwright.sync_api import expect
from prepared import chain

from tep_nb.core.graph import Agent, Graph
from tep_nb.notebook.views.graph import graph_data


def wide(size: int) -> Graph:
    """One agent, all others but one beside each other, and one that reads them all."""
    middle = [Agent(f"m{at:03}", f"Part {at}: {{{{start}}}}") for at in range(size - 2)]
    return Graph([Agent("start", "Begin {{question}}"), *middle, Agent("answer", " ".join(f"{{{{{m.name}}}}}" for m in middle))])


def rungs(size: int) -> Graph:
    """Two chains, one of which reads the other."""
    nodes = [Agent("l000", "{{question}}"), Agent("r000", "{{question}}")]
    for at in range(1, size // 2):
        nodes += [Agent(f"l{at:03}", f"{{{{l{at - 1:03}}}}} {{{{r{at - 1:03}}}}}"), Agent(f"r{at:03}", f"{{{{r{at - 1:03}}}}}")]
    return Graph(nodes, f"l{size // 2 - 1:03}")


def tangle(size: int) -> Graph:
    """Agents that read one to three of those before them, some of them from far away."""
    chance = random.Random(1)
    nodes = [Agent("n000", "{{question}}")]
    for at in range(1, size):
        reads = {chance.randrange(max(0, at - 30), at) for _ in range(chance.randint(1, 3))} | {at // 7}
        nodes.append(Agent(f"n{at:03}", " ".join(f"{{{{n{one:03}}}}}" for one in sorted(reads))))
    return Graph(nodes, f"n{size - 1:03}")


def named(size: int) -> Graph:
    """A chain of agents with names of sixty letters."""
    names = [f"the_agent_number_{at:03}_that_reads_all_of_the_documents_of_a_case" for at in range(size)]
    reads = ["question", *(name[:60] for name in names)]
    return Graph([Agent(name[:60], f"{{{{{read}}}}}") for name, read in zip(names, reads, strict=False)])


@pytest.fixture
def alone(chromium, watch):
    """Open the graph view of some values in a page of its own."""
    with graph_pages(chromium, watch) as opener:
        yield opener


def fitted(page):
    """The page, with all of the graph in sight."""
    page.locator(".tep-graph").focus()
    page.keyboard.press("0")
    return page


SMALL = """() => {
  const port = document.querySelector(".tep-port").getBoundingClientRect();
  const boxes = [...document.querySelectorAll(".tep-card")].map((card) => card.getBoundingClientRect());
  const out = (b) => b.left < port.left - 1 || b.right > port.right + 1 || b.top < port.top - 1 || b.bottom > port.bottom + 1;
  const small = (b) => Math.min(b.width, b.height) < 2 || Math.max(b.width, b.height) < 15;
  return { cards: boxes.length, out: boxes.filter(out).length, small: boxes.filter(small).length };
}"""
LEGIBLE = """(name) => {
  const port = document.querySelector(".tep-port").getBoundingClientRect();
  const card = document.querySelector(`[data-node="${name}"]`);
  const words = card.querySelector(".tep-card-name");
  const box = words.getBoundingClientRect();
  const letters = (parseFloat(getComputedStyle(words).fontSize) * card.getBoundingClientRect().width) / card.offsetWidth;
  const inside = box.left >= port.left && box.right <= port.right && box.top >= port.top && box.bottom <= port.bottom;
  return inside && letters > 10;
}"""
TAG = """() => {
  const port = document.querySelector(".tep-port").getBoundingClientRect();
  const tag = document.querySelector(".tep-tag").getBoundingClientRect();
  return tag.left >= port.left && tag.right <= port.right && tag.top >= port.top && tag.bottom <= port.bottom;
}"""


@pytest.mark.parametrize("make", [chain, wide, rungs, tangle, named])
def test_two_hundred_nodes_fit_and_tell_their_names(alone, make):
    """Fit shows every card, large enough to point at; what is pointed at or walked to says its name in letters one can read."""
    graph = make(200)
    page = fitted(alone(graph))
    assert page.evaluate(SMALL) == {"cards": 200, "out": 0, "small": 0}
    names = [node.name for node in graph.order]
    tag = page.locator(".tep-tag")
    for name in (names[0], names[100], names[-1]):
        card(page, name).hover()
        expect(tag.locator("strong")).to_have_text(name)
        assert page.evaluate(TAG)
    option = page.get_by_role("option", name=re.compile(rf"^{names[7]}\b"))
    expect(option).to_have_count(1)  # not drawn, but there for screen readers
    page.locator(".tep-graph-tools").hover()
    expect(tag).to_be_hidden()
    card(page, names[100]).focus()
    expect(tag.locator("strong")).to_have_text(names[100])
    page.keyboard.press("ArrowRight")
    here = page.evaluate("document.activeElement.dataset.node")
    assert here != names[100]
    assert page.evaluate(LEGIBLE, here)
    expect(tag).to_be_hidden()
    fitted(page).keyboard.press("/")
    page.keyboard.type(names[150])
    page.keyboard.press("Enter")
    assert page.evaluate(LEGIBLE, names[150])
    assert page.evaluate("() => document.documentElement.scrollWidth <= document.documentElement.clientWidth")


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_map_can_be_read_in_light_and_dark(alone, dark):
    """The judge axe finds no violation on it, and every word that is shown or spoken stands out from what is behind it."""
    page = alone(wide(200))
    page.emulate_media(color_scheme="dark" if dark else "light")
    expect(page.locator(".tep")).to_have_class(re.compile("tep-dark") if dark else re.compile("^((?!tep-dark).)*$"))
    card(fitted(page), "m010").hover()
    assert axe(page, ".tep-graph")["violations"] == []
    assert faint(page, ".tep-graph") == []


GROUND = "(name) => getComputedStyle(document.querySelector(`[data-node=${name}]`)).backgroundColor"


def test_map_says_what_it_shows_in_colour(alone):
    """State, score, what waits and calls in flight of a card that is pointed at, while they change."""
    page = fitted(alone(chain(200)))
    made = {"state": "stuck", "score": "5.0", "scores": [[5, "free"]], "phase": "free", "pending": 1}
    paint(page, **{"card/a060": values(chain(200))["card/a060"] | made})
    card(page, "a060").hover()
    expect(page.locator(".tep-tag")).to_have_text("a060stuck · 5.0 / 10 · 1 pending")
    paint(page, status=STATUS | {"running": "step", "progress": {"done": 1, "running": {"a060": 3}}})
    expect(page.locator(".tep-tag")).to_have_text("a060stuck · 5.0 / 10 · 1 pending · 3 in flight")
    assert page.evaluate(GROUND, "a060") != page.evaluate(GROUND, "a061")


def test_map_of_the_past_shows_what_changed_since(alone):
    """From afar the badge has no room: the colour of the mark says it, and the words beside it."""
    graph = chain(200)
    page = alone(graph)
    past = graph_data(graph) | {"changed": ["a060"]}
    page.evaluate("(data) => window.panel.showPast(data, 'As it was after step 4')", past)
    fitted(page)
    card(page, "a060").hover()
    expect(page.locator(".tep-tag")).to_have_text("a060changed since")
    assert page.evaluate(GROUND, "a060") != page.evaluate(GROUND, "a061")
    page.get_by_role("button", name="Back to now").click()
    assert page.evaluate(GROUND, "a060") == page.evaluate(GROUND, "a061")


@pytest.mark.parametrize("height", [800, 500])
def test_the_graph_leaves_room_for_the_page(alone, height):
    """However large it is, it takes at most seven tenths of the window; one that is as wide as tall begins at its first node."""
    page = alone(wide(200), height=height)
    port = page.locator(".tep-port")
    for sight in ("as it comes", "fitted"):
        if sight == "fitted":
            fitted(page)
        box = port.bounding_box()
        assert box["height"] <= 0.7 * height
        first = card(page, "start").bounding_box()
        assert box["y"] <= first["y"] <= first["y"] + first["height"] <= box["y"] + box["height"]
    page.set_viewport_size({"width": 1000, "height": 400})
    page.wait_for_function("() => document.querySelector('.tep-port').clientHeight <= 280")
    for key in ("Home", "End"):  # of a card that is larger than the window, what stands on it
        page.locator(".tep-card").nth(50).focus()
        page.keyboard.press(key)
        assert page.evaluate(LEGIBLE, "answer" if key == "End" else "start")


TURN = """([x, y, by]) => {
  const port = document.querySelector(".tep-port");
  const box = port.getBoundingClientRect();
  const at = { clientX: box.left + x, clientY: box.top + y };
  port.dispatchEvent(new WheelEvent("wheel", { ctrlKey: true, deltaY: by, cancelable: true, ...at }));
}"""
COUNT = """() => {
  window.styles = [];
  window.others = 0;
  const world = document.querySelector(".tep-world");
  new MutationObserver((records) => {
    for (const { target } of records) if (target !== world && !target.closest?.(".tep-tag, .tep-tag-frame")) window.others++;
    const size = (name) => world.style.getPropertyValue(name);
    window.styles.push([world.className, size("--tep-far-size"), size("--tep-stroke")].join(" "));
  }).observe(document.querySelector(".tep-port"), { subtree: true, attributes: true, childList: true });
}"""


def test_wheel_and_panning_lay_out_no_card_anew(alone):
    """The place under the pointer stays; through all scales no card is touched, and the sizes of letters change a few times."""
    page = alone(chain(200))
    page.evaluate(COUNT)
    away = []
    for by in [60] * 25 + [-60] * 25:
        box = card(page, "a001").bounding_box()
        port = page.locator(".tep-port").bounding_box()
        x, y = box["x"] - port["x"] + box["width"] / 2, box["y"] - port["y"] + box["height"] / 2
        page.evaluate(TURN, [x, y, by])
        moved = card(page, "a001").bounding_box()
        away.append(abs(moved["x"] + moved["width"] / 2 - port["x"] - x) + abs(moved["y"] + moved["height"] / 2 - port["y"] - y))
    assert max(away) < 1
    page.locator(".tep-graph").focus()
    for key in ("ArrowRight", "ArrowDown", "ArrowLeft"):
        page.keyboard.press(f"Shift+{key}")
    assert page.evaluate("window.others") == 0
    changes = page.evaluate("window.styles.filter((one, at, all) => at && one !== all[at - 1]).length")
    assert page.evaluate("window.styles.length") > 50
    assert changes <= 16  # three looks, four sizes and three strengths of lines, down and up again


LAID = """() => {
  const box = (node) => {
    const { left, right, top, bottom } = node.getBoundingClientRect();
    return [left, right, top, bottom];
  };
  const cut = (node) => node.scrollWidth > node.clientWidth + 1;
  const labels = [...document.querySelectorAll(".tep-edge-label")];
  const inner = [...document.querySelectorAll(".tep-card > :not(.tep-spoken)")].filter((node) => {
    const card = node.parentElement.getBoundingClientRect();
    const own = node.getBoundingClientRect();
    return own.top < card.top || own.bottom > card.bottom || own.left < card.left || own.right > card.right;
  });
  return {
    labels: labels.map(box), cards: [...document.querySelectorAll(".tep-card")].map(box), inner: inner.map((n) => n.className),
    cut: labels.filter(cut).map((n) => n.textContent),
    said: labels.map((n) => [n.textContent, n.title]),
  };
}"""
PARTS = tuple(f"part_{at:02}" for at in range(12))
ODD = {
    "one node": Graph([Agent("answer", "Say {{question}}")]),
    "no edges": Graph([Agent(name, f"Part {name} of {{{{question}}}}") for name in ("one", "two", "three")], "two"),
    "long roles": Graph([Agent("plan", "{{question}}", role="Plans " * 150), Agent("answer", "{{plan}}", role="x" * 900)]),
    "twelve fields": Graph(
        [Agent("plan", "{{question}}", output=PARTS), Agent("answer", " ".join(f"{{{{{p}}}}}" for p in PARTS))], "answer"
    ),
    "twelve nodes": Graph([
        *(Agent(part, "{{question}}") for part in PARTS), Agent("answer", " ".join(f"{{{{{p}}}}}" for p in PARTS)),
    ]),
    "twelve columns": Graph([Agent("answer", " ".join(f"{{{{{p}}}}}" for p in PARTS))]),
    "two fields": Graph([
        Agent("plan", "{{question}}", output=("outline", "sources")), Agent("check", "{{outline}}"),
        Agent("answer", "{{outline}} {{sources}} {{check}}"),
    ], "answer"),
    "a guard": Graph([
        Agent("draft", "{{question}}", output=("code", "verdict")),
        Agent("repair", "{{code}}", when="verdict.ok=false", otherwise="code"), Agent("answer", "{{repair}}"),
    ]),
    "long names": named(4),
}  # fmt: skip


def apart(one, other):
    return one[1] <= other[0] + 0.5 or other[1] <= one[0] + 0.5 or one[3] <= other[2] + 0.5 or other[3] <= one[2] + 0.5


@pytest.mark.parametrize("name", ODD)
def test_odd_graphs_are_drawn_in_order(alone, name):
    """No label lies over another or a card, no part of a card beyond it; a label without room for all says how many more."""
    page = alone(ODD[name])
    found = page.evaluate(LAID)
    for one, other in combinations([*found["labels"], *found["cards"]], 2):
        assert apart(one, other)
    assert found["inner"] == []
    if name != "long names":
        assert found["cut"] == []
    for said, title in found["said"]:
        assert said == title or said.startswith("part_00 +11 more")
        if "more" in said:
            assert title == ", ".join(PARTS)
