"""What one model's server allows and charges."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Protocol, runtime_checkable

from tep_nb.core.kinds import check
from tep_nb.errors import ConfigError

__all__ = ["Limited", "Limits"]


@dataclass(frozen=True, slots=True)
class Limits:
    """What a model's server allows and charges; None is no limit, and no price of its own.

    Parameters
    ----------
    concurrency : int, optional
        Calls in flight at most, at least 1; the session's own number holds as well.
    requests_per_minute, tokens_per_minute : int, optional
        In any 60 seconds, at least 1; tokens are those of the prompts as estimated, and of the answers.
    prompt_price, completion_price : float, optional
        For a million tokens, 0 or more; by default those of the budget.
    attempts : int
        How often a call that fails in passing is made in all, at least 1 (our choice: 8). A server that asks for patience
        (429) is waited for as long as it says, and does not count.
    backoff : float
        Seconds before the second attempt, above 0; doubled each time, up to 20, and drawn from half to one and a half of it
        (our choice: 0.25).

    Raises
    ------
    ConfigError
        A number outside its range.
    """

    concurrency: int | None = None
    requests_per_minute: int | None = None
    tokens_per_minute: int | None = None
    prompt_price: float | None = None
    completion_price: float | None = None
    attempts: int = 8
    backoff: float = 0.25

    def __post_init__(self) -> None:
        for name, value in asdict(self).items():
            if value is None and name not in ("attempts", "backoff"):
                continue
            check(f"limit {name}", value, (int, float), "a number", f"write it as in Limits({name}=10)")
            least = 0 if name.endswith("price") else 1e-9 if name == "backoff" else 1
            if not least <= value < float("inf"):
                above = "above 0" if name == "backoff" else f"{least} or more"
                raise ConfigError(f"limit {name}={value}: expected a number, {above}; leave it away for none")
            if name in ("concurrency", "requests_per_minute", "tokens_per_minute", "attempts") and value != int(value):
                raise ConfigError(f"limit {name}={value} is no whole number: {name} are counted, round it")

    @property
    def priced(self) -> bool:
        """Whether the model has a price of its own."""
        return self.prompt_price is not None or self.completion_price is not None

    def price(self, prompt: int, completion: int) -> float:
        """Cost of these tokens by the model's own prices."""
        return (prompt * (self.prompt_price or 0.0) + completion * (self.completion_price or 0.0)) / 1e6


@runtime_checkable
class Limited(Protocol):
    """A model with limits of its own."""

    @property
    def limits(self) -> Limits:
        """What its server allows and charges."""
        ...

    @property
    def timeout(self) -> float | None:
        """Seconds that one attempt may take, None for ever."""
        ...

    @property
    def max_tokens(self) -> int | None:
        """The longest answer where a request does not say, None for none."""
        ...
