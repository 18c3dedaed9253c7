"""A JupyterLab of the tests' own, and a browser that drives it."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import nbformat
from playwright.sync_api import expect

ROOT = Path(__file__).parents[2]
CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
QUIET = (
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
)  # fmt: skip
IDLE = """() => {
  const panel = window.jupyterapp?.shell?.currentWidget;
  const session = panel?.sessionContext;
  return Boolean(session?.session?.kernel) && session.session.kernel.status === "idle"
    && ![...panel.node.querySelectorAll(".jp-InputArea-prompt")].some((p) => p.textContent.includes("[*]"));
}"""
SETTINGS = {
    "@jupyterlab/apputils-extension/notification.jupyterlab-settings": {
        "fetchNews": "false", "checkForUpdates": False, "doNotDisturbMode": True,
    },
    "@jupyter-widgets/jupyterlab-manager/plugin.jupyterlab-settings": {"saveState": True},  # the harder case
    "@jupyterlab/notebook-extension/tracker.jupyterlab-settings": {"windowingMode": "none", "autoStartDefaultKernel": True},
}  # fmt: skip


def free_port() -> int:
    """A port that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass
class Lab:
    """A running server: its address and its folder of notebooks."""

    url: str
    folder: Path

    def notebook(self, name: str, *cells: str) -> str:
        """Write a notebook; returns its path under the root."""
        made = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source) for source in cells])
        made.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3", "language": "python"}
        nbformat.write(made, self.folder / name)
        return name


@contextmanager
def running_lab(folder: Path) -> Iterator[Lab]:
    """Start JupyterLab in a folder of its own, without a token, news or updates; end it by its id."""
    home, notebooks = folder / "home", folder / "notebooks"
    for path in (home, notebooks):
        path.mkdir(parents=True)
    settings = home / "settings"
    for name, body in SETTINGS.items():
        (settings / name).parent.mkdir(parents=True, exist_ok=True)
        (settings / name).write_text(json.dumps(body), encoding="utf-8")
    port = free_port()
    env = {
        **os.environ, "HOME": str(home), "JUPYTER_CONFIG_DIR": str(home / "config"), "JUPYTERLAB_SETTINGS_DIR": str(settings),
        "JUPYTERLAB_WORKSPACES_DIR": str(home / "workspaces"), "JUPYTER_RUNTIME_DIR": str(home / "runtime"),
        "IPYTHONDIR": str(home / "ipython"),
        "PYTHONPATH": os.pathsep.join([str(ROOT), str(Path(__file__).parent), os.environ.get("PYTHONPATH", "")]),
        "NO_PROXY": "127.0.0.1,localhost", "JUPYTER_PLATFORM_DIRS": "1",
    }  # fmt: skip
    command = [
        sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root", f"--port={port}", "--ServerApp.port_retries=0",
        "--IdentityProvider.token=", "--ServerApp.password=", "--ServerApp.disable_check_xsrf=True", "--ip=127.0.0.1",
        f"--ServerApp.root_dir={notebooks}", "--LabApp.expose_app_in_browser=True",
        "--JupyterNotebookApp.expose_app_in_browser=True",
        "--LabApp.extension_manager=readonly",
        # A file that goes while the server lists its folder is a 404 of the whole folder, and JupyterLab lays a dialog over all.
        *(f"--ContentsManager.hide_globs={glob}" for glob in ("*-journal", "*-wal", "*-shm", "*.new", "*.lock")),
    ]  # fmt: skip
    with (folder / "lab.log").open("w", encoding="utf-8") as log:
        process = subprocess.Popen(command, env=env, cwd=notebooks, stdout=log, stderr=subprocess.STDOUT)
        try:
            url = f"http://127.0.0.1:{port}"
            _await_server(f"{url}/api/status", process, folder / "lab.log")
            yield Lab(url, notebooks)
        finally:
            process.terminate()
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _await_server(address: str, process: subprocess.Popen[bytes], log: Path) -> None:
    limit = time.monotonic() + 180
    while time.monotonic() < limit:
        if process.poll() is not None:
            break
        try:
            with urllib.request.urlopen(address, timeout=2):
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.1)
    raise RuntimeError(f"JupyterLab did not start:\n{log.read_text(encoding='utf-8')[-3000:]}")


