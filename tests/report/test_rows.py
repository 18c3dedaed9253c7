"""Rules of the rows that a session becomes."""

from pathlib import Path

import pytest

from tep_nb import report
from tep_nb.errors import JournalError
from tep_nb.journal import Tally
from tep_nb.model.budget import Budget, Spent, Usage
from tep_nb.report import rows


def test_every_decision_is_a_row_with_its_author_and_evidence(journal: Path) -> None:
    """In the order of time, with what was known then; what an undo took back is marked and not forgotten."""
    history, _ = report.read(journal)
    found = rows.decisions(history.records)
    assert [(d["verdict"], d["by"], d["prompt"], d["kept"]) for d in found] == [
        ("approve", "ann", "plan", True),
        ("reject", "ann", "answer", True),
        ("edit", "bob", "answer", True),
        ("approve", "bob", "plan", False),
        ("skip", "bob", "plan", True),
    ]
    assert (found[0]["evidence"], found[0]["n"], found[0]["p"]) == ("local", 2, None)
    assert found[1]["evidence"] is None
    assert found[1]["reason"].startswith("too wordy")
    assert found[2]["text"] != found[2]["proposed"]
    assert all(d["at"] for d in found)


def test_the_state_alone_gives_the_branch_that_stands(journal: Path) -> None:
    """Without the events, the kept decisions come out the same, times left out."""
    history, _ = report.read(journal)
    alone, kept = (
        [(r.proposal, r.decision, r.evidence, r.step) for r in records]
        for records in (rows.recorded(history.state), [record for record in history.records if record.kept])
    )
    assert alone == kept


def test_looks_at_a_split_are_counted(journal: Path) -> None:
    """Each evaluation is a row with its interval."""
    history, _ = report.read(journal)
    found = rows.evaluations(history.looks)
    assert [(e["split"], e["n"], e["mean"], e["kept"]) for e in found] == [
        ("validation", 4, 0.0, True),
        ("test", 4, 0.0, True),
        ("validation", 4, 1.0, True),
    ]
    assert all(e["low"] <= e["mean"] <= e["high"] for e in found)
    assert history.tests == 0


def test_scores_and_measures_are_rows_by_prompt(journal: Path) -> None:
    """Critic scores by step; hops are the agents behind a prompt; B(g) and S(g) are there."""
    state = report.read_state(journal)
    assert rows.scores(state) == [{"prompt": name, "step": 1, "phase": "free", "score": 7.0} for name in ("plan", "answer")]
    plan, answer = rows.prompts(state)
    assert (plan["hops"], answer["hops"]) == (1, 0)
    assert plan["feedback"] > 0
    assert plan["feedback"] <= plan["feedback_most"]
    assert 0 <= plan["specificity"] <= 1


def test_usage_has_a_row_for_each_purpose_and_their_sum() -> None:
    """Cost is there when prices were."""
    paid = [
        Tally("actor", "m", 1, False, True, 2, 100, 10, 1.0, 0.0, 100, 10),
        Tally("gate", "m", 2, False, True, 3, 200, 20, 2.0, 0.004, 0, 0),
        Tally("gate", "m", 2, True, True, 3, 200, 20, 2.0, 0.004, 0, 0),
    ]
    found = rows.usage(Usage.of(paid, Budget(prompt_price=10, completion_price=100)))
    assert [(r["purpose"], r["calls"], r["tokens"], r["seconds"]) for r in found] == [
        ("actor", 2, 110, 1.0),
        ("gate", 3, 220, 2.0),
        ("all", 5, 330, 3.0),
    ]
    assert found[-1]["cost"] == pytest.approx((100 * 10 + 10 * 100) / 1e6 + 0.004)
    assert rows.usage(Usage({"actor": Spent(2, 100, 10, 1.0)}, {}))[-1]["cost"] is None


def test_a_journal_without_a_beginning_is_refused() -> None:
    """No events, no report."""
    with pytest.raises(JournalError, match="not with 'started'"):
        rows.history([])
