"""Three hundred hostile strings in every text that reaches the page: none runs, all are legible, the layout holds."""

import pytest
from driving import ask, ask_until, button
from hostile import NAMES, STRINGS, mark_of, readable
from playwright.sync_api import expect

IMPORT = """from prepared import *
from poisoned import *
from hostile import NAMES, STRINGS
from tep_nb.notebook.views import studio"""
CANARY = """() => {
  window.owned = () => (window.ran = true);
  document.title = "as it was";
}"""
UNHARMED = """() => {
  const studio = document.querySelector(".tep-studio");
  const made = [...studio.querySelectorAll("*")].map((node) => node.localName);
  const bad = "script img iframe object embed link meta base style a form video audio math template noscript xmp marquee h1";
  const odd = bad.split(" ").filter((name) => made.includes(name));
  const given = [...studio.querySelectorAll("*")].flatMap((node) => node.getAttributeNames());
  const handlers = given.filter((name) => /^on/i.test(name));
  return { ran: Boolean(window.ran), odd, handlers, shown: studio.checkVisibility() };
}"""
AUTHOR = "<img src=x onerror=owned()> \u202eada"
"""The author's name, and how the session's file begins."""
FINE = {"ran": False, "odd": [], "handlers": [], "shown": True}
TEXT = """(selector) => [...document.querySelectorAll(selector)].map((node) => {
  const copy = node.cloneNode(true);
  copy.querySelectorAll(".tep-spoken, .tep-hunk, .tep-hunk-mark").forEach((one) => one.remove());
  return copy.textContent;
}).join("\\n")"""
UNFOLD = "() => document.querySelectorAll('.tep-text .tep-fold').forEach((fold) => fold.click())"
WIDE = """() => {
  const studio = document.querySelector(".tep-studio");
  const room = studio.getBoundingClientRect();
  const scrolls = (node) => node !== studio && getComputedStyle(node).overflowX !== "visible";
  const held = (node) => node !== studio && (scrolls(node) || held(node.parentElement));
  const beyond = (box) => box.right > room.right + 1 || box.left < room.left - 1;
  const out = [...studio.querySelectorAll("*")]
    .filter((node) => node.checkVisibility() && !node.closest(".tep-spoken, svg"))
    .filter((node) => beyond(node.getBoundingClientRect()) && !held(node.parentElement))
    .map((node) => `${node.tagName} ${node.className}`);
  const more = studio.scrollWidth - studio.clientWidth;
  return more > 1 ? [...out, `the studio scrolls by ${more}`] : out;
}"""


def missing(page, selector, wanted, length=200):
    """Marks of those strings whose beginning cannot be read in the text of a part of the page."""
    text = "".join(page.evaluate(TEXT, selector).split())
    folded = [(one, " ".join(one.split())) for one in wanted]  # what reads replies may make every white space a space
    return [mark_of(one) for one, two in folded if not any(readable(form)[:length] in text for form in (one, two))]


@pytest.fixture
def harmless(stage):
    """A stage with a canary, which must be alive at the end."""
    stage.page.evaluate(CANARY)
    yield stage
    assert stage.page.evaluate(UNHARMED) == FINE
    assert stage.page.title() == "as it was" or "stage" in stage.page.title()


def test_prompts_proposals_and_reasons(harmless):
    """Thirty agents with ten strings each in prompt, edit, rationale, critique and what was held back; roles and rows as well."""
    page = harmless.show(IMPORT, "bench = poisoned(STRINGS); studio(bench)")
    expect(page.locator(".tep-count")).to_have_text("1 / 30")
    lost = []
    for at in range(30):
        mine = STRINGS[10 * at : 10 * at + 10]
        next_ten = STRINGS[(10 * at + 10) % 300 :][:10]
        page.evaluate(UNFOLD)
        lost += [("prompt", mark) for mark in missing(page, ".tep-text", mine)]
        lost += [("edit", mark) for mark in missing(page, ".tep-text", next_ten)]
        lost += [("why", mark) for mark in missing(page, ".tep-why", mine)]
        assert page.evaluate(WIDE) == []
        if at < 29:
            button(page, "Next").click()
            expect(page.locator(".tep-count")).to_have_text(f"{at + 2} / 30")
    assert lost == []
    roles = STRINGS[::10]
    assert missing(page, ".tep-graph", roles, 60) == []


