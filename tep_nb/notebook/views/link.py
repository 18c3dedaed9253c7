"""The kernel side of every view: what the page shows goes out, commands come in, and each is answered.

What a page shows goes to it in messages and not in synced traits: JupyterLab and nbclient write every trait into the saved
notebook in clear text. The one trait with content, ``first``, is what the page paints before its first word: of prompts it holds
no more than the first sentence that an agent was declared with, where that stands for its role.
"""

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
from tep_nb.core.visible import visible
from tep_nb.errors import Stopped, TepError
from tep_nb.notebook.text import one_line
from tep_nb.notebook.views.asks import LOOKS, checked
from tep_nb.notebook.views.painter import Coalescer
from tep_nb.notebook.views.text import shown

__all__ = ["Answers", "Bench", "Looks", "Parts", "View", "module", "style"]

PAGE = Path(__file__).parent / "page"
_PATIENCE = 0.25
"""Seconds that a page gets to say that it has drawn an update; a kernel that is busy does not hear it."""
_CALLS = (0.3, 1.0, 3.0)
"""Seconds after which a page that has not said a word is told everything again: its first word may wait for a busy cell."""

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
    def number(self) -> int:
        """Of the current session, 0 where there is none."""

    @property
    def setup(self) -> Mapping[str, str]:
        """The cells that a new kernel needs before it can resume the session."""

    @property
    def progress(self) -> Any:
        """Progress of the running command or None."""

    @property
    def planned(self) -> int:
        """Calls that the running command makes about, 0 where nobody knows."""

    @property
    def began(self) -> float:
        """When it began, on the monotonic clock."""

    @property
    def by(self) -> str:
        """Who decides in this kernel, empty where nobody is known."""

    @property
    def running(self) -> str | None:
        """The running verb."""

    @property
    def errors(self) -> str:
        """The last error's text."""

    def command(self, verb: str, *, within: int | None = None, **args: Any) -> Future[Any]:
        """Queue a command."""

    def subscribe(self, callback: Callable[[str], None]) -> Callable[[], None]:
        """Be told what changed: state, progress, session or error."""


def module(name: str, *parts: str) -> str:
    """The page's module of a view: the shared texts, its parts, and the function that draws it."""
    sources = [(PAGE / f"{part}.js").read_text(encoding="utf-8") for part in ("base", "store", "revive", "widget", *parts)]
    root = "tep-studio" if name == "studio" else "tep-alone"
    return "\n".join([*sources, f'export default {{ render: widget("{root}", {name}View) }};\n'])


def style(*parts: str) -> str:
    """The style of a view: the tokens, what is shared, and its parts."""
    return "\n".join((PAGE / f"{part}.css").read_text(encoding="utf-8") for part in ("tokens", "base", *parts))


Parts = tuple[tuple[Callable[[Bench], dict[str, Any]], frozenset[str]], ...]
"""What makes the named values that a page shows, and the changes after which it is asked again.

A name is one word, or ``word/more`` where one of many can change by itself (``proposal/0.1.plan.1``); only values that differ
from what the page has are sent.
"""
Looks = Mapping[str, Callable[..., Any]]
"""Question to what answers it from the bench, at once."""
Answers = Mapping[str, Callable[[Any, Bench], Any]]
"""Command to what its answer tells the page of its value."""


