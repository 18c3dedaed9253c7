"""Where results go: printed lines, displays that change while a command runs, the static summary; and no echo of them."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from typing import Any, TypeVar
from uuid import uuid4

from IPython.core.displaypub import DisplayPublisher
from IPython.core.interactiveshell import InteractiveShell

from tep_nb.core.data import Dataset, Trace
from tep_nb.core.events import Evaluation
from tep_nb.core.graph import Graph
from tep_nb.core.review import Evidence, Proposal
from tep_nb.core.state import State, Step
from tep_nb.method.compare import Comparison
from tep_nb.method.flow import Flow
from tep_nb.model.budget import Budget
from tep_nb.notebook.loop import Ticket
from tep_nb.notebook.show import progress_text
from tep_nb.notebook.still import Still
from tep_nb.notebook.text import clean
from tep_nb.notebook.workbench import Workbench
from tep_nb.session import Session

__all__ = ["Screen", "Values"]

T = TypeVar("T")
_SECOND = 1.0  # between two pictures of the progress
_ELSEWHERE = "the studio needs a kernel; below stands what can be read without one"
_QUIET = 15.0  # seconds after which a sign of life goes out also where no display shows the command
_KINDS = (
    State, Step, Evaluation, Evidence, Proposal, Session, Trace, Graph, Dataset, Budget, Ticket, Comparison, Flow,
)  # fmt: skip


class Values(tuple[Any, ...]):
    """Several values of one command, in a cell's output no more than a count of them."""

    __slots__ = ()


class Screen:
    """What one IPython shows of a workbench.

    Parameters
    ----------
    ip : InteractiveShell
    bench : Workbench
    describe : callable
        Value to text, for values of ours that a cell ends with.
    """

    def __init__(self, ip: InteractiveShell, bench: Workbench, describe: Callable[[Any], str]) -> None:
        self._ip, self._bench, self._describe = ip, bench, describe
        self._guard = threading.Lock()
        self._lives: dict[int, tuple[str, float]] = {}
        self._beat = uuid4().hex
        self._last_beat = 0.0
        self._still = Still(bench, self.bundle, describe)
        self._muted: Any = None
        self._leave = bench.subscribe(self._changed)
        for kind in (*_KINDS, Values):
            self._echo.for_type(kind, self._print_value)
        ip.events.register("pre_run_cell", self._new_cell)
        ip.events.register("post_run_cell", self._end_of_cell)

    @property
    def changes(self) -> bool:
        """Whether what was shown can be replaced: a terminal only prints on."""
        return type(self._ip.display_pub) is not DisplayPublisher

    @property
    def _echo(self) -> Any:
        return self._formatter.ipython_display_formatter

    @property
    def _formatter(self) -> Any:
        return self._ip.display_formatter

    def close(self) -> None:
        """Stop listening, and show values as IPython does."""
        self._leave()
        for kind in (*_KINDS, Values):
            self._echo.pop(kind, None)
        self._ip.events.unregister("pre_run_cell", self._new_cell)
        self._ip.events.unregister("post_run_cell", self._end_of_cell)

    def say(self, text: str) -> None:
        """Print lines; nothing in them acts on a terminal."""
        print(clean(text))  # noqa: T201  this is a cell's output

    def mute(self, value: T) -> T:
        """Hand a value back that was shown just now, so that the cell's echo does not show it again."""
        self._muted = value
        return value

    def bundle(self, data: Mapping[str, str], identity: str = "", *, update: bool = False) -> None:
        """Publish one output, under a display id if one is given."""
        transient = {"display_id": identity} if identity else {}
        self._ip.display_pub.publish(dict(data), metadata={}, transient=transient, update=update)

    def widget(self, widget: Any, words: str = "") -> None:
        """Publish a widget with its static twin; ``words`` stand for it where only text is shown."""
        data, metadata = self._formatter.format(widget)
        if data:
            self._ip.display_pub.publish(data | ({"text/plain": words} if words else {}), metadata=metadata)

    def begin(self, ticket: Ticket) -> None:
        """Show that a command runs; `end` puts its result in the same place."""
        if not self.changes:
            return
        identity = uuid4().hex
        self.bundle({"text/plain": f"{ticket.name} is running"}, identity)
        with self._guard:
            self._lives[ticket.number] = identity, time.monotonic()

    def end(self, ticket: Ticket, text: str, *, last: bool) -> None:
        """Put the result where the command was shown; with ``last`` it is not replaced again.

        A command that runs on when its cell has ended is shown twice: from its thread, which a page sees at once, and by the cell
        that waits for it, because nbclient drops what belongs to an earlier cell.
        """
        with self._guard:  # also while it goes out: the cell's word is the last, though both speak at once
            live = self._lives.pop(ticket.number, None) if last else self._lives.get(ticket.number)
            if live is not None:
                self.bundle({"text/plain": clean(text) or f"{ticket.name} failed"}, live[0], update=True)
        if live is None and last and text:
            self.say(text)

    def studio(self, make: Callable[[Workbench], Any]) -> Any:
        """Show the widget, and below it what can be read without a kernel, which is kept current."""
        widget = make(self._bench)
        if self.changes:
            self.widget(widget, _ELSEWHERE)
            self._still.show()
        elif self._bench.state is not None:
            self.say(self._describe(self._bench.current()))
        return widget

    def refresh(self) -> None:
        """Bring what stands beside the studios up to date from a cell, for the same reason as in `end`."""
        if self.changes:
            self._still.refresh(cell=True)

    def _changed(self, what: str) -> None:
        if not self.changes:
            return
        running = self._bench.loop.running
        if what != "progress" and running is None:
            self._still.refresh(cell=False)
        if what != "progress" or running is None:
            return
        now = time.monotonic()
        with self._guard:
            live = self._lives.get(running.number)
            if live is not None and now - live[1] >= _SECOND:
                self._lives[running.number] = live[0], now
                identity = live[0]
            elif live is None and now - self._last_beat >= _QUIET:
                identity = self._beat
            else:
                return
            self._last_beat = now
        self.bundle({"text/plain": progress_text(running.name, self._bench.progress)}, identity, update=True)

    def _new_cell(self, _: Any) -> None:
        """What an earlier cell has shown may be shown again."""
        self._muted = None

    def _end_of_cell(self, _: Any) -> None:
        """Pictures are drawn once a cell."""
        if self.changes:
            self._still.settle()

    def _print_value(self, value: Any) -> None:
        """IPython's formatter for our values: silent about what was shown just now."""
        if value is not self._muted:
            self.say(self._describe(value))