@pytest.mark.parametrize("width", [1280, 560])
def test_outputs_notes_errors_and_reasons(harmless, width):
    """Rows that flipped with their outputs and notes, warnings, an error, reasons, an author, a tool's words, a file's name."""
    page = harmless.show(IMPORT, "bench = flipping(STRINGS); studio(bench)")
    page.set_viewport_size({"width": width, "height": 900})
    expect(page.locator(".tep-count")).to_have_text("1 / 1")
    page.locator(".tep-evidence summary").first.click()
    expect(page.locator(".tep-flips .tep-flip")).to_have_count(40)
    assert missing(page, ".tep-flips", STRINGS[:80]) == []
    assert missing(page, ".tep-flips", STRINGS[80:120], 20) == []
    assert missing(page, ".tep-bar", [AUTHOR]) == []
    assert page.evaluate(WIDE) == []
    reason = page.get_by_role("textbox", name="Reason")
    typed = STRINGS[41]
    reason.fill(typed)
    button(page, "Reject").click()
    expect(page.locator(".tep-review .tep-empty")).to_contain_text("Nothing waits")
    for place in (".tep-decided", ".tep-history"):
        expect(page.locator(place)).to_contain_text(mark_of(typed))
        assert missing(page, place, [typed, AUTHOR]) == []
    ask(page, "bench.model.fail = ' '.join(STRINGS[120:130])")
    button(page, "Step").click()
    alert = page.locator(".tep-alert").filter(visible=True)
    expect(alert).to_contain_text("h120")
    assert page.evaluate(WIDE) == []


def test_rows_and_the_past(harmless):
    """Rows that are searched and run, a point of the past, two points compared: all their texts are the same harmless text."""
    page = harmless.show(IMPORT, "bench = poisoned(STRINGS[:60]); bench.by = STRINGS[3]", "studio(bench)")
    for left in (5, 4):
        page.get_by_role("textbox", name="Reason").fill(STRINGS[5])  # some quote a row, and need it
        button(page, "Approve").click()
        expect(page.locator(".tep-count")).to_have_text(f"1 / {left}")
    ask_until(page, "print(len(bench.state.decisions))", "2")
    row = page.get_by_role("combobox", name="Row")
    row.focus()
    page.keyboard.type("h04")
    page.locator(".tep-graph [role=listbox] [role=option]").filter(has_text="h04").first.wait_for()
    assert page.evaluate(WIDE) == []
    page.keyboard.press("Enter")
    expect(page.locator(".tep-flow-line")).to_contain_text("h04")
    assert page.evaluate(WIDE) == []
    marks = page.locator(".tep-mark[data-mark]")
    marks.first.focus()
    page.keyboard.press("Enter")
    expect(page.locator(".tep-point")).to_contain_text(mark_of(STRINGS[3]))
    assert missing(page, ".tep-point", [STRINGS[3]]) == []
    assert missing(page, ".tep-point", STRINGS[10:20], 60) == []
    assert page.evaluate(WIDE) == []
    button(page, "Compare with …").click()
    button(page, "Compare").click()
    expect(page.locator(".tep-comparing .tep-gain")).to_be_visible()
    assert page.evaluate(WIDE) == []


def test_names_of_objects_are_names_of_nodes(harmless):
    """Agents called as every JavaScript object's own parts are cards like all others, and run only while they do."""
    page = harmless.show(IMPORT, "bench = begin(named(NAMES)); studio(bench)")
    for name in NAMES:
        expect(page.locator(f'[data-node="{name}"]')).to_have_count(1)
    expect(page.locator(".tep-running")).to_have_count(0)
    ask(page, "bench.model.gate.shut()")
    button(page, "Step").click()
    expect(page.locator(".tep-running")).to_have_count(1)
    expect(page.locator(".tep-running")).to_have_attribute("data-node", NAMES[0])
    ask(page, "bench.model.gate.open()")
    expect(page.locator(".tep-count")).to_have_text(f"1 / {len(NAMES)}")
    for at, name in enumerate(NAMES, 1):
        expect(page.locator(".tep-name")).to_have_text(name)
        assert page.evaluate(WIDE) == []
        button(page, "Approve").click()
        if at < len(NAMES):
            expect(page.locator(".tep-count")).to_have_text(f"1 / {len(NAMES) - at}")
    expect(page.locator(".tep-review .tep-empty")).to_contain_text("Nothing waits")
