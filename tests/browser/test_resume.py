"""After a restart of the kernel, or in another one, the session goes on with one press."""

from __future__ import annotations

import json
import re

from driving import ask, button, open_notebook, run_all, save, settled
from playwright.sync_api import expect

CELLS = (
    "%load_ext tep_nb\n%tep model simulated\n%tep data task:object_counting",
    "%%tep_tool\ndef trimmed(question: str) -> str:\n    '''The bare question.'''\n    return question.strip()",
    "%%tep_agent answer\nAnswer the question.\n{{trimmed}}",
    "%tep start resumed.tep\n%tep step",
    "%tep studio",
)
RESTART = "() => window.jupyterapp.shell.currentWidget.sessionContext.session.kernel.restart()"
STATE = "print(get_ipython().run_line_magic('tep', 'session').state.{})"


def test_session_is_resumed_with_one_press(page, lab, app):
    """The dead page runs its models, tools and the file in the new kernel, and shows the studio in its place; nothing is lost."""
    kind = app.split("/")[0]
    name = lab.notebook(f"resume-{kind}.ipynb", *(cell.replace("resumed.tep", f"resumed-{kind}.tep") for cell in CELLS))
    open_notebook(page, lab, name, app)
    run_all(page)
    page.wait_for_selector(".tep-count")
    page.evaluate(RESTART)
    press = button(page, "Resume this session")
    expect(press).to_be_visible()
    press.click()
    expect(press).to_have_count(0)
    page.wait_for_selector(".tep-studio .tep-count")
    expect(page.locator(".tep-studio")).to_have_count(1)
    page.locator(".tep-review").focus()
    page.keyboard.press("s")
    expect(page.locator(".tep-review .tep-empty")).to_be_visible()
    settled(page)
    assert "skip" in ask(page, STATE.format("decisions[-1].verdict"))
    save(page)
    saved = json.dumps(json.loads((lab.folder / name).read_text(encoding="utf-8"))["metadata"].get("widgets", {}))
    assert "tep_tool" not in saved

    # A studio without a session offers what lies in the folder; what a file cannot hold is named.
    page.evaluate(RESTART)
    expect(button(page, "Resume this session")).to_be_visible()
    other = lab.notebook("other.ipynb", "%load_ext tep_nb\n%tep studio")
    open_notebook(page, lab, other, app)
    run_all(page)
    button(page, f"Resume resumed-{kind}.tep").click()
    expect(page.locator(".tep-opening .tep-alert")).to_have_text(re.compile("run the %%tep_tool cell first"))
