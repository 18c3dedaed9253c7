"""The studio by keyboard alone: Tab reaches all in reading order and shows where it is, and no key leads out."""

import itertools
import re

from driving import decisions
from playwright.sync_api import expect

IMPORT = "from prepared import *\nfrom tep_nb.notebook.views import studio"
STOP = """() => {
  const at = document.activeElement;
  const studio = document.querySelector(".tep-studio");
  if (!studio.contains(at) || at === studio) return null;
  at.dataset.judged = "yes";
  const box = at.getBoundingClientRect();
  const { outlineStyle, outlineWidth } = getComputedStyle(at);
  const ringed = outlineStyle !== "none" && parseFloat(outlineWidth) >= 1;
  const name = at.getAttribute("aria-label") || at.innerText || at.title || "";
  // Within the studio: the page may scroll from one stop to the next.
  const { left: x, top: y } = studio.getBoundingClientRect();
  const [top, bottom, left, right] = [box.top - y, box.bottom - y, box.left - x, box.right - x];
  return { what: `${at.tagName} ${name.slice(0, 40)}`, top, bottom, left, right, ringed };
}"""
MISSED = """() => [...document.querySelectorAll(".tep-studio *")].filter((node) =>
  node.tabIndex >= 0 && !node.disabled && node.checkVisibility({ visibilityProperty: true }) && !node.dataset.judged
  && (node.matches("button, input, textarea, select, summary, a[href]") || node.hasAttribute("tabindex"))
).map((node) => `${node.tagName} ${node.className} ${node.getAttribute("aria-label") || node.innerText.slice(0, 30)}`)"""
INSIDE = "() => document.querySelector('.tep-studio').contains(document.activeElement)"


def stops(page):
    """All that Tab reaches, from the studio's root to where it leaves."""
    page.evaluate("() => document.querySelector('.tep-studio').focus()")
    found = []
    for _ in range(300):
        page.keyboard.press("Tab")
        stop = page.evaluate(STOP)
        if stop is None:
            return found
        found.append(stop)
    raise AssertionError(f"Tab does not leave the studio: {found[-5:]}")


def test_tab_reaches_every_control_in_reading_order(each_stage):
    """Tab visits all that can be used, each visibly focused, never going back up except into a column further right."""
    page = each_stage.show(IMPORT, "bench = waiting(layered(8, 3)); studio(bench)")
    expect(page.locator(".tep-count")).to_have_text("1 / 8")
    found = stops(page)
    assert page.evaluate(MISSED) == []
    assert [stop["what"] for stop in found if not stop["ringed"]] == []
    back = [
        (one["what"], two["what"])
        for one, two in itertools.pairwise(found)
        if two["bottom"] <= one["top"] and two["left"] < one["right"]
    ]
    assert back == []
    assert len({stop["what"] for stop in found}) > 15


def test_a_whole_session_by_keys_alone(each_stage):
    """Step, walk, leave out a hunk, assess, edit, reject, undo, done: no mouse, and the keys stay in the studio."""
    page = each_stage.show(IMPORT, "bench = begin(layered(6, 3)); studio(bench)")
    expect(page.locator(".tep-studio").get_by_role("button", name="Step")).to_be_enabled()
    page.evaluate("() => document.querySelector('.tep-studio').focus()")

    def tab_to(role, name):
        target = page.locator(".tep-studio").get_by_role(role, name=name).first
        for _ in range(80):
            if target.evaluate("(node) => node === document.activeElement"):
                return target
            page.keyboard.press("Tab")
        raise AssertionError(f"Tab does not reach the {role} {name}")

    def left(text):
        expect(page.locator(".tep-count")).to_contain_text(text)
        assert page.evaluate(INSIDE)

    tab_to("button", "Step")
    page.keyboard.press("Enter")
    left("1 / 6")
    tab_to("option", "a000")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    assert page.evaluate(INSIDE)
    page.keyboard.press("j")
    page.keyboard.press("k")
    tab_to("checkbox", "Hunk 2 of 2")
    page.keyboard.press("Space")
    page.keyboard.press("t")
    left("/ 5")
    page.keyboard.press("v")
    expect(page.locator(".tep-evidence").first).to_be_visible()
    page.keyboard.press("e")
    expect(page.get_by_role("textbox", name="New text")).to_be_focused()
    page.keyboard.press("Escape")
    assert page.evaluate(INSIDE)
    page.keyboard.press("r")
    page.keyboard.type("names no case")
    page.keyboard.press("Enter")
    left("/ 4")
    page.keyboard.press("u")
    left("/ 5")
    for number in (4, 3, 2, 1):
        page.keyboard.press("s")
        left(f"/ {number}")
    page.keyboard.press("a")
    expect(page.locator(".tep-review .tep-empty")).to_contain_text("Nothing waits")
    assert page.evaluate(INSIDE)
    assert re.findall(r"'(\w+)', 'ada'", decisions(page)) == ["take", "skip", "skip", "skip", "skip", "approve"]


def test_what_a_screen_reader_says(stage):
    """Roles, names and live regions of a proposal, and what is said when the cursor moves."""
    page = stage.show(IMPORT, "bench = waiting(layered(3, 2)); studio(bench)")
    expect(page.locator(".tep-review")).to_match_aria_snapshot(SPOKEN)
    hunk = page.get_by_role("checkbox", name="Hunk 1 of 2")
    expect(hunk).to_have_accessible_description("added “Write one item a line, list 1.”")
    page.locator(".tep-review").focus()
    page.keyboard.press("j")
    expect(page.get_by_role("status").filter(has_text="Proposal 2 of 3, a001")).to_have_count(1)


SPOKEN = """
- region "Review":
  - heading "Review" [level=3]
  - button "Previous"
  - text: 1 / 3
  - button "Next"
  - combobox "Agent":
    - option "all (3)" [selected]
    - option "a000 (1)"
    - option "a001 (1)"
    - option "answer (1)"
  - list "Proposal":
    - listitem:
      - strong: a000
    - listitem: free, step 1
    - listitem: by the editor
    - listitem: 2 hunks · 15 tokens edited · 24 → 39 (+15)
    - listitem: no evidence
  - region "Proposed text":
    - text: Part 0 of the work.
    - checkbox "Hunk 1 of 2" [checked]
    - insertion: "added: Write one item a line, list 1. end added"
    - text: "Read with care what is given here, all of it, and use nothing else. {{question}}"
    - checkbox "Hunk 2 of 2" [checked]
    - insertion: "added: Be brief, edit 1. end added"
  - region "Why, and what it does":
    - heading "Why" [level=4]
    - paragraph: The list was one long line. plain
    - heading "Evidence" [level=4]
    - paragraph: /None yet/
    - heading "Critique 6.4 / 10 over 2 rows" [level=4]
    - list:
      - listitem: the first line plain Write one item a line. plain rows 2, 3
    - table "Mean scores by criterion, the lowest first":
      - rowgroup:
        - row "criterion mean":
          - columnheader "criterion"
          - columnheader "mean"
      - rowgroup:
        - row "internal consistency 5.0 below 8":
          - rowheader "internal consistency"
          - cell "5.0"
          - cell "below 8"
    - heading "Size" [level=4]
  - group "Decision":
    - button "Approve"
    - button "Take"
    - button "Edit"
    - button "Assess"
    - textbox "Reason"
    - button "Reject"
    - button "Skip"
    - button "Undo" [disabled]
    - button "Keys"
  - group "More":
    - button "Another"
    - button "Freeze"
"""
