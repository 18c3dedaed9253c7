"""What every verb of a session stands on: record an event, hold the floor, open the door."""

from __future__ import annotations

import asyncio
import threading
import warnings
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from typing import Any

from tep_nb.core import events as ev
from tep_nb.core.kinds import wrong
from tep_nb.core.state import State
from tep_nb.errors import BudgetExceeded, Busy, Done, ReviewError, TepError
from tep_nb.journal import Journal
from tep_nb.model.base import Models
from tep_nb.model.budget import Budget
from tep_nb.model.runtime import Progress, Runtime
from tep_nb.model.throttle import Throttles

__all__ = ["Recorder"]


class Recorder:
    """Journal and state, kept in step: validate, append, swap."""

    def __init__(
        self, journal: Journal, state: State, models: Models, functions: Mapping[str, Callable[..., Any]], concurrency: int
    ) -> None:
        self.journal = journal
        self.models = models
        self._state = state
        self._functions = dict(functions)
        self._throttles = Throttles(concurrency)
        self._lock = threading.RLock()
        self._floor: list[tuple[str, asyncio.Task[Any] | None]] = []
        self._subscribers: list[Callable[[ev.Event], None]] = []
        self._watchers: list[Callable[[Progress], None]] = []

    @property
    def state(self) -> State:
        """The fold of all events up to now."""
        return self._state

    @property
    def budget(self) -> Budget:
        """What may be spent."""
        return Budget(**self._state.budget)

    @property
    def running(self) -> str | None:
        """The verb that runs now."""
        return self._floor[-1][0] if self._floor else None

    def subscribe(self, callback: Callable[[ev.Event], None]) -> Callable[[], None]:
        """Call back with each event, on the thread that records it; returns what ends it."""
        return _listen(self._subscribers, callback)

    def watch(self, callback: Callable[[Progress], None]) -> Callable[[], None]:
        """Call back with each change of a running verb's progress, on its thread; returns what ends it."""
        return _listen(self._watchers, callback)

    def _record(self, *events: ev.Event) -> None:
        """Apply, append, swap, all or none: where one event cannot be applied, nothing is written."""
        with self._lock:
            state = self._state
            for event in events:
                state = state.apply(event)
            written = self.journal.append(*events)
            self._state = state
        for event in written:
            _tell(self._subscribers, event)

    @asynccontextmanager
    async def _claim(self, verb: str) -> AsyncIterator[None]:
        """Hold the floor; a verb that runs inside ``run`` holds it together with it."""
        task = asyncio.current_task()
        with self._lock:
            if self._floor and self._floor[-1][1] is not task:
                raise Busy(f"{self._floor[-1][0]} is running: wait for it, or stop it, before {verb}")
            self._floor.append((verb, task))
        try:
            yield
        finally:
            with self._lock:
                self._floor.pop()

    def _idle_for(self, verb: str, but: frozenset[str] = frozenset()) -> None:
        """Refuse to change the state under a running verb, but for those that do not mind, and the same task."""
        for name, task in self._floor:
            if name not in but and not _is_current(task):
                raise Busy(f"{name} is running: wait for it, or stop it, before {verb}")

    @asynccontextmanager
    async def _verb(self, verb: str, models: Models | None = None) -> AsyncIterator[Runtime]:
        """Hold the floor and open the door; write down how it ended where it did not end well."""
        async with self._claim(verb):
            try:
                async with Runtime(
                    self.journal,
                    models or self.models,
                    self._functions,
                    budget=self.budget,
                    step=self._state.step.index,
                    failures=self.journal.failures(),
                    throttles=self._throttles,
                    watch=lambda progress: _tell(self._watchers, progress),
                ) as door:
                    yield door
            except asyncio.CancelledError:
                self._record(ev.Stopped(reason=f"{verb} was stopped"))
                raise
            except (ReviewError, Done):  # nothing failed: what was asked for cannot be had now
                raise
            except BudgetExceeded as error:
                self._record(ev.Budgeted(budget=dict(self._state.budget), reason=str(error)))
                raise
            except TepError as error:
                self._record(ev.Failed(error=f"{verb}: {error}"))
                raise
            finally:
                self.journal.checkpoint()


def _is_current(task: asyncio.Task[Any] | None) -> bool:
    try:
        return task is not None and task is asyncio.current_task()
    except RuntimeError:  # called from a thread without a loop
        return False


def _listen(listeners: list[Callable[[Any], None]], callback: Callable[[Any], None]) -> Callable[[], None]:
    if not callable(callback):
        raise wrong("what is called back", "a function", callback, "pass a function of one event")
    listeners.append(callback)

    def end() -> None:
        if callback in listeners:
            listeners.remove(callback)

    return end


def _tell(listeners: list[Callable[[Any], None]], news: Any) -> None:
    for callback in tuple(listeners):
        try:
            callback(news)
        except Exception as error:  # noqa: BLE001  a view that fails must not stop the recording
            warnings.warn(f"a subscriber failed: {type(error).__name__}: {error}", RuntimeWarning, stacklevel=2)
