"""Invariant 2, the other half: feedback that is passed backwards grows with depth, under a condition that is stated."""

from __future__ import annotations

import asyncio

import pytest

import tep_nb as tep
from tep_nb.core.rubric import SIX
from tep_nb.core.text import count_tokens
from tep_nb.method.reply import Fault, read_critique
from tep_nb.method.template import fence, fill, load

NAMES = [criterion.name for criterion in SIX]


def backwards(hops: int, gain: float) -> list[int]:
    """Tokens of feedback at each hop above the loss: each critic reads its successor's feedback beside its own step."""
    model = tep.SimulatedModel(seed=0, gain=gain, wrong=0, vague=0, malformed=0, context=10**9)
    feedback, sizes = "", []
    for _ in range(hops):
        step = [fence("input question", "I have two violins, a flute and three drums. How many musical instruments do I have?")]
        step += [fence("input feedback", feedback)] if feedback else []
        values = {
            "agent": f"{fence('role', 'Names the things.')}\n{fence('prompt', 'List the things in the question. {{question}}')}",
            "step": "\n".join([*step, fence("output", "violin, flute, drum")]),
            "rubric": "\n".join(f"- {c.name}: {c.asks}" for c in SIX),
            "cap": "100000",
        }
        request = tep.Request((tep.Message.of("user", fill(load("critic"), values)),), role="critic")
        read = read_critique(asyncio.run(model.complete(request)).text, NAMES)
        assert not isinstance(read, Fault)
        feedback = "\n".join(f"{s.about}: {s.do}" for s in read[1])
        sizes.append(count_tokens(feedback))
    return sizes


@pytest.mark.parametrize("gain", [1.5, 2.0])
def test_backward_feedback_grows_where_critics_write_more_than_they_read(gain: float) -> None:
    """With a gain above one each hop is longer than the one below it, and five hops up it is many times as long."""
    sizes = backwards(6, gain)
    assert sizes == sorted(set(sizes))
    assert sizes[5] > 5 * sizes[0]


def test_backward_feedback_is_flat_where_critics_are_brief() -> None:
    """With a gain of zero it does not grow: growth is a matter of the critics, and must not be claimed without saying so."""
    assert max(backwards(6, 0.0)) <= 2 * min(backwards(6, 0.0))
