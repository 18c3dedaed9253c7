"""What evidence and comparisons cost, and how long a person took."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from scripts import again, approve, begin, closing, run

import tep_nb as tep
from tep_nb.core.review import Paid
from tep_nb.errors import ReviewError


def test_evidence_says_what_it_paid(tmp_path: Path) -> None:
    """Calls, tokens and waiting of that one command; nothing where all was recorded; known again after a resume."""
    with closing(begin(tmp_path / "r.tep")) as session:
        step = run(session.propose())
        before = session.usage.total
        found = run(session.assess(step.pending[0], kind="metric"))
        spent = session.usage.total - before
        assert found.paid is not None
        assert (found.paid.calls, found.paid.tokens, found.paid.cost) == (spent.calls, spent.tokens, None)
        assert found.paid.calls > 0
        assert found.paid.seconds == pytest.approx(spent.seconds)
        assert run(session.assess(step.pending[0], kind="metric")).paid == Paid(0, 0, None, 0.0)
        assert session.state.evidence[0].paid == found.paid
        assert "paid" not in session.state.body()["evidence"][0]
    with closing(again(tmp_path / "r.tep")) as session:
        assert session.state.evidence[0].paid == found.paid


def test_the_cost_is_known_where_there_are_prices(tmp_path: Path) -> None:
    """With a price for a million tokens the evidence has its cost."""
    budget = tep.Budget(prompt_price=1.0, completion_price=2.0)
    with closing(begin(tmp_path / "r.tep", budget=budget)) as session:
        step = run(session.propose())
        found = run(session.assess(step.pending[0]))
        assert found.paid is not None
        assert found.paid.cost is not None
        assert 0 < found.paid.cost < session.usage.total.cost


def test_a_comparison_says_what_it_paid(tmp_path: Path) -> None:
    """The first pays for the rows of both points, the second for nothing."""
    with closing(begin(tmp_path / "r.tep")) as session:
        run(session.run(approve, steps=1))
        first, second = run(session.compare(0)), run(session.compare(0))
    assert first.paid is not None
    assert first.paid.calls > 0
    assert second.paid == Paid(0, 0, None, 0.0)
    assert first == second


def test_the_time_before_the_person_is_kept(tmp_path: Path) -> None:
    """One time a decision, None where nothing was measured; an undo takes it back, a resume knows it, no equality sees it."""
    with closing(begin(tmp_path / "r.tep")) as session:
        first, second = run(session.propose()).pending
        session.decide(first.skip("ada"), seconds=2.5)
        state = session.decide(second.skip("ada"))
        assert state.seconds == (2.5, None)
        assert "seconds" not in state.body()
        assert session.undo().seconds == (2.5,)
    with closing(again(tmp_path / "r.tep")) as session:
        assert session.state.seconds == (2.5,)


@pytest.mark.parametrize(
    ("seconds", "error"),
    [(-0.1, ReviewError), (float("nan"), ReviewError), (float("inf"), ReviewError), ("2", TypeError), (True, TypeError)],
)
def test_a_time_that_is_none_is_refused(tmp_path: Path, seconds: Any, error: type[Exception]) -> None:
    """Negative, infinite or no number: nothing is decided."""
    with closing(begin(tmp_path / "r.tep")) as session:
        (first, _) = run(session.propose()).pending
        with pytest.raises(error, match="the seconds of a decision"):
            session.decide(first.skip("ada"), seconds=seconds)
        assert first in session.state.step.pending
