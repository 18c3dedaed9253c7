"""The whole way by magics, in JupyterLab and in Notebook 7: cells, studio, decisions, light and dark."""

import pytest
from driving import ask, open_notebook, run_all, settled
from playwright.sync_api import expect

CELLS = (
    "%load_ext tep_nb",
    "%tep model simulated",
    "%tep data task:object_counting --split 40/20/40",
    "%tep objective The last line gives the right number.",
    "%%tep_agent collect --out items\nList the objects.\n\n{{question}}",
    "%%tep_agent answer\nGive the answer.\n\nQuestion: {{question}}\nItems: {{items}}",
    "%tep graph",
    "%tep start NAME.tep",
    "%tep studio",
)


def cells(name):
    return [cell.replace("NAME", name) for cell in CELLS]


def test_magics_lead_to_a_studio_that_decides(page, lab):
    """Run All gives graph and studio; a step by button, a decision by key, and the next magic sees both."""
    open_notebook(page, lab, lab.notebook("magics.ipynb", *cells("magics")))
    run_all(page)
    studio = page.locator(".tep-studio")
    expect(studio).to_have_count(1)
    expect(page.locator(".tep-alone .tep-graph")).to_have_count(1)
    studio.get_by_role("button", name="Step", exact=True).click()
    expect(studio.locator(".tep-count")).to_have_text("1 / 2")
    page.keyboard.press("a")
    expect(studio.locator(".tep-count")).to_have_text("1 / 1")
    settled(page)
    assert "1" in ask(page, "session = get_ipython().run_line_magic('tep', 'session'); print(len(session.state.decisions))")
    ask(page, "get_ipython().run_line_magic('tep', 'undo')")
    expect(studio.locator(".tep-count")).to_have_text("2 / 2")  # it stays with what it showed


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_studio_follows_the_theme(page, lab, dark):
    """Colours come from the theme; the root knows which it is."""
    name = "dark" if dark else "light"
    open_notebook(page, lab, lab.notebook(f"{name}.ipynb", *cells(name)))
    theme = f"JupyterLab {name.title()}"
    page.evaluate("(theme) => window.jupyterapp.commands.execute('apputils:change-theme', { theme })", theme)
    page.wait_for_function("(light) => document.body.dataset.jpThemeLight === light", arg=str(not dark).lower())
    run_all(page)
    page.locator(".tep-studio").wait_for()
    back = "getComputedStyle(document.querySelector('.tep-studio')).backgroundColor.match(/\\d+/g).slice(0, 3).map(Number)"
    expect(page.locator(".tep-studio.tep-dark")).to_have_count(int(dark))
    assert (max(page.evaluate(back)) < 64) == dark


def test_studio_works_in_notebook_7(page, lab):
    """The same page in Notebook 7."""
    lab.notebook("seven.ipynb", *cells("seven"))
    open_notebook(page, lab, "seven.ipynb", app="notebooks")
    run_all(page)
    studio = page.locator(".tep-studio")
    studio.get_by_role("button", name="Step", exact=True).click()
    expect(studio.locator(".tep-count")).to_have_text("1 / 2")
    page.keyboard.press("s")
    expect(studio.locator(".tep-count")).to_have_text("1 / 1")
