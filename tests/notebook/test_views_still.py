"""The static twins: read without a kernel, a script or a network; hostile texts are text."""

import html
import re
from dataclasses import replace
from html.parser import HTMLParser
from xml.etree import ElementTree

import pytest
from test_views_states import EVIL, a_graph, a_proposal, a_state, some_evidence

from tep_nb.core import events as ev
from tep_nb.core.graph import Agent, Graph
from tep_nb.core.visible import visible
from tep_nb.model.budget import Spent, Usage
from tep_nb.notebook.views import graph_png, static_graph, static_review, static_summary
from tep_nb.notebook.views.text import clip, shown
from tep_nb.report.rows import recorded

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


KEPT_BY_HOSTS = HARMLESS | {"code", "em"}


class Stripped(HTMLParser):
    """What a code host leaves of an output: no style sheet, script or picture in the text, no attribute, only plain elements."""

    def __init__(self, text):
        super().__init__()
        self.text, self._out = "", 0
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self._out += tag in ("style", "script", "svg")
        if tag in KEPT_BY_HOSTS:
            self.text += f"<{tag}>"

    def handle_endtag(self, tag):
        self._out -= tag in ("style", "script", "svg")
        if tag in KEPT_BY_HOSTS:
            self.text += f"</{tag}>"

    def handle_data(self, data):
        if not self._out:
            self.text += html.escape(data)


def decided(state):
    """The first proposal approved on metric evidence, the second rejected."""
    state = state.apply(some_evidence(state, label="proven"))
    state = state.apply(ev.Decided(decision=state.step.pending[0].approve("ada")))
    return state.apply(ev.Decided(decision=state.step.pending[0].reject("no " + EVIL, "approve_if:proven,reject")))


def test_summary_needs_no_style_and_no_script():
    """Stripped as code hosts do, it still says who decided what, on what evidence with its interval, and shows the change."""
    state = decided(a_state())
    text = Stripped(static_summary(state, Usage({"critic": Spent(12, 1000, 234, 1.0)}, {}))).text
    for part in (
        "<td>approved: collect</td><td>ada</td>",
        "<td>policy approve_if:proven,reject</td>",
        "proven: 50.0% → 25.0% on 4 validation rows (−25.0 points, 95% −69.9 to +36.2; 0 won, 1 lost, p = 1.000)",
        "no &lt;img src=x onerror=alert(1)&gt;",
        "<details><summary>collect: before and after, ",
        "List <del>the</del><ins>all</ins> objects.",
        "<details><summary>Paid: 12 calls and 1,234 tokens</summary><table>",
        "Simulated model.",
    ):
        assert part in text


def test_summary_holds_no_more_than_a_reader_is_meant_to_see():
    """No row's output, no critique, no text of an edit that was not applied."""
    state = decided(a_state(rationale="a rationale"))
    said = "".join(Elements(static_summary(state)).said)
    for secret in ("other", "out <img", "one a line", "Be brief.", "a rationale", "The right number."):
        assert secret not in said
    assert "One a line." in said


def test_summary_of_a_long_session_is_bounded():
    """Five hundred decisions: the newest twenty stand there, and how many more there are is said."""
    state = a_state()
    for proposal in state.step.pending:
        state = state.apply(ev.Decided(decision=proposal.skip("ada")))
    for number in range(500):
        text = f"List {number} objects.\nQuestion: {{{{question}}}}"
        proposal = replace(a_proposal(state.graph, "collect", text, by="bob"), id=f"s{number}")
        state = state.apply(ev.Suggested(proposal=proposal)).apply(ev.Decided(decision=proposal.approve("bob")))
    text = static_summary(state)
    assert text.count("approved: collect") == 20
    assert "482 earlier decisions" in text
    assert len(text) < 30_000
    assert recorded(state, 20) == recorded(state)[-20:]


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


@pytest.mark.parametrize("text", [
    "plain\ttext\n", "naïve 日本 ✓", "", "\u2764\ufe0f 1\ufe0f\u20e3 \u2194\ufe0e", "กำ ཧྐྵྨླྺྼྻྂ", "e" + "\u0301" * 8,
])  # fmt: skip
def test_visible_leaves_what_shows(text):
    """Ordinary texts of any script stay as they are."""
    assert visible(text) == text


@pytest.mark.parametrize("char", [
    "\u202e", "\u200b", "\x1b", "\r", "\ufeff", "\u2028", "\xad", "\U000e0041", "\ud800", "\u3164", "\ufe0f",
    "\ufe05", "\u180b", "\ufffc",
])  # fmt: skip
def test_visible_spells_out_what_does_not_show(char):
    """Bidi, zero width, control, tag and blank characters and lone surrogates become their code point."""
    assert visible(f"a{char}b") == f"a⟦U+{ord(char):04X}⟧b"


def test_marks_that_pile_up_are_spelt_out():
    """From the ninth on one letter: they would be drawn over the lines above and below. A second selector dresses nothing."""
    assert visible("e" + "\u0301" * 10 + "e\u0301") == "e" + "\u0301" * 8 + "⟦U+0301⟧⟦U+0301⟧e\u0301"
    assert visible("\u2764\ufe0f\ufe0f 1\ufe0f") == "\u2764\ufe0f⟦U+FE0F⟧ 1⟦U+FE0F⟧"


def test_shown_reaches_keys_and_lists():
    """All texts of a JSON value are made visible."""
    assert shown({"a\u200b": [("\x1b", 1, None)]}) == {"a⟦U+200B⟧": [["⟦U+001B⟧", 1, None]]}


def test_clip_keeps_both_ends():
    """Long outputs lose their middle, and say how much."""
    text = clip("a" * 50 + "z" * 50, 30)
    assert re.fullmatch(r"a{20} … \(70 characters left out\) … z{10}", text)
