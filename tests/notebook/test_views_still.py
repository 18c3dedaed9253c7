"""The static twins: read without a kernel, a script or a network; hostile texts are text."""

import re
from dataclasses import replace
from html.parser import HTMLParser
from xml.etree import ElementTree

import pytest
from test_views_states import EVIL, a_graph, a_state, some_evidence

from tep_nb.core import events as ev
from tep_nb.core.graph import Agent, Graph
from tep_nb.core.visible import visible
from tep_nb.model.budget import Spent, Usage
from tep_nb.notebook.views import graph_png, static_graph, static_review, static_summary
from tep_nb.notebook.views.text import clip, shown

HARMLESS = {
    "div",
    "h4",
    "p",
    "pre",
    "strong",
    "sup",
    "ins",
    "del",
    "details",
    "summary",
    "table",
    "thead",
    "tbody",
    "tr",
    "th",
    "td",
}


class Elements(HTMLParser):
    """The elements and attributes of a text, and what it says."""

    def __init__(self, text):
        super().__init__()
        self.names, self.attributes, self.said = set(), set(), []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.names.add(tag)
        self.attributes |= {name for name, _ in attrs}

    def handle_data(self, data):
        self.said.append(data)


def test_review_twin_holds_no_element_of_a_stranger():
    """Only our own harmless elements and attributes; added and removed are elements, not colours."""
    state = a_state(rationale=EVIL, warnings=(f"leak: {EVIL}",))
    state = state.apply(some_evidence(state))
    parsed = Elements(static_review(state))
    assert parsed.names <= HARMLESS
    assert parsed.attributes <= {"style", "scope"}
    assert {"ins", "del"} <= parsed.names
    said = "".join(parsed.said)
    for part in (EVIL, "1 / 2", "worse", "n = 4", "0 won", "1 lost", "other⟦U+202E⟧", "“the list”"):
        assert part in said


def test_review_twin_without_proposals_says_so():
    """Nothing pending is a sentence."""
    state = a_state()
    for proposal in state.step.pending:
        state = state.apply(ev.Decided(decision=proposal.skip("ada")))
    assert "No proposal waits" in static_review(state)


def test_summary_twin_tells_where_the_session_stands():
    """Phase, step, agents, decisions and what was paid."""
    state = a_state()
    state = state.apply(ev.Decided(decision=state.step.pending[0].reject(EVIL, "ada")))
    usage = Usage({"critic": Spent(12, 1000, 234, 1.0)}, {})
    text = static_summary(state, usage)
    assert Elements(text).names <= HARMLESS
    said = "".join(Elements(text).said)
    for part in ("free", "step 1", "1 pending", "12 calls", "1,234 tokens", "rejected: collect", EVIL):
        assert part in said


def test_graph_twin_is_well_formed_and_says_every_name():
    """The SVG parses as XML, holds all names and labels, and only drawing elements."""
    graph = Graph([*a_graph().nodes[:-1], Agent("answer", "{{tally}} {{question}}", role=EVIL + "\u202e")], "answer")
    root = ElementTree.fromstring(static_graph(graph, replace(a_state(), graph=graph)))
    names = {element.tag.rpartition("}")[2] for element in root.iter()}
    assert names == {"svg", "title", "defs", "marker", "path", "g", "rect", "text"}
    said = " ".join(root.itertext())
    for part in ("collect", "sort_out", "ƒ tally", "question", "settling", "1 pending", "when items=", "<img"):
        assert part in said
    assert "\u202e" not in said


def test_graph_twin_tells_a_role_on_two_lines():
    """A role of a sentence is read in full; of a longer one the end is left out."""
    roles = {"one": "Names the things that a question mentions.", "two": "word " * 40}
    graph = Graph([Agent(name, "{{question}}", role=role) for name, role in roles.items()], "two")
    cards = [
        list(group.itertext()) for group in ElementTree.fromstring(static_graph(graph)).iter("{http://www.w3.org/2000/svg}g")
    ]
    assert [len(card) for card in cards] == [4, 4]
    assert " ".join(cards[0][1:3]) == roles["one"]
    assert cards[1][2].endswith("…")


def test_graph_twin_is_the_same_each_time():
    """A notebook that is run again shows no difference."""
    assert static_graph(a_graph()) == static_graph(a_graph())
    assert graph_png(a_graph()) == graph_png(a_graph())


def test_png_is_drawn_for_every_name():
    """Glyphs that no font has, formulas and hidden characters do no harm."""
    graph = Graph([Agent("数据", "{{question}} $x$", role="$\\frac{ ☃ \u202e\ud800 日本")])
    assert graph_png(graph).startswith(b"\x89PNG")


@pytest.mark.parametrize("text", ["plain\ttext\n", "naïve 日本 ✓", ""])
def test_visible_leaves_what_shows(text):
    """Ordinary texts of any script stay as they are."""
    assert visible(text) == text


@pytest.mark.parametrize("char", ["\u202e", "\u200b", "\x1b", "\r", "\ufeff", "\u2028", "\xad", "\U000e0041", "\ud800", "\u3164"])
def test_visible_spells_out_what_does_not_show(char):
    """Bidi, zero width, control, tag and blank characters and lone surrogates become their code point."""
    assert visible(f"a{char}b") == f"a⟦U+{ord(char):04X}⟧b"


def test_shown_reaches_keys_and_lists():
    """All texts of a JSON value are made visible."""
    assert shown({"a\u200b": [("\x1b", 1, None)]}) == {"a⟦U+200B⟧": [["⟦U+001B⟧", 1, None]]}


def test_clip_keeps_both_ends():
    """Long outputs lose their middle, and say how much."""
    text = clip("a" * 50 + "z" * 50, 30)
    assert re.fullmatch(r"a{20} … \(70 characters left out\) … z{10}", text)
