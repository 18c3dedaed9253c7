"""Textual Equilibrium Propagation in a notebook.

Optimise the prompts of a compound LLM system node by node, and decide every edit yourself. In a notebook: ``%load_ext tep_nb``.
In a script::

    import tep_nb as tep

    session = tep.Session.start("run.tep", graph, data, metric="exact_match", objective="…", model=tep.SimulatedModel())
    step = await session.propose()
    session.decide(step.pending[0].approve(by="me"))
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from tep_nb import deciders
from tep_nb._version import __version__
from tep_nb.core.data import Dataset, Row, Trace
from tep_nb.core.events import Evaluation
from tep_nb.core.graph import Graph
from tep_nb.core.metric import Metric, Score
from tep_nb.core.node import Agent, Tool
from tep_nb.core.review import Decision, Evidence, Proposal
from tep_nb.core.rubric import Criterion, Critique, Rubric
from tep_nb.core.state import State, Step
from tep_nb.core.text import Bound, Prompt
from tep_nb.errors import TepError
from tep_nb.io import load_dataset
from tep_nb.method.judge import judge
from tep_nb.method.tep import TEP
from tep_nb.model.base import Message, Models, Reply, Request, Usage
from tep_nb.model.budget import Budget
from tep_nb.model.limits import Limits
from tep_nb.model.openai import OpenAIModel
from tep_nb.model.recorded import RecordedModel
from tep_nb.model.scripted import ScriptedModel
from tep_nb.session import Session

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell

    from tep_nb import task
    from tep_nb.model.simulated import SimulatedModel

__all__ = [
    "TEP",
    "Agent",
    "Bound",
    "Budget",
    "Criterion",
    "Critique",
    "Dataset",
    "Decision",
    "Evaluation",
    "Evidence",
    "Graph",
    "Limits",
    "Message",
    "Metric",
    "Models",
    "OpenAIModel",
    "Prompt",
    "Proposal",
    "RecordedModel",
    "Reply",
    "Request",
    "Row",
    "Rubric",
    "Score",
    "ScriptedModel",
    "Session",
    "SimulatedModel",
    "State",
    "Step",
    "TepError",
    "Tool",
    "Trace",
    "Usage",
    "__version__",
    "deciders",
    "judge",
    "load_dataset",
    "task",
]


_LATE = {"SimulatedModel": "tep_nb.model.simulated", "task": "tep_nb.task"}
"""Names whose modules are a third of the time of import, and are not needed with a model and a table of one's own."""


def __getattr__(name: str) -> Any:
    """Import what is late when it is asked for."""
    if name not in _LATE:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    module = import_module(_LATE[name])
    found = module if name == "task" else getattr(module, name)
    globals()[name] = found
    return found


def __dir__() -> list[str]:
    return sorted({*globals(), *_LATE})


def load_ipython_extension(ip: InteractiveShell) -> None:
    """``%load_ext tep_nb``: register the magics."""
    from tep_nb.notebook.magics import load

    load(ip)


def unload_ipython_extension(ip: InteractiveShell) -> None:
    """``%unload_ext tep_nb``: close the session and take the magics away."""
    from tep_nb.notebook.magics import unload

    unload(ip)
