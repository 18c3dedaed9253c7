"""Rules of the figures and of the one-file report."""

import re
import shlex
from dataclasses import replace
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from conftest import HOSTILE
from matplotlib.figure import Figure

import tep_nb as tep
from tep_nb import report
from tep_nb.cli import main
from tep_nb.core.review import Evidence, Flip, Label
from tep_nb.errors import ConfigError
from tep_nb.report import figures, timeline, told
from tep_nb.report.markup import Percent, diff, table, text
from tep_nb.report.reproduce import commands

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
    """No script, no handler, no image, no style sheet, no link out of the page; the policy forbids them as well."""
    found = Page(page)
    assert not {"script", "img", "iframe", "object", "link", "form", "base"} & set(found.tags)
    assert all(value and value.startswith("#") for name, value in found.attributes if name == "href")
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


def test_every_text_of_a_stranger_is_harmless(journal: Path) -> None:
    """Authors, reasons, overrides, warnings, outputs, names of models and metrics, objective, file name: all stay text."""
    history, spent = report.read(journal)
    flip = Flip(0, 0.0, 1.0, HOSTILE, HOSTILE, HOSTILE)
    records = []
    for record in history.records:
        proven = Evidence(record.proposal.prompt, "t", "g", "metric", "worse", 0.0, 0.5, 2, 1, 0, 0.5, (flip,), judged=True)
        proposal = replace(record.proposal, rationale=HOSTILE, warnings=(f"leak: {HOSTILE}",), by=HOSTILE)
        decision = replace(record.decision, by=HOSTILE, reason=HOSTILE, override=HOSTILE)
        records.append(replace(record, proposal=proposal, decision=decision, evidence=proven, beyond=(HOSTILE,)))
    state = replace(
        history.state,
        objective=HOSTILE,
        metric={**history.state.metric, "name": HOSTILE, "doc": HOSTILE},
        models={"actor": HOSTILE, "named": {HOSTILE: HOSTILE}},
        phases=((0, "free", HOSTILE),),
        method={**history.state.method, "note": HOSTILE},
    )
    looks = tuple(replace(look, evaluation=replace(look.evaluation, model=HOSTILE, split="test")) for look in history.looks)
    page = report.page(replace(history, state=state, records=tuple(records), looks=looks), spent, f"{HOSTILE}.tep")
    found = Page(page)
    assert not {"script", "img", "iframe", "object", "link", "form", "base"} & set(found.tags)
    assert not [name for name, _ in found.attributes if name.startswith("on")]
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", page)
    assert found.words.count("onerror=alert(1)") > 10 * len(records)


def test_the_report_says_who_decided_what_on_which_evidence(page: str) -> None:
    """Each decision with its author, reason and evidence in sentences, what was taken back too, and edits in ins and del."""
    found = Page(page)
    for words in (
        "1. plan: approved by ann",
        "At step 1 (free) ann approved the edit of plan that the editor proposed, giving as its reason: “steps are missing",
        "On 2 train rows the critic's score stayed at 7.0 of 10: no worse.",
        "2. answer: rejected by ann",
        "Reason: “too wordy",
        "3. answer: edited and applied by bob",
        "bob applied a text of their own to answer instead of what bob suggested",
        "What was proposed",
        "4. plan: approved by bob (taken back)",
        "It was taken back later by undo, rewind or fork",
        "5. plan: skipped by bob",
        "undo by bob",
    ):
        assert words in found.words
    assert "<ins> Show the working.</ins>" in page
    assert {"ins", "svg", "table", "details"} <= set(found.tags)


def test_metric_evidence_is_told_with_its_interval_and_counts() -> None:
    """Means with one decimal, the difference in points, its paired interval, wins, losses, the sign test, the label."""
    flips = (*(Flip(row, 0.0, 1.0, "", "") for row in range(11)), Flip(11, 1.0, 0.0, "", ""))
    one = Evidence("count", "t", "g", "metric", "proven", 12.5 / 40, 22 / 40, 40, 11, 1, 0.003, flips, local=(6.0, 6.0), failed=1)
    assert told.weighed(one) == (
        "On 40 validation rows the metric rose from 31.2% to 55.0% (+23.8 points, 95% +9.6 to +41.1; 11 won, 1 lost, p = 0.003)"
        ": proven. The critic's score stayed at 6.0 of 10. Left out on both sides: 1 failed row."
    )


