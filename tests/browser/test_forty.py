"""Forty prepared proposals by keyboard: presses and messages a decision, and no key that waits."""

import re

from driving import ask, settled
from judging import decided_in
from playwright.sync_api import expect

STUDIO = "from prepared import *\nfrom tep_nb.notebook.views import studio"
PROMPTS = [*(f"a{at:03}" for at in range(39)), "answer"]


def recorded(stage):
    """The decisions of the session's file, when nothing is in line."""
    settled(stage.page)
    return decided_in(stage.file(ask(stage.page, "print(bench.session.path.name)")))


def focus(page):
    """Give the studio the keys, as a reader does who sees a proposal and tabs or clicks into it."""
    expect(page.locator(".tep-count")).to_be_visible()
    page.locator(".tep-review").focus()


def nothing_waits(page):
    expect(page.locator(".tep-review .tep-empty")).to_contain_text("Nothing waits", timeout=60_000)


def test_forty_proposals_take_forty_presses(stage):
    """Approve, skip and take are one press and one message each; the journal holds what was pressed, in order."""
    page = stage.show(STUDIO, "bench = forty(); studio(bench)")
    focus(page)
    keys = ["a", "s", "t", "a"] * 10
    for left, key in zip(range(39, -1, -1), keys, strict=True):
        page.keyboard.press(key)
        if left:
            expect(page.locator(".tep-count")).to_have_text(f"1 / {left}")
    nothing_waits(page)
    verbs = {"a": "approve", "s": "skip", "t": "take"}
    assert [(prompt, verdict, by) for prompt, verdict, by, _ in recorded(stage)] == [
        (prompt, verbs[key], "ada") for prompt, key in zip(PROMPTS, keys, strict=True)
    ]
    assert stage.wire.verdicts == [verbs[key] for key in keys]


def test_keys_never_wait(stage):
    """Forty presses of a, none of which waits for an answer, decide forty proposals."""
    page = stage.show(STUDIO, "bench = forty(); studio(bench)")
    focus(page)
    for _ in range(40):
        page.keyboard.press("a")
    nothing_waits(page)
    assert [(prompt, verdict) for prompt, verdict, _, _ in recorded(stage)] == [(prompt, "approve") for prompt in PROMPTS]


def test_recent_reason_is_one_more_key(stage):
    """The first rejection needs its words; the next ones one key more: two presses a rejection."""
    page = stage.show(STUDIO, "bench = forty(); studio(bench)")
    focus(page)
    page.keyboard.press("r")
    page.keyboard.type("too long")
    page.keyboard.press("Enter")
    expect(page.locator(".tep-count")).to_have_text("1 / 39")
    for left in range(38, 33, -1):
        page.keyboard.press("r")
        page.keyboard.press("1")
        expect(page.locator(".tep-count")).to_have_text(f"1 / {left}")
    assert [(verdict, reason) for _, verdict, _, reason in recorded(stage)] == [("reject", "too long")] * 6


def test_evidence_is_bought_while_keys_go_on(stage):
    """Nudged: forty presses of a; what is no worse is applied, what is worse comes back to the top with its numbers."""
    page = stage.show(STUDIO, "bench = forty(('nudged',)); studio(bench)")
    focus(page)
    for _ in range(40):
        page.keyboard.press("a")
    worse = [name for at, name in enumerate(PROMPTS, 1) if at % 5 == 0]
    expect(page.locator(".tep-count")).to_have_text(re.compile(r"/ 8$"), timeout=60_000)
    expect(page.locator(".tep-waiting")).to_have_count(0)
    for _ in range(8):  # wherever the cursor is, to the top
        page.keyboard.press("k")
    expect(page.locator(".tep-count")).to_have_text("1 / 8")
    for at, name in enumerate(worse, 1):
        expect(page.locator(".tep-count")).to_have_text(f"{at} / 8")
        expect(page.locator(".tep-name")).to_have_text(name)
        expect(page.locator(".tep-label-worse")).to_be_visible()
        expect(page.locator(".tep-why")).to_contain_text("100.0% → 0.0%")
        page.keyboard.press("j")
    assert [prompt for prompt, *_ in recorded(stage)] == [prompt for prompt in PROMPTS if prompt not in worse]
    assert stage.wire.verdicts == ["approve"] * 40
