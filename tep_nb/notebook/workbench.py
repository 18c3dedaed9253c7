"""A kernel's drafts and current session, and the one door to them: `Workbench.command`."""

from __future__ import annotations

import contextlib
import getpass
import importlib
import os
import threading
import time
from collections.abc import Callable
from functools import partial
from itertools import count
from pathlib import Path
from typing import Any

from tep_nb.core.events import Event
from tep_nb.core.graph import Graph
from tep_nb.core.review import Proposal
from tep_nb.core.state import State
from tep_nb.errors import ConfigError, DataError, Done, GraphError, PromptError, ReviewError, Stopped
from tep_nb.model.runtime import Progress
from tep_nb.notebook.commands import COMMANDS
from tep_nb.notebook.drafts import Drafts
from tep_nb.notebook.loop import Loop, Ticket
from tep_nb.notebook.options import nearest
from tep_nb.notebook.plan import planned
from tep_nb.notebook.text import one_line
from tep_nb.session import Session

__all__ = ["Workbench", "author"]

_OFTEN = 0.1  # seconds between two words of progress: a page cannot show more, a fast model makes thousands

_WORK = ("step", "assess", "again", "run", "evaluate", "compare", "flow")
_APPLY = ("approve", "take", "edit")  # in the nudged phase they buy evidence
_SLIPS = (ConfigError, DataError, Done, GraphError, PromptError, ReviewError)  # a word that did not fit; nothing was tried

Callback = Callable[[str], None]


def author() -> str:
    """``$JUPYTERHUB_USER``, else the login name, else nothing: then every decision needs ``--by``."""
    try:
        return os.environ.get("JUPYTERHUB_USER", "").strip() or getpass.getuser()
    except (KeyError, OSError, ImportError):  # a container's user without a name
        return ""


def _warm() -> None:
    """Load what the first picture needs, most of a second, while the first cells are read: the studio then opens at once."""
    with contextlib.suppress(Exception):  # whoever draws will meet it again, and can say so
        importlib.import_module("matplotlib.figure")
        importlib.import_module("matplotlib.backends.backend_agg")


