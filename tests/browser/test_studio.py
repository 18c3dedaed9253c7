"""A person decides in the studio, in a real JupyterLab: by mouse, by key, while a step runs."""

import re

from driving import ask, button, decisions, key, open_notebook, prompts, settled, stepped, wait_idle
from playwright.sync_api import expect
from scene import SETUP, start


def test_every_button_by_mouse(opened):
    """Each button does its command, and the journal's state is what the page says."""
    page = opened("studio(bench)")
    stepped(page)
    hunks = page.locator(".tep-text input[type=checkbox]")
    expect(hunks).to_have_count(2)
    assert all(box.is_checked() for box in hunks.all())
    hunks.nth(1).uncheck()
    button(page, "Take").click()
    expect(page.locator(".tep-count")).to_have_text("1 / 2")
    assert "Write one item a line" in prompts(page)
    assert "Be brief" not in prompts(page)

    button(page, "Reject").click()
    expect(page.get_by_role("textbox", name="Reason")).to_be_focused()
    page.get_by_role("textbox", name="Reason").fill("it is too long")
    button(page, "Reject").click()
    expect(page.locator(".tep-count")).to_have_text("1 / 1")
    assert "('reject', 'ada', 'it is too long')" in decisions(page)

    button(page, "Undo").click()
    expect(page.locator(".tep-count")).to_have_text("1 / 2")
    button(page, "Skip").click()
    expect(page.locator(".tep-count")).to_have_text("1 / 1")

    button(page, "Assess").click()
    expect(page.locator(".tep-evidence")).to_contain_text("critic's score")
    button(page, "Edit").click()
    area = page.get_by_role("textbox", name="New text")
    expect(area).to_be_focused()
    area.fill("Sum: {{tally}}\nKind: {{sort}}\nAnswer in one word.")
    button(page, "Save").click()
    expect(page.locator(".tep-review .tep-empty")).to_contain_text("Nothing waits")
    assert "Answer in one word." in prompts(page)
    stepped(page)
    button(page, "Approve").click()
    expect(page.locator(".tep-count")).to_have_text("1 / 2")
    expect(page.locator(".tep-history tbody")).to_contain_text("approved")
    expect(page.locator(".tep-meter tbody").first).to_contain_text("critic")


def test_every_key_and_none_reaches_the_notebook(opened, app):
    """The printed keys work in the studio; single-key commands of JupyterLab and Notebook 7 get none of them."""
    page = opened("studio(bench)", app=app)
    cells = page.locator(".jp-Cell").count()
    stepped(page)
    page.keyboard.press("j")
    expect(page.locator(".tep-count")).to_have_text("2 / 3")
    page.locator(".jp-Cell").first.click()
    page.locator(".tep-history h3").click()  # a click anywhere gives the studio the keys
    page.keyboard.press("k")
    expect(page.locator(".tep-count")).to_have_text("1 / 3")
    page.keyboard.press("?")
    expect(page.locator(".tep-help")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator(".tep-help")).to_be_hidden()
    page.keyboard.press("?")
    key(page, "a")
    expect(page.locator(".tep-count")).to_have_text("1 / 2")
    key(page, "u")
    expect(page.locator(".tep-count")).to_have_text("1 / 3")
    key(page, "v")
    expect(page.locator(".tep-evidence")).to_be_visible()
    key(page, "t")
    expect(page.locator(".tep-count")).to_have_text("1 / 2")
    key(page, "r")
    page.keyboard.type("asks for too much")
    page.keyboard.press("Enter")
    expect(page.locator(".tep-count")).to_have_text("1 / 1")
    key(page, "e")
    area = page.get_by_role("textbox", name="New text")
    expect(area).to_be_focused()
    page.keyboard.press("Escape")
    expect(area).to_have_count(0)
    for other in ("b", "c", "m", "y", "d", "d"):
        page.keyboard.press(other)
    key(page, "s")
    expect(page.locator(".tep-review .tep-empty")).to_contain_text("Nothing waits")
    for other in ("a", "b", "y"):
        page.keyboard.press(other)
    assert page.locator(".jp-Cell").count() == cells
    assert list(re.findall(r"'(\w+)', 'ada'", decisions(page))) == ["take", "reject", "skip"]


def test_an_edit_is_saved_by_keys_and_runs_no_cell(opened, app):
    """Ctrl and Enter in the text save it, and are not the notebook's run command; letters typed there are text."""
    page = opened("studio(bench)", app=app)
    prompts_of_cells = page.locator(".jp-InputArea-prompt").all_inner_texts()
    cells = page.locator(".jp-Cell").count()
    stepped(page)
    key(page, "e")
    area = page.get_by_role("textbox", name="New text")
    expect(area).to_be_focused()
    page.keyboard.type("dd a b x. ")
    page.keyboard.press("Control+Enter")
    expect(page.locator(".tep-count")).to_have_text("1 / 2")
    assert "dd a b x. List the things." in prompts(page)
    assert list(re.findall(r"'(\w+)', 'ada'", decisions(page))) == ["edit"]
    assert page.locator(".jp-Cell").count() == cells
    assert page.locator(".jp-InputArea-prompt").all_inner_texts() == prompts_of_cells


