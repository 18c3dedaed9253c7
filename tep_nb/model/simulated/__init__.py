"""The embedded default: a simulated model, which shows the method and proves the machinery, and is no evidence about models."""

from tep_nb.model.simulated.model import SimulatedModel

__all__ = ["SimulatedModel"]
