"""The history as a page: marks by keyboard, the session as it was, ways back, comparisons, the autopilot."""

import re

from driving import ask, ask_until, button, settled
from playwright.sync_api import expect

DECIDED = """
def decide(verdicts):
    bench.command("step").result()
    for verdict, proposal in zip(verdicts, bench.state.step.pending):
        more = {"reason": "too long " + EVIL} if verdict == "reject" else {}
        bench.command(verdict, proposal=proposal.id, **more).result()
"""
THREE = "decide(['approve', 'reject', 'skip'])"


FITS = """() => {
  const chart = document.querySelector(".tep-chart");
  const fits = (svg) => Number(svg.getAttribute("width")) === Math.floor(chart.clientWidth);
  return [...chart.querySelectorAll(":scope > svg")].every(fits);
}"""


def mark(page, number):
    return page.locator(".tep-mark[data-mark]").nth(number - 1)


def inside(page, selector):
    """Whether nothing in a part of the page is cut off or pushes it wider."""
    return page.evaluate("(s) => { const n = document.querySelector(s); return n.scrollWidth <= n.clientWidth + 1; }", selector)


def test_marks_are_walked_by_keys_and_show_the_session_as_it_was(opened):
    """One tab stop for all decisions; arrows walk, Enter shows the point, Escape goes back to the mark."""
    page = opened("w = studio(bench)\nw", DECIDED + THREE)
    expect(page.locator(".tep-mark[data-mark]")).to_have_count(3)
    expect(page.locator('.tep-mark[tabindex="0"]')).to_have_count(1)
    expect(mark(page, 3)).to_have_attribute("tabindex", "0")
    mark(page, 3).focus()
    page.keyboard.press("ArrowLeft")
    expect(mark(page, 2)).to_be_focused()
    said = re.compile(r"Decision 2, step 1, ada rejected \w+: too long <img")
    expect(mark(page, 2)).to_have_attribute("aria-label", said)
    expect(page.locator(".tep-chart-line")).to_have_text(said)
    page.keyboard.press("Home")
    expect(mark(page, 1)).to_be_focused()
    ask(page, "decide(['approve'])")
    expect(page.locator(".tep-mark[data-mark]")).to_have_count(4)
    expect(mark(page, 1)).to_be_focused()  # what comes in takes nobody's focus
    page.keyboard.press("Enter")
    expect(page.locator(".tep-point strong").first).to_have_text("As it was after step 1, decision 1 (ada approved collect)")
    expect(mark(page, 1)).to_have_attribute("aria-current", "true")
    expect(page.locator(".tep-then[open] .tep-plain ins").first).to_contain_text("Write one item a line")
    expect(page.locator(".tep-graph")).to_contain_text("As it was after step 1, decision 1")
    expect(page.locator(".tep-graph").get_by_role("button", name="Back to now")).to_have_count(1)
    page.keyboard.press("Enter")
    expect(page.locator(".tep-point")).to_be_focused()
    page.keyboard.press("Tab")
    page.keyboard.press("Escape")
    expect(page.locator(".tep-point")).to_be_hidden()
    expect(page.locator(".tep-graph").get_by_role("button", name="Back to now")).to_have_count(0)
    expect(mark(page, 1)).to_be_focused()
    assert page.title() != "owned"
    page.set_viewport_size({"width": 620, "height": 900})
    page.wait_for_function(FITS)
    assert inside(page, ".tep-history")


def test_rewind_asks_once_more_and_a_fork_is_named(opened):
    """The first press says what is left behind and changes nothing, the second goes back; a fork is a file."""
    page = opened("studio(bench)", DECIDED + THREE, "decide(['approve'])")
    mark(page, 1).click()
    name = page.get_by_label("File of the fork")
    expect(name).to_have_value(re.compile(r"^s\d+-fork-1\.tep$"))
    name.fill("../out.tep")
    button(page, "Fork from here").click()
    expect(page.locator(".tep-point .tep-alert")).to_contain_text("is no plain file name")
    name.fill("branch.tep")
    page.keyboard.press("Enter")
    expect(page.locator(".tep-point [role=status]")).to_contain_text("%tep resume branch.tep goes on there")
    expect(name).to_have_value(re.compile(r"^s\d+-fork-1\.tep$"))
    assert ask(page, "from pathlib import Path; print(Path('branch.tep').is_file(), Path('../out.tep').exists())") == "True False"
    button(page, "Rewind to here").click()
    left = page.locator(".tep-point [role=status]")
    expect(left).to_contain_text("This leaves step 2, 1 decision, 2 proposals that wait behind")
    assert ask(page, "print(bench.state.step.index, bench.state.branch)") == "2 0"
    button(page, "Yes, rewind to here").click()
    expect(page.locator(".tep-mark[data-mark]")).to_have_count(3)
    expect(page.locator(".tep-point")).to_be_hidden()
    expect(page.get_by_role("status").filter(has_text="Back at step 1: step 2, 1 decision")).to_have_count(1)
    expect(page.locator(".tep-row-act")).to_contain_text("rewound from step 2 to step 1")
    ask_until(page, "print(bench.state.step.index, bench.state.branch)", "1 1")
    button(page, "revoked, too").click()
    expect(page.locator(".tep-mark.tep-left-mark")).to_have_count(1)
    expect(page.locator(".tep-row-left")).to_contain_text("approved collect (taken back)")
    button(page, "revoked, too").click()
    expect(page.locator(".tep-mark[data-mark]")).to_have_count(3)


