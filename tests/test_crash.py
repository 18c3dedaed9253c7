"""kill -9 and resume: the same state, and no recorded call is paid for again."""

from __future__ import annotations

import asyncio
import json
import os
import random
import signal
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import crash_child
import pytest
import scripts
from scripts import run, seeded

import tep_nb as tep

ROOT = Path(__file__).parents[1]


def body(session: tep.Session) -> str:
    return json.dumps(session.state.body(), sort_keys=True)


def keys(path: Path) -> list[str]:
    """Keys of the calls that were answered, with repetitions."""
    with closing(sqlite3.connect(path)) as connection:
        return sorted(key for (key,) in connection.execute("SELECT key FROM calls WHERE outcome = 'ok'"))


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, list[str]]:
    """State and calls of a session that nobody interrupted."""
    path = tmp_path_factory.mktemp("whole") / "r.tep"
    with crash_child.begin(path) as session:
        run(session.run(seeded))
        assert session.state.phase == "done"
        assert {d.verdict for d in session.state.decisions} >= {"approve", "reject", "skip"}
        found = body(session)
    return found, keys(path)


def kill_after(path: Path, words: int) -> bool:
    """Run the child until it has said so many words, and kill it; False when it was done before."""
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "tests")])}
    command = [sys.executable, str(ROOT / "tests" / "crash_child.py"), str(path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, env=environment, text=True) as child:
        assert child.stdout is not None
        for _ in range(words):
            if not child.stdout.readline():
                assert child.wait() == 0
                return False
        child.kill()
        assert child.wait() == -signal.SIGKILL
    return True


def check(path: Path, words: int, whole: tuple[str, list[str]]) -> None:
    expected, answered = whole
    kill_after(path, words)
    session = crash_child.resume(path) if path.exists() else crash_child.begin(path)
    with session:
        run(session.run(seeded))
        assert body(session) == expected
    assert keys(path) == answered


@pytest.mark.parametrize("words", [1, 2, 9, 60, 200, 420])
def test_kill_and_resume(tmp_path: Path, words: int, whole: tuple[str, list[str]]) -> None:
    """A session killed after so many records goes on to the state of an uninterrupted one, with the same calls, each once."""
    check(tmp_path / "r.tep", words, whole)


@pytest.mark.slow
def test_kill_fifty_times(tmp_path: Path, whole: tuple[str, list[str]]) -> None:
    """Fifty kills at random moments, some of them several in one session, change neither the end nor what is paid."""
    source = random.Random(20)
    for number in range(30):
        check(tmp_path / f"r{number}.tep", source.randrange(1, 700), whole)
    path = tmp_path / "often.tep"
    for _ in range(20):
        assert kill_after(path, source.randrange(1, 40))
    check(path, 1, whole)


def test_a_kill_while_it_is_made_leaves_nothing_or_a_session(tmp_path: Path, whole: tuple[str, list[str]]) -> None:
    """Killed around the making of the file, the next start or resume works, and goes on to the end of an uninterrupted one."""
    for number, words in enumerate([1, 1, 1, 2, 2, 3]):
        path = tmp_path / f"r{number}.tep"
        assert kill_after(path, words)
        with crash_child.resume(path) if path.exists() else crash_child.begin(path) as session:
            run(session.run(seeded))
            assert body(session) == whole[0]


def test_same_seed_same_trace(tmp_path: Path, whole: tuple[str, list[str]]) -> None:
    """Invariant 9: the same seed, model and decisions give the same state and calls; another seed gives others."""
    with crash_child.begin(tmp_path / "r.tep") as session:
        run(session.run(seeded))
        assert body(session) == whole[0]
    assert keys(tmp_path / "r.tep") == whole[1]


class Shuffled:
    """Answers after a seeded number of turns of the loop, so that replies come in another order than they were asked for."""

    name = "scripted"

    def __init__(self, seed: int) -> None:
        self.inner, self.source = scripts.model(critic=crash_child.flaky), random.Random(seed)

    async def complete(self, request: tep.Request) -> tep.Reply:
        for _ in range(self.source.randrange(40)):
            await asyncio.sleep(0)
        return await self.inner.complete(request)


@pytest.mark.parametrize("concurrency", [1, 4, 100])
def test_the_order_of_replies_changes_nothing(tmp_path: Path, concurrency: int, whole: tuple[str, list[str]]) -> None:
    """Invariant 9: whichever reply comes first, and however many are in flight, the state and the calls are the same."""
    path = tmp_path / "r.tep"
    with scripts.begin(
        path, depth=3, data=scripts.data(7, 8, 2), method=crash_child.METHOD, model=Shuffled(concurrency), concurrency=concurrency
    ) as session:
        run(session.run(seeded))
        assert body(session) == whole[0]
    assert keys(path) == whole[1]


def test_resume_between_any_two_commands(tmp_path: Path, whole: tuple[str, list[str]]) -> None:
    """Invariant 9: a session that is closed and resumed after every step and every decision ends in the same state."""
    path = tmp_path / "r.tep"
    session = crash_child.begin(path)
    while session.state.phase != "done" or session.state.step.pending:
        pending = session.state.step.pending
        if pending:
            evidence = run(session.assess(pending[0], local=True))
            session.close()
            session = crash_child.resume(path)
            session.decide(seeded(pending[0], evidence))
        else:
            run(session.propose())
        session.close()
        session = crash_child.resume(path)
    with session:
        assert body(session) == whole[0]
    assert keys(path) == whole[1]