def test_a_policy_is_told_from_a_person(journal: Path) -> None:
    """An automatic decision names its policy; a reason that only repeats the evidence is said once."""
    history, spent = report.read(journal)
    record = next(r for r in history.records if r.evidence is not None)
    assert record.evidence is not None
    by = replace(record.decision, verdict="reject", text=None, by="approve_if:proven,reject", reason=record.evidence.summary())
    page = Page(report.page(replace(history, records=(replace(record, decision=by),)), spent, "run.tep")).words
    assert "the policy approve_if:proven,reject rejected the edit of plan" in page
    assert "Reason:" not in page


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

    def words(label: Label, *warnings: str) -> str:
        assert record.evidence is not None
        changed = replace(
            record,
            decision=replace(record.decision, override="on purpose"),
            evidence=replace(record.evidence, label=label),
            proposal=replace(record.proposal, warnings=warnings),
        )
        return Page(report.page(replace(history, records=(changed,)), spent, "run.tep")).words

    assert "Override given, not needed: on purpose" in words("no worse", "growth: the prompt grows")
    assert "Applied against the evidence or a warning: on purpose" in words("worse")
    assert "Applied against the evidence or a warning: on purpose" in words("proven", "leak: it quotes a row")
    assert "Applied against worse evidence or a leak warning, with a reason: 1" in words("worse")


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
    """History, feedback and graph are matplotlib Figures with readable labels; svg is well formed, png is a picture."""
    history, _ = report.read(journal)
    drawn = {
        "history": timeline.history_figure(history.state, history.records, [look.evaluation for look in history.looks]),
        "feedback": figures.feedback_figure(history.state),
        "graph": figures.graph_figure(history.state.graph),
    }
    for title, figure in drawn.items():
        assert isinstance(figure, Figure)
        assert ET.fromstring(figures.svg(figure, title)).get("aria-label") == title
        assert figures.png(figure).startswith(b"\x89PNG")
    assert [axes.get_ylabel() for axes in drawn["history"].axes] == ["metric\nexact_match", "critic's score", "decisions"]
    assert {t.get_text() for t in drawn["graph"].axes[0].texts} >= {"plan", "answer", "shout", "reply"}
    assert [t.get_text() for t in drawn["feedback"].axes[0].get_yticklabels()] == ["plan, depth 1", "answer, depth 0"]


def test_decisions_are_marks_by_verdict_and_author(journal: Path) -> None:
    """One mark a decision, on the line of its prompt at its step; shapes are verdicts, colours are authors."""
    history, _ = report.read(journal)
    kept = [record for record in history.records if record.kept]
    axes = timeline.history_figure(history.state, kept, []).axes[-1]
    marks = [tuple(point) for group in axes.collections for point in group.get_offsets().tolist()]
    assert sorted(marks) == [(1.0, 0.0), (1.0, 1.0), (1.2, 0.0), (1.2, 1.0)]
    assert [t.get_text() for t in axes.get_yticklabels()] == ["plan", "answer"]
    legend = axes.get_legend()
    assert legend is not None
    assert [t.get_text() for t in legend.get_texts()] == ["approved", "rejected", "edited", "skipped", "by ann", "by bob"]


def test_no_legend_covers_a_point(journal: Path) -> None:
    """Legends stand right of their panels: the corner at the last step and the best score stays free."""
    history, _ = report.read(journal)
    figure = timeline.history_figure(history.state, history.records, [look.evaluation for look in history.looks])
    figure.canvas.draw()
    for axes in figure.axes:
        legend = axes.get_legend()
        assert legend is not None
        assert legend.get_window_extent().x0 >= axes.get_window_extent().x1


def test_a_name_is_never_a_formula_or_hidden() -> None:
    """Dollars and a leading underscore are letters for matplotlib too."""
    graph = tep.Graph([tep.Agent("_a", "Do {{x}}", output="b"), tep.Agent("c", "Do {{b}} and {{x}}")])
    assert "_a" in figures.svg(figures.graph_figure(graph), "g")
    assert figures.label("_a$b$\n\u202e") == r" _a\$b\$ ⟦U+202E⟧"


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
    figure = timeline.history_figure(history.state, (), [perfect.evaluation])
    assert figure.axes[0].get_legend() is not None


def test_a_report_that_cannot_be_written_is_one_line(journal: Path, tmp_path: Path) -> None:
    """An error of ours with the remedy: a folder that is not there is to be made, a folder is no file."""
    for out, remedy in ((tmp_path / "no" / "x.html", "mkdir -p .*/no"), (tmp_path, "name a file that can be written")):
        with pytest.raises(ConfigError, match=rf"cannot be written to .*: .*{remedy}"):
            report.report(journal, out)