def test_stop_ends_a_running_step(opened):
    """Stop works while a step runs; the next step goes on."""
    page = opened("studio(bench)", "SLOW[0] = 30.0")
    button(page, "Step").click()
    expect(page.locator(".tep-work")).to_contain_text("step")
    expect(button(page, "Stop")).to_be_enabled()
    button(page, "Stop").click()
    expect(button(page, "Step")).to_be_enabled()
    expect(page.locator(".tep-bar ~ .tep-alert")).to_be_hidden()
    expect(page.locator(".tep-work")).to_have_text("step was stopped; what it had recorded is kept, and is not paid for again")
    ask(page, "SLOW[0] = 0.0")
    stepped(page)


SUBSHELLS = """async () => {
  const { kernel } = window.jupyterapp.shell.currentWidget.sessionContext.session;
  const comms = await Promise.all(kernel._comms.values());
  await Promise.all(comms.map((comm) => comm.subshellStarted));
  return comms.length;
}"""


def test_a_busy_cell_does_not_keep_the_page_from_being_heard(page, lab):
    """Run All with a long cell below the studio: Step and Stop reach Python while that cell runs."""
    cells = [SETUP, start("busy.tep"), "SLOW[0] = 600.0\nimport time", "studio(bench)", "time.sleep(600)"]
    open_notebook(page, lab, lab.notebook("busy.ipynb", *cells))
    page.evaluate("() => void window.jupyterapp.commands.execute('notebook:run-all-cells')")
    expect(button(page, "Step")).to_be_enabled()
    assert page.evaluate(SUBSHELLS) > 0  # what JupyterLab sends before it has one waits for the cell
    button(page, "Step").click()
    expect(page.locator(".tep-work")).to_contain_text("in flight")
    button(page, "Stop").click()
    expect(button(page, "Step")).to_be_enabled()
    expect(page.locator(".jp-InputArea-prompt").last).to_have_text("[*]:")
    page.evaluate("() => window.jupyterapp.shell.currentWidget.sessionContext.session.kernel.interrupt()")


BUSY = """() => {
  const kernel = window.jupyterapp.shell.currentWidget.sessionContext.session.kernel;
  const future = kernel.requestExecute({ code: "while not Path('enough').exists(): time.sleep(0.05)" });
  const told = { done: false };
  future.done.then(() => (told.done = true));
  return told;
}"""


def test_step_goes_on_while_a_cell_blocks(opened, lab):
    """A busy cell, which ends when the test lets it, starves neither the step nor the page."""
    page = opened("studio(bench)", "SLOW[0] = 0.3", "import time; from pathlib import Path")
    button(page, "Step").click()
    busy = page.evaluate_handle(BUSY)
    expect(page.locator(".tep-count")).to_have_text("1 / 3")
    assert not busy.evaluate("(told) => told.done")
    (lab.folder / "enough").touch()
    wait_idle(page)


WORSE = """
import tep_nb.core.events as ev
from tep_nb.core.review import Evidence
p = bench.state.step.pending[0]
digest = bench.state.graph.digest
worse = Evidence(p.prompt, p.after, digest, "metric", "worse", 0.5, 0.25, 4, 0, 1, 1.0)
bench.session._record(ev.Assessed(evidence=worse, proposal=p.id))
"""


def test_worse_evidence_needs_an_override_reason(opened):
    """In the nudged phase Approve buys evidence; where it says worse, the Reason field becomes the override reason."""
    page = opened("studio(bench)", "LAST = ''  # within the bound", phases=("nudged",))
    stepped(page)
    ask(page, WORSE)
    expect(page.locator(".tep-label-worse")).to_be_visible()
    key(page, "a")
    reason = page.get_by_role("textbox", name="Reason")
    expect(reason).to_be_focused()
    expect(page.locator(".tep-hint")).to_contain_text("goes against its evidence (worse)")
    page.keyboard.type("the rows are mislabelled")
    page.keyboard.press("Enter")
    expect(page.locator(".tep-count")).to_have_text("1 / 2")
    settled(page)
    assert ask(page, "print(bench.state.decisions[-1].override)") == "the rows are mislabelled"
    key(page, "a")  # nothing is known of this one: the evidence is bought first
    expect(page.locator(".tep-count")).to_have_text("1 / 1")
    settled(page)
    bought = ask(page, "e = bench.state.evidence[-1]; print(e.kind, e.label, bench.state.decisions[-1].verdict)")
    assert bought == "metric no worse approve"


