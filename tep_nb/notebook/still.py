"""What a studio leaves beside it for readers without a kernel: pictures of the graph and the history, and the summary."""

from __future__ import annotations

import threading
import time
from base64 import b64encode
from collections.abc import Callable
from typing import Any
from uuid import uuid4

from tep_nb.core.state import State
from tep_nb.errors import JournalError
from tep_nb.notebook.views import graph_pictures, static_summary
from tep_nb.notebook.workbench import Workbench
from tep_nb.report.figures import png
from tep_nb.report.rows import recorded
from tep_nb.report.timeline import history_figure

__all__ = ["Publish", "Still"]

Publish = Callable[..., None]
"""``(data, identity, update=…)``: one output under a display id."""
_CALM = 0.5  # seconds before the thread draws
_GROUPS = 4  # studios whose outputs are kept current; those of older runs are no longer on the page


class Still:
    """The outputs of one notebook's studios, kept current under their display ids.

    The summary follows every decision. The pictures take some tenths of a second: they are drawn anew when a step is proposed,
    when it is decided, and after a look at a split; at the end of a cell, or between cells in a thread of their own.

    Parameters
    ----------
    bench : Workbench
    publish : callable
    describe : callable
        Session to text, for readers that show only text.
    """

    def __init__(self, bench: Workbench, publish: Publish, describe: Callable[[Any], str]) -> None:
        self._bench, self._publish, self._describe = bench, publish, describe
        self._groups: list[dict[str, str]] = []
        self._guard, self._pen = threading.Lock(), threading.Lock()
        self._busy = self._again = False
        self._made: tuple[Any, dict[str, dict[str, str]]] = (None, {})
        self._sent: dict[tuple[str, bool], Any] = {}

    def show(self) -> None:
        """Leave the outputs of one more studio; before there is a session they are empty, and filled once it begins."""
        state = self._bench.state
        group = {name: uuid4().hex for name in ("graph", "history", "summary")}
        found = {name: {"text/plain": ""} for name in group}
        if state is not None:
            found = {**self._pictures(state), "summary": self._summary(state)}
        for name, identity in group.items():
            self._publish(found[name], identity)
        with self._guard:
            self._groups = [*self._groups, group][-_GROUPS:]

    def refresh(self, *, cell: bool) -> None:
        """Bring the outputs up to date; each of the two ways, from a cell and between cells, sends what it has not sent yet.

        A page sees at once what is sent between cells; nbclient drops that, and keeps what a cell sends.
        """
        state = self._bench.state
        if state is None or not self._groups:
            return
        try:
            self._send("summary", self._summary(state), cell)
        except JournalError:  # the session was closed by hand: what was shown last stays
            return
        if not cell and self._sent.get(("pictures", cell)) != _key(state):
            self._wake()

    def settle(self) -> None:
        """Bring the pictures up to date, once at the end of a cell, however many commands it held."""
        state = self._bench.state
        if state is not None and self._groups and self._sent.get(("pictures", True)) != _key(state):
            self._draw(cell=True)

    def _summary(self, state: State) -> dict[str, str]:
        session = self._bench.current()
        return {"text/plain": self._describe(session), "text/html": static_summary(state, session.usage)}

    def _pictures(self, state: State) -> dict[str, dict[str, str]]:
        """The pictures of a state, drawn once."""
        key = _key(state)
        with self._pen:
            if self._made[0] != key:
                drawn = history_figure(state, recorded(state), [look for look, kept in state.looks if kept])
                history = {"text/plain": "the history: metric, scores and decisions over the steps"}
                history["image/png"] = b64encode(png(drawn)).decode("ascii")
                self._made = key, {"graph": graph_pictures(state.graph, state), "history": history}
            return self._made[1]

    def _draw(self, *, cell: bool) -> None:
        state = self._bench.state
        if state is not None:
            for name, data in self._pictures(state).items():
                self._send(name, data, cell)
            self._sent["pictures", cell] = _key(state)

    def _send(self, name: str, data: dict[str, str], cell: bool) -> None:
        if self._sent.get((name, cell)) != data:
            self._sent[name, cell] = data
            for group in self._groups:
                self._publish(data, group[name], update=True)

    def _wake(self) -> None:
        """Have the pictures drawn by the one thread that draws; what changes meanwhile is drawn once more."""
        with self._guard:
            self._again = True
            if self._busy:
                return
            self._busy = True
        threading.Thread(target=self._work, name="tep-pictures", daemon=True).start()

    def _work(self) -> None:
        while True:
            with self._guard:
                self._busy, self._again = self._again, False
                if not self._busy:
                    return
            time.sleep(_CALM)  # a cell that runs now draws by itself
            try:
                self._draw(cell=False)
            except BaseException:
                with self._guard:
                    self._busy = False
                raise


def _key(state: State) -> tuple[Any, ...]:
    """What the pictures show: a state with another key is drawn anew."""
    step = state.step
    settled = ("",) if step.pending else (len(state.reviewed), state.graph.digest)
    # All states of one session share its data, and no two sessions do: it is held, so that no other gets its identity.
    session = id(state.dataset), state.dataset
    return *session, step.index, step.proposed, state.phase, state.branch, len(state.evaluations), *settled
