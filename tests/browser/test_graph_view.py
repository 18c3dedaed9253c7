"""The graph view alone in a page: what it draws anew, search, an example, the graph as it was, calls in flight."""

from __future__ import annotations

import json

import pytest
from alone import SEEN, STATUS, card, graph_pages, paint, values
from driving import ask, button
from playwright.sync_api import expect
from prepared import chain

from tep_nb.core.graph import Agent, Graph, Tool
from tep_nb.notebook.views.graph import graph_data

WATCH = """() => {
  window.touched = new Set();
  const name = (node) => (node.nodeType === 1 ? node : node.parentElement)?.closest("[data-node]")?.dataset.node || "";
  new MutationObserver((records) => { for (const one of records) window.touched.add(name(one.target)); })
    .observe(document.querySelector(".tep-world"), { childList: true, subtree: true, attributes: true, characterData: true });
}"""


def adds(total: str) -> str:
    """Adds up what it is given."""
    return total


def team() -> Graph:
    return Graph([
        Agent("items", "List: {{question}}", role="Lists the things"),
        Agent("constructor", "Count {{items}}", output="total", role="Counts what was listed"),
        Tool(adds),
        Agent("answer", "Answer from {{adds}} and {{question}}"),
    ])  # fmt: skip


def ladder(rungs: int) -> Graph:
    """Agents in layers of ten, each of which reads one of the layer before."""
    made = [Agent(f"n{at}", f"Part {{{{{f'n{at - 10}' if at >= 10 else 'question'}}}}}") for at in range(rungs)]
    return Graph([*made, Agent("answer", " ".join(f"{{{{n{at}}}}}" for at in range(rungs - 10, rungs)))])


@pytest.fixture
def alone(chromium, watch):
    """Open the graph view of some values in a page of its own."""
    with graph_pages(chromium, watch) as opener:
        yield opener


def test_change_of_one_agent_touches_its_card_alone(alone):
    """Among 200 nodes a new score draws one card, and the card that has the focus keeps it, also when it is the one drawn."""
    graph = ladder(199)
    page = alone(graph)
    expect(page.locator(".tep-card")).to_have_count(200)
    card(page, "n5").focus()
    page.evaluate(WATCH)
    new = {"score": "7.5", "scores": [[6, "free"], [7.5, "nudged"]], "phase": "nudged", "state": "settled"}
    paint(page, **{"card/n5": values(graph)["card/n5"] | new})
    expect(card(page, "n5")).to_contain_text("7.5 / 10")
    expect(card(page, "n5")).to_be_focused()
    assert page.evaluate("[...window.touched]") == ["n5"]
    assert card(page, "n5").locator("polyline").count() == 2, "nudged scores are a line of their own"


def test_calls_in_flight_are_said_in_a_number(alone):
    """Only cards whose number changed are touched; a node called as an object's own member is a node like any other."""
    page = alone(team())
    page.evaluate(WATCH)
    progress = {"done": 1, "running": {"constructor": 3}}
    paint(page, status=STATUS | {"running": "step", "progress": progress})
    expect(card(page, "constructor")).to_contain_text("3 in flight")
    paint(page, status=STATUS | {"running": "step", "progress": progress | {"done": 2}})
    assert page.locator(".tep-flight").count() == 1
    paint(page, status=STATUS)
    expect(page.locator(".tep-flight")).to_have_count(0)
    assert page.evaluate("[...window.touched]") == ["constructor"]


def test_search_finds_marks_and_jumps(alone):
    """`/` opens it; names come before roles and fields; Enter shows one match after the other, large enough; Escape leaves."""
    page = alone(ladder(199))
    page.locator(".tep-graph").focus()
    page.keyboard.press("0")
    expect(page.locator(".tep-world")).to_have_class("tep-world tep-far tep-farther")
    page.keyboard.press("/")
    field = page.get_by_role("searchbox", name="Find a node")
    expect(field).to_be_focused()
    page.keyboard.type("n15")
    expect(page.locator(".tep-found-count")).to_have_text("22 found")  # n15, n150 to n159, and those that read them
    page.keyboard.press("Enter")
    expect(page.locator(".tep-found-count")).to_have_text("1 of 22")
    expect(card(page, "n15")).to_have_class("tep-card tep-card-agent tep-found tep-at")
    assert page.evaluate(SEEN, "n15")
    page.keyboard.press("Enter")
    assert page.evaluate(SEEN, "n150")
    expect(field).to_be_focused()
    page.keyboard.press("Escape")
    expect(card(page, "n150")).to_be_focused()
    expect(page.locator(".tep-found")).to_have_count(0)
    page.keyboard.press("ArrowRight")
    expect(card(page, "n160")).to_be_focused()
    assert page.evaluate(SEEN, "n160")
    card(page, "n40").focus()  # as Tab and screen readers do
    page.wait_for_function(SEEN, arg="n40")


