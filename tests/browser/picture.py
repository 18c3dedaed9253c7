"""Make the README's picture of the studio: ``python tests/browser/picture.py`` writes notebooks/images/studio.png."""

from __future__ import annotations

import tempfile
from pathlib import Path

from driving import CHROMIUM, QUIET, ROOT, open_notebook, run_all, running_lab
from playwright.sync_api import sync_playwright

SETUP = (
    "%load_ext tep_nb",
    "%tep model simulated\n%tep data task:object_counting --split 45/40/125 --seed 0\n%tep method TEP seed=4",
)
AGENTS = {
    "list_items --out items": "List the things in the question.\n\nQuestion: {{question}}",
    "tally --out counts": "Count the things.\n\nQuestion: {{question}}\nItems: {{items}}",
    "answer": "Answer the question.\n\nQuestion: {{question}}\nCounts: {{counts}}\nTotal: {{total}}",
}
TOOL = '''%%tep_tool --out total
from tep_nb.task.object_counting import add_up as add

def add_up(counts):
    """Adds up a tally: one line for each item, written `name: number`. A line without a number counts as one."""
    return add(counts)
'''
LEAD = """%tep start picture.tep
%tep evaluate validation
%tep step
%tep assess --kind metric
%tep reject list_items do not quote a question --by ann
%tep reject answer fewer answers are right with it --by ann
%tep approve tally --by ann
%tep step
%tep again list_items one short sentence, please --by ann
%tep approve tally --by ann
%tep skip list_items --by ann
%tep run --until nudged --auto approve_if:no-worse,reject
%tep evaluate validation
%tep step
%tep approve answer --by ann
%tep assess tally"""
OUT = ROOT / "notebooks" / "images" / "studio.png"


def main() -> None:
    """Run the quickstart's graph into the nudged phase, by a person and a policy, and photograph the studio."""
    cells = [*SETUP, *(f"%%tep_agent {name}\n{text}" for name, text in AGENTS.items()), TOOL, LEAD, "%tep studio"]
    OUT.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, running_lab(Path(folder)) as lab, sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=CHROMIUM, args=list(QUIET))
        page = browser.new_page(viewport={"width": 1240, "height": 2600}, device_scale_factor=1.5)
        open_notebook(page, lab, lab.notebook("picture.ipynb", *cells))
        run_all(page)
        studio = page.locator(".tep-studio").last
        studio.get_by_role("button", name="Approve", exact=True).wait_for()
        studio.scroll_into_view_if_needed()
        studio.screenshot(path=OUT, animations="disabled")
        browser.close()
    print(OUT)


if __name__ == "__main__":
    main()
