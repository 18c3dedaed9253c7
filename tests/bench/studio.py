"""How fast the studio is on the page: first paint, a change while a step runs, a decision by key.

``python tests/bench/studio.py`` prints it; on a machine that others use at the same time the figures say little.
"""

from __future__ import annotations

import os
import re
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1] / "browser"))

from driving import CHROMIUM, QUIET, Lab, ask, button, open_notebook, running_lab
from judging import SHOW, Stage, Watch, Wire
from playwright.sync_api import sync_playwright

IMPORT = "from prepared import *\nfrom poisoned import *\nfrom hostile import STRINGS\nfrom tep_nb.notebook.views import studio"
PAINTED = f"""([sign, number]) => new Promise((done) => {{
  setTimeout(() => done(-1), 60000);
  const begun = performance.now();
  const look = () => {{
    const studio = document.querySelector(".tep-studio");
    if (!studio || studio.querySelectorAll(sign).length < number) return;
    sight.disconnect();
    // After the frame that paints it: a task queued in the frame's callback.
    requestAnimationFrame(() => setTimeout(() => done(performance.now() - begun)));
  }};
  const sight = new MutationObserver(look);
  sight.observe(document.body, {{ childList: true, subtree: true }});
  ({SHOW})(["studio(bench)"]);
}})"""
UPDATES = """() => {
  window.updates = [];
  const line = document.querySelector(".tep-work");
  const now = () => (performance.timeOrigin + performance.now()) / 1000;
  const look = () => requestAnimationFrame(() => setTimeout(() => window.updates.push([line.textContent, now()])));
  new MutationObserver(look).observe(line, { childList: true, characterData: true, subtree: true });
}"""


def first_paint(stage: Stage, made: str, sign: str, number: int = 1) -> str:
    """Milliseconds from the run of the studio's cell to the frame that paints so many of a sign."""
    page = stage.run(IMPORT, made)
    return f"{page.evaluate(PAINTED, [sign, number]):.0f} ms"


def updates(stage: Stage, agents: int, number: int) -> list[float]:
    """Milliseconds from a call's end in the kernel to the frame that shows it, one call at a time while a step runs."""
    shut = f"import time\ntold = []\nbench = begin(layered({agents}, 20)); bench.model.gate.shut()"
    page = stage.show(IMPORT, shut, "studio(bench)")
    page.evaluate(UPDATES)
    button(page, "Step").click()
    page.wait_for_function("() => document.querySelector('.tep-work').textContent.includes('step')")
    code = f"""
async def drip():
    import asyncio
    for at in range({number}):
        await asyncio.sleep(0.2)
        while not bench.model.gate.held: await asyncio.sleep(0.005)
        told.append([bench.progress.done + 1, time.time()])
        bench.model.gate.let(1)
import asyncio; dripping = asyncio.run_coroutine_threadsafe(drip(), bench.loop._loop)
"""
    ask(page, code)
    ask(page, "dripping.result()")
    shown = page.evaluate("() => window.updates")
    told = {int(done): at for done, at in eval(ask(page, "print(told)"))}
    ask(page, "bench.model.gate.open()")
    found: dict[int, float] = {}
    for text, at in shown:
        done = int((re.findall(r"(\d+)(?: / about \d+)? calls?\b", text) or ["-1"])[0])
        if done in told:
            found.setdefault(done, 1000 * (at - told[done]))
    print(f"  {len(found)} of {number} updates were shown by themselves")
    return list(found.values())


def decisions(stage: Stage) -> tuple[float, int]:
    """Seconds for forty approvals by key as fast as a key can be pressed, and the messages that they sent."""
    page = stage.show(IMPORT, "bench = forty(); studio(bench)")
    page.locator(".tep-review").focus()
    begun = time.monotonic()
    for left in range(40, 0, -1):
        page.locator(".tep-count").filter(has_text=f"/ {left}").wait_for()
        page.keyboard.press("a")
    page.locator(".tep-review .tep-empty").wait_for()
    return time.monotonic() - begun, len(stage.wire.commands)


def spread(values: list[float]) -> str:
    """Median and the rest in one line."""
    ranked = sorted(values)
    most = f"90% {ranked[int(0.9 * (len(ranked) - 1))]:.0f} ms, most {ranked[-1]:.0f} ms"
    return f"median {statistics.median(ranked):.0f} ms, {most}"


def say(what: str, figure: str) -> None:
    """One line, at once."""
    print(f"{what}: {figure}", flush=True)


def run(lab: Lab, page: Any) -> None:
    """Print every figure."""
    say("others on this machine", "load {:.1f}, {:.1f}, {:.1f}".format(*os.getloadavg()))
    wire = Wire()
    wire.listen(page)
    open_notebook(page, lab, lab.notebook("bench.ipynb", "0"))
    stage = Stage(page, lab, Watch(lab.url), wire)
    for size in (10, 10, 100, 200):  # the first of a kernel loads what the others find loaded
        say(f"first paint, {size} agents", first_paint(stage, f"bench = begin(layered({size}, 20))", "[data-node]", size))
    say("first paint, 40 proposals wait", first_paint(stage, "bench = forty()", ".tep-text ins"))
    say("first paint, 500 decided", first_paint(stage, "bench = decided()", ".tep-text ins"))
    say("first paint, hostile prompt of 200 kB", first_paint(stage, "bench = huge(STRINGS)", ".tep-text ins"))
    for size in (10, 100):
        say(f"update while a step runs, {size} agents", spread(updates(stage, size, 100)))
    seconds, messages = decisions(stage)
    say("40 approvals by key", f"{seconds:.1f} s, {messages} commands")


def main() -> None:
    """Start a JupyterLab and a browser, and measure."""
    with tempfile.TemporaryDirectory() as folder, running_lab(Path(folder)) as lab, sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=CHROMIUM, args=list(QUIET))
        page = browser.new_page(viewport={"width": 1280, "height": 1000})
        page.context.set_default_timeout(60_000)
        run(lab, page)
        browser.close()


if __name__ == "__main__":
    main()