def flow(graph: Graph, digest: str) -> dict:
    """An answer as Python gives it, of an edit that changed the second node and what follows."""
    same = {"same": True, "now": [{"text": "two figs"}], "size": 8}
    before = [{"text": "one", "differs": True}, {"text": " fig"}]
    other = {"same": False, "before": before, "now": [{"text": "two", "differs": True}], "size": 3}
    nodes = {
        node.name: {
            "reads": [[name, name] for name in node.needs], "writes": list(node.outputs), "note": "", "tokens": "",
            "state": "same" if node.name == "items" else "changed", "differs": node.name != "items",
        }
        for node in graph.order
    }  # fmt: skip
    fields = {"question": same, "items": same, "total": other, "adds": other, "answer": other}
    return {
        "row": 17, "split": "train", "text": "two figs", "target": "2", "graph": digest, "since": "approve of constructor by ada",
        "changed": 3, "compared": True, "scores": [{"value": "1", "note": ""}, {"value": "0", "note": ""}], "fields": fields,
        "nodes": nodes, "drawing": graph_data(graph),
    }  # fmt: skip


def test_example_flows_through_the_graph(alone):
    """A row is chosen by key, cards show what went through, the whole stands below; what is of an earlier graph says so."""
    graph = team()
    page = alone(graph)
    page.locator(".tep-graph").focus()
    page.keyboard.press("i")
    page.wait_for_function("() => window.asked('rows')")
    rows = [
        {"id": 3, "split": "train", "text": "one fig", "calls": 0}, {"id": 17, "split": "train", "text": "two figs", "calls": 5},
    ]  # fmt: skip
    page.evaluate("(data) => window.answer('rows', data)", {"rows": rows, "before": 0, "after": 0})
    expect(page.locator(".tep-row")).to_contain_text(["no call", "at most 5 calls"])
    page.keyboard.press("ArrowDown")
    page.keyboard.type("17")
    page.keyboard.press("Enter")  # sooner than the rows for what was typed have come: these are not meant
    page.wait_for_function("() => window.asked('rows')")
    assert not page.evaluate("() => window.asked('flow')")
    page.evaluate("(data) => window.answer('rows', data)", {"rows": rows[1:], "before": 0, "after": 0})
    page.wait_for_function("() => window.asked('flow')")
    assert page.evaluate("(data) => window.answer('flow', data)", flow(graph, graph.digest)) == {"row": 17}
    line = page.locator(".tep-flow-line")
    expect(line).to_contain_text("3 of 4 nodes differ since approve of constructor by ada")
    expect(line).to_contain_text("metric 0 → 1")
    expect(line).not_to_contain_text("earlier graph")
    expect(card(page, "items")).to_contain_text("same")
    expect(card(page, "constructor")).to_contain_text("changed")
    expect(card(page, "constructor")).to_be_focused()
    detail = page.get_by_role("region", name="What the node read and wrote")
    expect(detail.locator("del")).to_contain_text("one")
    expect(detail.locator("ins")).to_contain_text("two")
    assert "target" not in line.inner_text().replace("Show target", "")
    button(page, "Show target").click()
    expect(line).to_contain_text("target: 2")

    paint(page, digest="another")
    expect(line).to_contain_text("of an earlier graph")
    page.keyboard.press("I")
    page.wait_for_function("() => window.asked('flow')")
    page.evaluate("() => window.answer('flow', null, 'the budget is spent')")
    expect(page.locator(".tep-graph > .tep-alert")).to_have_text("the budget is spent")
    button(page, "Leave the example").click()
    expect(line).to_be_hidden()
    expect(detail).to_be_hidden()
    expect(card(page, "constructor")).to_contain_text("Counts what was listed")