class Workbench:
    """Drafts, the current session and its thread.

    Parameters
    ----------
    by : str
        Author of the decisions; see `author`.
    every : float
        Seconds between two signs of life while a command runs.

    Attributes
    ----------
    drafts : Drafts
    setup : dict of str to str
        The cells, by what they declare, that another kernel needs before it can resume the session; they hold no key.
    by : str
    progress : Progress or None
        Of the running command.
    errors : str
        The last failure of something that was tried, in one line; empty after a command that succeeded.
    planned : int
        Calls that it makes about, 0 where nobody knows.
    began : float
        When it began, on the monotonic clock.
    number : int
        Of the current session, 0 where there is none: each that is adopted gets another.
    failure : str
        The last failure of a command that had work to do, in one line; what was refused, such as a decision, is none.
    """

    def __init__(self, by: str = "", every: float = 20.0) -> None:
        self.by = by
        self.drafts = Drafts()
        self.setup: dict[str, str] = {}
        self.progress: Progress | None = None
        self.planned = 0
        self.began = 0.0
        self.errors = ""
        self.failure = ""
        self.number = 0
        self._adopted = count(1)
        self._session: Session | None = None
        self._detach: list[Callable[[], None]] = []
        self._forks: dict[Path, Session] = {}
        self._callbacks: list[Callback] = []
        self._told = 0.0
        self.loop = Loop(partial(self._notify, "progress"), every)
        threading.Thread(target=_warm, name="tep_nb warm", daemon=True).start()

    @property
    def session(self) -> Session | None:
        """The current session."""
        return self._session

    @property
    def state(self) -> State | None:
        """The current session's state."""
        return None if self._session is None else self._session.state

    @property
    def graph(self) -> Graph | None:
        """The session's graph, else the drafts'; None where there is none yet, or not one that holds together."""
        if self._session is not None:
            return self._session.state.graph
        try:
            return self.drafts.graph()
        except GraphError:
            return None

    @property
    def running(self) -> str | None:
        """Name of the running command."""
        ticket = self.loop.running
        return None if ticket is None else ticket.name

    def current(self) -> Session:
        """The current session.

        Raises
        ------
        ConfigError
            There is none.
        """
        if self._session is None:
            raise ConfigError("no session yet: %tep start FILE begins one, %tep resume FILE goes on with one")
        return self._session

    def subscribe(self, callback: Callback) -> Callable[[], None]:
        """Call back with what changed (state, progress, session, error), on the thread that changed it; returns what ends it."""
        self._callbacks.append(callback)
        return lambda: self._callbacks.remove(callback) if callback in self._callbacks else None

    def command(self, verb: str, *, within: int | None = None, **args: Any) -> Ticket:
        """Queue a command; the one door for cells and widgets.

        Parameters
        ----------
        verb : str
            ``step``, ``approve``, … as in `COMMANDS`; ``stop`` acts at once, its value is the ticket that it stops or
            None; with an approval that buys its evidence end those that wait behind it.
        within : int, optional
            Number of the session that it is meant for: in another one, where the same id may be another proposal, it fails.
        **args
            The verb's own; the command fails where they do not fit.

        Returns
        -------
        Ticket
            Its id, and a future of its value or failure.
        """
        if verb == "stop":
            return self.loop.answer("stop", self.loop.stop(_APPLY))
        ticket = self.loop.submit(verb, partial(self._run, verb, args, within))
        ticket.add_done_callback(partial(self._ended, ticket))
        return ticket

    def find(self, name: str) -> Proposal | None:
        """The pending proposal with this id, or for this prompt; None where the prompt has none.

        Raises
        ------
        GraphError
            No such prompt; the closest.
        ReviewError
            Several wait for the prompt, or a proposal of this id was decided.
        """
        state = self.current().state
        pending = state.step.pending
        if found := next((p for p in pending if p.id == name), None):
            return found
        if state.proposal(name) is not None:
            raise ReviewError(f"proposal {name} waits no more: it was decided or withdrawn; %tep undo takes a decision back")
        prompt = next((agent.prompt_name for agent in state.graph.agents if agent.name == name), name)
        if prompt not in state.prompts:
            known = ", ".join(state.prompts)
            raise GraphError(f"no prompt is called {name!r}: {nearest(name, state.prompts)}prompts are {known}")
        mine = [p for p in pending if p.prompt == prompt]
        if len(mine) > 1:
            raise ReviewError(f"{len(mine)} proposals wait for {prompt}: name one by its id, {' or '.join(p.id for p in mine)}")
        return mine[0] if mine else None

    def sign(self, by: str | None = None) -> str:
        """The author of a decision.

        Raises
        ------
        ReviewError
            Nobody is known.
        """
        name = by or self.by
        if not name:
            raise ReviewError("who decides is not known here: add --by NAME")
        return name

    def adopt(self, session: Session | None) -> None:
        """Make a session the current one; the one before is left as it is."""
        for detach in self._detach:
            detach()
        self._session = session
        self.number = 0 if session is None else next(self._adopted)
        self.progress = None
        self.failure = ""
        self._detach = [] if session is None else [session.subscribe(self._event), session.watch(self.watch)]
        self._notify("session")

    def keep_fork(self, session: Session) -> None:
        """Remember a fork, so that this kernel can open its file."""
        self._forks[session.path] = session

    def release(self, path: Path) -> None:
        """Close the fork that this kernel holds of a file, if it does."""
        if (fork := self._forks.pop(path, None)) is not None:
            fork.close()

    def forget(self) -> None:
        """Drop all drafts, and close the forks that this kernel holds."""
        self.drafts = Drafts()
        self.setup.clear()
        for fork in self._forks.values():
            fork.close()
        self._forks.clear()

    def close(self) -> None:
        """Stop the running command, end the thread, close the session; a second close does nothing."""
        self.loop.close()
        session = self._session
        self.adopt(None)
        if session is not None:
            session.close()
        self.forget()

    def watch(self, progress: Progress) -> None:
        """Take word of a running command's progress, and pass it on now and then."""
        now = time.monotonic()
        if progress is not self.progress:  # another door was opened: a command may open several, one after the other
            self.began = now
            self.planned = 0 if self._session is None else planned(self._session)
        self.progress = progress
        if now - self._told >= _OFTEN:
            self._told = now
            self._notify("progress")

    async def _run(self, verb: str, args: dict[str, Any], within: int | None) -> Any:
        if verb not in COMMANDS:
            raise ConfigError(f"no command is called {verb!r}: {nearest(verb, COMMANDS)}commands are {', '.join(COMMANDS)}")
        if within not in (None, self.number):
            raise ReviewError(f"{verb} was meant for another session, which this one has replaced: look again, then decide")
        self.progress = None
        self._notify("progress")
        return await COMMANDS[verb](self, **args)

    def _ended(self, ticket: Ticket, _: Any) -> None:
        error = None if ticket.cancelled() else ticket.exception()
        if isinstance(error, _SLIPS):  # who asked is answered; other cells and pages have nothing to do with it
            self._notify("state")
            return
        self.errors = "" if error is None or isinstance(error, Stopped) else one_line(error)
        if error is None and ticket.name in (*_WORK, *_APPLY):
            self.failure = ""
        elif self.errors and ticket.name in (*_WORK, *_APPLY):
            self.failure = f"{ticket.name}: {self.errors}"
        self._notify("error" if self.errors else "state")

    def _event(self, event: Event) -> None:  # noqa: ARG002  the callback of Session.subscribe
        self._notify("state")

    def _notify(self, what: str) -> None:
        for callback in tuple(self._callbacks):
            try:
                callback(what)
            except Exception as error:  # noqa: BLE001  a view that cannot draw must not fail the command that it draws
                self.errors = f"a view failed: {one_line(error)}"
