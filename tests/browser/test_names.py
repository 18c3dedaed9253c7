"""The names by which scripts and people find the controls: in every state each is in the name of one control only."""

from driving import ask, button, settled
from playwright.sync_api import expect

VERBS = ("Step", "Stop", "Approve", "Take", "Edit", "Assess", "Reject", "Skip", "Undo")
WORDS = "Stop: approve, take, edit, assess, reject, skip, undo the step"  # what models and persons write
SAID = f"WORDS = {WORDS!r}"
SCENE = """
from prepared import *
from prepared import WORSE
from tep_nb import Agent, Graph
from tep_nb.notebook.views import studio
VERBS = ("skip", "take", "edit", "step")
def edit(prompt, number):
    return prompt.replace("\\n", f" {WORSE} Give the reason, step by step.\\n", 1)
def team():
    nodes = [Agent(f"{verb}_it", f"In the first line {WORDS}.\\n{{{{question}}}}") for verb in VERBS]
    return Graph([*nodes, Agent("answer", "Answer.\\n" + " ".join(f"{{{{{node.name}}}}}" for node in nodes))], "answer")
model = Teller(edit=edit)
model.about = lambda text: WORDS
"""


def wrong(page, state):
    """Names that are not those of exactly one control, found as Playwright finds them: by a part of the name, in any letters."""
    studio = page.locator(".tep-studio")
    found = {f"the button {name}": studio.get_by_role("button", name=name) for name in VERBS}
    found |= {"the field Reason": studio.get_by_role("textbox", name="Reason"), "the label Reason": studio.get_by_label("Reason")}
    return [f"{state}: {what} is {one.count()}: {one.all_inner_texts()}" for what, one in found.items() if one.count() != 1]


def test_each_pinned_name_is_that_of_one_control(stage):
    """Whatever is open, and whatever models, prompts and persons say, no name can be mistaken for that of a verb."""
    page = stage.show(SAID, SCENE, "bench = drafts(team()); studio(bench)")
    expect(page.locator(".tep-card")).to_have_count(5)
    faults = wrong(page, "no session")
    page = stage.show(SAID, SCENE, "bench = begin(team(), ('nudged',), model); studio(bench)")
    expect(button(page, "Step")).to_be_enabled()
    faults += wrong(page, "nothing yet")
    button(page, "Step").click()
    expect(page.locator(".tep-count")).to_have_text("1 / 5")
    expect(page.locator(".tep-findable").first).to_be_visible()
    faults += wrong(page, "proposals")
    button(page, "Edit").click()
    expect(page.get_by_role("textbox", name="New text")).to_be_focused()
    faults += wrong(page, "editing")
    page.keyboard.press("Escape")
    button(page, "Assess").click()
    expect(page.locator(".tep-label-worse")).to_be_visible()
    page.locator(".tep-flips-box summary").click()
    expect(page.locator(".tep-flips tbody tr")).not_to_have_count(0)
    faults += wrong(page, "worse evidence")
    page.get_by_role("textbox", name="Reason").fill(WORDS)
    button(page, "Reject").click()
    expect(page.locator(".tep-count")).to_have_text("1 / 4")
    expect(page.get_by_role("group", name="Given lately")).to_contain_text(WORDS)
    button(page, "Freeze").click()
    expect(page.get_by_role("button", name="free it")).to_be_visible()
    settled(page)
    faults += wrong(page, "a reason given lately, a frozen prompt")
    page.locator(".tep-autopilot summary").first.click()
    expect(button(page, "Start")).to_be_visible()
    button(page, "Keys").click()
    expect(page.locator(".tep-help")).to_be_visible()
    faults += wrong(page, "autopilot and keys open")
    ask(page, "for p in bench.state.step.pending: bench.command('skip', proposal=p.id).result()")
    page.locator(".tep-mark[data-mark]").first.click()
    expect(page.get_by_role("button", name="Fork from")).to_be_visible()
    faults += wrong(page, "a point open")
    button(page, "Compare with …").click()
    button(page, "Compare").click()
    expect(page.locator(".tep-comparing .tep-gain")).to_be_visible()
    button(page, "Close this point").click()
    faults += wrong(page, "comparison open")
    assert faults == []
