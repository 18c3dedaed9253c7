"""What the judging tests look at: the page's messages, the session's file, axe-core's verdict, the colours of a text."""

from __future__ import annotations

import itertools
import json
import sqlite3
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from axe_playwright_python.base import AXE_SCRIPT
from driving import Lab, Watch, wait_idle

__all__ = ["Stage", "Wire", "axe", "decided_in", "faint"]

VERDICTS = ("approve", "take", "edit", "reject", "skip")
SHOW = """async (sources) => {
  const panel = window.jupyterapp.shell.currentWidget;
  const shared = panel.content.model.sharedModel;
  shared.transact(() => {
    shared.deleteCellRange(0, shared.cells.length);
    shared.insertCells(0, sources.map((source) => ({ cell_type: "code", source, metadata: { trusted: true }, outputs: [] })));
  });
  await window.jupyterapp.commands.execute("notebook:run-all-cells");
  const outputs = shared.cells.flatMap((cell) => cell.getOutputs());
  return outputs.filter((one) => one.output_type === "error").map((one) => `${one.ename}: ${one.evalue}`);
}"""


@dataclass
class Wire:
    """The messages that a page sends to its kernels over their sockets."""

    commands: list[dict[str, Any]] = field(default_factory=list)

    def listen(self, page: Any) -> None:
        """Note what every socket of the page sends."""
        page.on("websocket", lambda socket: socket.on("framesent", self._frame))

    def _frame(self, payload: bytes | str) -> None:
        content = _content(payload)
        if content is not None and "verb" in content and content["verb"] != "hello":
            self.commands.append(content)

    @property
    def verdicts(self) -> list[str]:
        """The decisions that were sent, in order."""
        return [command["verb"] for command in self.commands if command["verb"] in VERDICTS]


def _content(payload: bytes | str) -> dict[str, Any] | None:
    """What a widget sends by its comm; None for every other frame."""
    if isinstance(payload, str):
        message = json.loads(payload)
        kind, content = message["header"]["msg_type"], message["content"]
    else:
        count = int.from_bytes(payload[:8], "little")
        marks = [int.from_bytes(payload[8 * at : 8 * at + 8], "little") for at in range(1, count + 1)]
        _, header, _, _, body = (payload[start:end] for start, end in itertools.pairwise(marks))
        kind, content = json.loads(header)["msg_type"], json.loads(body)
    if kind != "comm_msg":
        return None
    found = content["data"].get("content")
    return found if isinstance(found, dict) else None


@dataclass
class Stage:
    """A page with a notebook and a kernel that many tests share; each shows its own cells in it."""

    page: Any
    lab: Lab
    watch: Watch
    wire: Wire

    def show(self, *cells: str) -> Any:
        """Put these cells in the place of all others, run them, and return the page once it shows their view."""
        self.run(*cells)
        self.page.locator(".tep").first.wait_for()
        return self.page

    def run(self, *cells: str) -> Any:
        """The same of cells that show no view."""
        failed = self.page.evaluate(SHOW, list(cells))
        assert failed == [], failed
        wait_idle(self.page)
        self.wire.commands.clear()
        return self.page

    def file(self, name: str) -> Path:
        """A file of the notebook's folder."""
        return self.lab.folder / name


def decided_in(file: Path) -> list[tuple[str, str, str, str]]:
    """Prompt, verdict, author and reason of every decision in a session's file, as recorded; rewound ones too."""
    with sqlite3.connect(f"file:{file}?mode=ro", uri=True) as found:
        bodies = [json.loads(body) for (body,) in found.execute("SELECT body FROM events WHERE kind = 'decided' ORDER BY seq")]
    made = [body["decision"] for body in bodies]
    return [(one["proposal"].split(".")[-2], one["verdict"], one["by"], one["reason"]) for one in made]


AXE = """async (root) => {
  const result = await window.axe.run(root, { resultTypes: ["violations", "incomplete"] });
  const place = (node) => ({ target: node.target.join(" "), html: node.html.slice(0, 160) });
  const say = (found) => found.map((one) => ({ id: one.id, impact: one.impact, nodes: one.nodes.map(place) }));
  return { violations: say(result.violations), incomplete: say(result.incomplete) };
}"""


def axe(page: Any, root: str = ".tep-studio") -> dict[str, list[dict[str, Any]]]:
    """axe-core's violations in a subtree, and what it could not judge."""
    if not page.evaluate("() => Boolean(window.axe)"):
        page.evaluate(AXE_SCRIPT)
    found: dict[str, list[dict[str, Any]]] = page.evaluate(AXE, root)
    return found


FAINT = """(root) => {
  const numbers = (text) => {
    const [r, g, b, alpha = 1] = text.match(/[\\d.]+/g).map(Number);
    const scale = text.startsWith("color(srgb") ? 255 : 1;
    return [r * scale, g * scale, b * scale, alpha];
  };
  const over = (top, below) => [0, 1, 2].map((i) => top[i] * top[3] + below[i] * (1 - top[3]));
  const light = (rgb) => {
    const [r, g, b] = rgb.map((v) => v / 255).map((v) => (v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const behind = (node) => {
    const layers = [];
    for (let at = node; at; at = at.parentElement) {
      const style = getComputedStyle(at);
      layers.push(numbers(style.backgroundColor));
      if (layers.at(-1)[3] === 1) break;
    }
    return layers.reverse().reduce((below, top) => over(top, below), [255, 255, 255]);
  };
  const opacity = (node) => {
    let found = 1;
    for (let at = node; at; at = at.parentElement) found *= Number(getComputedStyle(at).opacity);
    return found;
  };
  const out = [];
  const words = document.createTreeWalker(document.querySelector(root), NodeFilter.SHOW_TEXT);
  while (words.nextNode()) {
    const node = words.currentNode.parentElement;
    const text = words.currentNode.textContent.trim();
    if (!text || !node.checkVisibility({ visibilityProperty: true })) continue;
    if (node.closest(".tep-spoken, :disabled, [aria-disabled=true], svg")) continue;
    const style = getComputedStyle(node);
    const below = behind(node);
    const ink = numbers(style.color);
    const front = over([ink[0], ink[1], ink[2], ink[3] * opacity(node)], below);
    const [a, b] = [light(front), light(below)];
    const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    const size = parseFloat(style.fontSize);
    const large = size >= 24 || (size >= 18.66 && Number(style.fontWeight) >= 700);
    if (ratio < (large ? 3 : 4.5)) out.push(`${ratio.toFixed(2)} ${node.className || node.tagName}: ${text.slice(0, 40)}`);
  }
  return [...new Set(out)];
}"""


def faint(page: Any, root: str = ".tep-studio") -> list[str]:
    """Visible texts whose contrast with what is behind them is below AA, from the computed styles."""
    found: list[str] = page.evaluate(FAINT, root)
    return found