def test_one_column_of_numbers_has_one_number_of_decimals() -> None:
    """Mixed decimals cannot be compared at a glance; small numbers get more of them, percentages one."""
    shown = table("t", ["a", "b", "c"], [(12.345, 0.25, Percent(0.5)), (7.0, 0.00125, Percent(1.0)), (None, None, None)])
    assert re.findall(r">([\d.,%–]+)<", shown) == ["12.3", "0.25", "50.0%", "7.0", "0.00", "100.0%", "–", "–", "–"]


def test_the_page_can_be_walked(page: str) -> None:
    """One main heading, no level left out, a table of contents that leads to each section, ids that are unique."""
    levels = [int(level) for level in re.findall(r"<h([1-6])", page)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))
    ids = re.findall(r'<section(?: class="[a-z]+")? id="([^"]+)"', page)
    assert len(ids) == len(set(ids))
    assert set(re.findall(r'<a href="#([^"]+)"', page)) <= set(ids)
    contents = re.findall(r'<a href="#([^"]+)"', page[page.index("<nav") : page.index("</nav>")])
    assert contents == [one for one in ids if not one.startswith("d") or one == "decisions"]


def luminance(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def test_text_has_contrast_in_both_schemes(page: str) -> None:
    """AA: 4.5 to 1 for every pair of text and ground, 3 to 1 for the lines and marks of figures; dark by the reader's setting."""
    style = page.partition("</style>")[0].split("@media screen")
    light, dark = (dict(re.findall(r"--(\w+): (#[0-9a-f]{6})", part)) for part in style)
    assert light.keys() == dark.keys()
    texts = [(ink, "paper") for ink in ("ink", "dim", "link")] + [("plus", "added"), ("minus", "removed"), ("link", "soft")]
    texts += [("ink", ground) for ground in ("soft", "added", "removed", "agent", "warned")]
    for scheme in (light, dark):
        for least, pairs in ((4.5, texts), (3.0, [(f"c{index}", "paper") for index in range(7)] + [("edge", "paper")])):
            for one, other in pairs:
                low, high = sorted((luminance(scheme[one]), luminance(scheme[other])))
                assert (high + 0.05) / (low + 0.05) >= least, (one, other)


def test_figures_follow_the_page_into_the_dark(page: str) -> None:
    """Every colour in a picture is a variable of the page; none is left that a dark ground would hide."""
    for picture in re.findall(r"<svg.*?</svg>", page, re.DOTALL):
        bare = re.findall(r"(?:fill|stroke): (#[0-9a-f]{3,6})", picture)
        assert bare == []


def test_the_commands_of_the_report_run(journal: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any) -> None:
    """Each line for a terminal runs as it stands beside the journal, whatever its name; the Python line resumes it."""
    name = "my run's.tep"
    (tmp_path / name).write_bytes(journal.read_bytes())
    monkeypatch.chdir(tmp_path)
    lines = [line for _, line in commands(name, report.read_state(name))]
    for line in lines[:-1]:
        assert line.startswith("tep-nb ")
        assert main(shlex.split(line)[1:]) == 0, line
    assert "my run's.tep: step 1" in capsys.readouterr().out
    assert (tmp_path / "my run's.html").exists()
    assert (tmp_path / "my run's.calls.jsonl").exists()

    def shout(reply: str) -> str:
        return reply.upper()

    model = tep.ScriptedModel([], name="simulated")
    tool = tep.Tool(lambda reply: reply.upper(), name="shout", version=HOSTILE)
    line = lines[-1].removeprefix("tep_nb.")
    with eval(line, {"Session": tep.Session, "model": model, "shout": tool}) as session:
        assert len(session.state.decisions) == 4


def test_a_long_session_is_folded(journal: Path) -> None:
    """Five hundred decisions on a prompt of 200 kB: each is told under its step, and of a long text what is beside a change."""
    history, spent = report.read(journal)
    one = history.records[0]
    long = "word " * 40_000
    proposal = replace(one.proposal, before=long + one.proposal.before, after=long + one.proposal.after)
    proposal = replace(proposal, hunks=tep.Prompt(proposal.before).diff(proposal.after))
    records = tuple(
        replace(one, number=number, step=number // 5, proposal=proposal, decision=proposal.reject("no", "ann"))
        for number in range(500)
    )
    page = report.page(replace(history, records=records), spent, "run.tep")
    assert page.count('<section class="decision"') == 500
    assert page.count("<details><summary>Step ") == 100
    assert len(page) < 3_000_000
