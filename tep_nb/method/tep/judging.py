"""Judge one prompt on one minibatch: what the free and the nudged evaluation share."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from tep_nb.core.data import Trace
from tep_nb.core.node import Agent
from tep_nb.core.rubric import Critique
from tep_nb.errors import MissingKey, ModelError
from tep_nb.method.forward import gather, run_agent, too_many
from tep_nb.method.reply import Fault
from tep_nb.model.runtime import Runtime

__all__ = ["judge_all", "output_of"]


async def judge_all(
    agents: Sequence[Agent], traces: Sequence[Trace], judge: Callable[[Agent, Trace], Awaitable[Critique]]
) -> tuple[tuple[Critique, ...], int]:
    """Critiques of every agent on every row that it ran on, and how many calls failed.

    Raises
    ------
    ModelError
        More than a fifth of the calls failed.
    """
    jobs = [
        _caught(judge(agent, trace))
        for agent in agents
        for trace in traces
        if trace.failed is None and trace.calls.get(agent.name, "skipped") != "skipped"
    ]
    results = await gather(jobs)
    errors = [error for _, error in results if error is not None]
    too_many(errors, len(results))
    return tuple(critique for critique, _ in results if critique is not None), len(errors)


async def _caught(judgement: Awaitable[Critique]) -> tuple[Critique | None, ModelError | None]:
    """A call that failed for good is a value: its row has no critique. In a pair, or `gather` would raise it."""
    try:
        return await judgement, None
    except MissingKey:
        raise
    except ModelError as error:
        return None, error


async def output_of(door: Runtime, agent: Agent, fields: dict[str, Any], row: int, temperature: float, seed: int) -> str:
    """What an agent answers on recorded inputs.

    Raises
    ------
    ModelError
        The call failed, or its reply cannot be used.
    """
    made = await run_agent(door, agent, fields, purpose="actor", row=row, temperature=temperature, seed=seed)
    if isinstance(made, Fault):
        raise ModelError(made.text)
    return made[1].text
