"""What may be spent."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any

from tep_nb.core.kinds import check, named
from tep_nb.errors import BudgetExceeded, ConfigError
from tep_nb.journal import Tally

__all__ = ["Budget", "Spent", "Usage"]

_DUST = 1e-12  # sums of prices in another order differ in their last digits


@dataclass(frozen=True, slots=True)
class Spent:
    """What was paid for: calls, tokens by side, seconds of waiting summed over calls, cost in the currency of the prices."""

    calls: int = 0
    prompt_tokens: int = 0
    completion_tokens: int = 0
    seconds: float = 0.0
    cost: float = 0.0

    @property
    def tokens(self) -> int:
        """Prompt and completion together."""
        return self.prompt_tokens + self.completion_tokens

    def __add__(self, other: Spent) -> Spent:
        return Spent(
            self.calls + other.calls,
            self.prompt_tokens + other.prompt_tokens,
            self.completion_tokens + other.completion_tokens,
            self.seconds + other.seconds,
            self.cost + other.cost,
        )

    def __sub__(self, other: Spent) -> Spent:
        return self + Spent(-other.calls, -other.prompt_tokens, -other.completion_tokens, -other.seconds, -other.cost)


@dataclass(frozen=True, slots=True)
class Usage:
    """What a session has paid for, by purpose and by model."""

    purposes: dict[str, Spent]
    models: dict[str, Spent]

    @classmethod
    def of(cls, tallies: Iterable[Tally], budget: Budget | None = None) -> Usage:
        """From a journal's tallies; calls recorded without a price are priced by the budget, inherited ones are free."""
        purposes: dict[str, Spent] = {}
        models: dict[str, Spent] = {}
        for one in tallies:
            if one.inherited:
                continue
            late = 0.0 if budget is None else budget.price(Spent(0, one.unpriced_prompt, one.unpriced_completion))
            spent = Spent(one.calls, one.prompt_tokens, one.completion_tokens, one.seconds, one.cost + late)
            purposes[one.purpose] = purposes.get(one.purpose, Spent()) + spent
            models[one.model] = models.get(one.model, Spent()) + spent
        return cls(purposes, models)

    @property
    def total(self) -> Spent:
        """All purposes together."""
        return sum(self.purposes.values(), Spent())

    @property
    def calls(self) -> int:
        """Paid calls."""
        return self.total.calls

    @property
    def tokens(self) -> int:
        """Paid tokens, prompt and completion."""
        return self.total.tokens


@named("cap")
@dataclass(frozen=True, slots=True)
class Budget:
    """Caps on a session's paid calls; None is no cap. Calls answered from the record cost nothing.

    Parameters
    ----------
    calls : int, optional
    tokens : int, optional
        Prompt and completion together, as the server counts them.
    seconds : float, optional
        Waiting for the model, summed over calls.
    cost : float, optional
        In the currency of the prices; without prices it caps nothing, and `warning` says so.
    prompt_price, completion_price : float
        For a million tokens, of models that have no price of their own. A call keeps the price it was made at.
    """

    calls: int | None = None
    tokens: int | None = None
    seconds: float | None = None
    cost: float | None = None
    prompt_price: float = 0.0
    completion_price: float = 0.0

    def __post_init__(self) -> None:
        for name, value in asdict(self).items():
            if value is None and name not in ("prompt_price", "completion_price"):
                continue
            check(f"budget {name}", value, (int, float), "a number", f"write it as in Budget({name}=100)")
            if not 0 <= value < float("inf"):
                raise ConfigError(f"budget {name}={value} is outside 0 to infinity: leave it away for no cap")
            if name in ("calls", "tokens"):
                if value != int(value):
                    raise ConfigError(f"budget {name}={value} is no whole number: {name} are counted, round it")
                object.__setattr__(self, name, int(value))  # 1e6 is what a person writes for a million

    @property
    def warning(self) -> str:
        """What keeps a cap from working, empty when nothing does."""
        if self.cost is None or self.prompt_price or self.completion_price:
            return ""
        return "the cost cap does nothing without prices: give prompt_price= and completion_price= (for a million tokens)"

    def price(self, spent: Spent) -> float:
        """Cost of these tokens by the budget's own prices, 0 without."""
        return (spent.prompt_tokens * self.prompt_price + spent.completion_tokens * self.completion_price) / 1e6

    def fits(self, total: Spent) -> bool:
        """Whether so much may be spent; seconds are known only afterwards, and are not looked at."""
        caps = ((self.calls, total.calls), (self.tokens, total.tokens), (self.cost, total.cost - _DUST))
        return all(cap is None or amount <= cap for cap, amount in caps)

    def check(self, spent: Spent, reserved: Spent) -> None:
        """Refuse the next call where it would pass a cap.

        Parameters
        ----------
        spent : Spent
            Paid so far.
        reserved : Spent
            What the next call may take.

        Raises
        ------
        BudgetExceeded
            Names the cap, what was spent and the remedy.
        """
        total = spent + reserved
        for name in ("calls", "tokens", "seconds", "cost"):
            cap = getattr(self, name)
            if cap is None:
                continue
            over = spent.seconds >= cap if name == "seconds" else not Budget(**{name: cap}).fits(total)
            if over:
                paid = getattr(spent, name)
                raise BudgetExceeded(
                    f"the next call would pass the budget of {cap:.12g} {name} ({paid:.12g} spent): raise it "
                    f"(%tep budget {name}=… or Budget({name}=…)) and go on; everything up to here is kept"
                )

    def settings(self) -> dict[str, Any]:
        """The budget as JSON."""
        return asdict(self)
