"""What is spent and what is promised: a cap is never passed, however many calls are in flight and however they end."""

from __future__ import annotations

import asyncio

from tep_nb.errors import BudgetExceeded
from tep_nb.model.base import Request
from tep_nb.model.budget import Budget, Spent
from tep_nb.model.limits import Limits

__all__ = ["Ledger"]

_LONGEST = 4096  # tokens of an answer that are set aside at first where nobody names a longest (our choice)
_LEAST = 64  # tokens; an answer that is cut shorter than this is worth nothing
_OVER = 8  # tokens that some servers write beyond the longest length (llama-cpp-python: 2 of 24 and of 64)
_AROUND = 64  # tokens that a server's own chat format may add to a request
_MESSAGE = 16  # and to each message of it


class Ledger:
    """Reserve before an attempt, settle after it.

    Where tokens or cost have a cap, an attempt may take as many tokens as were set aside for it: for the prompt the bytes of the
    request, which no tokenizer exceeds, for the answer a longest length, which is sent along as ``max_tokens``. An attempt that
    would fit once others have settled waits for them.

    Parameters
    ----------
    budget : Budget
    spent : Spent
        Paid so far.
    """

    def __init__(self, budget: Budget, spent: Spent) -> None:
        self.budget = budget
        self.spent = spent
        self._held = Spent()
        self._settled: asyncio.Event | None = None

    @property
    def strict(self) -> bool:
        """Whether the length of answers has to be bounded."""
        return self.budget.tokens is not None or self.budget.cost is not None

    def bound(self, request: Request) -> int:
        """Prompt tokens that a request cannot exceed."""
        text = sum(len(message.text.encode("utf-8", "surrogatepass")) for message in request.messages)
        form = 0 if request.schema is None else len(str(dict(request.schema)))
        return text + form + _MESSAGE * len(request.messages) + _AROUND

    async def reserve(self, request: Request, limits: Limits, tokens: int, wanted: int) -> tuple[Spent, int | None]:
        """Set aside what an attempt may take.

        Parameters
        ----------
        request : Request
        limits : Limits
            Of the model: its prices.
        tokens : int
            The prompt's, as estimated.
        wanted : int
            Tokens of an answer that the model's user or an earlier attempt asks for; 0 for our choice.

        Returns
        -------
        Spent, int or None
            What is held, and the longest answer where one has to be sent.

        Raises
        ------
        BudgetExceeded
            It would pass a cap, whatever becomes of the calls in flight.
        """
        if not self.strict:
            held = Spent(1, tokens, 0)
            await self._wait(held)
            return held, None
        prompt = self.bound(request)
        while True:
            longest = self._longest(prompt, wanted or _LONGEST, limits)
            held = self.priced(limits, Spent(1, prompt, longest + _OVER))
            if self.budget.fits(self.spent + self._held + held):
                self._held += held
                return held, longest
            await self._change()

    def _longest(self, prompt: int, wanted: int, limits: Limits) -> int:
        """As much of the wanted length as the caps leave room for when all that is in flight is forgotten."""
        longest = wanted
        while longest > _LEAST and not self.budget.fits(self.spent + self.priced(limits, Spent(1, prompt, longest + _OVER))):
            longest = max(_LEAST, longest * 3 // 4)
        self.budget.check(self.spent, self.priced(limits, Spent(1, prompt, longest + _OVER)))
        return longest

    async def _wait(self, held: Spent) -> None:
        while True:
            self.budget.check(self.spent, held)
            if self.budget.fits(self.spent + self._held + held):
                self._held += held
                return
            await self._change()

    async def _change(self) -> None:
        """Wait until an attempt in flight has settled."""
        self._settled = self._settled or asyncio.Event()
        await self._settled.wait()

    def settle(self, held: Spent, spent: Spent) -> None:
        """An attempt has ended: what was held is free, what it took is spent."""
        self._held -= held
        self.spent += spent
        if self._settled is not None:
            self._settled.set()
            self._settled = None

    def priced(self, limits: Limits, spent: Spent) -> Spent:
        """The same with its cost, by the model's own prices, else the budget's."""
        cost = limits.price(spent.prompt_tokens, spent.completion_tokens) if limits.priced else self.budget.price(spent)
        return Spent(spent.calls, spent.prompt_tokens, spent.completion_tokens, spent.seconds, cost)

    def cut(self, longest: int, wanted: int) -> BudgetExceeded:
        """The error for an answer that the budget left too little room for."""
        return BudgetExceeded(
            f"the answer did not fit the {longest} tokens that the budget had left for it (of {wanted} that may be needed): "
            "raise it (%tep budget tokens=… cost=…) and go on; everything up to here is kept"
        )
