"""axe-core finds no serious violation in the studio, in any of its states, light and dark; every text has AA contrast."""

import pytest
from driving import ask, button
from judging import axe, faint
from playwright.sync_api import expect

IMPORT = "from prepared import *\nfrom tep_nb.notebook.views import studio"


def theme(stage, name):
    """Set light or dark, and wait until the page has it."""
    change = "(theme) => window.jupyterapp.commands.execute('apputils:change-theme', { theme })"
    stage.page.evaluate(change, f"JupyterLab {name.title()}")
    light = str(name == "light").lower()
    stage.page.wait_for_function("(light) => document.body.dataset.jpThemeLight === light", arg=light)


@pytest.fixture(params=["light", "dark"])
def themed(request, each_stage):
    """A stage in each theme; light again afterwards."""
    theme(each_stage, request.param)
    yield each_stage
    theme(each_stage, "light")


def judged(page, state):
    """Every fault in the present state, each in one line that says where and why."""
    found = axe(page)
    said = [
        f"{state}: {one['id']} ({one['impact']}) at {node['target']}: {node['html']}"
        for one in found["violations"] if one["impact"] in ("serious", "critical") for node in one["nodes"]
    ]  # fmt: skip
    return said + [f"{state}: contrast {text}" for text in faint(page)]


def test_the_judge_sees_what_is_wrong(stage):
    """A nameless button, a faint text and one faint by opacity alone are found: the other tests here can fail."""
    page = stage.show(IMPORT, "studio(waiting(layered(3, 2)))")
    page.evaluate("""() => {
      const studio = document.querySelector(".tep-studio");
      studio.append(document.createElement("button"));
      const made = (style) => Object.assign(document.createElement("p"), { textContent: `faint: ${style}`, style });
      const faint = (style) => studio.append(made(style));
      faint("color: #999; background: #fff");
      faint("color: #000; background: #fff; opacity: 0.4");
    }""")
    said = "\n".join(judged(page, "spoilt"))
    assert "button-name (critical)" in said
    assert "P: faint: color: #999" in said
    assert "P: faint: color: #000" in said


def test_no_serious_violation_in_any_state(themed):
    """Drafts, pending in either phase, evidence and flips open, editing, a reason wanted, running, an error, done."""
    page = themed.show(IMPORT, "bench = drafts(layered(8, 3)); studio(bench)")
    expect(page.locator(".tep-card")).to_have_count(9)
    faults = judged(page, "drafts")

    page = themed.show(IMPORT, "bench = waiting(layered(8, 3)); studio(bench)")
    expect(page.locator(".tep-count")).to_have_text("1 / 8")
    faults += judged(page, "pending free")
    button(page, "Keys").click()
    button(page, "Reject").click()
    faults += judged(page, "reason wanted, keys shown")
    button(page, "Edit").click()
    faults += judged(page, "editing")
    page.get_by_role("textbox", name="New text").fill("no placeholder")
    button(page, "Save").click()
    expect(page.get_by_role("alert").filter(has_text="an edit keeps every placeholder")).to_be_visible()
    faults += judged(page, "error")

    page = themed.show(IMPORT, "bench = waiting(layered(8, 3), ('nudged',), Teller(edit=worsening)); studio(bench)")
    ask(page, "p = bench.state.step.pending[4]; bench.command('assess', proposal=p.id).result()")
    for _ in range(4):
        button(page, "Next").click()
    expect(page.locator(".tep-label-worse")).to_be_visible()
    page.locator(".tep-evidence summary").first.click()
    page.locator(".tep-flips tbody tr").first.wait_for()
    faults += judged(page, "pending nudged, flips open")

    page = themed.show(IMPORT, "bench = begin(layered(8, 3)); bench.model.gate.shut(); studio(bench)")
    button(page, "Step").click()
    expect(page.locator(".tep-work")).to_contain_text("step")
    faults += judged(page, "running")
    button(page, "Stop").click()
    expect(button(page, "Step")).to_be_enabled()

    page = themed.show(IMPORT, "bench = decided(20, 4); bench.command('run', auto='reject_all').result(); studio(bench)")
    expect(page.locator(".tep-studio")).to_contain_text("All phases are done")
    faults += judged(page, "done")
    assert faults == []


def test_no_serious_violation_in_any_panel(themed):
    """An example's way, a search, a point of the past, two points compared, the autopilot set and run, a filter, a left hunk."""
    page = themed.show(IMPORT, "bench = decided(20, 5); studio(bench)")
    expect(page.locator(".tep-count")).to_have_text("1 / 4")
    page.get_by_role("combobox", name="Agent").select_option(index=2)
    page.locator(".tep-text input[type=checkbox]").first.uncheck()
    page.get_by_role("searchbox", name="Find a node").fill("a00")
    faults = judged(page, "searched, filtered, a hunk left")
    row = page.get_by_role("combobox", name="Row")
    row.focus()
    page.keyboard.type("1")
    page.locator(".tep-graph [role=listbox] [role=option]").filter(has_text="question number 1").first.wait_for()
    faults += judged(page, "rows offered")
    page.keyboard.press("Enter")
    expect(page.locator(".tep-flow-line")).to_contain_text("question number 1")
    faults += judged(page, "an example's way")
    marks = page.locator(".tep-mark[data-mark]")
    marks.first.focus()
    page.keyboard.press("Enter")
    expect(page.locator(".tep-point")).to_be_visible()
    faults += judged(page, "a point of the past")
    page.keyboard.press("Escape")
    page.keyboard.press("Space")
    page.keyboard.press("End")
    page.keyboard.press("Space")
    button(page, "Compare").click()
    expect(page.locator(".tep-comparing .tep-gain")).to_be_visible()
    faults += judged(page, "two points compared")
    page.locator(".tep-autopilot summary").first.click()
    faults += judged(page, "autopilot open")
    page.get_by_label("Steps at most").fill("1")
    button(page, "Start").click()
    expect(page.locator(".tep-so")).to_contain_text("ended")
    faults += judged(page, "autopilot ended")
    assert faults == []


def test_no_serious_violation_when_the_kernel_is_lost(opened):
    """A dead studio is as legible as a living one."""
    page = opened("studio(bench)")
    page.evaluate("() => window.jupyterapp.shell.currentWidget.sessionContext.session.kernel.restart()")
    expect(page.locator(".tep-lost")).to_be_visible()
    assert judged(page, "lost") == []
