"""The studio as a page: what it shows, two of one session, reload and restart, the graph, narrow and wide."""

import re

import pytest
from driving import ask, ask_until, button, open_notebook, save, stepped, wait_idle
from playwright.sync_api import expect
from scene import SETUP, start


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
    save(page)
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
    said = re.compile(r"The kernel was restarted: resume the session, or run the cells above again with %tep resume s\d+\.tep in")
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


LINES = """() => [...document.querySelectorAll(".tep-help > div")].map((line) => {
  const [key, said] = [line.querySelector("dt"), line.querySelector("dd")];
  const apart = Math.abs(key.getBoundingClientRect().top - said.getBoundingClientRect().top);
  return [key.textContent, said.textContent, apart < 10, Math.round(line.getBoundingClientRect().left)];
})"""


@pytest.mark.parametrize("width", [1280, 560])
def test_list_of_keys_says_beside_each_key_what_it_does(opened, width):
    """Key and meaning stand on one line, in as many columns as there is room for; all are there."""
    page = opened("studio(bench)")
    page.set_viewport_size({"width": width, "height": 1000})
    button(page, "Keys").click()
    lines = page.evaluate(LINES)
    assert "".join(key for key, *_ in lines) == "atevrsunVf1–5wjk?/ip"
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


WHEELED = "() => window.addEventListener('wheel', () => setTimeout(() => (window.wheeled = true)), { once: true, capture: true })"


def test_graph_is_panned_zoomed_and_fitted(opened):
    """A narrow page keeps the graph readable; Fit shows all of it, Ctrl and wheel zoom, dragging pans, a bare wheel scrolls."""
    page = opened("graph_view(bench)")
    expect(page.locator(".tep-card")).to_have_count(4)
    page.set_viewport_size({"width": 560, "height": 900})
    page.wait_for_function(f"() => !({INSIDE})()")
    button(page, "Fit the graph").click()
    page.wait_for_function(INSIDE)
    world, port = page.locator(".tep-world"), page.locator(".tep-port")
    fitted = world.get_attribute("style")

    def point(dx=0.0, dy=0.0):
        box = port.bounding_box()
        page.mouse.move(box["x"] + 6 + dx, box["y"] + box["height"] - 6 + dy)  # where no card is

    page.evaluate(WHEELED)
    port.hover(position={"x": 5, "y": 5})
    page.mouse.wheel(0, -40)
    page.wait_for_function("() => window.wheeled")
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


def test_busy_cell_after_the_studio_does_not_keep_it_empty(page, lab):
    """The page's first word waits until the cell ends; the kernel tells it everything all the same."""
    block = "import pathlib, time\nwhile not pathlib.Path('go').exists():\n    time.sleep(0.05)"
    name = lab.notebook("blocked.ipynb", SETUP, start("blocked.tep"), "await session.propose()\nstudio(bench)", block)
    open_notebook(page, lab, name)
    page.evaluate("() => void window.jupyterapp.commands.execute('notebook:run-all-cells')")
    expect(page.locator(".tep-count")).to_have_text("1 / 3")
    assert page.locator(".jp-InputArea-prompt", has_text="[*]").count() == 1
    (lab.folder / "go").touch()
    wait_idle(page)
    (lab.folder / "go").unlink()
    expect(page.locator(".tep-lost")).to_be_hidden()
