"""Every choice of the method, with its unit and source."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field, fields
from typing import Any, Literal

from tep_nb.core.kinds import check, named, texts
from tep_nb.core.text import Bound
from tep_nb.errors import ConfigError

__all__ = ["Settings"]

_RANGES: dict[str, tuple[float, float]] = {
    "free_cap": (1, 1000),
    "nudged_cap": (1, 1000),
    "minibatch": (1, 10_000),
    "gate_rows": (1, 100_000),
    "alpha": (0, 1),
    "beta": (1e-9, 1e9),
    "decay": (0, 1),
    "low": (0, 2),
    "high": (0, 2),
    "editor_temperature": (0, 2),
    "tolerance": (0, 25),
    "patience": (1, 1000),
    "cap_tokens": (8, 100_000),
    "growth_warning": (0, 100_000),
    "rounds": (1, 1000),
    "seed": (-(2**63), 2**63),
}


@named("setting")
@dataclass(frozen=True)
class Settings:
    """Textual Equilibrium Propagation (Chen et al., arXiv 2601.21064), as METHOD.md reads it.

    Parameters
    ----------
    seed : int
        Of everything that is drawn: minibatches, temperatures, draw numbers, gate rows.
    phases : tuple of {"free", "nudged"}
        Which phases run; leaving one away is the paper's ablation.
    free_cap, nudged_cap : int
        Iterations at most: of an agent in a round's free phase, of a round's nudged phase. Ours for interactive use; the
        paper's 20 and about 40 are `TEP.paper()`.
    minibatch : int
        Rows of train an iteration sees (our choice; 4 misses a flaw that 14% of the rows show with probability 0.55).
    low, high : float
        The actor's temperature in the free phase is drawn from U(low, high) (paper: 0.3 to 0.9).
    editor_temperature : float
        Our choice.
    stable : {"patient", "scores"}
        ``scores``: stable when the population variance of the last three scores is at most ``tolerance`` (the paper's letter).
        ``patient``: and the prompt did not change between them (our choice).
    tolerance : float
        In squared points of the critic's score (paper: 0.5).
    patience : int
        Consecutive evaluations without a proposal that settle an agent, and consecutive nudged iterations without an applied
        edit that end the phase (our choice).
    strict : bool
        The critic sees output and rubric only (a note on the paper); else role, prompt and inputs as well (our choice).
    cap_tokens : int
        B(g): words and punctuation marks of one critique's suggestions (the paper bounds it; the number is ours).
    growth_warning : int
        A free edit that grows the prompt by more words and marks carries a warning (our choice).
    beta, decay : float
        beta_k = beta * decay^k in nudged iteration k (the paper anneals; numbers ours: 0.9^40 = 0.015).
    bound : Bound
        Size of a nudged edit (the paper asks for bounded, minimal edits; numbers ours).
    gate_rows : int
        Validation rows that the gate looks at, at most (our choice; with 40, one row is 2.5 points).
    alpha : float
        Level of the one-sided exact sign test behind *proven* (our choice).
    gate : {"nudged", "both"}
        Where the metric gates; ``both`` makes `run` buy metric evidence in the free phase too (our choice: nudged).
    signal_targets : {"none", "sink"}
        ``sink`` gives the last agent's critic the targets of train rows (our choice: none).
    rounds : int
        Free and nudged phase in turn, this often (our choice: 1).
    """

    seed: int = 0
    phases: tuple[Literal["free", "nudged"], ...] = ("free", "nudged")
    free_cap: int = 8
    nudged_cap: int = 10
    minibatch: int = 6
    low: float = 0.3
    high: float = 0.9
    editor_temperature: float = 0.7
    stable: Literal["patient", "scores"] = "patient"
    tolerance: float = 0.5
    patience: int = 2
    strict: bool = False
    cap_tokens: int = 256
    growth_warning: int = 40
    beta: float = 1.0
    decay: float = 0.9
    bound: Bound = field(default_factory=Bound)
    gate_rows: int = 40
    alpha: float = 0.05
    gate: Literal["nudged", "both"] = "nudged"
    signal_targets: Literal["none", "sink"] = "none"
    rounds: int = 1

    def __post_init__(self) -> None:
        object.__setattr__(self, "phases", texts("phases", self.phases, 'phases=("free", "nudged")'))
        if not self.phases:
            raise ConfigError("phases=(): at least one phase has to run: use ('free', 'nudged'), ('free',) or ('nudged',)")
        if self.phases not in (("free",), ("nudged",), ("free", "nudged")):
            raise ConfigError(f"phases={self.phases!r}: free before nudged: use ('free', 'nudged'), ('free',) or ('nudged',)")
        for name, known in (
            ("stable", ("patient", "scores")),
            ("gate", ("nudged", "both")),
            ("signal_targets", ("none", "sink")),
        ):
            if getattr(self, name) not in known:
                raise ConfigError(f"{name}={getattr(self, name)!r} is not known: use {' or '.join(known)}")
        check("strict", self.strict, bool, "True or False", "write strict=True, or leave it away")
        check("bound", self.bound, Bound, "a Bound", "write it as in bound=Bound(hunks=3), or leave it away")
        for name, (low, high) in _RANGES.items():
            value = getattr(self, name)
            check(name, value, (int, float), "a number", f"write it as in TEP({name}={self.__dataclass_fields__[name].default})")
            usual = self.__dataclass_fields__[name].default
            if not low <= value <= high:
                raise ConfigError(f"{name}={value} is outside {low:g} to {high:g}: choose a number within, {usual} by default")
            if isinstance(usual, int) and not isinstance(value, int):
                raise ConfigError(f"{name}={value} is no whole number: round it, {usual} by default")
        if self.low > self.high:
            raise ConfigError(f"low={self.low} is above high={self.high}: temperatures are drawn from low to high, set both")

    def settings(self) -> dict[str, Any]:
        """Every choice as JSON."""
        return {"name": "TEP", **asdict(self), "phases": list(self.phases)}

    @classmethod
    def names(cls) -> tuple[str, ...]:
        """Names of all settings."""
        return tuple(f.name for f in fields(cls))

    def ratio(self, k: int) -> float:
        """beta_k / beta_0."""
        return self.decay**k

    def weight(self, k: int) -> float:
        """Weight of the alignment criteria in nudged iteration k: beta_k / (1 + beta_k)."""
        beta = self.beta * self.ratio(k)
        return beta / (1 + beta)
