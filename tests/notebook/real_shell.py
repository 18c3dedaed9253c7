"""A real IPython for tests: run a cell, see what it printed, what it raised and what it is worth."""

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from IPython.core.displaypub import CapturingDisplayPublisher
from IPython.core.error import UsageError
from IPython.core.interactiveshell import InteractiveShell
from IPython.utils.capture import capture_output
from traitlets.config import Config

import tep_nb

AGENTS = (
    "%%tep_agent list_items --out items\nList the things in the question.\nQuestion: {{question}}\n",
    "%%tep_agent tally --out counts\nCount the things.\nQuestion: {{question}}\nItems: {{items}}\n",
    '''%%tep_tool --out total
def add_up(counts):
    """Adds up a tally: one line for each item, written `name: number`. A line without a number counts as one."""
    import re
    numbers = [re.search(r":\\s*(\\d+)\\s*$", line) for line in counts.splitlines() if line.strip()]
    return str(sum(int(found[1]) if found else 1 for found in numbers))
''',
    "%%tep_agent answer\nAnswer the question.\nQuestion: {{question}}\nCounts: {{counts}}\nTotal: {{total}}\n",
)


def environment():
    """For a kernel: where the package is not installed, it would not be found."""
    root = str(Path(tep_nb.__file__).parents[1])
    return {**os.environ, "PYTHONPATH": os.pathsep.join([os.environ.get("PYTHONPATH", ""), root]).lstrip(os.pathsep)}


@dataclass
class Ran:
    out: str
    err: str
    outputs: list[Any]
    error: BaseException | None
    value: Any

    @property
    def text(self):
        """Everything in plain text, an update in place of what it updates."""
        shown = {}
        for number, output in enumerate(self.outputs):
            shown[(output["transient"] or {}).get("display_id", number)] = output["data"].get("text/plain", "")
        return "\n".join([self.out, *shown.values()])


class Shell:
    """One IPython with the extension loaded; with ``page`` its displays can be replaced, as in a kernel."""

    def __init__(self, *, page=False):
        config = Config()
        config.HistoryManager.enabled = False
        self.ip = InteractiveShell(config=config)
        if page:
            self.ip.display_pub = CapturingDisplayPublisher()
        self.run("%load_ext tep_nb")

    @property
    def magics(self):
        return self.ip.magics_manager.registry["TepMagics"]

    @property
    def bench(self):
        return self.magics.bench

    def run(self, cell):
        with capture_output() as captured:
            result = self.ip.run_cell(cell)
        outputs = list(getattr(self.ip.display_pub, "outputs", ()))
        return Ran(captured.stdout, captured.stderr, outputs, result.error_in_exec or result.error_before_exec, result.result)

    def good(self, *cells):
        for cell in cells:
            ran = self.run(cell)
            assert ran.error is None, f"{cell!r}: {ran.error!r}"
        return ran

    def bad(self, cell):
        """A cell that ends in one line; returns the line."""
        ran = self.run(cell)
        assert type(ran.error) is UsageError, f"{cell!r}: {ran.error!r} {ran.out}"
        line = str(ran.error)
        assert line.isprintable(), repr(line)
        assert "Traceback" not in ran.out + ran.err
        return line

    def declare(self):
        return self.good("%tep model simulated", "%tep data task:object_counting", *AGENTS)

    def close(self):
        self.run("%unload_ext tep_nb")
