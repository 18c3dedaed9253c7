"""Makes one call of a model: as many attempts as it takes, each budgeted, let out, timed and written down."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, replace
from typing import Any, Protocol

from tep_nb.core.kinds import check_text
from tep_nb.errors import BudgetExceeded, ModelError, Retry
from tep_nb.model.base import Model, Reply, Request, Usage
from tep_nb.model.budget import Spent
from tep_nb.model.ledger import Ledger
from tep_nb.model.throttle import Throttle, Throttles

__all__ = ["Caller", "Where", "last_line"]

_WIDEST = 32_768  # tokens of an answer that are set aside at most


@dataclass(frozen=True, slots=True)
class Where:
    """What a call is for: recorded beside it, no part of its key. ``attempt`` counts from 0, re-asks and retries together."""

    purpose: str
    node: str
    row: int | None = None
    attempt: int = 0


class Record(Protocol):
    """Writes one attempt down."""

    def __call__(
        self, key: str, where: Where, outcome: str, request: str, reply: Any, usage: dict[str, Any], seconds: float, model: str
    ) -> None:
        """See `tep_nb.journal.Journal.record`."""
        ...


@dataclass(slots=True)
class _Tries:
    """How often one call was tried, and how long an answer may be.

    Attributes
    ----------
    failed : int
        Failures in passing since the request was last spelt anew: what came before was another request to the server.
    refused : int
        For the rate.
    respelt : int
        Failures that another spelling followed.
    all : int
        Attempts.
    """

    key: str
    text: str
    where: Where
    failed: int = 0
    refused: int = 0
    respelt: int = 0
    all: int = 0
    wanted: int = 0

    def count(self, retry: Retry) -> int:
        """Count a failure; how many of its kind there were is what decides about another attempt."""
        self.all += 1
        if retry.kind == "limited":
            self.refused += 1
        elif retry.kind == "reformat":
            self.respelt += 1
            self.failed = 0
            return self.respelt
        else:
            self.failed += 1
        return self.failed


class Caller:
    """The part of the door that models are behind.

    Parameters
    ----------
    ledger : Ledger
    throttles : Throttles
    limit : asynchronous context manager
        Holds one of the session's places.
    record : callable
        Writes one attempt down.
    note : callable
        Told of a call that begins (1) or ends (-1), and its tokens.
    """

    def __init__(
        self,
        ledger: Ledger,
        throttles: Throttles,
        limit: AbstractAsyncContextManager[Any],
        record: Record,
        note: Callable[[Where, int, int], None],
    ) -> None:
        self._ledger, self._throttles, self._limit = ledger, throttles, limit
        self._record, self._note = record, note

    async def call(self, model: Model, request: Request, key: str, text: str, where: Where) -> Reply:
        """Ask until there is a reply or no hope of one.

        Raises
        ------
        BudgetExceeded
            The next attempt would pass a cap.
        ModelError
            The last attempt's; it says how many there were.
        """
        throttle = self._throttles.of(model)
        tries = _Tries(key, text, where)
        while True:
            try:
                return await self._attempt(model, throttle, request, tries)
            except ModelError as error:
                pause = throttle.again(error.retry, tries.count(error.retry), tries.refused)
                if pause is None:
                    if tries.all == 1:
                        raise
                    raise type(error)(f"{error}; given up after {tries.all} attempts", error.retry) from error
            await throttle.rest(pause)

    async def _attempt(self, model: Model, throttle: Throttle, request: Request, tries: _Tries) -> Reply:
        tokens = len(request.text) // 4 + 1
        async with throttle.slot(tokens), self._limit:
            named = request.max_tokens or throttle.max_tokens
            held, longest = await self._ledger.reserve(request, throttle.limits, tokens, named or tries.wanted)
            attempt = _Attempt(self._ledger, throttle, request, tries, held)
            self._note(tries.where, 1, 0)
            try:
                async with throttle.timed(request.role, tries.failed):
                    made = await model.complete(request if longest is None else replace(request, max_tokens=longest))
                attempt.heard(made)
                if made.finish == "length" and longest is not None and named != longest:
                    self._cut(attempt, longest, named)
                return made
            except TimeoutError as error:
                throttle.silent()
                waited = time.monotonic() - attempt.begun
                message = f"{model.name}: no reply within {waited:.3g} s; raise timeout=, or is the server overloaded?"
                raise attempt.failed(ModelError(message, Retry("transient", lost=True))) from error
            except BudgetExceeded:
                raise
            except ModelError as error:
                attempt.failed(error)
                raise
            except Exception as error:
                message = f"model {model.name!r} raised {type(error).__name__}: {last_line(error)}; mend the model"
                raise attempt.failed(ModelError(message)) from error
            finally:
                usage = attempt.settle()
                reply = [attempt.reply.text, attempt.reply.finish] if attempt.reply is not None else None
                seconds = usage.pop("seconds")
                said = reply if attempt.outcome == "ok" else None
                where = replace(tries.where, attempt=tries.where.attempt + tries.all)
                self._record(tries.key, where, attempt.outcome, tries.text, said, usage, seconds, model.name)
                self._note(tries.where, -1, usage["prompt_tokens"] + usage["completion_tokens"])

    def _cut(self, attempt: _Attempt, longest: int, named: int | None) -> None:
        """An answer that ended at the length that was set aside for it is no answer."""
        wanted = named or attempt.tries.wanted or longest
        if longest < wanted:
            error = self._ledger.cut(longest, wanted)
            attempt.outcome = str(error)
            raise error
        if longest >= _WIDEST:
            raise ModelError(f"the answer is longer than {longest} tokens: give the model max_tokens=, or take the cap away")
        attempt.tries.wanted = 2 * longest
        raise ModelError(f"the answer was cut at the {longest} tokens that were set aside for it", Retry("reformat"))


class _Attempt:
    """What became of one attempt."""

    def __init__(self, ledger: Ledger, throttle: Throttle, request: Request, tries: _Tries, held: Spent) -> None:
        self._ledger, self._throttle, self._request, self._held = ledger, throttle, request, held
        self.tries = tries
        self.begun = time.monotonic()
        self.outcome = "stopped"  # whatever ends it without a word of its own
        self.reply: Reply | None = None
        self._lost = True

    def heard(self, made: Any) -> None:
        """Refuse what is no reply."""
        if not isinstance(made, Reply):
            raise TypeError(f"complete returned a {type(made).__name__}, not a Reply")
        check_text("text of a Reply", made.text)  # a subclass may have its own idea of it
        self.reply, self.outcome = made, "ok"

    def failed(self, error: ModelError) -> ModelError:
        """Keep why."""
        self.outcome = str(error).partition("\n")[0] or "failed"
        self._lost = error.retry.lost
        return error

    def settle(self) -> dict[str, Any]:
        """Tell the ledger what it took; returns what is written down of it.

        An attempt whose answer nobody heard is charged with all that it could have taken.
        """
        seconds = time.monotonic() - self.begun
        usage = Usage()
        if self.reply is not None:
            usage = self.reply.usage
            if self.outcome == "ok":
                self._throttle.answered(self._request.role, seconds, usage.completion_tokens)
        elif self._lost:
            usage = Usage(self._held.prompt_tokens, self._held.completion_tokens, estimated=True)
        spent = self._ledger.priced(self._throttle.limits, Spent(1, usage.prompt_tokens, usage.completion_tokens, seconds))
        self._ledger.settle(self._held, spent)
        priced = self._throttle.limits.priced or spent.cost > 0
        return {**usage.body(), **({"cost": spent.cost} if priced else {}), "seconds": seconds}


def last_line(error: BaseException) -> str:
    """What an exception says last, bounded."""
    lines = str(error).strip().splitlines()
    return lines[-1][:300] if lines else "no message"
