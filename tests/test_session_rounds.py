"""Rounds of the model that are waited for (DESIGN section 5), counted by a model that answers only when the loop is idle."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from scripts import Waves, actor, begin, closing, critic, edit, editor, model, run

import tep_nb as tep

METHOD = tep.TEP(seed=1, minibatch=2, free_cap=3, nudged_cap=2, gate_rows=4)


async def walk(session: tep.Session, waves: Waves) -> list[tuple[str, bool, int, list[int]]]:
    """(phase, refresh, rounds of the step, rounds of each piece of evidence) of every step to the end; approves all."""
    found = []
    while session.state.phase != "done":
        phase = session.state.phase
        step = await session.propose()
        rounds, evidence = waves.taken(), []
        for proposal in step.pending:
            proof = await session.assess(proposal, local=True)
            evidence.append(waves.taken())
            session.decide(proposal.approve("me", "because" if proof.label == "worse" else None))
        found.append((phase, step.refresh, rounds, evidence))
    return found


@pytest.mark.parametrize("depth", range(1, 13))
def test_rounds_of_chains(tmp_path: Path, depth: int) -> None:
    """Free 3; the first of the phase and a refresh at most d + 3; nudged at most d + 2; evidence the depth below and 2."""
    waves = Waves(model())
    with closing(begin(tmp_path / "r.tep", depth, model=waves, method=METHOD, concurrency=100_000)) as session:
        steps = run(walk(session, waves))
    free = [rounds for phase, refresh, rounds, _ in steps if phase == "free" and not refresh]
    refreshed = [rounds for phase, refresh, rounds, _ in steps if phase == "free" and refresh]
    nudged = [rounds for phase, _, rounds, _ in steps if phase == "nudged"]
    assert free
    assert refreshed[0] == depth + 3
    assert nudged
    assert max(free) <= 3
    assert max(refreshed) <= depth + 3
    assert max(nudged) <= depth + 2
    local = [rounds for phase, _, _, evidence in steps if phase == "free" for rounds in evidence]
    assert max(local) <= 2
    gates = [evidence for phase, _, _, evidence in steps if phase == "nudged" and evidence]
    first = True
    for evidence in gates:
        for index, rounds in enumerate(evidence):
            below = depth - index
            assert rounds <= (depth if first else below) + 2
            first = False


def flaky(reply: Callable[[tep.Request], str], role: str) -> Callable[[tep.Request], str]:
    """The first ask of every call of a role cannot be read."""
    return lambda request: "no" if len(request.messages) == 1 else reply(request)


@pytest.mark.parametrize(("broken", "more"), [("critic", 1), ("editor", 1), ("both", 2)])
def test_a_re_ask_is_one_more(tmp_path: Path, broken: str, more: int) -> None:
    """Each re-ask costs one more round, however many rows and agents need it at once."""
    scripted = model(
        critic=flaky(critic, "critic") if broken in ("critic", "both") else critic,
        editor=flaky(editor, "editor") if broken in ("editor", "both") else editor,
    )
    waves = Waves(scripted)
    with closing(begin(tmp_path / "r.tep", 3, model=waves, method=METHOD, concurrency=100_000)) as session:
        steps = run(walk(session, waves))
    assert steps[0][2] == 3 + 3 + more
    assert steps[1][2] == 3 + more
    assert max(rounds for phase, _, rounds, _ in steps if phase == "nudged") == 3 + 2 + more


def test_rounds_do_not_depend_on_rows(tmp_path: Path) -> None:
    """More rows and more agents side by side make wider rounds, not more of them."""
    graph = tep.Graph(
        [
            *(tep.Agent(f"a{i}", f"Pass number {i} on.\n{{{{question}}}}") for i in range(6)),
            tep.Agent("last", "Pass all on.\n" + " ".join(f"{{{{a{i}}}}}" for i in range(6))),
        ]
    )
    counts = []
    for minibatch in (1, 8):
        waves = Waves(model())
        method = tep.TEP(seed=1, minibatch=minibatch, free_cap=3, nudged_cap=1)
        path = tmp_path / f"{minibatch}.tep"
        with closing(begin(path, graph=graph, model=waves, method=method, concurrency=100_000)) as session:
            run(session.propose())
            assert waves.waves[-1]["editor"] == 7
            counts.append(waves.taken())
    assert counts == [5, 5]


def test_nudged_alone_asks_the_free_critic_beside(tmp_path: Path) -> None:
    """Without a free phase g_free is asked for together with the nudged critiques: still d + 2."""
    waves = Waves(model())
    method = tep.TEP(seed=1, minibatch=2, phases=("nudged",), nudged_cap=1)
    with closing(begin(tmp_path / "r.tep", 3, model=waves, method=method, concurrency=100_000)) as session:
        run(session.propose())
        assert waves.waves[3]["critic"] == 12
        assert waves.taken() == 5


def test_concurrency_is_kept(tmp_path: Path) -> None:
    """No more calls are in flight than the session allows."""
    waves = Waves(model())
    with closing(begin(tmp_path / "r.tep", 2, model=waves, method=METHOD, concurrency=3)) as session:
        run(session.propose())
    assert max(wave.total() for wave in waves.waves) == 3


def test_a_quiet_editor_ends_a_chain(tmp_path: Path) -> None:
    """Where nobody proposes anything, the phases end by silence; rows that were run before are not waited for."""
    waves = Waves(model(actor, critic, lambda request: edit(None)))
    with closing(begin(tmp_path / "r.tep", 4, model=waves, method=METHOD, concurrency=100_000)) as session:
        steps = run(walk(session, waves))
    assert [(phase, rounds) for phase, _, rounds, _ in steps] == [
        ("free", 7),
        ("free", 3),
        ("free", 0),
        ("nudged", 2),
        ("nudged", 6),
    ]