class View(anywidget.AnyWidget):
    """A widget that shows a workbench and hands commands to it.

    Subclasses name what they show in ``PARTS``; of that, ``FIRST`` is saved with a notebook.
    """

    PARTS: ClassVar[Parts] = ()
    FIRST: ClassVar[tuple[str, ...]] = ("graph", "status")
    LOOKS: ClassVar[Looks] = {}
    ANSWERS: ClassVar[Answers] = {}

    first = traitlets.Dict().tag(sync=True)

    def __init__(self, bench: Bench) -> None:
        self._bench = bench
        self._leave: Callable[[], None] = lambda: None
        self._page: dict[str, Any] = {}
        self._names: list[frozenset[str]] = []
        self._raw: dict[str, tuple[Any, Any]] = {}
        self._owed: set[int] = set()
        self._wire = threading.RLock()
        self._number = self._seen = 0
        self._sent = 0.0
        self._met = False
        self._soon = Coalescer(self._flush, patience=self._unseen)
        before = (bench.session, bench.state, bench.running)
        for make, _ in self.PARTS:
            made = self._fit(make(bench))
            self._page.update(made)
            self._names.append(frozenset(made))
        super().__init__(first={name: value for name, value in self._page.items() if name.split("/")[0] in self.FIRST})
        self._leave = bench.subscribe(self._soon)
        self.on_msg(self._receive)
        if any(new is not old for new, old in zip((bench.session, bench.state, bench.running), before, strict=True)):
            for what in ("session", "state", "progress", "error"):  # it changed before anybody listened
                self._soon(what)

    def open(self) -> None:
        """Open the line to the page; what it says comes on the way that it chose.

        JupyterLab sends it to a subshell, which hears it while a cell runs. ipykernel 7.4 hands it to the shell that last spoke
        to the page instead, most often that of the busy cell: Stop and every decision would wait for its end.
        """
        super().open()
        if self.comm is not None:
            self.comm._reply_subshell_for = _as_sent  # noqa: SLF001  it has no public name; where it is unknown, it does nothing

    @property
    def page(self) -> dict[str, Any]:
        """What the page shows, by name."""
        return dict(self._page)

    # --- out

    def _fit(self, made: dict[str, Any]) -> dict[str, Any]:
        """Named values made fit for a page; what is the same object as the last time was made fit then."""
        found = {}
        for raw, value in made.items():
            name = visible(raw)
            known = self._raw.get(name)
            if known is None or known[0] is not value:
                known = self._raw[name] = (value, shown(value))
            found[name] = known[1]
        return found

    def _flush(self, what: frozenset[str]) -> None:
        """Send what changed. On whichever thread this is, an exception would vanish: it is shown instead.

        A part that cannot be drawn keeps none of the others back, is asked again every time, and its trouble stays until then.
        """
        fresh, trouble = dict(self._page), ""
        for number, (make, needs) in enumerate(self.PARTS):
            if not needs & what and number not in self._owed:
                continue
            try:
                made = self._fit(make(self._bench))
            except Exception as error:  # noqa: BLE001  whatever it is, the page must show it
                self._owed.add(number)
                trouble = trouble or f"This view cannot be drawn: {one_line(error)}"
                continue
            self._owed.discard(number)
            for name in self._names[number] - made.keys():
                del fresh[name]
                del self._raw[name]
            fresh.update(made)
            self._names[number] = frozenset(made)
        fresh["trouble"] = trouble
        with self._wire:
            old, self._page = self._page, fresh
            changed = {name: value for name, value in fresh.items() if name not in old or old[name] != value}
            gone = [name for name in old if name not in fresh]
            if changed or gone:
                self._paint(changed, gone, whole=not self._met)

    def _paint(self, changed: Mapping[str, Any], gone: list[str], *, whole: bool) -> None:
        """Send one update, or the whole page. Who calls holds the wire, so that numbers go out in their order."""
        self._number += 1
        self._sent = time.monotonic()
        made = {"set": self._page if whole else changed, "drop": gone}
        self.send({"paint": self._number, "whole": whole, "at": time.time(), **made})

    def _whole(self) -> None:
        """Tell a page everything: never older than the update whose number comes before."""
        with self._wire:
            self._paint({}, [], whole=True)

    def _unseen(self) -> float:
        """Seconds for which the page is still taking in what was sent."""
        return 0.0 if self._seen >= self._number else max(0.0, self._sent + _PATIENCE - time.monotonic())

    def _repr_mimebundle_(self, **kwargs: Any) -> Any:
        for wait in _CALLS:
            timer = threading.Timer(wait, self._call)
            timer.daemon = True
            timer.start()
        return anywidget.AnyWidget._repr_mimebundle_(self, **kwargs)

    def _call(self) -> None:
        if not self._met and self.comm is not None:
            self._whole()

    # --- in

    def _receive(self, _: Any, content: Any, __: Any) -> None:
        """Hand one command over; nothing may be raised here, because nobody would see it."""
        if not isinstance(content, dict):
            return
        if type(content.get("seen")) is int:
            self._seen = content["seen"]
            self._soon.ready()
        if "id" not in content:
            return
        identity = content["id"]
        if content.get("verb") == "hello":
            self._met = True
            self._whole()
            self._answer(identity, "")
            return
        try:
            verb, args = checked(content.get("verb"), content.get("args"))
            if verb in LOOKS:
                if verb not in self.LOOKS:
                    raise TepError(f"this view answers no {verb}: open the studio")
                self._answer(identity, "", data=self.LOOKS[verb](self._bench, **args))
                return
            within = content.get("session")  # that the page showed
            future = self._bench.command(verb, within=within if type(within) is int else None, **args)
        except Exception as error:  # noqa: BLE001  as above
            self._answer(identity, one_line(error))
            return
        future.add_done_callback(lambda done: self._done(identity, verb, done))

    def _done(self, identity: Any, verb: str, done: Future[Any]) -> None:
        """Answer after the state that the command led to: else the page would offer what was just decided once more."""
        self._soon.now()
        error, note = _outcome(done)
        data = None
        if not error and not note and verb in self.ANSWERS:
            try:
                data = self.ANSWERS[verb](done.result(), self._bench)
            except Exception as fault:  # noqa: BLE001  as above
                error = one_line(fault)
        self._answer(identity, error, note, data)

    def _answer(self, identity: Any, error: str, note: str = "", data: Any = None) -> None:
        self.send(shown({"id": identity, "ok": not error, "error": error, "note": note, "data": data}))

    def close(self) -> None:
        """Stop listening to the workbench and leave the page."""
        self._leave()
        self._leave = lambda: None  # ipywidgets closes once more when the object goes
        self._soon.close()
        super().close()


def _as_sent(_: Any, subshell: str | None) -> str | None:
    """The subshell that a message names."""
    return subshell


def _outcome(done: Future[Any]) -> tuple[str, str]:
    """Error and note of an answer: a command that a person stopped did not fail."""
    if done.cancelled():
        return "", "stopped"
    error = done.exception()
    if error is None:
        return "", ""
    return ("", one_line(error)) if isinstance(error, Stopped) else (one_line(error), "")