def test_two_picked_points_are_compared(opened):
    """Space picks; what it may cost is said before, what it paid after; the prompts stand side by side."""
    page = opened("studio(bench)", DECIDED + THREE, "decide(['approve', 'approve', 'approve'])")
    expect(page.locator(".tep-mark[data-mark]")).to_have_count(6)
    mark(page, 2).focus()
    page.keyboard.press("Space")
    expect(mark(page, 2)).to_have_attribute("aria-selected", "true")
    page.keyboard.press("End")
    page.keyboard.press("Space")
    offer = page.locator(".tep-comparing")
    expect(offer).to_contain_text("step 1 against step 2 The metric is measured on the gate rows: 24 calls at most")
    expect(button(page, "Compare")).to_be_focused()
    page.keyboard.press("Enter")
    expect(offer).to_contain_text("bought with 17 calls")
    expect(offer.locator(".tep-gain")).to_have_attribute("aria-label", re.compile(r"^before 0\.0%, after 0\.0%, 95%"))
    sides = offer.locator(".tep-sides").first.locator(".tep-side")
    expect(sides.first.locator("ins")).to_have_count(0)
    expect(sides.last.locator("ins").first).to_contain_text("Write one item a line")
    button(page, "Compare").click()
    expect(offer).to_contain_text("answered from the record: nothing was paid")
    page.keyboard.press("Escape")
    expect(mark(page, 6)).to_be_focused()
    expect(page.locator('.tep-mark[aria-selected="true"]')).to_have_count(0)


def test_autopilot_starts_with_a_press_and_says_why_it_ended(opened, app):
    """`p` opens it and starts nothing; the name shown is the author recorded; a question names the prompt and why."""
    page = opened("studio(bench)", DECIDED, app=app)
    page.locator(".tep-bar").click()
    page.keyboard.press("p")
    expect(button(page, "Start")).to_be_focused()
    assert ask(page, "print(bench.state.step.index)") == "0"
    expect(page.locator(".tep-autopilot code")).to_have_text("approve_if:no worse")
    page.get_by_label("with no warning").uncheck()  # the texts of this scene look like an attack, and are warned of
    page.get_by_label("Steps at most").fill("1")
    page.locator(".tep-policy").click()
    page.keyboard.press("p")
    expect(page.locator(".tep-so")).to_have_text("approve_if:no worse,warnings ended: 1 step. 3 approved, 0 rejected.")
    assert ask(page, "print({d.by for d in bench.state.decisions})") == "{'approve_if:no worse,warnings'}"
    expect(page.locator(".tep-mark.tep-auto[data-mark]")).to_have_count(3)
    page.get_by_label("Least gain, in points").fill("50")
    expect(page.locator(".tep-autopilot code")).to_have_text("approve_if:no worse,gain=0.5,warnings")
    button(page, "Start").click()
    asks = "ended: a question: collect, because the critic's score gains 0.0, 0.5 is needed"
    expect(page.locator(".tep-so")).to_contain_text(asks)
    expect(button(page, "Show it")).to_be_visible()
    page.get_by_label("Otherwise").select_option("reject")
    button(page, "Start").click()
    ended = "approve_if:no worse,gain=0.5,warnings,reject ended: 1 step. 0 approved, 6 rejected."
    expect(page.locator(".tep-so")).to_contain_text(ended)
    expect(page.locator(".tep-meter tbody").first).to_contain_text("critic")
    ask(page, "bench.command('run', auto='reject_all', until='nudged').result()")  # a cell's: every page hears how it ended
    expect(page.locator(".tep-so")).to_contain_text("The last run ended: equilibrium")
    expect(button(page, "Show it")).to_be_hidden()


HUGE = """
bench = huge(STRINGS)
def decided():
    bench.command("approve", proposal=bench.state.step.pending[0].id).result()
    bench.command("step").result()
decided()
studio(bench)
"""
IMPORT = "from prepared import *\nfrom poisoned import *\nfrom hostile import STRINGS\nfrom tep_nb.notebook.views import studio"
SIZES = "(nodes) => nodes.map((node) => [node.textContent.length, node.querySelectorAll('*').length])"


