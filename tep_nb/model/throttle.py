"""Keep to what one model's server allows: how many at once, how many a minute, how long to wait for it, when to ask again."""

from __future__ import annotations

import asyncio
import random
from asyncio import sleep
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from time import monotonic

from tep_nb.errors import Retry
from tep_nb.model.limits import Limited, Limits

__all__ = ["Throttle", "Throttles"]

_MINUTE = 60.0
_LONGEST = 20.0  # seconds between two attempts, however often it failed before
_PATIENCE = 300.0  # seconds; a server that asks for more is shut, or out of its quota for today, and a person should know
_KNOCKS = 100  # attempts that may be refused for their rate; each waits as long as the server says
_SPELLINGS = 12  # attempts in another spelling: forms of JSON and names of settings together
_ENOUGH = 8  # answers from which on a silence can be told from a slow answer
_SLOWER = 8.0  # times the slowest of the last answers
_SHARE = 8.0  # an attempt is given at least the timeout's eighth


class _Minute:
    """What went out in the last 60 seconds, against a limit or none."""

    def __init__(self, limit: int | None) -> None:
        self._limit, self._sum = limit, 0
        self._gone: deque[tuple[float, int]] = deque()

    def add(self, amount: int) -> None:
        """So much has gone out now."""
        if self._limit is not None:
            self._gone.append((monotonic(), amount))
            self._sum += amount

    def pause(self, amount: int) -> float:
        """Seconds until so much may go out, 0 for now; what is more than the limit by itself goes out alone."""
        now = monotonic()
        while self._gone and self._gone[0][0] <= now - _MINUTE:
            self._sum -= self._gone.popleft()[1]
        full = self._limit is not None and bool(self._gone) and self._sum + amount > self._limit
        return self._gone[0][0] + _MINUTE - now if full else 0.0


