"""How a cell drives the workbench: wait for what runs, queue a command, wait for its answer, show it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import CancelledError
from contextlib import contextmanager
from typing import Any

from IPython.core.error import UsageError
from IPython.core.interactiveshell import InteractiveShell

from tep_nb.core.data import Dataset, Trace
from tep_nb.core.events import Evaluation
from tep_nb.core.graph import Graph
from tep_nb.core.review import Evidence, Proposal
from tep_nb.core.state import State, Step
from tep_nb.errors import Stopped, TepError
from tep_nb.method.compare import Comparison
from tep_nb.method.flow import Flow
from tep_nb.model.budget import Budget
from tep_nb.notebook import show
from tep_nb.notebook.loop import Ticket
from tep_nb.notebook.points import comparison_text, flow_text
from tep_nb.notebook.screen import Screen
from tep_nb.notebook.text import one_line
from tep_nb.notebook.workbench import Workbench
from tep_nb.session import Session

__all__ = ["Desk", "plain_errors"]


@contextmanager
def plain_errors() -> Iterator[None]:
    """Turn errors that say what to do into exactly UsageError, which IPython shows as one line (subclasses get a traceback)."""
    try:
        yield
    except (TepError, TypeError, OSError) as error:
        raise UsageError(one_line(error)) from None
    except CancelledError:
        raise UsageError("the command was not run: tep_nb was unloaded before its turn") from None
    except KeyboardInterrupt:
        raise UsageError("interrupted: the command goes on; %tep wait waits for it again, %tep stop ends it") from None


def _raises(ticket: Ticket, waited: bool) -> bool:
    """Whether a cell has to be told of a command's failure."""
    if ticket.seen or ticket.cancelled() or (error := ticket.exception()) is None:
        return False
    return not isinstance(error, Stopped) or waited  # one that a person stopped before is no news


class Desk:
    """One shell's way to its workbench.

    Parameters
    ----------
    ip : InteractiveShell
    bench : Workbench
    """

    def __init__(self, ip: InteractiveShell, bench: Workbench) -> None:
        self.ip, self.bench = ip, bench
        self.screen = Screen(ip, bench, self.describe)
        self._background: list[Ticket] = []

    @property
    def names(self) -> dict[str, Any]:
        """The variables of the notebook."""
        found: dict[str, Any] = self.ip.user_ns
        return found

    def gate(self) -> None:
        """Wait for all commands before this one, and raise their failure, once.

        A failure counts where this cell had to wait for it, or where a cell left the command behind in the background; what a
        widget asked for and has shown as failed is not told again.
        """
        waited = self.bench.loop.unfinished
        self.bench.loop.wait(waited)
        left, self._background = self._background, []
        both = sorted({*waited, *left}, key=lambda ticket: ticket.number)
        failed = next((ticket for ticket in both if _raises(ticket, ticket in waited)), None)
        for ticket in left:
            # The reason is raised below: shown here as well, a reader would take it for two failures.
            told = f"{ticket.name} failed, see below" if ticket is failed else self._told(ticket)
            self.screen.end(ticket, told, last=True)
        if failed is not None and (error := failed.exception()) is not None:
            failed.seen = True
            raise error if not isinstance(error, TepError) else type(error)(f"{failed.name}: {error}")

    def leave(self, verb: str, **args: Any) -> Ticket:
        """Queue a command and do not wait for it; its display shows how it ends."""
        ticket = self.bench.command(verb, **args)
        self._background.append(ticket)
        self.screen.begin(ticket)
        ticket.add_done_callback(lambda _: self.screen.end(ticket, self._told(ticket), last=False))
        return ticket

    def do(self, verb: str, **args: Any) -> Any:
        """Queue a command and wait for its value."""
        ticket = self.bench.command(verb, **args)
        self._await(ticket)
        return ticket.result()

    def do_long(self, verb: str, tell: Callable[[Any], str], otherwise: Callable[[], str] = str, **args: Any) -> Any:
        """Like `do`, for a command that asks a model: shows that it runs, then what ``tell`` says of its value.

        ``otherwise`` says what a command did before it failed; its error is raised all the same.
        """
        ticket = self.bench.command(verb, **args)
        self.screen.begin(ticket)
        self._await(ticket)
        error = ticket.exception()
        told = tell(ticket.result()) if error is None else otherwise()
        self.screen.end(ticket, told or ("stopped, see below" if isinstance(error, Stopped) else ""), last=True)
        if error is not None:
            raise error
        return self.screen.mute(ticket.result())

    def _await(self, ticket: Ticket) -> None:
        try:
            self.bench.loop.wait([ticket])
        except KeyboardInterrupt:
            self._background.append(ticket)  # its failure has not been seen yet
            raise
        ticket.seen = True

    def _told(self, ticket: Ticket) -> str:
        """How a background command ended."""
        if ticket.cancelled():
            return f"{ticket.name} was not run"
        error = ticket.exception()
        if isinstance(error, Stopped):
            return one_line(error)
        return self.describe(ticket.result()) if error is None else f"{ticket.name} failed: {one_line(error)}"

    def describe(self, value: Any) -> str:
        """Our values as text."""
        state = self.bench.state
        if isinstance(value, Session):
            return show.state_text(value.state, value.path.name)
        if isinstance(value, State):
            return show.state_text(value, "" if self.bench.session is None else self.bench.session.path.name)
        if isinstance(value, Step) and state is not None:
            return show.step_text(state, value)
        if isinstance(value, Proposal) and state is not None:
            return show.proposal_text(state, value)
        if isinstance(value, Trace) and self.bench.graph is not None:
            return show.trace_text(value, self.bench.graph)
        if isinstance(value, tuple):
            return f"({len(value)} values)"
        if isinstance(value, Flow) and state is not None:
            return flow_text(value, state.graph)
        tells: dict[type, Callable[[Any], str]] = {
            Evaluation: lambda found: show.evaluation_text(found, state=state),
            Evidence: lambda found: show.evidence_text(found, state),
            Graph: show.graph_text,
            Dataset: show.data_text,
            Budget: show.budget_text,
            Comparison: comparison_text,
        }
        tell = tells.get(type(value))
        return repr(value) if tell is None else tell(value)
