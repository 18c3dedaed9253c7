"""Proposals, decisions, evidence."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tep_nb.core.review import Evidence, Proposal
from tep_nb.core.text import Prompt
from tep_nb.errors import PromptError, ReviewError

BEFORE = "Read {{q}} with care. Count every single item. Answer: the total."
AFTER = "Read {{q}} slowly. Count every single item. Answer: the sum."


def proposal(after=AFTER, **more):
    return Proposal("1", "plan", ("plan",), "free", BEFORE, after, Prompt(BEFORE).diff(after), protect=("Answer:",), **more)


def test_approving_applies_the_text_as_it_is():
    """The decision has the proposed text, the author and no reason."""
    decision = proposal().approve(by=" ann ")
    assert (decision.verdict, decision.text, decision.by, decision.override) == ("approve", AFTER, "ann", None)
    assert proposal().approve(by="ann", override="it reads better").override == "it reads better"


def test_taking_some_hunks_leaves_the_others():
    """Hunks are taken by number from 1."""
    assert proposal().take([2], by="ann").text == "Read {{q}} with care. Count every single item. Answer: the sum."
    assert proposal().take((1, 2), by="ann").text == AFTER


@pytest.mark.parametrize("hunks", [[], [0], [3], [1, 9]])
def test_hunks_that_are_not_there_cannot_be_taken(hunks):
    """The message says which hunks there are."""
    with pytest.raises(PromptError, match="1 to 2"):
        proposal().take(hunks, by="ann")


def test_an_edit_takes_another_text():
    """A person's text is applied verbatim."""
    assert proposal().edit("Count {{q}}. Answer: <b>", by="ann").text == "Count {{q}}. Answer: <b>"


@pytest.mark.parametrize("text", ["", "Count. Answer: x", "Count {{q}} {{z}}. Answer: x", "Count {{q}}.", BEFORE])
def test_an_edit_keeps_placeholders_and_spans_and_changes_something(text):
    """An edit that drops or adds a placeholder, drops a span, empties or repeats the prompt is refused."""
    with pytest.raises(PromptError):
        proposal().edit(text, by="ann")


def test_a_rejection_needs_a_reason_and_a_skip_needs_none():
    """The reason is told to the editor, so it cannot be empty; a skip tells nobody."""
    assert proposal().reject(" too long ", by="ann").reason == "too long"
    assert proposal().reject("x", by="ann").text is None
    with pytest.raises(ReviewError, match="skip"):
        proposal().reject(" \n", by="ann")
    assert (proposal().skip(by="ann").reason, proposal().skip(by="ann").text) == ("", None)


@given(st.sampled_from(["", " ", "\n\t"]))
def test_every_decision_has_an_author_and_every_override_a_reason(blank):
    """Blank authors and blank overrides are refused for every verdict."""
    verdicts = [
        lambda p, **k: p.approve(**k),
        lambda p, **k: p.edit("New {{q}}. Answer:", **k),
        lambda p, **k: p.take([1], **k),
        lambda p, **k: p.reject("why", **k),
        lambda p, **k: p.skip(**k),
    ]
    for verdict in verdicts:
        with pytest.raises(ReviewError, match="author"):
            verdict(proposal(), by=blank)
    for verdict in verdicts[:3]:
        with pytest.raises(ReviewError, match="override"):
            verdict(proposal(), by="ann", override=blank)


@pytest.mark.parametrize("call", [lambda p: p.approve(by=None), lambda p: p.reject(None, by="a"), lambda p: p.edit(3, by="a")])
def test_other_types_are_type_errors(call):
    """Text, reason and author are str."""
    with pytest.raises(TypeError):
        call(proposal())


def test_a_leak_is_a_warning_that_says_leak():
    """Only warnings of that kind make a proposal a leaking one."""
    assert proposal(warnings=("leak: it quotes row 3",)).leaks
    assert not proposal(warnings=("growth: 50 tokens",)).leaks


EVIDENCE = Evidence("plan", AFTER, "d", "metric", "proven", 0.5, 0.75, 40, 12, 2, 0.0065)


def test_the_summary_of_evidence_has_all_its_numbers():
    """Label, means, n, wins, losses and p stand in one line."""
    assert EVIDENCE.summary() == "proven: metric 50.0% -> 75.0% on 40 rows, 12 won, 2 lost, p = 0.006"
    assert EVIDENCE.gain == 0.25


def test_the_summary_says_what_weakens_the_evidence():
    """A judge, failed rows and the critic's scores are mentioned where they are."""
    text = replace(EVIDENCE, judged=True, failed=3, local=(6.0, 7.5)).summary()
    assert all(part in text for part in ("a judge's", "3 rows failed", "6.0 -> 7.5"))
    assert replace(EVIDENCE, kind="local", label="worse", before=7.0, after=6.0, n=6, p=None).summary() == (
        "worse: critic's score 7.0 -> 6.0 on 6 rows"
    )
