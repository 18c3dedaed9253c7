"""The measures that a state knows by itself."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from scripts import again, approve, begin, calls_of, closing, events, run, seeded

import tep_nb as tep
from tep_nb.core.measures import Author, measures
from tep_nb.core.state import Feedback, State, replay


def test_nothing_is_known_at_the_start(tmp_path: Path) -> None:
    """No rate of nothing."""
    with closing(begin(tmp_path / "r.tep")) as session:
        found = measures(session.state)
        assert (found.decided, found.accepted, found.effective, found.rate, dict(found.authors)) == (0, 0, None, None, {})
        assert dict(found.feedback) == {"a1": Feedback(), "a2": Feedback()}
        assert found.feedback["a1"].mean is None
        assert found.feedback["a1"].specificity is None


def test_authors_and_their_time(tmp_path: Path) -> None:
    """Decisions, accepted ones, the median of the measured times; in the order of their first decision."""
    with closing(begin(tmp_path / "r.tep")) as session:
        first, second = run(session.propose()).pending
        session.decide(first.approve("ada"), seconds=4.0)
        session.decide(second.skip("bob"))
        first, second = run(session.propose()).pending
        session.decide(first.skip("ada"), seconds=1.0)
        session.decide(second.skip("ada"), seconds=2.0)
        found = measures(session.state)
        assert list(found.authors.items()) == [("ada", Author(3, 1, 2.0)), ("bob", Author(1, 0, None))]
        assert found.authors["ada"].rate == pytest.approx(1 / 3)
        assert (found.decided, found.accepted, found.rate, found.nudged, found.effective) == (4, 1, 0.25, 0, None)
        session.undo()
        assert measures(session.state).authors["ada"] == Author(2, 1, 2.5)


def test_the_effective_update_rate(tmp_path: Path) -> None:
    """Nudged proposals that changed a prompt with *proven* evidence for their text, of all nudged ones; also after a resume."""
    path = tmp_path / "r.tep"
    with closing(begin(path, 3, method=tep.TEP(seed=1, minibatch=2, phases=("nudged",), gate_rows=10, alpha=0.3))) as session:
        run(session.run(approve))
        state = session.state
        nudged = [(p, d) for p, d in state.reviewed if p.phase == "nudged"]
        proven = [
            d for p, d in nudged
            if d.text and any(e.label == "proven" for e in state.evidence if (e.prompt, e.text) == (p.prompt, d.text))
        ]  # fmt: skip
        found = measures(state)
        assert 0 < len(proven) < len(nudged)
        assert (found.nudged, found.proven) == (len(nudged), len(proven))
        assert found.effective == len(proven) / len(nudged)
        assert measures(replay(events(session))) == found
    with closing(again(path)) as session:
        assert measures(session.state) == found


def test_feedback_is_that_of_all_critiques(tmp_path: Path) -> None:
    """Mean and largest B(g), and mean S(g), over both phases and rounds; a rewind takes back what it leaves."""
    with closing(begin(tmp_path / "r.tep", method=tep.TEP(seed=1, minibatch=2, free_cap=2, nudged_cap=2, rounds=2))) as session:
        run(session.run(seeded))
        state = session.state
        for name, found in measures(state).feedback.items():
            own = [c for s in state.steps for o in s.outcomes if o.prompt == name for c in o.critiques if c.parsed]
            assert found.n == len(own) > 0
            assert found.mean == pytest.approx(sum(c.tokens for c in own) / len(own))
            assert found.most == max(c.tokens for c in own)
            assert found.specificity == pytest.approx(sum(c.specificity for c in own) / len(own))
        session.rewind(1)
        assert measures(session.state).feedback["a1"].n == 2


def many(state: State, n: int) -> State:
    """The state with its decisions repeated."""
    reviewed = (state.reviewed * n)[:n]
    return replace(state, reviewed=reviewed, seconds=(1.0,) * n, labels=("proven",) * n)


def test_the_work_grows_with_the_decisions_alone(tmp_path: Path) -> None:
    """500 decided proposals take at most three function calls each, and no look at steps, evidence or the journal."""
    with closing(begin(tmp_path / "r.tep")) as session:
        run(session.run(seeded))
        state = many(session.state, 500)
    assert len(state.reviewed) == 500
    assert calls_of(lambda: measures(state)) < 1500 + 100