def test_graph_as_it_was_acts_no_more(alone):
    """It says what it is, marks what has changed since, offers no command, and goes back to now by one button."""
    graph = team()
    page = alone(graph)
    card(page, "items").click()
    expect(button(page, "Freeze selected")).to_be_visible()
    past = graph_data(graph)
    past["nodes"][1]["role"] = "Counted once"
    past["changed"] = ["constructor"]
    page.evaluate("([data, title]) => window.panel.showPast(data, title)", [past, "As it was after step 4"])
    expect(page.locator(".tep-past")).to_contain_text("As it was after step 4")
    expect(card(page, "constructor")).to_contain_text("changed since")
    expect(card(page, "constructor")).to_contain_text("Counted once")
    expect(button(page, "Freeze selected")).to_be_hidden()
    expect(page.get_by_role("combobox", name="Row")).to_be_hidden()
    card(page, "answer").click()
    expect(card(page, "answer")).to_have_attribute("aria-selected", "false")
    paint(page, **{"card/constructor": values(graph)["card/constructor"] | {"role": "Counts anew"}})
    expect(card(page, "constructor")).to_contain_text("Counted once")
    button(page, "Back to now").click()
    expect(card(page, "constructor")).to_contain_text("Counts anew")
    expect(page.locator(".tep-past")).to_be_hidden()
    expect(page.locator(".tep-mark-changed")).to_have_count(0)


def test_agent_is_frozen_from_its_card(alone):
    """The command goes for the prompt of the selected card; a refusal is said."""
    page = alone(team())
    card(page, "items").click()
    button(page, "Freeze selected").click()
    args = page.evaluate("() => window.answer('freeze', null, 'no session')")
    assert args == {"prompt": "items", "off": False}
    expect(page.locator(".tep-graph > .tep-alert")).to_have_text("no session")
    paint(page, **{"card/items": values(team())["card/items"] | {"state": "frozen"}})
    button(page, "Free selected").click()
    assert page.evaluate("() => window.answer('freeze', null)") == {"prompt": "items", "off": True}
    expect(page.locator(".tep-graph > .tep-alert")).to_be_hidden()
    assert json.loads(page.evaluate("() => JSON.stringify(window.asked('freeze'))")) is False


def test_example_is_followed_in_a_session(opened):
    """The rows and the way of one come from Python; an approval makes it one of an earlier graph; nothing of it is saved."""
    page = opened("w = studio(bench)\nw")
    page.locator(".tep-graph").focus()
    page.keyboard.press("i")
    expect(page.locator(".tep-row")).to_have_count(10)  # no test row
    page.keyboard.press("Tab")  # past the list, which scrolls and is gone with the focus
    expect(page.locator(".tep-row-popup")).to_be_hidden()
    assert page.evaluate("() => document.activeElement.closest('.tep-graph') !== null")
    page.keyboard.press("i")
    page.keyboard.type("7")
    expect(page.locator(".tep-row").first).to_contain_text("7validationquestion 7 <img src=x")
    page.keyboard.press("Enter")
    line = page.locator(".tep-flow-line")
    expect(line).to_contain_text("no edit was accepted yet")
    expect(card(page, "collect")).to_contain_text("out listed some reply <img")
    button(page, "Step").click()
    expect(page.locator(".tep-count")).to_have_text("1 / 3")
    button(page, "Approve").click()
    expect(line).to_contain_text("of an earlier graph")
    page.keyboard.press("I")
    expect(line).to_contain_text("0 of 4 nodes differ since step 1: ada approved collect")
    assert ask(page, "print('question 7' in json.dumps(w.get_state()), 'question 7' in json.dumps(w.page))") == "False False"


def test_card_that_is_jumped_to_is_seen_whole(alone):
    """The window of a low graph grows to the card that is brought near: its name is not cut off."""
    page = alone(chain(5))
    page.locator(".tep-graph").focus()
    page.keyboard.press("/")
    page.keyboard.type("a002")
    page.keyboard.press("Enter")
    expect(card(page, "a002")).to_have_attribute("aria-selected", "true")
    inside = """() => {
      const [one, room] = ['[data-node="a002"]', ".tep-port"].map((part) => document.querySelector(part).getBoundingClientRect());
      return one.top >= room.top && one.bottom <= room.bottom;
    }"""
    page.wait_for_function(inside)
