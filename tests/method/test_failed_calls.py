"""A call that failed for good leaves its row out of a step; more than a fifth of them is an error."""

from __future__ import annotations

import re

import pytest
import scripts
from scripts import begin, closing, run

import tep_nb as tep
from tep_nb.errors import ModelError

METHOD = {"seed": 1, "minibatch": 6, "free_cap": 4, "nudged_cap": 4, "gate_rows": 10}


class Faulty:
    """The scripted world, where the first ``bad`` rows that one role is asked about fail for good."""

    def __init__(self, role, bad, *, hot=False):
        self.role, self.bad, self.hot, self.rows = role, bad, hot, []

    def __call__(self, request):
        row = re.findall(r"number (\d{3})", request.text)[-1:]
        if row not in self.rows:
            self.rows.append(row)
        if row in self.rows[: self.bad] and (request.seed or not self.hot):
            raise ModelError("the server is down: start it")
        return getattr(scripts, self.role)(request)


def stepped(tmp_path, faulty, **settings):
    model = scripts.model(**{faulty.role: faulty})
    with closing(begin(tmp_path / "x.tep", 1, model=model, method=tep.TEP(**{**METHOD, **settings}))) as session:
        return run(session.propose())


@pytest.mark.parametrize("faulty", [Faulty("actor", 1, hot=True), Faulty("critic", 1)], ids=lambda faulty: faulty.role)
def test_one_failed_call_of_six_leaves_its_row_out_of_a_free_step(tmp_path, faulty):
    """The step ends with its proposal, made from the critiques of the other five rows."""
    (outcome,) = stepped(tmp_path, faulty).outcomes
    assert len(outcome.critiques) == 5


def test_one_failed_critic_of_six_leaves_its_row_out_of_a_nudged_step(tmp_path):
    """As in the free phase, and the free critique that the nudged phase makes itself does the same."""
    (outcome,) = stepped(tmp_path, Faulty("critic", 1), phases=("nudged",)).outcomes
    assert (len(outcome.critiques), len(outcome.free)) == (5, 5)


def test_two_failed_calls_of_six_fail_the_step(tmp_path):
    """More than a fifth: the error counts the rows and names the first fault."""
    with pytest.raises(ModelError, match="2 of 6 rows failed, more than a fifth; the first: the server is down"):
        stepped(tmp_path, Faulty("critic", 2))
