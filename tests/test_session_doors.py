"""Wrong values at the doors of a session: one line with a remedy, and not a byte of the file changes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from scripts import begin, closing, data, events, metric, model, run

import tep_nb as tep
from tep_nb.deciders import approve_all, reject_all
from tep_nb.errors import JournalMismatch, ReviewError

WRONG: list[tuple[str, Any, str]] = [
    ("freeze by", lambda s: s.freeze("a1", by=3), "the author of a freeze is a str"),
    ("rewind by", lambda s: s.rewind(0, by=None), "the author of a rewind is a str"),
    ("rewind to", lambda s: s.rewind("0"), "the step is a whole number"),
    ("fork at", lambda s: s.fork("f.tep", at=1.5), "the step is a whole number"),
    ("budget", lambda s: s.set_budget(3), "a budget is a Budget, not an int"),
    ("decide", lambda s: s.decide(3), "what to decide is a Decision, not an int"),
    ("subscribe", lambda s: s.subscribe(None), "what is called back is a function, not None"),
    ("assess", lambda s: run(s.assess(3)), "what to assess is a Proposal or its id, not an int"),
    ("evaluate", lambda s: run(s.evaluate(3)), "what to evaluate is the name of a split or a sequence"),
    ("evaluate data", lambda s: run(s.evaluate(data())), "what to evaluate is the name of a split"),
    ("ask", lambda s: run(s.ask("0")), "the row to ask is a whole number"),
    ("ask fields", lambda s: run(s.ask(fields="x")), "the fields to ask is a mapping"),
    ("run", lambda s: run(s.run("approve_all")), "the decider of a run is a function, not a str"),
    ("run steps", lambda s: run(s.run(reject_all, steps="2")), "steps of a run is a whole number"),
    ("run says", lambda s: run(s.run(lambda p, e: 3)), "what a decider returns is a Decision or None, not an int"),
]


@pytest.mark.parametrize(("act", "words"), [case[1:] for case in WRONG], ids=[case[0] for case in WRONG])
def test_a_wrong_type_writes_no_decision(tmp_path: Path, act: Any, words: str) -> None:
    """A TypeError of one line; neither a step nor a decision follows."""
    with closing(begin(tmp_path / "r.tep")) as session:
        run(session.propose())
        state = session.state
        with pytest.raises(TypeError, match=words) as caught:
            act(session)
        assert "\n" not in str(caught.value)
        assert (session.state.decisions, session.state.step) == (state.decisions, state.step)


@pytest.mark.parametrize(
    ("act", "words"),
    [
        (lambda s: s.freeze("a1", by=" "), "a freeze needs an author"),
        (lambda s: s.rewind(0, by=""), "a rewind needs an author"),
        (lambda s: run(s.run(reject_all, steps=-1)), "steps=-1 is below 0"),
    ],
)
def test_an_empty_author_and_steps_below_nothing(tmp_path: Path, act: Any, words: str) -> None:
    """Nothing is written."""
    with closing(begin(tmp_path / "r.tep")) as session:
        before = len(events(session))
        with pytest.raises(ReviewError, match=words):
            act(session)
        assert len(events(session)) == before


@pytest.mark.parametrize(
    "given",
    [{"model": None}, {"budget": 3}, {"budget": 0}, {"tools": [len]}, {"metric": None}, {"concurrency": 0}],
    ids=lambda given: next(iter(given)),
)
def test_a_refused_resume_touches_no_byte(tmp_path: Path, given: dict[str, Any]) -> None:
    """What does not fit is found while the file is only read: it is the same file, with the same files beside it."""
    path = tmp_path / "r.tep"
    begin(path).close()
    before = {file.name: file.read_bytes() for file in tmp_path.iterdir()}
    with pytest.raises((TypeError, tep.TepError)):
        tep.Session.resume(path, **{"model": model(), "metric": metric, **given})
    assert {file.name: file.read_bytes() for file in tmp_path.iterdir()} == before


def test_a_run_gives_the_decider_the_evidence_that_decides(tmp_path: Path) -> None:
    """Metric evidence that was bought in the free phase goes before the critic's: *worse* is rejected, the run goes on."""
    with closing(begin(tmp_path / "r.tep", model=model(actor=worse))) as session:
        step = run(session.propose())
        for proposal in step.pending:
            assert run(session.assess(proposal, kind="metric")).label == "worse"
        run(session.run(approve_all, steps=0))
        assert [d.verdict for d in session.state.decisions] == ["reject"] * len(step.pending)
        assert all("worse: metric" in d.reason for d in session.state.decisions)


def worse(request: tep.Request) -> str:
    """An actor that a plus harms, whatever its critic says."""
    prompt, _, read = request.messages[-1].text.partition("\n")
    number = "".join(c for c in read if c.isdigit())
    return f"It is {number}{'0' * prompt.count('plus')}"


def test_a_session_that_does_not_fit_stays_free(tmp_path: Path) -> None:
    """After a refused resume the file can be opened."""
    path = tmp_path / "r.tep"
    begin(path).close()
    with pytest.raises(JournalMismatch):
        tep.Session.resume(path, model=model())
    tep.Session.resume(path, model=model(), metric=metric).close()
