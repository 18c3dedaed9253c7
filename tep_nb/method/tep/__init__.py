"""Textual Equilibrium Propagation: one idea of the paper a file."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self

from tep_nb.core.events import Drafted, Event, Proposed
from tep_nb.core.metric import Metric
from tep_nb.core.state import State
from tep_nb.core.text import Bound
from tep_nb.errors import JournalMismatch
from tep_nb.method.tep import free, nudged
from tep_nb.method.tep.equilibrium import after
from tep_nb.method.tep.settings import Settings
from tep_nb.model.runtime import Runtime

__all__ = ["TEP"]


class TEP(Settings):  # noqa: D101  the docstring of the settings
    __doc__ = Settings.__doc__

    @classmethod
    def paper(cls, **settings: Any) -> Self:
        """The paper's caps: 20 free and 40 nudged iterations."""
        return cls(**{"free_cap": 20, "nudged_cap": 40, **settings})

    @classmethod
    def from_settings(cls, settings: Mapping[str, Any]) -> Self:
        """Undo `settings`.

        Raises
        ------
        JournalMismatch
            The session was made by another method.
        """
        given = dict(settings)
        if (name := given.pop("name")) != "TEP":
            raise JournalMismatch(f"the session was made by the method {name!r}, which is not known here: update tep_nb")
        return cls(**{**given, "bound": Bound(**given["bound"]), "phases": tuple(given["phases"])})

    async def draft(self, door: Runtime, state: State) -> Drafted:
        """The plan of the next step; a refresh runs the graph to see whose inputs changed."""
        return nudged.draft(self, state) if state.phase == "nudged" else await free.draft(self, door, state)

    async def propose(self, door: Runtime, state: State, metric: Metric) -> Proposed:
        """The proposals of the planned step."""
        if state.step.phase == "nudged":
            return await nudged.propose(self, door, state, metric)
        return await free.propose(self, door, state)

    def after(self, state: State) -> list[Event]:
        """Settled prompts and a new phase, where the decided step led to them."""
        return after(self, state)
