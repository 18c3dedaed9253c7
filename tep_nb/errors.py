"""The exceptions of tep_nb.

::

    TepError
    ├── PromptError            a template, placeholder, hunk or protected span
    ├── GraphError             agents, tools, fields and how they join
    ├── DataError              tables, rows, splits
    ├── MetricError            a metric or what it returned
    ├── ConfigError            a setting outside its range
    ├── JournalError           the file of a session
    │   ├── JournalExists      start() on a file that is there
    │   ├── JournalLocked      another process writes it
    │   └── JournalMismatch    what was passed again is not what is recorded
    ├── ModelError             a model or its server; its Retry says whether asking again may help
    │   ├── MissingKey         no API key where one is needed
    │   ├── NotRecorded        a replay was asked what its file does not have
    │   └── BadReply           a model whose replies cannot be read (a single such reply is a value)
    ├── ToolFailed             a tool failed on more than a fifth of the rows
    ├── EvidenceVoid           too many failed calls to say what an edit does
    ├── BudgetExceeded         the next call would pass the budget
    ├── ReviewError            a decision that cannot be taken
    │   ├── PendingDecisions   propose() while proposals wait
    │   ├── EvidenceNeeded     approving in the nudged phase without fresh evidence
    │   └── StaleProposal      the prompt has changed since the proposal was made
    ├── Done                   propose() after the last phase
    ├── Busy                   a second command while one runs
    └── Stopped                a person stopped the command

Every message names the thing, what was expected, and the remedy.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

__all__ = [
    "BadReply",
    "BudgetExceeded",
    "Busy",
    "ConfigError",
    "DataError",
    "Done",
    "EvidenceNeeded",
    "EvidenceVoid",
    "GraphError",
    "JournalError",
    "JournalExists",
    "JournalLocked",
    "JournalMismatch",
    "MetricError",
    "MissingKey",
    "ModelError",
    "NotRecorded",
    "PendingDecisions",
    "PromptError",
    "Retry",
    "ReviewError",
    "StaleProposal",
    "Stopped",
    "TepError",
    "ToolFailed",
]


class TepError(Exception):
    """Root of all errors that tep_nb raises on purpose."""


class PromptError(TepError):
    """A template, placeholder, hunk or protected span is wrong."""


class GraphError(TepError):
    """Agents, tools and fields do not form a graph."""


class DataError(TepError):
    """A table, row or split is wrong."""


class MetricError(TepError):
    """A metric cannot be used, or returned something that is no score."""


class ConfigError(TepError):
    """A setting is outside its range."""


class JournalError(TepError):
    """The file of a session cannot be used."""


class JournalExists(JournalError):
    """``start`` met a file that is already there."""


class JournalLocked(JournalError):
    """Another process holds the file for writing."""


class JournalMismatch(JournalError):
    """A function or model passed to ``resume`` is not the recorded one."""


@dataclass(frozen=True, slots=True)
class Retry:
    """Whether a failed attempt is worth another.

    Attributes
    ----------
    kind : {"no", "transient", "limited", "reformat"}
        ``no``: the same request would fail again. ``transient``: it may work in a moment. ``limited``: the server asks for
        patience. ``reformat``: the model has learnt another spelling of the request, and sends that at once.
    after : float or None
        Seconds that the server asks to wait for.
    lost : bool
        The server may have answered, and charged for it, and nobody heard it.
    """

    kind: Literal["no", "transient", "limited", "reformat"] = "no"
    after: float | None = None
    lost: bool = False


class ModelError(TepError):
    """A model, or the server behind it, cannot answer.

    Parameters
    ----------
    message : str
    retry : Retry, optional
        Whether asking again is worth it; a model of your own says so with it.
    """

    def __init__(self, message: str = "", retry: Retry | None = None) -> None:
        super().__init__(message)
        self.retry = retry or Retry()


class MissingKey(ModelError):
    """No API key was found where the server needs one."""


class NotRecorded(ModelError):
    """A replay was asked what its file does not have; ends the command at once, because it is no fault of one row."""


class BadReply(ModelError):
    """A model whose replies cannot be read as what was asked for."""


class ToolFailed(TepError):
    """A tool failed on more than a fifth of the rows."""


class EvidenceVoid(TepError):
    """More than a fifth of the rows failed: there is no label."""


class BudgetExceeded(TepError):
    """The next call would pass the budget; the state is kept."""


class ReviewError(TepError):
    """A decision cannot be taken."""


class PendingDecisions(ReviewError):
    """``propose()`` while proposals still wait for a decision."""


class EvidenceNeeded(ReviewError):
    """Approving in the nudged phase needs evidence for this text on this graph."""


class StaleProposal(ReviewError):
    """The prompt is no longer the one that the proposal was made from."""


class Done(TepError):
    """The last phase has ended."""


class Busy(TepError):
    """Another command of this session is running."""


class Stopped(TepError):
    """A person stopped the command; what was recorded is kept."""
