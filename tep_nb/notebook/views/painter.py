"""When a page is told of changes: together, not too often, and not faster than it takes them in."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

__all__ = ["Coalescer"]

PAUSE = 0.04
"""Seconds between two updates of the page; what changes meanwhile goes out together."""


class Coalescer:
    """Call ``flush(what)`` with everything that changed, at most once every ``pause`` seconds, and never lose the last change.

    Parameters
    ----------
    flush : callable
        Called on a thread of its own, never on the one that noted a change: that may be the session's, which has calls in flight.
    pause : float
        Seconds.
    patience : callable
        Seconds for which the page should be left alone yet, 0 when it is ready.
    """

    def __init__(
        self, flush: Callable[[frozenset[str]], None], pause: float = PAUSE, patience: Callable[[], float] = lambda: 0.0
    ) -> None:
        self._flush = flush
        self._pause = pause
        self._patience = patience
        self._lock = threading.Lock()
        self._turn = threading.RLock()
        self._dirty: set[str] = set()
        self._timer: threading.Timer | None = None
        self._last = 0.0

    def __call__(self, what: str) -> None:
        """Note a change, from any thread."""
        with self._lock:
            self._dirty.add(what)
            if self._timer is None:
                self._plan(max(self._last + self._pause - time.monotonic(), self._patience()))

    def ready(self) -> None:
        """The page has taken in what was sent: what waits for that may go out."""
        with self._lock:
            if self._timer is not None and self._dirty:
                self._timer.cancel()
                self._plan(self._last + self._pause - time.monotonic())

    def now(self) -> None:
        """Flush what is noted, without a pause; returns when it is out."""
        with self._turn:
            with self._lock:
                what = frozenset(self._dirty)
                self._dirty.clear()
            if what:
                self._flush(what)

    def close(self) -> None:
        """Flush nothing more."""
        with self._lock:
            self._dirty.clear()
            if self._timer is not None:
                self._timer.cancel()

    def _plan(self, wait: float) -> None:
        self._timer = threading.Timer(max(0.0, wait), self._run)
        self._timer.daemon = True
        self._timer.start()

    def _run(self) -> None:
        mine = threading.current_thread()
        with self._lock:
            if self._timer is not mine:  # another was planned in its place
                return
            if (wait := self._patience()) > 0:
                self._plan(wait)
                return
        try:
            self.now()
        finally:
            with self._lock:
                self._last = time.monotonic()
                if self._timer is mine:
                    self._timer = None
                    if self._dirty:
                        self._plan(self._pause)
