"""What a method is: it turns State into Proposals and says when a phase has ended."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

from tep_nb.core.events import Drafted, Event, Proposed
from tep_nb.core.metric import Metric
from tep_nb.core.state import State
from tep_nb.model.runtime import Runtime

__all__ = ["Method"]


class Method(Protocol):
    """Plans a step, makes its proposals, and tests for equilibrium."""

    def settings(self) -> dict[str, Any]:
        """Every choice as JSON, with the method's name under ``name`` and its phases under ``phases``."""
        ...

    async def draft(self, door: Runtime, state: State) -> Drafted:
        """The plan of the next step."""
        ...

    async def propose(self, door: Runtime, state: State, metric: Metric) -> Proposed:
        """The proposals of the step that ``state.step`` plans."""
        ...

    def after(self, state: State) -> Sequence[Event]:
        """What follows from a decided step: prompts that settled, a phase that began."""
        ...
