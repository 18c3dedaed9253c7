"""A person decides in the studio, in a real JupyterLab: by mouse, by key, while a step runs, in two studios."""

import itertools
import re

import pytest
from driving import ask, ask_until, open_notebook, run_all, wait_idle
from playwright.sync_api import expect
from scene import SETUP, start

NUMBERS = itertools.count(1)


@pytest.fixture
def opened(page, lab):
    """Open a notebook with a session and the given last cells, all run."""

    def opener(*cells, phases=("free",), app="doc/tree"):
        number = next(NUMBERS)
        name = lab.notebook(f"studio{number}.ipynb", SETUP, start(f"s{number}.tep", phases), *cells)
        open_notebook(page, lab, name, app)
        run_all(page)
        return page

    return opener


def button(page, name):
    return page.get_by_role("button", name=name, exact=True)


def stepped(page):
    """Make a step and wait for its three proposals."""
    button(page, "Step").click()
    expect(page.locator(".tep-count")).to_have_text("1 / 3")


def prompts(page):
    return ask(page, "print([(n, p.text) for n, p in bench.state.prompts.items()])")


def decisions(page):
    return ask(page, "print([(d.verdict, d.by, d.reason) for d in bench.state.decisions])")


def test_studio_shows_all_views_and_what_is_hostile_is_text(opened):
    """Prompts, roles, rows, replies and rationales are text: no element is made of them and none of them runs."""
    page = opened("w = studio(bench)\nw")
    for name in ("tep-graph", "tep-review", "tep-history", "tep-meter"):
        expect(page.locator(f".tep-studio .{name}")).to_have_count(1)
    stepped(page)
    expect(page.locator(".tep-text")).to_contain_text("<img src=x onerror=")
    expect(page.locator(".tep-rationale")).to_contain_text("<img src=x")
    expect(page.locator('[data-node="collect"] .tep-role')).to_contain_text("<img")
    assert page.locator(".tep-studio img").count() == 0
    assert page.title() != "owned"


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
    expect(page.locator(".tep-empty").last).to_contain_text("Nothing waits")
    assert "Answer in one word." in prompts(page)
    stepped(page)
    button(page, "Approve").click()
    expect(page.locator(".tep-count")).to_have_text("1 / 2")
    expect(page.locator(".tep-history tbody")).to_contain_text("approved")
    expect(page.locator(".tep-meter tbody")).to_contain_text("critic")


@pytest.mark.parametrize("app", ["doc/tree", "notebooks"], ids=["lab", "notebook"])
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
    page.keyboard.press("a")
    expect(page.locator(".tep-count")).to_have_text("1 / 2")
    page.keyboard.press("u")
    expect(page.locator(".tep-count")).to_have_text("1 / 3")
    page.keyboard.press("v")
    expect(page.locator(".tep-evidence")).to_be_visible()
    page.keyboard.press("t")
    expect(page.locator(".tep-count")).to_have_text("1 / 2")
    page.keyboard.press("r")
    page.keyboard.type("asks for too much")
    page.keyboard.press("Enter")
    expect(page.locator(".tep-count")).to_have_text("1 / 1")
    page.keyboard.press("e")
    area = page.get_by_role("textbox", name="New text")
    expect(area).to_be_focused()
    page.keyboard.press("Escape")
    expect(area).to_have_count(0)
    for key in ("x", "b", "c", "m", "y", "d", "d"):
        page.keyboard.press(key)
    page.keyboard.press("s")
    expect(page.locator(".tep-empty").last).to_contain_text("Nothing waits")
    for key in ("a", "b", "x"):
        page.keyboard.press(key)
    assert page.locator(".jp-Cell").count() == cells
    assert list(re.findall(r"'(\w+)', 'ada'", decisions(page))) == ["take", "reject", "skip"]


