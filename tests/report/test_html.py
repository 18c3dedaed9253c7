"""Rules of the figures and of the one-file report."""

import re
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from matplotlib.figure import Figure

import tep_nb as tep
from tep_nb import report
from tep_nb.core.review import Label
from tep_nb.errors import ConfigError
from tep_nb.report import figures
from tep_nb.report.markup import diff, table, text

VOID = {"meta", "br", "img", "hr", "link"}


class Page(HTMLParser):
    """Collects the elements, and checks that they nest."""

    def __init__(self, source: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.words = ""
        self.feed(source)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += attrs
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += attrs

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.words += data


@pytest.fixture(scope="module")
def page(journal: Path, tmp_path_factory: pytest.TempPathFactory) -> str:
    out = tmp_path_factory.mktemp("page") / "page.html"
    assert report.report(journal, out) == out
    return out.read_text("utf-8")


def test_the_report_runs_nothing_and_asks_nobody(page: str) -> None:
    """No script, no handler, no image, no style sheet or link to another place; the policy forbids them as well."""
    found = Page(page)
    assert not {"script", "img", "iframe", "object", "link", "form", "a"} & set(found.tags)
    assert not [name for name, _ in found.attributes if name.startswith("on")]
    outside = [value for name, value in found.attributes if value and re.search(r"https?:|//|javascript:|data:", value)]
    assert {value for value in outside if not value.startswith("http://www.w3.org/")} == set()
    assert not re.search(r"@import|url\((?!#)", page)
    assert ("content", "default-src 'none'; style-src 'unsafe-inline'") in found.attributes


def test_hostile_text_is_shown_as_text(page: str) -> None:
    """Markup stands there as letters, escape and bidi characters by their names."""
    words = Page(page).words
    assert "<img src=x onerror=alert(1)>⟦U+001B⟧[31m⟦U+202E⟧$x$" in words
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", page)


def test_the_report_says_who_decided_what_on_which_evidence(page: str) -> None:
    """Each decision with its author, reason and evidence, what was taken back too, and edits in ins and del."""
    found = Page(page)
    for words in (
        "1. plan, step 1 (free): approved by ann",
        "no worse: critic's score 7.0 -> 7.0 on 2 rows",
        "2. answer, step 1 (free): rejected by ann",
        "Reason: too wordy",
        "3. answer, step 1 (free): edited and applied by bob",
        "What was proposed",
        "4. plan, step 1 (free): approved by bob",
        "Taken back later",
        "5. plan, step 1 (free): skipped by bob",
        "undo by bob",
    ):
        assert words in found.words
    assert "<ins> Show the working.</ins>" in page
    assert {"ins", "svg", "table", "details"} <= set(found.tags)


def test_the_report_is_honest_about_its_numbers(page: str) -> None:
    """Simulated model, counted looks, uncorrected tests, equilibrium as a stopping rule, and whose definition S(g) is."""
    words = Page(page).words
    for part in (
        "Simulated model.",
        "no evidence about language models",
        "validation 2, test 1",
        "not corrected for their number",
        "stopping rule",
        "this definition is ours",
        "0.0% to 49.0%",
    ):
        assert part in words


def test_a_real_model_is_not_called_simulated(journal: Path) -> None:
    """The warning hangs on the pinned name, in whichever role."""
    history, spent = report.read(journal)
    state = history.state
    real = {role: "gpt" for role in state.models if role != "named"} | {"named": {}}
    object.__setattr__(state, "models", real)
    assert "Simulated model" in report.page(history, spent, "run.tep")  # its calls were paid for
    assert "Simulated model" not in report.page(history, type(spent)({}, {"gpt": spent.total}), "run.tep")


def test_an_override_that_nothing_asked_for_is_told_as_such(journal: Path) -> None:
    """Only worse evidence or a leak makes it one against the evidence."""
    history, spent = report.read(journal)
    record = next(r for r in history.records if r.evidence is not None and r.decision.text is not None)

    def told(label: Label, *warnings: str) -> str:
        assert record.evidence is not None
        changed = replace(
            record,
            decision=replace(record.decision, override="on purpose"),
            evidence=replace(record.evidence, label=label),
            proposal=replace(record.proposal, warnings=warnings),
        )
        return Page(report.page(replace(history, records=(changed,)), spent, "run.tep")).words

    assert "Override given, not needed: on purpose" in told("no worse", "growth: the prompt grows")
    assert "Applied against the evidence or a warning: on purpose" in told("worse")
    assert "Applied against the evidence or a warning: on purpose" in told("proven", "leak: it quotes a row")


def test_the_points_of_a_row_are_plain_numbers(journal: Path) -> None:
    """One row of one is 100 points, not 1e+02."""
    history, spent = report.read(journal)
    one = replace(history, state=replace(history.state, method={**history.state.method, "gate_rows": 1}))
    assert "one row is 100 points" in report.page(one, spent, "run.tep")


def test_the_same_journal_gives_the_same_bytes(journal: Path, page: str) -> None:
    """Nothing of the report is drawn by chance or by the clock; by default it lies beside the journal."""
    target = report.report(journal)
    assert target == journal.with_suffix(".html")
    assert target.read_text("utf-8") == page
    target.unlink()


def test_figures_are_figures_without_pyplot(journal: Path) -> None:
    """Scores, metric and graph are matplotlib Figures with readable labels, and their svg is well formed."""
    history, _ = report.read(journal)
    drawn = {
        "scores": figures.score_figure(history.state),
        "metric": figures.metric_figure(history),
        "graph": figures.graph_figure(history.state.graph),
    }
    for title, figure in drawn.items():
        assert isinstance(figure, Figure)
        assert ET.fromstring(figures.svg(figure, title)).get("aria-label") == title
    assert drawn["scores"].axes[0].get_ylabel() == "critic's score"
    assert [t.get_text() for t in drawn["metric"].axes[0].get_legend().get_texts()] == ["validation", "test"]
    words = {t.get_text() for t in drawn["graph"].axes[0].texts}
    assert {"plan", "answer", "shout", "reply"} <= words


def test_a_name_is_never_a_formula_or_hidden() -> None:
    """Dollars and a leading underscore are letters for matplotlib too."""
    graph = tep.Graph([tep.Agent("_a", "Do {{x}}", output="b"), tep.Agent("c", "Do {{b}} and {{x}}")])
    assert "_a" in figures.svg(figures.graph_figure(graph), "g")
    assert figures._label("_a$b$") == r" _a\$b\$"


def test_two_figures_on_a_page_share_no_id(page: str) -> None:
    """A clip path of one picture must not cut another."""
    ids = re.findall(r'(?:<clipPath|<defs>\s*<path)[^>]* id="([^"]+)"', page)
    assert ids
    assert len(ids) == len(set(ids))


def test_markup_escapes_and_bounds() -> None:
    """Cells, texts and diffs take any text; long ones are cut with their length said."""
    assert text("<b>&\"'\x00") == "&lt;b&gt;&amp;&quot;&#x27;⟦U+0000⟧"
    assert text("x" * 11, 10) == "x" * 10 + "… (11 characters)"
    assert "<td>&lt;b&gt;</td>" in table("t", ["<h>"], [["<b>"]])
    before = tep.Prompt("Say <a> {{x}}.")
    assert "Say &lt;<del>a</del><ins>b</ins>&gt; {{x}}." in diff(before.text, before.diff("Say <b> {{x}}."))


def test_a_perfect_score_can_be_drawn(journal: Path) -> None:
    """Rounding may put the end of an interval on the wrong side of its mean; the bar is then of no length to speak of."""
    history, _ = report.read(journal)
    look = history.looks[-1]
    perfect = replace(look, evaluation=replace(look.evaluation, mean=1.0, interval=(0.9, 1 - 1e-12)))
    assert figures.metric_figure(replace(history, looks=(perfect,))).axes[0].get_legend() is not None


def test_a_report_that_cannot_be_written_is_one_line(journal: Path, tmp_path: Path) -> None:
    """A folder that is not there, a folder for a file: an error of ours that says where to write."""
    for out in (tmp_path / "no" / "x.html", tmp_path):
        with pytest.raises(ConfigError, match=r"cannot be written to .*: name a file in a folder that is there"):
            report.report(journal, out)
