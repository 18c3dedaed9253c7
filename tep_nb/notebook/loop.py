"""The session's thread: one event loop, one queue of commands, one command at a time.

Neither a busy cell nor a kernel subshell touches it (FIELD.md), so a click is never starved and no cell waits for a person.
"""

from __future__ import annotations

import asyncio
import contextlib
import inspect
import threading
from collections.abc import Awaitable, Callable, Collection, Iterable
from concurrent.futures import Future, wait
from itertools import count
from typing import Any

from tep_nb.errors import Stopped, TepError

__all__ = ["Loop", "Ticket"]

_POLL = 0.5  # seconds; a wait without an end cannot be interrupted on Windows
_JOIN = 5.0  # seconds that closing waits for the running command to give up

Make = Callable[[], Awaitable[Any] | Any]


class Ticket(Future[Any]):
    """A command's answer.

    Attributes
    ----------
    number : int
        Its id: commands are numbered as they are queued.
    name : str
    seen : bool
        Its failure was raised in a cell.
    """

    def __init__(self, number: int, name: str) -> None:
        super().__init__()
        self.number = number
        self.name = name
        self.seen = False

    def __repr__(self) -> str:
        if not self.done():
            return f"<{self.name}: {'running' if self.running() else 'queued'}>"
        failed = self.cancelled() or self.exception() is not None
        return f"<{self.name}: {'failed' if failed else 'done'}>"


class Loop:
    """Run commands one after the other on a daemon thread.

    Parameters
    ----------
    tick : callable
        Called on the thread every ``every`` seconds while a command runs.
    every : float
    """

    def __init__(self, tick: Callable[[], None] = lambda: None, every: float = 20.0) -> None:
        self._tick, self._every = tick, every
        self._numbers = count(1)
        self._guard = threading.Lock()
        self._open: list[Ticket] = []
        self._current: tuple[Ticket, asyncio.Task[Any]] | None = None
        self._closed = False
        self._loop = asyncio.new_event_loop()
        self._queue: asyncio.Queue[tuple[Ticket, Make] | None] = asyncio.Queue()
        self._thread = threading.Thread(target=self._run, name="tep_nb", daemon=True)
        self._thread.start()

    @property
    def running(self) -> Ticket | None:
        """The command that runs now."""
        current = self._current
        return None if current is None else current[0]

    @property
    def unfinished(self) -> tuple[Ticket, ...]:
        """The running and the queued commands, in order."""
        with self._guard:
            self._open = [ticket for ticket in self._open if not ticket.done()]
            return tuple(self._open)

    @property
    def idle(self) -> bool:
        """Whether nothing runs and nothing waits."""
        return not self.unfinished

    def submit(self, name: str, make: Make) -> Ticket:
        """Queue a command; may be called from any thread, and returns at once.

        Parameters
        ----------
        name : str
        make : callable
            Called on the thread when its turn comes; what it returns is awaited if it can be.

        Raises
        ------
        Stopped
            The loop is closed.
        """
        with self._guard:
            if self._closed:
                raise Stopped(f"{name} cannot run: tep_nb was unloaded; %load_ext tep_nb loads it again")
            ticket = Ticket(next(self._numbers), name)
            self._open.append(ticket)
            self._loop.call_soon_threadsafe(self._queue.put_nowait, (ticket, make))
        return ticket

    def answer(self, name: str, value: Any) -> Ticket:
        """A command that is done already: it needs no turn."""
        ticket = Ticket(next(self._numbers), name)
        ticket.set_result(value)
        return ticket

    def stop(self, together: Collection[str] = ()) -> Ticket | None:
        """Cancel the running command; returns the one that is cancelled.

        Parameters
        ----------
        together : collection of str
            Names of commands that end with one another: where the running one is called so, those that wait are dropped too.
            All others stay in the queue.
        """
        current = self._current
        if current is None or current[0].done():
            return None
        if current[0].name in together:
            for ticket in self.unfinished:
                if ticket.name in together and ticket is not current[0]:
                    ticket.cancel()
        with contextlib.suppress(RuntimeError):  # the loop was closed meanwhile
            self._loop.call_soon_threadsafe(current[1].cancel)
        return current[0]

    def wait(self, tickets: Iterable[Ticket]) -> None:
        """Wait until all are done, however they ended; KeyboardInterrupt ends the waiting only."""
        if threading.current_thread() is self._thread:
            raise TepError("a command cannot wait for commands: it runs on their thread; await the session instead")
        left: Iterable[Future[Any]] = list(tickets)
        while left:
            left = wait(left, timeout=_POLL).not_done

    def close(self) -> None:
        """Cancel the running and all queued commands, and end the thread; a second close does nothing."""
        with self._guard:
            if self._closed:
                return
            self._closed = True
            for ticket in self._open:
                ticket.cancel()
            self._loop.call_soon_threadsafe(self._queue.put_nowait, None)
        self.stop()
        if threading.current_thread() is not self._thread:
            self._thread.join(_JOIN)

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        work = self._loop.create_task(self._work())
        while not work.done():
            # A tool that calls exit() ends its own task with SystemExit, which asyncio also lets out of the running loop: go on.
            with contextlib.suppress(SystemExit, KeyboardInterrupt):
                self._loop.run_until_complete(work)
        self._loop.close()

    async def _work(self) -> None:
        while (job := await self._queue.get()) is not None:
            ticket, make = job
            if not ticket.set_running_or_notify_cancel():
                continue
            task = asyncio.create_task(_call(make), name=ticket.name)
            self._current = ticket, task
            beat = asyncio.create_task(self._beat())
            await asyncio.wait({task})
            beat.cancel()
            self._current = None
            _answer(ticket, task)

    async def _beat(self) -> None:
        while True:
            await asyncio.sleep(self._every)
            self._tick()


async def _call(make: Make) -> Any:
    made = make()
    return await made if inspect.isawaitable(made) else made


def _answer(ticket: Ticket, task: asyncio.Task[Any]) -> None:
    if task.cancelled():
        ticket.set_exception(Stopped(f"{ticket.name} was stopped; what it had recorded is kept, and is not paid for again"))
        return
    error = task.exception()
    if error is None:
        ticket.set_result(task.result())
    elif isinstance(error, SystemExit | KeyboardInterrupt):
        ticket.set_exception(TepError(f"{ticket.name} ended early: a function of yours called exit(); let it raise an error"))
    else:
        ticket.set_exception(error)
