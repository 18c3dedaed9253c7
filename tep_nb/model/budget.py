"""What may be spent."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any

from tep_nb.core.kinds import check
from tep_nb.errors import BudgetExceeded, ConfigError

__all__ = ["Budget", "Spent", "Usage"]


@dataclass(frozen=True, slots=True)
class Spent:
    """What was paid for: calls, tokens by side, seconds of waiting summed over calls."""

    calls: int = 0
    prompt_tokens: int = 0
    completion_tokens: int = 0
    seconds: float = 0.0

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
        )


@dataclass(frozen=True, slots=True)
class Usage:
    """What a session has paid for, by purpose and by model."""

    purposes: dict[str, Spent]
    models: dict[str, Spent]

    @classmethod
    def of(cls, rows: Iterable[tuple[str, str, int, int, int, float]]) -> Usage:
        """From a journal's rows of (purpose, model, calls, prompt tokens, completion tokens, seconds)."""
        purposes: dict[str, Spent] = {}
        models: dict[str, Spent] = {}
        for purpose, model, *numbers in rows:
            spent = Spent(*numbers)  # type: ignore[arg-type]
            purposes[purpose] = purposes.get(purpose, Spent()) + spent
            models[model] = models.get(model, Spent()) + spent
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
        For a million tokens.
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
        """Cost of what was spent, 0 without prices."""
        return (spent.prompt_tokens * self.prompt_price + spent.completion_tokens * self.completion_price) / 1e6

    def check(self, spent: Spent, reserved: Spent) -> None:
        """Refuse the next call where it would pass a cap.

        Parameters
        ----------
        spent : Spent
            Paid so far.
        reserved : Spent
            Calls in flight and the next one, with estimated tokens.

        Raises
        ------
        BudgetExceeded
            Names the cap, what was spent and the remedy.
        """
        total = spent + reserved
        used = {"calls": total.calls, "tokens": total.tokens, "seconds": spent.seconds, "cost": self.price(total)}
        paid = {"calls": spent.calls, "tokens": spent.tokens, "seconds": spent.seconds, "cost": self.price(spent)}
        for name, amount in used.items():
            cap = getattr(self, name)
            if cap is not None and (amount > cap or (name == "seconds" and amount >= cap)):
                raise BudgetExceeded(
                    f"the next call would pass the budget of {cap:g} {name} ({paid[name]:g} spent): raise it (%tep budget "
                    f"{name}=… or Budget({name}=…)) and go on; everything up to here is kept"
                )

    def settings(self) -> dict[str, Any]:
        """The budget as JSON."""
        return asdict(self)
