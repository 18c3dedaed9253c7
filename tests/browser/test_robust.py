"""What goes wrong around a studio: a second browser, a slow link, a long step, a long past, a huge hostile prompt."""

import re
import time

from conftest import SIZE, well_behaved
from driving import Watch, ask, ask_until, button, open_notebook, run_all, save
from judging import decided_in
from playwright.sync_api import expect

IMPORT = """from prepared import *
from poisoned import *
from hostile import STRINGS
from tep_nb.notebook.views import studio"""
TAG = "() => document.querySelectorAll('.tep-studio [data-node]').forEach((card) => (card.judged = true))"
KEPT = "() => [...document.querySelectorAll('.tep-studio [data-node]')].filter((card) => card.judged).length"
ADDED = """() => {
  window.added = 0;
  window.sight?.disconnect();
  window.sight = new MutationObserver((records) => {
    const nodes = records.flatMap((record) => [...record.addedNodes]);
    for (const node of nodes) window.added += 1 + (node.querySelectorAll?.("*").length ?? 0);
  });
  window.sight.observe(document.querySelector(".tep-studio"), { childList: true, subtree: true });
}"""


def test_two_browsers_on_one_session_agree(page, lab, chromium):
    """A second browser opens the saved notebook; what one decides is decided in the other, and each has its own cursor."""
    name = lab.notebook("two.ipynb", IMPORT, "bench = waiting(layered(6, 3))", "studio(bench)")
    open_notebook(page, lab, name)
    run_all(page)
    expect(page.locator(".tep-count")).to_have_text("1 / 6")
    save(page)
    watch, context = Watch(lab.url), chromium.new_context(viewport=SIZE)
    try:
        other = context.new_page()
        watch.listen(other)
        open_notebook(other, lab, name)
        expect(other.locator(".tep-count")).to_have_text("1 / 6")
        other.locator(".tep-review").focus()
        other.keyboard.press("j")
        expect(other.locator(".tep-count")).to_have_text("2 / 6")
        expect(page.locator(".tep-count")).to_have_text("1 / 6")
        other.keyboard.press("a")
        expect(page.locator(".tep-count")).to_have_text("1 / 5")
        page.locator(".tep-review").focus()
        page.keyboard.press("s")
        expect(page.locator(".tep-count")).to_have_text("1 / 4")
        expect(other.locator(".tep-count")).to_contain_text("/ 4")
        well_behaved(watch)
    finally:
        context.close()
    file = ask(page, "print(bench.session.path.name)")
    assert [(prompt, verdict) for prompt, verdict, *_ in decided_in(lab.folder / file)] == [("a001", "approve"), ("a000", "skip")]


def test_slow_link_delays_and_loses_nothing(page, lab, app):
    """With every message to the page held back, keys are still taken, messages are few, and all is right once they come."""
    held, closed = [], [False]

    def link(socket):
        server = socket.connect_to_server()
        server.on_message(lambda message: held.append((socket, message)) if closed[0] else socket.send(message))

    page.route_web_socket(re.compile("/channels"), link)
    open_notebook(page, lab, lab.notebook("slow.ipynb", IMPORT, "bench = forty()", "studio(bench)"), app)
    run_all(page)
    expect(page.locator(".tep-count")).to_have_text("1 / 40")
    page.locator(".tep-review").focus()
    file = lab.folder / ask(page, "print(bench.session.path.name)")
    closed[0], began = True, time.monotonic()
    for _ in range(30):
        page.keyboard.press("a")
    expect(page.locator(".tep-count")).to_contain_text("/ 10")  # the page runs ahead of the answers
    while len(decided_in(file)) < 30:
        page.evaluate("() => null")  # lets the messages in, which the link holds back
    # One with each answer, and while the page is silent one each quarter of a second at most.
    most = 30 + 5 + 4 * (time.monotonic() - began)
    assert sum(b'"paint"' in bytes(message) for _, message in held if isinstance(message, bytes)) <= most
    while held:  # what comes meanwhile waits behind them
        socket, message = held.pop(0)
        socket.send(message)
    closed[0] = False
    ask_until(page, "print(len(bench.state.decisions))", "30")
    expect(page.locator(".tep-waiting")).to_have_count(0)
    expect(page.locator(".tep-history")).to_contain_text("a029")
    assert [verdict for _, verdict, *_ in decided_in(file)] == ["approve"] * 30


def test_long_step_shows_how_far_it_is_and_can_be_stopped(stage):
    """Calls are counted as they end, the page answers and rebuilds no card meanwhile, and Stop ends what would never end."""
    page = stage.show(IMPORT, "bench = begin(layered(100, 20)); bench.model.gate.shut()", "studio(bench)")
    expect(page.locator(".tep-studio [data-node]")).to_have_count(101)
    button(page, "Step").click()
    work = page.locator(".tep-work")
    expect(work).to_contain_text("step")
    ask_until(page, "print(bench.model.gate.held)", "16")
    page.evaluate(TAG)
    page.evaluate(ADDED)
    ask(page, "bench.model.gate.let(3)")
    expect(work).to_contain_text(re.compile(r"\b3\b"))
    assert page.evaluate(KEPT) == 101
    assert page.evaluate("() => window.added") < 60
    page.locator('[data-node="a000"]').click()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("?")
    expect(page.locator(".tep-help")).to_be_visible()
    button(page, "Stop").click()
    expect(button(page, "Step")).to_be_enabled()
    ask(page, "bench.model.gate.open()")
    button(page, "Step").click()
    expect(page.locator(".tep-count")).to_have_text("1 / 100", timeout=60_000)
    page.evaluate(TAG)
    page.locator(".tep-review").focus()
    page.keyboard.press("a")
    expect(page.locator(".tep-count")).to_have_text("1 / 99")
    assert page.evaluate(KEPT) >= 99  # of a hundred cards one has changed, or none was made anew


def test_five_hundred_decisions_behind(stage):
    """A session with five hundred decisions opens, decides, and draws a bounded history."""
    page = stage.show(IMPORT, "bench = decided()", "studio(bench)")
    expect(page.locator(".tep-count")).to_have_text("1 / 25")
    page.locator(".tep-review").focus()
    page.keyboard.press("a")
    page.keyboard.press("s")
    expect(page.locator(".tep-count")).to_have_text("1 / 23")
    expect(page.locator(".tep-history")).to_contain_text("skipped")
    ask_until(page, "print(len(bench.state.decisions))", "502")
    assert page.locator(".tep-studio *").count() < 8000


def test_huge_hostile_prompt_is_read_and_decided(stage):
    """A prompt of 200 kB that is all hostile text: its hunks can be taken or left, and it is edited whole."""
    page = stage.show(IMPORT, "bench = huge(STRINGS)", "studio(bench)")
    expect(page.locator(".tep-count")).to_have_text("1 / 1")
    boxes = page.locator(".tep-text input[type=checkbox]")
    expect(boxes).to_have_count(2)
    boxes.last.uncheck()
    page.locator(".tep-review").focus()
    page.keyboard.press("e")
    area = page.get_by_role("textbox", name="New text")
    expect(area).to_be_focused()
    assert len(area.input_value()) > 190_000
    page.keyboard.press("Escape")
    page.keyboard.press("t")
    expect(page.locator(".tep-review .tep-empty")).to_contain_text("Nothing waits")
    ends = "text = bench.state.prompts['answer'].text; print('Mind it.' in text, text.endswith('The end.'))"
    assert ask(page, ends) == "True True"
    assert page.evaluate("() => !window.ran && !document.querySelector('.tep-studio img, .tep-studio script')")
