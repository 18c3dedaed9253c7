"""Replies that are empty, cut off or withheld: asked for again with what was wrong, then a value with the reason."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import scripts
from scripts import begin, closing, run

import tep_nb as tep
from tep_nb.errors import ModelError

FREE = tep.TEP(seed=1, minibatch=2, phases=("free",))


def poor(role: str, bad: tep.Reply, times: int) -> tuple[Callable[[tep.Request], tep.Reply], list[tep.Request]]:
    """The scripted world, where this role answers so the first times that it is asked something, and the requests it got."""
    inner = scripts.model()
    seen: list[tep.Request] = []

    def answer(request: tep.Request) -> tep.Reply:
        assert inner._function is not None
        if request.role != role:
            return _reply(inner._function(request))
        seen.append(request)
        asked = sum(message.role == "assistant" for message in request.messages)
        return bad if asked < times else _reply(inner._function(request))

    return answer, seen


def _reply(said: Any) -> tep.Reply:
    return said if isinstance(said, tep.Reply) else tep.Reply(said)


EMPTY = tep.Reply(" \n")
CUT = tep.Reply('It is 7, {"scores": {', finish="length")
FILTERED = tep.Reply("no", finish="content_filter")


@pytest.mark.parametrize("role", ["actor", "critic", "editor"])
@pytest.mark.parametrize(("bad", "said"), [(EMPTY, "it is empty"), (CUT, "cut off"), (FILTERED, "withheld")])
def test_a_poor_reply_is_asked_for_again(tmp_path: Path, role: str, bad: tep.Reply, said: str) -> None:
    """Once, with the fault in words; then the step is as if nothing had been."""
    answer, seen = poor(role, bad, 1)
    with closing(begin(tmp_path / "a.tep", method=FREE)) as fine, closing(
        begin(tmp_path / "b.tep", method=FREE, model=tep.ScriptedModel(answer))
    ) as session:
        expected, step = run(fine.propose()), run(session.propose())
        assert [proposal.after for proposal in step.proposals] == [proposal.after for proposal in expected.proposals]
        again = [request for request in seen if len(request.messages) > 1]
        assert len(again) == len(seen) / 2
        assert all(said in request.messages[-1].text for request in again)


def test_a_critic_that_stays_mute_gives_no_score(tmp_path: Path) -> None:
    """Its critiques are there, unread, and count for nothing."""
    answer, _ = poor("critic", EMPTY, 9)
    with closing(begin(tmp_path / "r.tep", method=FREE, model=tep.ScriptedModel(answer))) as session:
        step = run(session.propose())
        assert not step.proposals
        assert all(outcome.score is None and "no critique could be read" in outcome.note for outcome in step.outcomes)


def test_an_editor_that_stays_mute_gives_no_proposal(tmp_path: Path) -> None:
    """The step tells why."""
    answer, _ = poor("editor", CUT, 9)
    with closing(begin(tmp_path / "r.tep", method=FREE, model=tep.ScriptedModel(answer))) as session:
        step = run(session.propose())
        assert not step.proposals
        assert all("cut off" in outcome.note for outcome in step.outcomes)


def test_an_actor_that_stays_mute_is_a_failed_row(tmp_path: Path) -> None:
    """An empty answer is never scored; a cut one is what the agent says at this length, and the metric judges it."""
    answer, _ = poor("actor", EMPTY, 9)
    mute = tep.ScriptedModel(answer)
    with closing(begin(tmp_path / "a.tep", model=mute)) as session, pytest.raises(ModelError, match="it is empty"):
        run(session.evaluate("test"))
    answer, _ = poor("actor", tep.Reply("It is 104", finish="length"), 9)
    with closing(begin(tmp_path / "b.tep", model=tep.ScriptedModel(answer))) as session:
        found = run(session.evaluate("test"))
        assert {row.output for row in found.rows} == {"It is 104"}
        assert not any(row.failed for row in found.rows)


@pytest.mark.parametrize(("role", "bad"), [("critic", EMPTY), ("editor", CUT)])
def test_what_cannot_be_read_is_no_silence(tmp_path: Path, role: str, bad: tep.Reply) -> None:
    """Steps whose critics or editors cannot be read settle nobody and end no phase; only the cap does."""
    answer, _ = poor(role, bad, 9)
    method = tep.TEP(seed=1, minibatch=2, free_cap=4, nudged_cap=4)
    for phases in (("free",), ("nudged",)):
        tep_ = dataclasses.replace(method, phases=phases)
        with closing(begin(tmp_path / f"{phases[0]}.tep", method=tep_, model=tep.ScriptedModel(answer))) as session:
            for _ in range(3):
                assert not run(session.propose()).proposals
            assert session.state.phase == phases[0]
            assert session.state.idle == 0
            assert not any(track.silent for track in session.state.tracks.values())