def test_huge_prompts_of_a_point_and_a_comparison_are_folded(stage):
    """Of 200 kB that did not change little is drawn until it is asked for; what was unfolded stays when it is told anew."""
    page = stage.show(IMPORT, HUGE)
    page.locator(".tep-history tbody tr").last.click()
    then = page.locator(".tep-then .tep-text")
    expect(then.locator("ins").last).to_contain_text("Be brief")
    [(letters, nodes)] = then.evaluate_all(SIZES)
    assert letters < 10_000
    assert nodes < 200
    button(page, "Compare with …").click()
    button(page, "Compare").click()
    sides = page.locator(".tep-sides .tep-text")
    expect(sides.last.locator("ins").last).to_contain_text("Be brief")
    assert all(letters < 10_000 and nodes < 200 for letters, nodes in sides.evaluate_all(SIZES))
    page.locator(".tep-sides").get_by_role("button", name="Whole text").click()
    assert all(letters > 190_000 for letters, _ in sides.evaluate_all(SIZES))
    page.locator(".tep-sides").get_by_role("button", name="Whole text").click()
    assert all(letters < 10_000 for letters, _ in sides.evaluate_all(SIZES))
    fold = then.get_by_role("button").first
    expect(fold).to_contain_text("words unchanged, show")
    fold.click()
    expect(then).to_be_focused()
    assert then.evaluate_all(SIZES)[0][0] > 190_000
    page.locator(".tep-bar").click()
    settled(page)
    ask(page, "bench.command('skip', proposal=bench.state.step.pending[0].id).result()")
    expect(page.get_by_label("Compare with").locator("option")).to_have_text(["now", "step 2", "step 1"])
    assert then.evaluate_all(SIZES)[0][0] > 190_000
    ask(page, "bench.command('step').result(); decided()")
    expect(page.get_by_label("Compare with").locator("option")).to_have_text(["now", "step 3", "step 2", "step 1"])
    assert then.evaluate_all(SIZES)[0][0] < 10_000, "the prompt of now is another one"
    assert page.evaluate("() => !window.ran && !document.querySelector('.tep-studio img, .tep-studio script')")


LINES = """
from tep_nb.core.graph import Agent, Graph
LINES = [f"Line {n} says what is said in words of its own." for n in range(300)]
TEXT = "\\n".join(["Part 0 of the work.", *LINES, "{{question}}"])
bench = waiting(Graph([Agent("answer", TEXT), Agent("other", "Part 1.\\n" + "long words\\n" * 1800 + "\\n{{answer}}")]),
                model=Teller(edit=lambda prompt, n: prompt.replace("says", "tells") if "Line" in prompt else None))
bench.command("approve", proposal=bench.state.step.pending[0].id).result()
studio(bench)
"""


def test_many_changes_are_drawn_as_they_are_asked_for(stage):
    """Of 300 changes the first 200 are drawn, the others by a button; a prompt that is as now is drawn when it is opened."""
    page = stage.show(IMPORT, LINES)
    page.locator(".tep-history tbody tr").last.click()
    changed, same = page.locator(".tep-then").first, page.locator(".tep-then").last
    expect(changed.locator("del")).to_have_count(200)
    changed.get_by_role("button", name="… and 100 more changes, show").click()
    expect(changed.locator("del")).to_have_count(300)
    expect(changed.locator("ins").last).to_have_text(re.compile("tells"))
    expect(same).to_contain_text("as now")
    expect(same.locator(".tep-text")).to_have_text("")
    same.locator("summary").click()
    expect(same.locator(".tep-text")).to_contain_text("Part 1.")
    assert same.locator(".tep-text").evaluate_all(SIZES)[0][0] < 4000
    same.get_by_role("button", name=re.compile("more of this prompt, show")).click()
    assert same.locator(".tep-text").text_content() == "Part 1.\n" + "long words\n" * 1800 + "\n{{answer}}"
    assert same.locator(".tep-piece").count() > 2, "what is out of sight is laid out when it comes into sight"


def test_many_prompts_are_listed_as_they_are_asked_for(stage):
    """Of 100 prompts 24 are listed, those that changed first; a comparison lists what changed, and opens the first eight."""
    page = stage.show(
        IMPORT,
        "bench = waiting(chain(100))",
        "for one in bench.state.step.pending[60:]: _ = bench.command('approve', proposal=one.id).result()",
        "for one in bench.state.step.pending: _ = bench.command('skip', proposal=one.id).result()",
        "studio(bench)",
    )
    page.locator(".tep-history tbody tr").last.click()
    then = page.locator(".tep-then")
    expect(then).to_have_count(24)
    expect(page.locator(".tep-then[open]")).to_have_count(8)
    then.first.locator("summary").click()
    button(page, "76 more prompts").click()
    expect(then).to_have_count(100)
    expect(then.nth(24).locator("summary")).to_be_focused()
    expect(page.locator(".tep-then[open]")).to_have_count(7)
    expect(then.nth(39)).to_contain_text("changed since")
    expect(then.nth(40)).to_contain_text("as now")
    button(page, "Compare with …").click()
    button(page, "Compare").click()
    expect(page.locator(".tep-sides")).to_have_count(24)
    expect(page.locator(".tep-sides[open]")).to_have_count(8)
    button(page, "16 more prompts").click()
    expect(page.locator(".tep-sides")).to_have_count(40)
    expect(page.locator(".tep-sides[open]")).to_have_count(8)