class Throttle:
    """Lets the calls of one model out; what it has learnt outlives a command, what waits does not.

    Parameters
    ----------
    model : object
        A `Limited` one, or one without limits.
    concurrency : int
        Of the session.

    Attributes
    ----------
    limits : Limits
    timeout : float or None
    max_tokens : int or None
    """

    def __init__(self, model: object, concurrency: int) -> None:
        own = model if isinstance(model, Limited) else None
        self.limits = Limits() if own is None else own.limits
        self.timeout = None if own is None else own.timeout
        self.max_tokens = None if own is None else own.max_tokens
        self._most = float(min(concurrency, self.limits.concurrency or concurrency))
        self._room = self._most
        self._flying = 0
        self._waiting: deque[asyncio.Future[None]] = deque()
        self._clear = 0.0
        self._spread = 0.0
        self._passed = self._refused = 0  # since the last cool-down began
        self._silent = 0  # attempts that timed out since the last answer
        self._requests, self._tokens = _Minute(self.limits.requests_per_minute), _Minute(self.limits.tokens_per_minute)
        self._answers: dict[str, deque[float]] = {}
        self._timers: dict[str, dict[asyncio.Timeout, float]] = {}

    def begin(self) -> None:
        """A new command: nothing of the one before is in flight or waits."""
        self._flying = 0
        self._waiting.clear()
        self._timers.clear()

    @asynccontextmanager
    async def slot(self, tokens: int) -> AsyncIterator[None]:
        """Wait for a place, a turn in the minute, and the end of a cool-down; hold the place."""
        await self._place()
        try:
            while (pause := self._pause(tokens)) > 0:  # noqa: ASYNC110  it is time that passes, no event
                await sleep(pause)
            self._requests.add(1)
            self._tokens.add(tokens)
            yield
        finally:
            self._flying -= 1
            self._wake()

    async def _place(self) -> None:
        if self._flying < max(1, int(self._room)) and not self._waiting:
            self._flying += 1
            return
        mine = asyncio.get_running_loop().create_future()
        self._waiting.append(mine)
        try:
            await mine
        except asyncio.CancelledError:
            if mine.done() and not mine.cancelled():  # the place was given to one that no longer wants it
                self._flying -= 1
                self._wake()
            raise

    def _wake(self) -> None:
        while self._waiting and self._flying < max(1, int(self._room)):
            next_ = self._waiting.popleft()
            if not next_.done():
                self._flying += 1
                next_.set_result(None)

    def _pause(self, tokens: int) -> float:
        """Seconds until a call of so many tokens may go, 0 for now."""
        now = monotonic()
        if now < self._clear:
            return self._clear - now + random.random() * self._spread
        return max(self._requests.pause(1), self._tokens.pause(tokens))

    def answered(self, role: str, seconds: float, completion: int) -> None:
        """A call was answered: remember how long it took, and open up again after a refusal."""
        self._passed += 1
        self._silent = 0
        if self._room < self._most:
            self._room = min(self._most, self._room + 1 / self._room)
            self._wake()
        self._tokens.add(completion)
        known = self._answers.setdefault(role, deque(maxlen=64))
        known.append(seconds)
        if len(known) == _ENOUGH and self.timeout is not None:  # from now on silence can be told from a slow answer
            for timer, begun in self._timers.get(role, {}).items():
                if not timer.expired():
                    timer.reschedule(begun + self.patience(role, 0))

    def silent(self) -> None:
        """An attempt was not answered in time.

        When none was answered since the one before, the server is behind, or is still at work on what nobody waits for any more
        (small servers do not notice): fewer are asked at once.
        """
        self._silent += 1
        if self._silent > 1:
            self._room = max(1.0, self._room / 2)

    def patience(self, role: str, tries: int) -> float:
        """Seconds that an attempt is waited for.

        The timeout; once enough answers to this role are known, eight times the slowest of the last ones, at least an eighth of
        the timeout, doubled with each attempt. So a reply that got lost costs less than the timeout, which has to be long
        enough for the longest answer (our choice).
        """
        assert self.timeout is not None
        known = self._answers.get(role, ())
        if len(known) < _ENOUGH:
            return self.timeout
        return min(self.timeout, max(_SLOWER * max(known), self.timeout / _SHARE) * 2.0**tries)

    @asynccontextmanager
    async def timed(self, role: str, tries: int) -> AsyncIterator[None]:
        """Raise TimeoutError when an attempt takes longer than `patience`."""
        if self.timeout is None:
            yield
            return
        timers = self._timers.setdefault(role, {})
        async with asyncio.timeout(self.patience(role, tries)) as timer:
            timers[timer] = asyncio.get_running_loop().time()
            try:
                yield
            finally:
                timers.pop(timer, None)

    def again(self, retry: Retry, tries: int, refusals: int) -> float | None:
        """Seconds until the next attempt, None for never.

        Parameters
        ----------
        retry : Retry
        tries : int
            Attempts of this kind, in passing or in another spelling, this one included.
        refusals : int
            Attempts that were refused for their rate, this one included.
        """
        if retry.kind == "reformat":
            return 0.0 if tries < _SPELLINGS else None
        if retry.kind == "no" or (retry.after or 0) > _PATIENCE:
            return None
        doubled: float = self.limits.backoff * 2 ** min(20, max(0, tries + refusals - 1))
        pause = min(_LONGEST, doubled) * random.uniform(0.5, 1.5)
        if retry.kind == "transient":
            return max(pause, retry.after or 0.0) if tries < self.limits.attempts else None
        if refusals >= _KNOCKS:
            return None
        self._cool(pause if retry.after is None else retry.after)
        return 0.0  # the cool-down is waited for at the door, with everybody else

    async def rest(self, seconds: float) -> None:
        """Wait between two attempts of one call, without holding a place."""
        if seconds:
            await sleep(seconds)

    def _cool(self, seconds: float) -> None:
        """Nobody knocks for so long; where more were refused than let in since the last time, fewer knock at once."""
        now = monotonic()
        if now >= self._clear:
            if self._refused > self._passed:
                self._room = max(1.0, self._room / 2)
            self._passed = self._refused = 0
        self._refused += 1
        if now + seconds > self._clear:
            self._clear, self._spread = now + seconds, min(1.0, seconds / 4)


class Throttles:
    """One throttle a model, for as long as a session lives.

    Parameters
    ----------
    concurrency : int
        Calls in flight at most.
    """

    def __init__(self, concurrency: int) -> None:
        self.concurrency = concurrency
        self._known: dict[int, tuple[object, Throttle]] = {}

    def of(self, model: object) -> Throttle:
        """The throttle of this very model."""
        if id(model) not in self._known:
            self._known[id(model)] = (model, Throttle(model, self.concurrency))  # holds the model, so that its id stays its own
        return self._known[id(model)][1]

    def begin(self) -> None:
        """A new command: nothing of the one before is in flight."""
        for _, throttle in self._known.values():
            throttle.begin()