def test_worse_evidence_of_the_whole_says_nothing_of_a_part(opened):
    """Taking a hunk is judged by the evidence of that text: it is bought, and no reason is asked for."""
    page = opened("studio(bench)", "LAST = ''  # within the bound", phases=("nudged",))
    stepped(page)
    ask(page, WORSE)
    expect(page.locator(".tep-hint")).to_contain_text("goes against its evidence (worse)")
    page.locator(".tep-text").get_by_role("checkbox").nth(1).uncheck()
    expect(page.locator(".tep-hint")).to_have_text("")
    key(page, "t")
    expect(page.locator(".tep-count")).to_have_text("1 / 2")
    settled(page)
    said = ask(page, "d = bench.state.decisions[-1]; print(d.verdict, d.override, bench.state.evidence[-1].label)")
    assert said == "take None no worse"


def test_an_error_of_a_command_is_shown(opened):
    """What the workbench refuses is said in the view, beside the buttons."""
    page = opened("studio(bench)")
    stepped(page)
    button(page, "Edit").click()
    page.get_by_role("textbox", name="New text").fill("no placeholder at all")
    button(page, "Save").click()
    said = page.get_by_role("alert").filter(has_text="an edit keeps every placeholder")
    expect(said).to_have_count(1)
    expect(said).to_be_visible()
    expect(page.get_by_role("textbox", name="New text")).to_have_value("no placeholder at all")
    button(page, "Cancel").click()
    expect(said).to_have_count(0)


def test_reason_and_selection_belong_to_the_proposal_shown(opened):
    """However late the page draws, the next proposal begins with an empty reason, and the graph shows its agent."""
    page = opened("studio(bench)")
    stepped(page)
    page.evaluate("() => { window.requestAnimationFrame = (draw) => setTimeout(draw, 3000); }")
    reason = page.get_by_role("textbox", name="Reason")
    reason.fill("only for this one")
    reason.press("Enter")
    expect(page.locator(".tep-count")).to_have_text("1 / 2")
    expect(reason).to_have_value("")
    expect(page.locator('[data-node="sort_out"]')).to_have_attribute("aria-selected", "true")
    key(page, "r")
    expect(page.locator(".tep-hint")).to_contain_text("A rejection needs a reason")
    assert decisions(page).count("only for this one") == 1


def test_what_was_decided_is_not_offered_again(opened):
    """A key pressed twice decides one proposal, and then the next one: never the same one twice."""
    page = opened("studio(bench)")
    stepped(page)
    page.evaluate("""() => {
      const panel = document.querySelector(".tep-review");
      const key = () => panel.dispatchEvent(new KeyboardEvent("keydown", { key: "s", bubbles: true }));
      new MutationObserver(key).observe(panel, { subtree: true, attributes: true, childList: true });
      key();
    }""")
    expect(page.locator(".tep-review .tep-empty")).to_contain_text("Nothing waits")
    expect(page.locator(".tep-history").get_by_text("skipped")).to_have_count(3)  # the page runs ahead of the answers
    assert decisions(page).count("'skip'") == 3
    expect(page.get_by_role("alert").filter(visible=True)).to_have_count(0)


def test_step_is_offered_while_there_is_one(opened):
    """With proposals pending Step is not the main button; when all phases are done it is off, and the page says what is left."""
    page = opened("studio(bench)")
    expect(button(page, "Step")).to_have_class(re.compile("tep-go"))
    stepped(page)
    expect(button(page, "Step")).not_to_have_class(re.compile("tep-go"))
    ask(page, "for p in bench.state.step.pending: bench.command('skip', proposal=p.id).result()")
    ask(page, "bench.command('run', auto='reject_all').result()")
    expect(button(page, "Step")).to_be_disabled()
    expect(page.locator(".tep-review .tep-empty")).to_contain_text("All phases are done")


def test_notebook_does_not_shut_the_studio_in_a_low_box(opened):
    """Notebook 7 makes long outputs scroll in a box of some lines: the studio's is as high as the studio."""
    page = opened("studio(bench)", app="notebooks")
    page.wait_for_selector(".tep-studio .tep-review")
    page.evaluate("() => document.querySelector('.tep-studio').closest('.jp-CodeCell').classList.add('jp-mod-outputsScrolled')")
    area = page.locator(".jp-Cell-outputArea").filter(has=page.locator(".tep-studio"))
    assert area.evaluate("(node) => [node.clientHeight > 400, node.scrollHeight <= node.clientHeight + 1]") == [True, True]
