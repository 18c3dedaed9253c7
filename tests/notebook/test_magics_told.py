"""What the verbs say of a session: who settled, which phase began, which looks are another branch's."""

import json

import pytest
from real_shell import Shell


def content(messages, schema):
    """A critic that finds 7 of 10 everywhere and proposes nothing."""
    scores = dict.fromkeys(schema["properties"]["scores"]["properties"], 7)
    return json.dumps({"scores": scores, "suggestions": [], "content": True})


@pytest.fixture
def shell(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("JUPYTERHUB_USER", "ann")
    shell = Shell()
    shell.declare()
    yield shell
    shell.close()


def test_a_step_says_who_settled_and_which_phase_began(shell):
    """Stepping by hand tells what a run tells."""
    shell.good("%tep method TEP phases=free free_cap=1", "%tep start run.tep")
    shell.good("%tep step", "%tep reject list_items no", "%tep reject tally no")
    assert "has settled (cap: 1 iterations)" in shell.good("%tep reject answer no").out
    out = shell.good("%tep step", "%tep wait").out
    assert "phase done begins: free equilibrium" in out


def test_a_silent_step_says_who_settled(shell):
    """Where a step leads to no proposal, no decision will tell it."""
    shell.ip.user_ns["critic"] = content
    shell.good("%tep model critic --for critic", "%tep start run.tep", "%tep step", "%tep step")
    out = shell.good("%tep wait").out
    assert "tally has settled (silent: 2 evaluations in a row led to no proposal), stuck below 8.0" in out


def test_history_keeps_the_looks_of_a_branch_that_was_left_apart(shell):
    """A look that was taken before a rewind is no figure of the steps that follow it, and is not forgotten either."""
    shell.good("%tep start run.tep", "%tep step", "%tep approve tally", "%tep skip list_items", "%tep skip answer")
    shell.good("%tep evaluate validation", "%tep rewind 0", "%tep step", "%tep reject tally no", "%tep skip list_items")
    shell.good("%tep skip answer")
    own, _, left = shell.good("%tep history").out.partition("looks at a split before going back")
    assert "validation:" not in own
    assert "at step 1: validation:" in left


def test_a_cap_of_nothing_is_a_cap(shell):
    """A budget of 0 calls is told, prices of 0 are none."""
    assert "budget: calls 0" in shell.good("%tep budget calls=0").out
    assert "budget: no caps" in shell.good("%tep budget calls=none").out
