"""Rubrics and critiques."""

import pytest

from tep_nb.core.graph import Agent, Graph
from tep_nb.core.rubric import ALIGNMENT, SIX, Criterion, Critique, Rubric
from tep_nb.errors import ConfigError


def test_a_rubric_is_the_six_and_its_own():
    """The task's own criteria come after the six independent ones."""
    own = Criterion("total", "the total is there")
    assert Rubric((own,)).criteria == (*SIX, own)
    assert len(Rubric().criteria) == 6


def test_the_rubric_of_a_role_asks_for_the_role():
    """An agent without a rubric gets one criterion made from its role."""
    (own,) = Rubric.for_role("Counts the items.").own
    assert "Counts the items." in own.asks
    assert Rubric.for_role("").own[0].asks


@pytest.mark.parametrize("name", [SIX[0].name, ALIGNMENT[0].name])
def test_a_criterion_cannot_stand_twice(name):
    """An own criterion may have the name neither of the six nor of the alignment ones."""
    with pytest.raises(ConfigError, match=name):
        Rubric((Criterion(name, "asks"),))


def test_three_criteria_of_its_own_and_no_more():
    """METHOD section 2 has one to three; a file of a session that was begun with more is read all the same."""
    three = tuple(Criterion(f"own_{n}", "asks") for n in range(3))
    assert Rubric(three).own == three
    four = (*three, Criterion("own_3", "asks"))
    with pytest.raises(ConfigError, match=r"4 criteria of its own, at most 3 .*: keep those"):
        Rubric(four)
    with pytest.raises(ConfigError, match=r"^agent plan: the rubric has 4 criteria"):
        Agent("plan", "Plan {{question}}", rubric=list(four))
    graph = Graph([Agent("plan", "Plan {{question}}", rubric=list(three))])
    (spec,) = graph.spec()["nodes"]
    spec["rubric"].append(["own_3", "asks"])
    read = Graph.from_spec({"output": "plan", "nodes": [spec]})
    assert read.agents[0].rubric.own == four
    assert read.with_prompt("plan", "Now plan {{question}}").agents[0].rubric.own == four


@pytest.mark.parametrize(("name", "asks"), [("two words", "x"), ("", "x"), ("fine", " "), ("<b>", "x")])
def test_a_criterion_needs_a_name_and_a_sentence(name, asks):
    """Names are identifiers, and an empty sentence asks for nothing."""
    with pytest.raises(ConfigError):
        Criterion(name, asks)


def test_the_score_is_the_mean_of_the_local_criteria():
    """Alignment counts in the nudged score alone, with its weight."""
    critique = Critique("plan", 0, "nudged", {"a": 8.0, "b": 6.0, "objective": 1.0, "contracts": 3.0})
    assert critique.score == 7.0
    assert critique.nudged_score(0.5) == pytest.approx(0.5 * 7 + 0.5 * 2)
    assert critique.nudged_score(0.0) == 7.0
    assert Critique("plan", 0, "free", {"a": 8.0}).nudged_score(0.5) == 8.0
