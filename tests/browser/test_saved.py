"""What a saved notebook holds: pictures and tables for its readers, no prompt in the widgets' state, never a key."""

import json

import nbformat
from driving import ask, button, open_notebook, run_all, save, settled
from playwright.sync_api import expect

KEY = "sk-canary-4711"
CELLS = (
    f"import os\nos.environ['OPENAI_API_KEY'] = '{KEY[:9]}' + '{KEY[9:]}'\n%load_ext tep_nb\n%tep model simulated",
    "%tep data task:object_counting --split 40/20/40\n%tep objective The last line gives the right number.",
    "%%tep_agent collect --out items\n+++\nrole = 'Collects'\n+++\nWalrus: list the objects.\n\n{{question}}",
    "%%tep_agent answer\n+++\nrole = 'Answers'\n+++\nWalrus: give the answer.\n\nQuestion: {{question}}\nItems: {{items}}",
    "%tep start saved.tep",
    "%tep studio",
)
PRIVATE = """import json, sqlite3
session = get_ipython().run_line_magic('tep', 'session')
found = session.state.step.proposals
words = [text for p in found for text in (p.rationale, *(s.do for c in p.critiques for s in c.suggestions))]
rows = [row.fields['question'] for row in session.state.dataset.train]
replies = sqlite3.connect(session.path).execute("SELECT reply FROM calls WHERE outcome = 'ok'")
outputs = [json.loads(reply)[0] for (reply,) in replies]
long = lambda texts: [text for text in texts if len(text) > 20]
print(json.dumps({'words': long(words), 'rows': long(rows), 'outputs': long(outputs)}))"""
STATE = "application/vnd.jupyter.widget-state+json"


def test_saved_notebook_keeps_what_is_private(page, lab, app):
    """With the widgets' state it holds no prompt, row, reply, rationale or key; untrusted, pictures and tables show."""
    kind = app.split("/")[0]
    name = lab.notebook(f"saved-{kind}.ipynb", *(cell.replace("saved.tep", f"saved-{kind}.tep") for cell in CELLS))
    open_notebook(page, lab, name, app)
    run_all(page)
    button(page, "Step").click()
    expect(page.locator(".tep-count")).to_have_text("1 / 2")
    page.get_by_role("textbox", name="Reason").fill("says too much")
    page.keyboard.press("Enter")
    expect(page.locator(".tep-count")).to_have_text("1 / 1")
    settled(page)
    expect(page.locator(".jp-OutputArea").last).to_contain_text("says too much")
    said = json.loads(ask(page, PRIVATE).splitlines()[-1])
    assert len(said["rows"]) > 20
    assert said["words"]
    assert said["outputs"]
    save(page)
    text = (lab.folder / name).read_text(encoding="utf-8")
    assert KEY not in text
    made = nbformat.reads(text, 4)
    assert STATE in made.metadata.get("widgets", {}), "the state of widgets was not saved: nothing would be tested"
    state = json.dumps(made.metadata["widgets"], ensure_ascii=False)
    assert "Walrus" not in state
    assert [kind for kind, texts in said.items() for one in texts if one in state or json.dumps(one)[1:-1] in state] == []

    made.cells[-1].source = "%tep studio  # not run by this reader"
    nbformat.write(made, lab.folder / f"untrusted-{kind}.ipynb")
    page.goto(f"{lab.url}/{app}/untrusted-{kind}.ipynb")
    page.wait_for_selector(".jp-Notebook .jp-Cell")
    assert not page.evaluate("() => window.jupyterapp.shell.currentWidget.content.widgets.every((cell) => cell.model.trusted)")
    picture = page.locator(".jp-OutputArea-output img").first
    expect(picture).to_be_visible()
    page.wait_for_function("() => document.querySelector('.jp-OutputArea-output img').naturalWidth > 200")
    expect(page.locator(".jp-OutputArea-output table").first).to_be_visible()
    expect(page.locator(".jp-OutputArea").last).to_contain_text("says too much")
    expect(page.locator(".tep-studio")).to_have_count(0)
