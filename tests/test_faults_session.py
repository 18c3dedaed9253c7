"""Whole sessions through OpenAIModel against a server that does wrong on purpose: what they come to, and what they pay."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from faults.counting import (
    PRICES,
    Attempt,
    answered,
    attempts,
    begin,
    charged,
    deciding,
    ended,
    model,
    resume,
    sent,
    started,
    unscored,
)
from faults.plan import Plan
from faults.server import Answer, FaultServer, simulated
from scripts import run

import tep_nb as tep
from tep_nb.errors import ModelError
from tep_nb.method.reply import Fault, read_critique, read_edit

TESTS = Path(__file__).parent
TRANSPORT = {"429": 0.1, "429-ms": 0.1, "500": 0.1, "drops": 0.05, "broken": 0.05}
ALL = {"429": 0.2, "500": 0.1, "drop": 0.05, "empty": 0.05, "malformed": 0.1}


@pytest.fixture(scope="module")
def answer() -> Answer:
    return simulated(0)


@pytest.fixture
def server(answer: Answer) -> Iterator[FaultServer]:
    with FaultServer(answer) as made:
        yield made


@pytest.fixture(scope="module")
def clean(answer: Answer, tmp_path_factory: pytest.TempPathFactory) -> tuple[str, list[Attempt]]:
    """What the session comes to when nothing goes wrong, and its calls."""
    path = tmp_path_factory.mktemp("clean") / "r.tep"
    with FaultServer(answer) as server, begin(path, model(server.url)) as session:
        run(deciding(session))
        assert session.state.phase == "done"
        assert {decision.verdict for decision in session.state.decisions} == {"approve", "reject"}
        assert {evidence.label for evidence in session.state.evidence} == {"proven", "no worse", "worse"}
        assert len(server.log) == session.usage.calls
        return ended(session), attempts(path)


@pytest.mark.parametrize(
    ("rates", "places"),
    [
        (TRANSPORT, 16),
        ({"429-ms": 0.1, "500": 0.3, "drops": 0.3, "broken": 0.3}, 200),  # each request fails four times, then it is answered
    ],
)
def test_faults_of_transport_change_nothing(
    tmp_path: Path, server: FaultServer, clean: tuple[str, list[Attempt]], rates: dict[str, float], places: int
) -> None:
    """Prompts, decisions, evidence, scores and every reply are those of the clean run; all attempts are in the journal."""
    server.reset(Plan(rates, retry_after=0.005))
    path = tmp_path / "r.tep"
    with begin(path, model(server.url), concurrency=places) as session:
        run(deciding(session))
        assert ended(session) == clean[0]
        assert session.models.actor.learnt == ()
    made = attempts(path)
    assert answered(made) == answered(clean[1])
    assert Counter(entry.outcome == "ok" for entry in server.log) == Counter(attempt.ok for attempt in made)
    assert sum(not attempt.ok for attempt in made) > 40


@pytest.mark.parametrize("seed", [0, 1])
def test_faults_of_content_fail_no_step_and_are_never_scored(tmp_path: Path, server: FaultServer, seed: int) -> None:
    """The session ends; each score has an answered call behind it; each empty or unreadable reply was followed by a re-ask."""
    server.reset(Plan(ALL, seed=seed, retry_after=0.005))
    path = tmp_path / "r.tep"
    with begin(path, model(server.url), seed=seed) as session:
        run(deciding(session))
        assert session.state.phase == "done"
        made = attempts(path)
        assert unscored(session, made) == []
        assert any(c.parsed for state in session.state.lineage for o in state.step.outcomes for c in o.critiques)
        assert [evaluation.n for evaluation in session.state.evaluations] == [4]
    assert len(made) == len(server.log)
    useless = [attempt for attempt in made if attempt.ok and not usable(attempt)]
    assert {attempt.purpose for attempt in useless} >= {"actor", "critic", "gate"}
    for attempt in useless:
        messages = attempt.request["messages"]
        again = [a for a in made if a.request["messages"][:-2] == messages and a.node == attempt.node and a.attempt > 0]
        asks = 1 + sum(message["role"] == "assistant" for message in messages)
        assert again or asks == (2 if attempt.purpose in ("critic", "editor") else 4)
        assert all("cannot be used" in a.request["messages"][-1]["content"] for a in again)


def usable(attempt: Attempt) -> bool:
    """Whether a reply can be used, as far as it can be told from itself."""
    assert attempt.reply is not None
    text, schema = attempt.reply[0], attempt.request["schema"]
    if attempt.purpose == "critic":
        return not isinstance(read_critique(text, schema["properties"]["scores"]["required"]), Fault)
    if attempt.purpose == "editor":
        return not isinstance(read_edit(text), Fault)
    return bool(text.strip())


@pytest.mark.parametrize(
    ("cap", "places"),
    [({"calls": 150}, 1), ({"calls": 150}, 200), ({"tokens": 120_000}, 16), ({"tokens": 120_000}, 200), ({"cost": 0.2}, 16)],
)
def test_a_cap_holds_and_what_was_paid_is_kept(
    tmp_path: Path, server: FaultServer, clean: tuple[str, list[Attempt]], cap: dict[str, Any], places: int
) -> None:
    """As the server counts, a session never takes more than its cap; with a higher one it ends well and repays nothing."""
    server.reset(Plan(TRANSPORT, seed=places, retry_after=0.002))
    path = tmp_path / "r.tep"
    with begin(path, model(server.url, prices=PRICES), budget=tep.Budget(**cap), concurrency=places) as session:
        run(deciding(session))
        assert session.state.phase != "done"
        ((name, most),) = cap.items()
        (stop,) = [event for event in session.journal.events() if event.kind == "budget"]
        assert f"the budget of {most:g} {name}" in stop.reason
    spent = charged(server.log)
    assert 0 < spent[name] <= most
    if name == "calls":
        assert spent["calls"] == most
    before, paid = len(server.log), set(started(a for a in attempts(path) if a.ok))
    with resume(path, model(server.url, prices=PRICES), budget=tep.Budget(), concurrency=places) as session:
        run(deciding(session))
        assert ended(session) == clean[0]
    assert not paid & {sent(server.bodies[entry.digest]) for entry in server.log[before:]}
    assert max(Counter(attempt.key for attempt in attempts(path) if attempt.ok).values()) == 1


def test_hangs_cost_time_and_nothing_else(tmp_path: Path, server: FaultServer, clean: tuple[str, list[Attempt]]) -> None:
    """Replies that do not come within the timeout are asked for again, and the session ends as the clean one."""
    server.reset(Plan({"hang": 0.03}, hang=10_000))
    path = tmp_path / "r.tep"
    with begin(path, model(server.url, timeout=1.0), concurrency=200) as session:
        run(deciding(session))
        assert ended(session) == clean[0]
    hung = [entry for entry in server.log if entry.outcome == "hang"]
    assert hung
    assert all(entry.gone for entry in hung)
    made = attempts(path)
    assert sum("no reply within" in attempt.outcome for attempt in made) >= len(hung)
    assert answered(made) == answered(clean[1])


def step(path: Path, of: tep.Model, **more: Any) -> tuple[str, tep.Session]:
    """One free step; what it came to, and the closed session."""
    with begin(path, of, **more) as session:
        run(session.propose())
        return ended(session), session


@pytest.fixture(scope="module")
def clean_step(answer: Answer, tmp_path_factory: pytest.TempPathFactory) -> str:
    path = tmp_path_factory.mktemp("step") / "r.tep"
    with FaultServer(answer) as server:
        found, session = step(path, model(server.url))
    assert session.state.step.pending
    return found


@pytest.mark.parametrize(
    ("plan", "settings", "learnt"),
    [
        (Plan(json_schema="500"), {}, "JSON is asked for as json_object: the stricter forms are refused"),
        (Plan(json_schema="400"), {}, "JSON is asked for as json_object: the stricter forms are refused"),
        (Plan(json_schema="400", refused=("json_object",)), {}, "JSON is asked for as text: the stricter forms are refused"),
        (Plan(json_schema="ignored"), {}, ""),  # the simulated model answers in JSON all the same
        (Plan(refused=("json_object",)), {}, ""),
        (Plan(refused=("max_tokens",)), {"max_tokens": 3000}, "the longest answer is sent as max_completion_tokens"),
        (Plan({"no-usage": 1.0}), {}, "its counts of tokens are missing or made up: tokens are estimates"),
        (Plan({"zero-usage": 1.0}), {}, "its counts of tokens are missing or made up: tokens are estimates"),
        (Plan({"made-up-usage": 1.0}), {}, "its counts of tokens are missing or made up: tokens are estimates"),
        (Plan(TRANSPORT, json_schema="500", retry_after=0.005), {}, "JSON is asked for as json_object"),
    ],
)
def test_a_dialect_changes_no_step(
    tmp_path: Path, server: FaultServer, clean_step: str, plan: Plan, settings: dict[str, Any], learnt: str
) -> None:
    """What a server refuses, ignores or does not count is worked around, said once, and the step is that of a clean server."""
    server.reset(plan)
    path = tmp_path / "r.tep"
    found, session = step(path, model(server.url, **settings))
    if not settings:  # else the model has another name
        assert found == clean_step
    assert len(session.state.step.pending) == len(json.loads(clean_step)["step"]["proposals"])
    said = session.models.actor.learnt
    assert len(said) == bool(learnt)
    assert all(learnt in sentence for sentence in said)
    made = attempts(path)
    estimated = {attempt.usage["estimated"] for attempt in made if attempt.ok}
    assert estimated == {"counts of tokens" in learnt}
    assert Counter(attempt.ok for attempt in made)[False] == sum(entry.outcome in UNANSWERED for entry in server.log)


UNANSWERED = {"refused", "429", "429-ms", "500", "drop", "reset", "drop-body", "not-json", "cut-json", "shape", "html"}


def test_a_schema_that_is_ignored_by_a_talker(tmp_path: Path, server: FaultServer, answer: Answer) -> None:
    """A model that answers in prose where a schema is ignored is asked in words after a few replies."""

    def talker(body: dict[str, Any]) -> Any:
        told = "JSON schema" in body["messages"][-1]["content"]
        wants_json = "0 to 10" in body["messages"][0]["content"] or "scores" in body["messages"][0]["content"]
        return "I would give it a seven." if wants_json and not told else answer(body)

    server.answer = talker
    server.reset(Plan(json_schema="ignored"))
    path = tmp_path / "r.tep"
    _, session = step(path, model(server.url))
    assert session.models.actor.learnt == (
        f"{session.models.actor.server}: JSON is asked for as json_object: the stricter forms are ignored",
    )
    assert session.state.step.pending


@pytest.mark.parametrize("spelling", ["openai", "vllm", "llama.cpp", "llama.cpp-500", "silent"])
def test_a_context_that_is_too_short_is_named(tmp_path: Path, server: FaultServer, spelling: Any) -> None:
    """In all its spellings: one attempt a call, an error with the remedy; with a longer context the step pays what is missing."""
    server.reset(Plan(context=150, overflow=spelling))
    path = tmp_path / "r.tep"
    with begin(path, model(server.url)) as session:
        with pytest.raises(ModelError, match=r"3 of 3 rows failed.*longer than the model's context: shorten") as caught:
            run(session.propose())
        assert "\n" not in str(caught.value)
        made = attempts(path)
        failed = [attempt for attempt in made if not attempt.ok]
        assert {attempt.purpose for attempt in failed} == {"critic"}
        assert max(Counter(attempt.key for attempt in failed).values()) == 1
        before, paid = len(server.log), set(started(a for a in made if a.ok))
        server.plan = Plan()
        run(session.propose())
        assert session.state.step.pending
    assert not paid & {sent(server.bodies[entry.digest]) for entry in server.log[before:]}


def test_an_account_that_is_used_up(tmp_path: Path, server: FaultServer, clean_step: str) -> None:
    """A 429 without hope is not waited for: the error says so, and once the account is filled the step pays what is missing."""
    server.reset(Plan(quota=30))
    path = tmp_path / "r.tep"
    with begin(path, model(server.url)) as session:
        with pytest.raises(ModelError, match="quota is used up: raise it, or take another key"):
            run(session.propose())
        made = attempts(path)
        assert sum(attempt.ok for attempt in made) == 30
        assert max(Counter(attempt.key for attempt in made).values()) == 1
        before, paid = len(server.log), set(started(a for a in made if a.ok))
        server.plan = Plan()
        run(session.propose())
        assert ended(session) == clean_step
    assert not paid & {sent(server.bodies[entry.digest]) for entry in server.log[before:]}


def killed(path: Path, url: str, words: int) -> None:
    """Let another process take a step and kill it when it has recorded so many calls."""
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(TESTS.parent), str(TESTS)])}
    command = [sys.executable, "-m", "faults.child", str(path), url]
    with subprocess.Popen(command, stdout=subprocess.PIPE, env=environment, text=True) as child:
        assert child.stdout is not None
        for _ in range(words):
            assert child.stdout.readline() == "recorded\n"
        child.kill()
        assert child.wait() == -signal.SIGKILL


def test_kill_and_resume_against_a_slow_server(tmp_path: Path, server: FaultServer, clean_step: str) -> None:
    """After kill -9 in the middle of a step, what was recorded is not asked for again: at most the calls in flight are."""
    server.reset(Plan(latency=0.05))
    path = tmp_path / "r.tep"
    kills = (1, 20)
    for words in kills:
        killed(path, server.url, words)
        paid = set(started(a for a in attempts(path) if a.ok))
        before = len(server.log)
    with resume(path, model(server.url)) as session:
        run(session.propose())
        assert ended(session) == clean_step
    assert not paid & {sent(server.bodies[entry.digest]) for entry in server.log[before:]}
    made = attempts(path)
    assert all(attempt.ok for attempt in made)
    assert len(made) == len({attempt.key for attempt in made})
    assert len(server.log) - len(made) <= 16 * len(kills)