@pytest.mark.parametrize("app", ["doc/tree", "notebooks"], ids=["lab", "notebook"])
def test_an_edit_is_saved_by_keys_and_runs_no_cell(opened, app):
    """Ctrl and Enter in the text save it, and are not the notebook's run command; letters typed there are text."""
    page = opened("studio(bench)", app=app)
    prompts_of_cells = page.locator(".jp-InputArea-prompt").all_inner_texts()
    cells = page.locator(".jp-Cell").count()
    stepped(page)
    page.keyboard.press("e")
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
    """Stop works while a step runs and while a cell blocks the kernel; the next step goes on."""
    page = opened("studio(bench)", "SLOW[0] = 30.0")
    button(page, "Step").click()
    expect(page.locator(".tep-work")).to_contain_text("step")
    expect(button(page, "Stop")).to_be_enabled()
    button(page, "Stop").click()
    expect(button(page, "Step")).to_be_enabled()
    expect(page.locator(".tep-bar ~ .tep-alert")).to_be_hidden()
    ask(page, "SLOW[0] = 0.0")
    stepped(page)


def test_step_goes_on_while_a_cell_blocks(opened):
    """A busy cell starves neither the step nor the page."""
    page = opened("studio(bench)", "SLOW[0] = 0.3", "import time")
    button(page, "Step").click()
    busy = page.evaluate_handle("""() => {
      const kernel = window.jupyterapp.shell.currentWidget.sessionContext.session.kernel;
      const future = kernel.requestExecute({ code: "time.sleep(6)" });
      const told = { done: false };
      future.done.then(() => (told.done = true));
      return told;
    }""")
    expect(page.locator(".tep-count")).to_have_text("1 / 3")
    assert not busy.evaluate("(told) => told.done")


def test_two_studios_of_one_session_agree(opened):
    """All state comes from Python: what is decided in one is decided in the other."""
    page = opened("studio(bench)", "studio(bench)")
    button(page, "Step").first.click()
    counts = page.locator(".tep-count")
    expect(counts).to_have_text(["1 / 3", "1 / 3"])
    button(page, "Skip").last.click()
    expect(counts).to_have_text(["1 / 2", "1 / 2"])
    button(page, "Undo").first.click()
    expect(counts).to_have_text(["1 / 3", "2 / 3"])  # the cursor is each reader's own


def test_page_can_be_reloaded(opened):
    """The studio comes back with its state and still decides."""
    page = opened("studio(bench)")
    stepped(page)
    page.evaluate("() => window.jupyterapp.commands.execute('docmanager:save')")
    page.reload()
    page.wait_for_selector(".jp-Notebook .jp-Cell")
    wait_idle(page)
    expect(page.locator(".tep-count")).to_have_text("1 / 3")
    button(page, "Approve").click()
    expect(page.locator(".tep-count")).to_have_text("1 / 2")


def test_restart_of_the_kernel_is_said(opened):
    """A dead studio says that it is dead, and how to go on."""
    page = opened("studio(bench)")
    page.evaluate("() => window.jupyterapp.shell.currentWidget.sessionContext.session.kernel.restart()")
    said = re.compile(r"The kernel was restarted: run the cells above again, with %tep resume s\d+\.tep in the place of")
    expect(page.locator(".tep-lost")).to_contain_text(said)
    expect(button(page, "Step")).to_be_disabled()


def test_graph_is_walked_by_keys_and_its_selection_is_pythons(opened):
    """Arrows follow the edges, Enter selects, and Python sees it; Python may select, too."""
    page = opened("w = graph_view(bench)\nw")
    page.locator('[data-node="collect"]').click()
    for key, node in (("ArrowRight", "tally"), ("ArrowRight", "answer"), ("ArrowLeft", "tally")):
        page.keyboard.press(key)
        expect(page.locator(f'[data-node="{node}"]')).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator('[data-node="tally"]')).to_have_attribute("aria-selected", "true")
    ask_until(page, "print(w.selected)", "tally")
    ask(page, "w.selected = 'answer'")
    expect(page.locator('[data-node="answer"]')).to_have_attribute("aria-selected", "true")