@dataclass
class Watch:
    """What a page did that it must not do."""

    url: str
    errors: list[str] = field(default_factory=list)
    strangers: list[str] = field(default_factory=list)

    def listen(self, page: Any) -> None:
        """Note console errors, uncaught exceptions and requests off the machine."""
        page.on("console", lambda m: m.type == "error" and self.errors.append(f"{m.text} ({m.location.get('url', '')})"))
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        page.on("request", lambda request: self._request(request.url))

    def _request(self, address: str) -> None:
        if not address.startswith((self.url, self.url.replace("http", "ws"), "data:", "blob:", "about:")):
            self.strangers.append(address)


def open_notebook(page: Any, lab: Lab, name: str, app: str = "doc/tree") -> None:
    """Open a notebook in Lab (``doc/tree``) or in Notebook 7 (``notebooks``), and wait for its kernel."""
    page.goto(f"{lab.url}/{app}/{name}")
    page.wait_for_selector(".jp-Notebook .jp-Cell", timeout=60_000)
    wait_idle(page)


def wait_idle(page: Any) -> None:
    """Until the kernel is idle and no cell runs."""
    page.wait_for_function(IDLE, timeout=60_000)


def run_all(page: Any) -> None:
    """Run All, and wait for its end."""
    page.evaluate("() => window.jupyterapp.commands.execute('notebook:run-all-cells')")
    wait_idle(page)


def save(page: Any) -> None:
    """Save the notebook; returns when it is written, whatever changes meanwhile."""
    page.evaluate("() => window.jupyterapp.shell.currentWidget.context.save()")


ASK = """async (code) => {
  const kernel = window.jupyterapp.shell.currentWidget.sessionContext.session.kernel;
  const future = kernel.requestExecute({ code, store_history: false });
  let said = "";
  future.onIOPub = (message) => {
    if (message.header.msg_type === "stream") said += message.content.text;
    if (message.header.msg_type === "error") said += message.content.ename + ": " + message.content.evalue;
  };
  await future.done;
  return said.trim();
}"""


def ask(page: Any, code: str) -> str:
    """Run code in the notebook's kernel; returns what it printed."""
    return str(page.evaluate(ASK, code))


def ask_until(page: Any, code: str, answer: str) -> None:
    """Run code in the kernel until it prints the answer: what the page has sent may still be on its way."""
    limit = time.monotonic() + 20
    while (said := ask(page, code)) != answer:
        assert time.monotonic() < limit, f"{code} printed {said!r}, not {answer!r}"


def button(page: Any, name: str) -> Any:
    """The button of this very name."""
    return page.get_by_role("button", name=name, exact=True)


KEYS = {"a": "Approve", "t": "Take", "e": "Edit", "v": "Assess", "r": "Reject", "s": "Skip", "u": "Undo"}


def key(page: Any, letter: str) -> None:
    """Press a key of the studio once its button can be pressed."""
    expect(button(page, KEYS[letter])).to_be_enabled()
    page.keyboard.press(letter)


def stepped(page: Any) -> None:
    """Make a step in the scene's studio, and wait for its three proposals."""
    button(page, "Step").click()
    page.wait_for_function("() => document.querySelector('.tep-count')?.textContent === '1 / 3'")


def settled(page: Any) -> None:
    """Until all that was sent is answered: the page goes on before it is."""
    expect(page.locator(".tep-waiting")).to_have_count(0)


def prompts(page: Any) -> str:
    """The prompts of the scene's session, as Python has them when nothing is in line."""
    settled(page)
    return ask(page, "print([(n, p.text) for n, p in bench.state.prompts.items()])")


def decisions(page: Any) -> str:
    """The decisions of the scene's session, when nothing is in line: verdict, author and reason."""
    settled(page)
    return ask(page, "print([(d.verdict, d.by, d.reason) for d in bench.state.decisions])")
