"""The kernel side of every view: traits out, commands in, errors answered."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from pathlib import Path
from typing import Any, ClassVar, Protocol

import anywidget
import traitlets

from tep_nb.core.graph import Graph
from tep_nb.core.state import State
from tep_nb.errors import Stopped, TepError
from tep_nb.notebook.text import one_line

__all__ = ["VERBS", "Bench", "Coalescer", "Shows", "View", "module", "style"]

HERE = Path(__file__).parent
PAUSE = 0.05
"""Seconds between two updates of the page; what changes meanwhile goes out together."""

VERBS: Mapping[str, Mapping[str, type]] = {
    "step": {},
    "stop": {},
    "undo": {},
    "approve": {"proposal": str, "override": str},
    "take": {"proposal": str, "hunks": list, "override": str},
    "edit": {"proposal": str, "text": str, "override": str},
    "assess": {"proposal": str, "text": str},
    "reject": {"proposal": str, "reason": str},
    "skip": {"proposal": str},
}
"""What a page may ask for. A saved page could be changed by anybody: nothing else reaches the workbench."""


class Bench(Protocol):
    """What the views need of the workbench."""

    @property
    def state(self) -> State | None:
        """The session's state, None before start."""

    @property
    def graph(self) -> Graph | None:
        """The session's graph, else the drafts'."""

    @property
    def session(self) -> Any:
        """The current session or None."""

    @property
    def progress(self) -> Any:
        """Progress of the running command or None."""

    @property
    def running(self) -> str | None:
        """The running verb."""

    @property
    def errors(self) -> str:
        """The last error's text."""

    def command(self, verb: str, **args: Any) -> Future[Any]:
        """Queue a command."""

    def subscribe(self, callback: Callable[[str], None]) -> Callable[[], None]:
        """Be told what changed: state, progress, session or error."""


def module(name: str, *parts: str) -> str:
    """The page's module of a view: the shared texts, its parts, and the function that draws it."""
    sources = [(HERE / f"{part}.js").read_text(encoding="utf-8") for part in ("base", "widget", *parts)]
    root = "tep-studio" if name == "studio" else "tep-alone"
    return "\n".join([*sources, f'export default {{ render: widget("{root}", {name}View) }};\n'])


def style(*parts: str) -> str:
    """The style of a view: the tokens, what is shared, and its parts."""
    return "\n".join((HERE / f"{part}.css").read_text(encoding="utf-8") for part in ("tokens", "base", *parts))


Shows = Mapping[str, tuple[Callable[[Bench], dict[str, Any]], frozenset[str]]]
"""Trait to what makes its value, and the changes after which it is made anew."""


class Coalescer:
    """Call ``flush(what)`` with everything that changed, at most once every ``pause`` seconds, and never lose the last change."""

    def __init__(self, flush: Callable[[frozenset[str]], None], pause: float = PAUSE) -> None:
        self._flush = flush
        self._pause = pause
        self._lock = threading.Lock()
        self._turn = threading.RLock()
        self._dirty: set[str] = set()
        self._busy = False
        self._last = 0.0

    def __call__(self, what: str) -> None:
        """Note a change, from any thread."""
        with self._lock:
            self._dirty.add(what)
            if self._busy:
                return
            self._busy = True
            wait = self._last + self._pause - time.monotonic()
        if wait <= 0:
            self._run()
        else:
            timer = threading.Timer(wait, self._run)
            timer.daemon = True
            timer.start()

    def now(self) -> None:
        """Flush what is noted, without a pause; returns when it is out."""
        with self._turn:
            with self._lock:
                what = frozenset(self._dirty)
                self._dirty.clear()
            if what:
                self._flush(what)

    def _run(self) -> None:
        try:
            self.now()
        finally:
            with self._lock:
                self._last = time.monotonic()
                self._busy = False
                again = next(iter(self._dirty), None)
            if again is not None:
                self(again)


class View(anywidget.AnyWidget):
    """A widget that shows a workbench and hands commands to it.

    Subclasses name the traits that they show in ``SHOWS``.
    """

    SHOWS: ClassVar[Shows] = {}

    trouble = traitlets.Unicode("").tag(sync=True)

    def __init__(self, bench: Bench) -> None:
        self._bench = bench
        self._leave: Callable[[], None] = lambda: None
        super().__init__(**{name: make(bench) for name, (make, _) in self.SHOWS.items()})
        self._soon = Coalescer(self._flush)
        self._leave = bench.subscribe(self._soon)
        self.on_msg(self._receive)

    def _flush(self, what: frozenset[str]) -> None:
        """Send what changed. On whichever thread this is, an exception would vanish: it is shown instead."""
        try:
            for name, (make, needs) in self.SHOWS.items():
                if needs & what:
                    setattr(self, name, make(self._bench))
            self.trouble = ""
        except Exception as error:  # noqa: BLE001
            self.trouble = f"This view cannot be drawn: {one_line(error)}"

    def _receive(self, _: Any, content: Any, __: Any) -> None:
        """Hand one command over; nothing may be raised here, because nobody would see it."""
        if not isinstance(content, dict) or "id" not in content:
            return
        identity, verb = content["id"], content.get("verb")
        if verb == "hello":
            self._answer(identity, "")
            return
        try:
            future = self._bench.command(str(verb), **checked(verb, content.get("args")))
        except Exception as error:  # noqa: BLE001  whatever it is, the page must show it
            self._answer(identity, one_line(error))
            return
        future.add_done_callback(lambda done: self._done(identity, done))

    def _done(self, identity: Any, done: Future[Any]) -> None:
        """Answer after the state that the command led to: else the page would offer what was just decided once more."""
        self._soon.now()
        self._answer(identity, *_outcome(done))

    def _answer(self, identity: Any, error: str, note: str = "") -> None:
        self.send({"id": identity, "ok": not error, "error": error, "note": note})

    def close(self) -> None:
        """Stop listening to the workbench and leave the page."""
        self._leave()
        self._leave = lambda: None  # ipywidgets closes once more when the object goes
        super().close()


def checked(verb: Any, args: Any) -> dict[str, Any]:
    """The arguments of a page's command.

    Raises
    ------
    TepError
        A verb that no page may send, or an argument of another name or type.
    """
    if not isinstance(verb, str) or verb not in VERBS:
        raise TepError(f"the page asked for {verb!r}, which no view offers: reload the page")
    given = args if isinstance(args, dict) else {}
    for name, value in given.items():
        kind = VERBS[verb].get(name)
        if kind is None or not isinstance(value, kind):
            raise TepError(f"the page sent {name!r} with {verb}, which does not take it: reload the page")
        if isinstance(value, list) and not all(type(item) is int for item in value):
            raise TepError(f"the page sent hunks that are no numbers with {verb}: reload the page")
    return dict(given)


def _outcome(done: Future[Any]) -> tuple[str, str]:
    """Error and note of an answer: a command that a person stopped did not fail."""
    if done.cancelled():
        return "", "stopped"
    error = done.exception()
    if error is None:
        return "", ""
    return ("", one_line(error)) if isinstance(error, Stopped) else (one_line(error), "")