def test_worse_evidence_needs_an_override_reason(opened):
    """In the nudged phase Approve buys evidence; where it says worse, the Reason field becomes the override reason."""
    page = opened("studio(bench)", "LAST = ''  # within the bound", phases=("nudged",))
    stepped(page)
    ask(page, "import tep_nb.core.events as ev; from tep_nb.core.review import Evidence\n"
        "p = bench.state.step.pending[0]\n"
        "bench.session._record(ev.Assessed(evidence=Evidence(p.prompt, p.after, bench.state.graph.digest, 'metric', 'worse', "
        "0.5, 0.25, 4, 0, 1, 1.0), proposal=p.id))")  # fmt: skip
    expect(page.locator(".tep-label-worse")).to_be_visible()
    page.keyboard.press("a")
    reason = page.get_by_role("textbox", name="Reason")
    expect(reason).to_be_focused()
    expect(page.locator(".tep-hint")).to_contain_text("goes against its evidence (worse)")
    page.keyboard.type("the rows are mislabelled")
    page.keyboard.press("Enter")
    expect(page.locator(".tep-count")).to_have_text("1 / 2")
    assert ask(page, "print(bench.state.decisions[-1].override)") == "the rows are mislabelled"
    page.keyboard.press("a")  # nothing is known of this one: the evidence is bought first
    expect(page.locator(".tep-count")).to_have_text("1 / 1")
    bought = ask(page, "e = bench.state.evidence[-1]; print(e.kind, e.label, bench.state.decisions[-1].verdict)")
    assert bought == "metric no worse approve"


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
    page.keyboard.press("r")
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
    expect(page.locator(".tep-empty").last).to_contain_text("Nothing waits")
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
    expect(page.locator(".tep-empty").last).to_contain_text("All phases are done")


LINES = """() => [...document.querySelectorAll(".tep-help > div")].map((line) => {
  const [key, said] = [line.querySelector("dt"), line.querySelector("dd")];
  const apart = Math.abs(key.getBoundingClientRect().top - said.getBoundingClientRect().top);
  return [key.textContent, said.textContent, apart < 10, Math.round(line.getBoundingClientRect().left)];
})"""


@pytest.mark.parametrize("width", [1280, 560])
def test_list_of_keys_says_beside_each_key_what_it_does(opened, width):
    """Key and meaning stand on one line, in as many columns as there is room for; all ten are there."""
    page = opened("studio(bench)")
    page.set_viewport_size({"width": width, "height": 1000})
    button(page, "Keys").click()
    lines = page.evaluate(LINES)
    assert "".join(key for key, *_ in lines) == "atevrsujk?"
    assert all(said and beside for _, said, beside, _ in lines)
    assert len({left for *_, left in lines}) == {1280: 4, 560: 1}[width]


@pytest.mark.parametrize("width", [980, 1600])
def test_all_that_can_be_decided_stands_on_one_line(opened, width):
    """From the width that JupyterLab leaves beside its file list on a small screen, no button falls to a second line."""
    page = opened("studio(bench)")
    page.set_viewport_size({"width": width, "height": 900})
    stepped(page)
    buttons = "[...document.querySelectorAll('.tep-actions > button')]"
    ends = page.evaluate(f"{buttons}.map((one) => one.getBoundingClientRect().bottom)")
    assert len(ends) == 8
    assert max(ends) - min(ends) < 10


INSIDE = """() => {
  const room = document.querySelector(".tep-port").getBoundingClientRect();
  return [...document.querySelectorAll(".tep-card")].every((card) => {
    const box = card.getBoundingClientRect();
    return box.left >= room.left && box.right <= room.right && box.top >= room.top && box.bottom <= room.bottom;
  });
}"""


def test_graph_is_panned_zoomed_and_fitted(opened):
    """A narrow page keeps the graph readable; Fit shows all of it, Ctrl and wheel zoom, dragging pans, a bare wheel scrolls."""
    page = opened("graph_view(bench)")
    page.set_viewport_size({"width": 560, "height": 900})
    page.wait_for_function(f"() => !({INSIDE})()")
    button(page, "Fit the graph").click()
    page.wait_for_function(INSIDE)
    world, port = page.locator(".tep-world"), page.locator(".tep-port")
    fitted = world.get_attribute("style")

    def point(dx=0.0, dy=0.0):
        box = port.bounding_box()
        page.mouse.move(box["x"] + 6 + dx, box["y"] + box["height"] - 6 + dy)  # where no card is

    port.hover(position={"x": 5, "y": 5})
    page.mouse.wheel(0, -40)
    assert world.get_attribute("style") == fitted
    point()
    page.keyboard.down("Control")
    page.mouse.wheel(0, -40)
    page.keyboard.up("Control")
    expect(world).not_to_have_attribute("style", fitted)
    zoomed = world.get_attribute("style")
    point()
    page.mouse.down()
    point(40, -30)
    page.mouse.up()
    expect(world).not_to_have_attribute("style", zoomed)
