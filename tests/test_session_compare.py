"""Two points of a session side by side."""

from pathlib import Path

import pytest
from scripts import approve, begin, closing, run

import tep_nb as tep
from tep_nb.errors import DataError, ReviewError


def test_what_lies_between_two_points(tmp_path: Path) -> None:
    """Prompts that differ, the metric on the same rows, wins and losses; the evidence's own numbers, and no call twice."""
    method = tep.TEP(seed=1, minibatch=2, phases=("nudged",))
    with closing(begin(tmp_path / "r.tep", 2, method=method)) as session:
        run(session.run(approve, steps=2))
        state = session.state
        assert len({d.proposal for d in state.steps[0].applied}) >= 1
        found = run(session.compare(0, 1))
        assert (found.one, found.other) == (0, 1)
        assert [c.prompt for c in found.prompts] == [p.prompt for p, d in state.reviewed if p.step == 1 and d.text is not None]
        assert all(c.before == state.steps[0].texts[c.prompt] for c in found.prompts)
        assert (found.n, found.failed, found.wins + found.losses) == (10, 0, len(found.flips))
        assert found.before == state.evidence[0].before
        assert found.interval[0] <= found.after - found.before <= found.interval[1]
        back = run(session.compare(1, 0))
        assert (back.wins, back.losses, back.before) == (found.losses, found.wins, found.after)
        paid = session.usage.calls
        assert run(session.compare(0, 1)) == found
        assert session.usage.calls == paid
        same = run(session.compare(2))
        assert (same.prompts, same.flips, same.p) == ((), (), 1.0)
        assert same.interval[0] == -same.interval[1] < 0  # no flip on some rows is no certainty
        with pytest.raises(ReviewError, match="step 9 is not complete"):
            run(session.compare(0, 9))


def test_without_validation_rows_nothing_is_compared(tmp_path: Path) -> None:
    """The error names what is missing."""
    rows = [{"question": f"number {i}", "target": str(i)} for i in range(4)]
    free = tep.TEP(phases=("free",))
    session = begin(tmp_path / "r.tep", data=tep.Dataset(rows), method=free)
    with closing(session), pytest.raises(DataError, match="split some off"):
        run(session.compare(0))
