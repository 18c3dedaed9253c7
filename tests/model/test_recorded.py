"""RecordedModel: a session replayed from its file, or from an exported one, without a key."""

from __future__ import annotations

import asyncio
import json
import shutil
import sqlite3
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import crash_child
import pytest
import scripts
from scripts import begin, run, seeded

import tep_nb as tep
import tep_nb.errors
from tep_nb.errors import JournalError, ModelError, NotRecorded
from tep_nb.report import CallExport
from tep_nb.task import object_counting

HERE = Path(__file__).parent
HOSTILE = "\x1b[2J\u202e\u2028 “x”\ud800"
CANARY = "sk-canary-0123456789abcdef"
SPOKEN = "sk-canary-in-a-reply"


def exported(session: Path) -> Path:
    """The session's calls as JSON lines, in a folder of their own, as they would be shared."""
    folder = session.parent / "shared"
    folder.mkdir(exist_ok=True)
    out = folder / f"{session.stem}.jsonl"
    out.write_bytes("".join(CallExport(session).lines()).encode())
    return out


def outcomes(path: Path) -> list[str]:
    with closing(sqlite3.connect(path)) as connection:
        return [o for (o,) in connection.execute("SELECT outcome FROM calls WHERE purpose != 'tool' ORDER BY id")]


def request(text: str, **more: Any) -> tep.Request:
    return tep.Request((tep.Message.of("user", text),), **more)


def ask(model: tep.RecordedModel, text: str, **more: Any) -> tep.Reply:
    return run(model.complete(request(text, **more)))


def models(team: tep.Models) -> list[Any]:
    return list({id(m): m for m in (team.actor, team.critic, team.editor, team.judge, *team.named.values())}.values())


def shout(a1: str) -> str:
    """Say the number loudly."""
    if a1.endswith("124"):
        raise ValueError(f"no {a1}")
    return a1.upper()


def failing(reply: Callable[[tep.Request], str]) -> Callable[[tep.Request], str]:
    """Some requests fail for good, whoever asks."""

    def replied(request: tep.Request) -> str:
        if "number 115" in request.text and request.role == "actor":
            raise ModelError("m at server: error 500: out of luck; look at the server's log")
        return reply(request)

    return replied


def scripted(path: Path, model: Any = None) -> tep.Session:
    """Agents with and without a model of their own, a tool that fails on a row, critics that must be asked twice."""
    graph = tep.Graph(
        [
            tep.Agent("a1", "Pass number 1 on.\n{{question}}", model="small"),
            tep.Tool(shout),
            tep.Agent("a2", "Pass number 2 on.\n{{shout}}"),
        ]
    )
    if model is None:
        small, actor = scripts.model(failing(scripts.actor), name="small one"), scripts.model(name="actor")
        critic, editor = scripts.model(critic=crash_child.flaky, name="critic"), scripts.model(name="editor")
        model = tep.Models(actor, critic, editor, named={"small": small})
    data = scripts.data(9, 12, 6)
    return begin(path, graph=graph, data=data, method=crash_child.METHOD, model=model, metric=tep.judge("Is {{output}} good?"))


def simulated(path: Path, model: Any = None) -> tep.Session:
    """The quickstart on few rows; the critic slips often, and is sometimes cut off."""
    rows = object_counting.generate(40, seed=0)
    model = model or tep.SimulatedModel(seed=0, malformed=0.3, wrong=0.2)
    method = tep.TEP(seed=3, minibatch=3, free_cap=2, nudged_cap=2, gate_rows=8)
    return tep.Session.start(
        path, object_counting.graph(), tep.Dataset(rows[:12], rows[12:24], rows[24:30]), metric=object_counting.metric,
        objective=object_counting.objective, method=method, model=model,
    )  # fmt: skip


async def drive(session: tep.Session) -> None:
    """Decisions of every kind, an undo, a rewind and looks at a split."""
    await session.evaluate("test")
    await session.run(seeded, steps=1)
    await session.propose()
    session.decide(session.state.step.pending[0].reject("keep it short", "ann"))
    session.undo(by="ann")
    session.rewind(1, by="ann")
    await session.run(seeded, until="nudged")
    await session.run(seeded)
    await session.evaluate("validation")
    await session.ask(row=session.state.dataset.rows[0].id)


Starts = Callable[..., tep.Session]


@pytest.fixture(scope="module", params=[scripted, simulated], ids=["scripted", "simulated"])
def original(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[Starts, Path, dict[str, Any]]:
    """A whole session, its file and its last state."""
    path = tmp_path_factory.mktemp("original") / "run.tep"
    with request.param(path) as session:
        run(drive(session))
        assert session.state.phase == "done"
        return request.param, path, session.state.body()


@pytest.mark.parametrize("share", [lambda path: path, exported], ids=["tep", "jsonl"])
def test_the_same_decisions_make_the_same_session(
    tmp_path: Path, original: tuple[Starts, Path, dict[str, Any]], share: Callable[[Path], Path]
) -> None:
    """From the session's file and from the exported one: equal states, no miss, equal usage; failures in the same words."""
    start, path, body = original
    team = tep.RecordedModel.team(share(path))
    with start(tmp_path / "replay.tep", model=team) as session:
        run(drive(session))
        assert session.state.body() == body
        spent = session.usage
    assert [model.misses for model in models(team)] == [0] * len(models(team))
    assert sorted(outcomes(tmp_path / "replay.tep")) == sorted(outcomes(path))
    assert len(outcomes(path)) > 100
    with closing(sqlite3.connect(path)) as connection:
        usages = [json.loads(usage) for (usage,) in connection.execute("SELECT usage FROM calls WHERE purpose != 'tool'")]
    assert spent.tokens == sum(usage["prompt_tokens"] + usage["completion_tokens"] for usage in usages) > 1000


def test_the_scripted_session_has_what_a_replay_can_stumble_over(original: tuple[Starts, Path, dict[str, Any]]) -> None:
    """Failed calls of models and tools, re-asked replies, a judge and several models (or the simulated one alone)."""
    start, path, body = original
    with closing(sqlite3.connect(path)) as connection:
        found = list(connection.execute("SELECT DISTINCT purpose, model, outcome = 'ok', attempt > 0 FROM calls"))
    assert {purpose for purpose, *_ in found} >= {"forward", "actor", "critic", "editor", "gate", "evaluate"}
    assert True in {bool(again) for *_, again in found}
    if start is scripted:
        assert {model for _, model, *_ in found} == {"small one", "actor", "critic", "editor", ""}
        assert {(purpose, ok) for purpose, _, ok, _ in found} >= {("gate", 0), ("tool", 0), ("judge", 1)}
        assert any(row["failed"] for look in body["evaluations"] for row in look["rows"])


@pytest.fixture
def small(tmp_path: Path) -> Path:
    """A session with two steps of one model."""
    with begin(tmp_path / "small.tep") as session:
        run(session.run(seeded, steps=2))
    return tmp_path / "small.tep"


def test_one_model_has_its_recorded_name_and_replies(small: Path) -> None:
    """Without a name where the file has one model; reply and usage are the recorded ones, read while another writes the file."""
    with tep.Session.resume(small, model=scripts.model(), metric=scripts.metric):
        model = tep.RecordedModel(str(small))
        assert (model.name, model.misses) == ("scripted", 0)
        assert repr(model) == "RecordedModel('small.tep', 'scripted')"
        with closing(sqlite3.connect(small)) as connection:
            rows = list(connection.execute("SELECT request, reply, usage FROM calls"))
    for body, reply, usage in rows:
        asked = json.loads(body)
        messages = tuple(tep.Message.of(m["role"], m["content"]) for m in asked.pop("messages"))
        got = run(model.complete(tep.Request(messages, **asked)))
        assert [got.text, got.finish] == json.loads(reply)
        assert got.usage == tep.Usage(**json.loads(usage))
    small.unlink()
    assert run(model.complete(tep.Request(messages, **asked))) == got  # the file was read once


def test_a_changed_prompt_is_refused_by_name(small: Path, tmp_path: Path) -> None:
    """The error names role, words, the nearest call and where it differs, in one bounded line without hidden characters."""
    model = tep.RecordedModel(small)
    graph = tep.Graph([tep.Agent("a1", f"Pass number 1 on{HOSTILE} please.\n{{{{question}}}}"), *scripts.chain(2).nodes[1:]])
    with begin(tmp_path / "other.tep", graph=graph, model=model) as session, pytest.raises(ModelError) as caught:
        run(session.propose())
    said = str(caught.value)
    for part in (
        "small.tep has no reply of 'scripted' to this request of the actor, “Pass number 1 on⟦U+001B⟧[2J⟦U+202E⟧",
        "nearest is forward of a1, row 3, step 1: from character 16 on it has “on. number 103” and not “on⟦U+001B⟧",
        "use the same data, prompts, settings and decisions",
    ):
        assert part in said
    assert said.isprintable()
    assert len(said) < 900
    assert model.misses == len(outcomes(tmp_path / "other.tep")) > 3
    assert sum("nearest" in outcome for outcome in outcomes(tmp_path / "other.tep")) == 3


def test_one_request_that_is_missing_ends_the_command(tmp_path: Path) -> None:
    """A row that was not recorded is never left out as if its call had failed: the verb ends and names it."""
    with begin(tmp_path / "run.tep") as session:
        run(session.evaluate("validation"))
    model = tep.RecordedModel(tmp_path / "run.tep")
    rows = [row if n != 12 else {**row, "question": "number 1000"} for n, row in enumerate(scripts.rows(23, 100))]
    with begin(tmp_path / "b.tep", data=tep.Dataset(rows[:8], rows[8:18], rows[18:]), model=model) as session:
        with pytest.raises(NotRecorded, match="number 1000"):
            run(session.evaluate("validation"))
        assert session.state.evaluations == ()


def test_other_sampling_and_another_model_are_named(tmp_path: Path) -> None:
    """A miss says which setting differs, or whom the very same request was recorded for."""
    path = fake(tmp_path / "f.jsonl", [call("a", "hello", "hi"), call("b", "bye", "ciao")])
    first = tep.RecordedModel(path, "a")
    assert ask(first, "hello").text == "hi"
    for asked, part in (
        (request("hello", seed=5), "the same words with seed 0 and not 5:"),
        (request("hello", temperature=0.5, max_tokens=7), "the same words with temperature 0.0 and not 0.5:"),
        (request("bye"), "; 'b' was asked it:"),
    ):
        with pytest.raises(ModelError) as caught:
            run(first.complete(asked))
        assert part in str(caught.value)
    fresh = tep.RecordedModel(path, "a")
    with pytest.raises(ModelError, match="with another schema"):
        run(fresh.complete(request("hello", schema={"type": "object"})))
    path.unlink()
    with pytest.raises(ModelError, match=r"“hullo”: a replay"):
        ask(fresh, "hullo")


def call(model: str, asked: str, said: str | None, **more: Any) -> dict[str, Any]:
    """A line of an exported file."""
    made = request(asked)
    line = {
        "key": made.key(model), "purpose": "forward", "step": 1, "node": "n", "row": 1, "attempt": 0, "model": model,
        "outcome": "ok" if said is not None else "it failed", "request": made.body(),
        "reply": None if said is None else {"text": said, "finish": "stop"},
        "usage": {"prompt_tokens": 1, "completion_tokens": 1, "estimated": False}, "seconds": 0.5,
    }  # fmt: skip
    return {**line, **more}


HEAD = {
    "format": "tep_nb calls", "version": 1, "tep_nb": "0.1.0", "scrubbed": [],
    "models": {"actor": "a", "critic": "b", "editor": "b", "judge": "b", "named": {"own": "a"}},
}  # fmt: skip


def fake(path: Path, lines: list[Any], **head: Any) -> Path:
    whole = [{**HEAD, "calls": len(lines), **head}, *lines]
    path.write_text("".join(json.dumps(line) + "\n" for line in whole), encoding="utf-8")
    return path


def test_names_are_found_or_asked_for(tmp_path: Path) -> None:
    """One model needs no name, several need one; an unknown one is told what there is; a file without calls is refused."""
    both = fake(tmp_path / "both.jsonl", [call("a", "x", "1"), call(HOSTILE, "x", "2"), call("", "t", None, purpose="tool")])
    with pytest.raises(ModelError, match=r"has calls of 'a', '⟦U\+001B⟧.*: pass the name of one, or all with") as caught:
        tep.RecordedModel(both)
    assert str(caught.value).isprintable()
    with pytest.raises(ModelError, match=r"has no model 'aa': did you mean 'a'\? it has 'a', "):
        tep.RecordedModel(both, "aa")
    assert ask(tep.RecordedModel(both, HOSTILE), "x").text == "2"
    assert tep.RecordedModel(both, "b").name == "b"  # played a role, and was never asked
    assert tep.RecordedModel(fake(tmp_path / "one.jsonl", [call("a", "x", None)])).name == "a"
    with pytest.raises(ModelError, match="holds no call of a model"):
        tep.RecordedModel(fake(tmp_path / "none.jsonl", []))
    with pytest.raises(TypeError, match="the name of a RecordedModel is a str"):
        tep.RecordedModel(both, 3)  # type: ignore[arg-type]
    team = tep.RecordedModel.team(both)
    assert [m.name for m in (team.actor, team.critic, team.editor, team.judge)] == ["a", "b", "b", "b"]
    assert team.named["own"] is team.actor
    assert team.critic is team.judge


def test_a_failure_is_replayed_only_where_there_is_no_answer(tmp_path: Path) -> None:
    """A key that was answered at last is answered at once, by its first answer; one that only failed fails in its last words."""
    lines = [
        call("a", "x", None), call("a", "x", "at last"), call("a", "x", "later"), call("a", "x", None),
        call("a", "y", None), call("a", "y", None, outcome="it failed again"),
    ]  # fmt: skip
    model = tep.RecordedModel(fake(tmp_path / "f.jsonl", lines))
    assert ask(model, "x").text == "at last"
    with pytest.raises(ModelError, match=r"^it failed again$"):
        ask(model, "y")
    assert model.misses == 0


def first_number(output: str, target: str) -> float:
    """The number that is said is the target; what stands behind it is not read."""
    return float(output.split()[2] == target)


class Server:
    """The scripted world behind a server with limits: some calls fail in passing, some for good, long answers are cut."""

    timeout, max_tokens, limits = None, 5, tep.Limits(attempts=3, backoff=1e-6)

    def __init__(self) -> None:
        self.name, self.inner, self.asked = "far", scripts.model(), Counter[str]()

    async def complete(self, request: tep.Request) -> tep.Reply:
        self.asked[request.text] += 1
        reply = await self.inner.complete(request)
        if request.role != "actor":
            return reply
        if "number 115" in request.text:
            raise ModelError("m at server: error 503", tep.errors.Retry("transient"))
        if "3" in request.text and self.asked[request.text] == 1:
            raise ModelError("m at server: error 500", tep.errors.Retry("transient"))
        return tep.Reply(f"{reply.text} and more", tep.Usage(9, 5), "length")


@pytest.mark.parametrize("budget", [tep.Budget(), tep.Budget(tokens=10_000_000), tep.Budget(cost=9, prompt_price=0.1)])
def test_retries_cut_answers_and_a_budget_do_not_show_in_a_replay(tmp_path: Path, budget: tep.Budget) -> None:
    """What took several attempts takes one, what was given up after some says so again, and a bounded request is still found."""
    data = scripts.data(9, 12, 6)
    with begin(tmp_path / "run.tep", data=data, model=Server(), budget=budget) as session:
        run(drive(session))
        body = session.state.body()
    assert "error 503; given up after 3 attempts" in json.dumps(body)
    team = tep.RecordedModel.team(exported(tmp_path / "run.tep"))
    assert (team.actor.max_tokens, team.actor.timeout, team.actor.limits) == (5, None, tep.Limits())  # type: ignore[attr-defined]
    with begin(tmp_path / "replay.tep", data=data, model=team, budget=budget) as session:
        run(drive(session))
        assert session.state.body() == body
    assert models(team)[0].misses == 0
    assert "m at server: error 500" in outcomes(tmp_path / "run.tep")
    failed = [outcome for outcome in outcomes(tmp_path / "replay.tep") if outcome != "ok"]
    assert set(failed) == {"m at server: error 503; given up after 3 attempts"}


def test_a_stopped_attempt_is_no_answer(tmp_path: Path) -> None:
    """Nothing is known of a call that was stopped, so it is refused and not failed."""
    lines = [call("a", "x", None, outcome="stopped"), call("a", "y", "1")]
    model = tep.RecordedModel(fake(tmp_path / "f.jsonl", lines))
    with pytest.raises(ModelError, match="has no reply"):
        ask(model, "x")
    assert model.misses == 1


def leaky(path: Path, canary: str, model: Any = None) -> tep.Session:
    """A secret in every row, in replies that later requests are made of, and in the words of errors."""

    def said(request: tep.Request) -> str:
        if "number 110" in request.text and request.role == "actor":
            raise ModelError(f"server: bad key {canary} for http://mathilda:{canary}@gpu7:8000/v1")
        return f"{scripts.actor(request)} with {SPOKEN}, see /home/mathilda/{SPOKEN}/notes.txt"

    rows = [{**row, "question": f"{canary} {row['question']}"} for row in scripts.rows(18, 100)]
    data = tep.Dataset(rows[:7], rows[7:14], rows[14:])
    return begin(path, 3, data=data, model=model or scripts.model(said), metric=first_number)


def test_a_scrubbed_session_replays(tmp_path: Path) -> None:
    """Secrets in rows, replies and errors are not in the export, and every call is still found; only the secrets differ."""
    with leaky(tmp_path / "run.tep", CANARY) as session:
        run(drive(session))
        body = json.dumps(session.state.body())
    shared = exported(tmp_path / "run.tep")
    text = shared.read_text("utf-8")
    for word in (CANARY, SPOKEN, "mathilda", "gpu7"):
        assert word not in text
    team = tep.RecordedModel.team(shared)
    with leaky(tmp_path / "replay.tep", CANARY, team) as session:
        run(drive(session))
        replayed = json.dumps(session.state.body())
    assert [model.misses for model in models(team)] == [0]
    assert "(hidden)" in replayed
    plain = body.replace(f"/home/mathilda/{SPOKEN}/notes.txt", "(path)/notes.txt").replace(SPOKEN, "(hidden)")
    assert json.loads(unfailed(replayed)) == json.loads(unfailed(plain))


def unfailed(body: str) -> str:
    """A state without the words of errors, in which more is hidden, and without what counts the tokens of replies."""
    found = json.loads(body)

    def walk(value: Any) -> Iterator[Any]:
        if isinstance(value, dict):
            yield value
        for item in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
            yield from walk(item)

    for item in walk(found):
        if "failed" in item:
            item["failed"] = bool(item["failed"])
    return json.dumps(found)


def test_a_model_that_is_called_after_a_path_replays(tmp_path: Path) -> None:
    """Its name is part of every key: what was recorded for the whole name is found by the scrubbed one."""
    with begin(tmp_path / "run.tep", model=scripts.model(name="/home/ann/models/tiny.gguf")) as session:
        run(session.run(seeded))
        body = session.state.body()
    shared = exported(tmp_path / "run.tep")
    team = tep.RecordedModel.team(shared)
    assert team.actor.name == tep.RecordedModel(shared).name == "(path)/tiny.gguf"
    with begin(tmp_path / "replay.tep", model=team) as session:
        run(session.run(seeded))
        assert {**session.state.body(), "models": None} == {**body, "models": None}
    assert [model.misses for model in models(team)] == [0]


def test_two_requests_that_scrubbing_makes_one_are_not_confused(tmp_path: Path) -> None:
    """By their own keys each has its reply; in the scrubbed form the reply is given only where it is the same."""
    scrubbed = {"request": request("say (hidden)").body(), "scrubbed": ["request"]}
    lines = [call("a", f"say {CANARY}1", "one", **scrubbed), call("a", f"say {CANARY}2", "two", **scrubbed)]
    model = tep.RecordedModel(fake(tmp_path / "f.jsonl", lines))
    assert [ask(model, f"say {CANARY}{n}").text for n in (1, 2)] == ["one", "two"]
    with pytest.raises(ModelError, match="has no reply"):
        ask(model, "say (hidden)")
    failed = call("a", f"say {CANARY}3", None, **scrubbed)
    for same in ([lines[0], lines[0]], [lines[0], failed], [failed, lines[0]]):
        again = tep.RecordedModel(fake(tmp_path / "g.jsonl", same))
        assert ask(again, "say (hidden)").text == ask(again, f"say {CANARY}x").text == "one"
    with pytest.raises(ModelError, match=r"^it failed$"):
        ask(tep.RecordedModel(fake(tmp_path / "h.jsonl", [failed, failed])), "say (hidden)")


GOOD = call("a", "x", "1")


@pytest.mark.parametrize(
    ("content", "part"),
    [
        (b"", "is no session and holds no recorded calls"),
        (b"\xff\xfe\x00{", "is no session"),
        (b"{" * 50_000, "is no session"),
        (b"[" * 200_000, "is no session"),
        (b'{"proposal": "0.1.plan.1", "verdict": "approve"}\n', "tep-nb export FILE --calls has written"),
        (b'{"format": "tep_nb calls"}', "of another version than 1"),
        (b'{"format": "tep_nb calls", "version": 2}', "update tep_nb"),
        (b'{"format": "tep_nb calls", "version": true}', "of another version"),
        (b'{"format": "tep_nb calls", "version": 1, "calls": 0}', "does not say who played which role"),
        (json.dumps({**HEAD, "calls": 0, "models": {**HEAD["models"], "critic": 7}}).encode(), "does not say who"),
        (json.dumps({**HEAD, "calls": 0, "models": {**HEAD["models"], "named": {"x": None}}}).encode(), "does not say who"),
        (json.dumps({**HEAD, "calls": "2"}).encode(), "how many calls"),
        (b"SQLite format 3\0" + b"\0" * 4000, "is no session of tep_nb"),
        (b"PK\x03\x04" + bytes(range(256)), "is no session"),
    ],
)
def test_what_is_no_recording_is_refused(tmp_path: Path, content: bytes, part: str) -> None:
    """Whatever the bytes: one error of the file's kind, which says what was expected."""
    path = tmp_path / "f.jsonl"
    path.write_bytes(content)
    for door in (tep.RecordedModel, tep.RecordedModel.team):
        with pytest.raises(JournalError, match=r"f\.jsonl") as caught:
            door(path)
        assert part in str(caught.value)
        assert len(str(caught.value)) < 300


@pytest.mark.parametrize(
    "line",
    [
        "cut", "[1]", "null", "[" * 200_000, {**GOOD, "key": 5}, {**GOOD, "row": "1"}, {**GOOD, "attempt": True},
        {**GOOD, "model": None}, {**GOOD, "request": "x"}, {**GOOD, "reply": None}, {**GOOD, "reply": {}},
        {**GOOD, "reply": {"text": 3, "finish": "stop"}},
        {**GOOD, "usage": {"prompt_tokens": -1}}, {**GOOD, "usage": {"prompt_tokens": "many"}},
        {**GOOD, "usage": {"prompt_tokens": float("nan")}}, {k: v for k, v in GOOD.items() if k != "outcome"},
    ],
)  # fmt: skip
def test_a_damaged_line_is_named(tmp_path: Path, line: Any) -> None:
    """A line that is no call, or whose reply is none, is told by its number; nothing of it is believed."""
    path = fake(tmp_path / "f.jsonl", [GOOD])
    with path.open("a", encoding="utf-8") as file:
        file.write((line if isinstance(line, str) else json.dumps(line)) + "\n")
    with pytest.raises(JournalError, match=r"line 3 of f\.jsonl .*the file is damaged; export or copy it again"):
        tep.RecordedModel(path)


def test_a_file_that_was_cut_is_told(tmp_path: Path) -> None:
    """Lines that are missing at the end are noticed by their number, and a scrubbed request that is none is damage as well."""
    lines = [call("a", str(n), "x") for n in range(5)]
    with pytest.raises(JournalError, match=r"holds 5 of 7 calls: it was cut"):
        tep.RecordedModel(fake(tmp_path / "f.jsonl", lines, calls=7))
    with pytest.raises(JournalError, match="a recorded request cannot be read"):
        tep.RecordedModel(fake(tmp_path / "f.jsonl", [{**GOOD, "request": {"messages": [{}]}, "scrubbed": ["request"]}]))


def test_a_file_survives_other_programs(tmp_path: Path) -> None:
    """A byte order mark, other line ends, blank lines and further keys do no harm."""
    path = fake(tmp_path / "f.jsonl", [{**GOOD, "note": 1, "usage": {**GOOD["usage"], "cached": 3}}], by="ann")
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes().replace(b"\n", b"\r\n") + b"\r\n\r\n")
    assert ask(tep.RecordedModel(path), "x").text == "1"


def test_odd_sources_are_refused(tmp_path: Path, small: Path) -> None:
    """A missing file, a folder, no path at all, a session that is damaged, a name that no file can have."""
    for source, error, part in (
        (tmp_path / "none.tep", JournalError, "there is no session file none.tep"),
        (tmp_path, JournalError, "is a folder"),
        ("a\0b.tep", JournalError, "no session file can be called"),
        ("\ud800.tep", JournalError, "no session file can be called"),
        (None, TypeError, "the source of recorded calls is a str or a path, not None"),
        (b"run.tep", TypeError, "not a bytes"),
    ):
        with pytest.raises(error, match=part):
            tep.RecordedModel(source)  # type: ignore[arg-type]
    folder = tmp_path / "copy"
    folder.mkdir()
    for change, part in (
        ("UPDATE calls SET request = '{' WHERE id = 3", "call 3 of small.tep is no recorded call"),
        ("UPDATE calls SET reply = '[1]' WHERE id = 3", "call 3 of small.tep has a reply that is none"),
        ("UPDATE calls SET reply = CAST(x'ff' AS TEXT) WHERE id = 3", "small.tep cannot be read"),
        ("DELETE FROM events", "holds no session"),
    ):
        copy = shutil.copy(small, folder / "small.tep")
        with closing(sqlite3.connect(copy)) as connection, connection:
            connection.execute(change)
        with pytest.raises(JournalError, match=part):
            tep.RecordedModel(copy)
    whole = small.read_bytes()
    (tmp_path / "cut.tep").write_bytes(whole[: len(whole) // 3])
    with pytest.raises(JournalError, match=r"cut\.tep"):
        tep.RecordedModel(tmp_path / "cut.tep")


def test_what_other_models_answered_is_replayed_by_their_names(tmp_path: Path) -> None:
    """A session that was resumed with another model, and measured with a third, replays with each in its place."""

    def whole(path: Path, first: Any, second: Any, third: Any) -> dict[str, Any]:
        with begin(path, model=first) as session:
            run(session.run(seeded, steps=1))
        with scripts.again(path, model=second) as session:
            run(session.run(seeded, until="nudged"))
            run(session.evaluate("test", model=third))
            return session.state.body()

    path = tmp_path / "run.tep"
    body = whole(path, *(scripts.model(name=name) for name in ("first", "second", "third")))
    with pytest.raises(ModelError, match="has calls of 'first', 'second', 'third': pass the name of one"):
        tep.RecordedModel(path)
    for number, source in enumerate((path, exported(path))):
        others = [tep.RecordedModel(source, name) for name in ("second", "third")]
        assert whole(tmp_path / f"{number}.tep", tep.RecordedModel.team(source), *others) == body


def test_an_old_session_can_be_replayed_into_its_own_name(tmp_path: Path) -> None:
    """start(again=True) sets the file aside: what was read before still answers, and a journal of version 1 can be read."""
    path = tmp_path / "run.tep"
    with begin(path) as session:
        run(session.run(seeded))
        body = session.state.body()
    team = tep.RecordedModel.team(path)
    with begin(path, model=team, again=True) as session:
        run(session.run(seeded))
        assert session.state.body() == body
        assert session.usage.calls == 0
    old = tep.RecordedModel(HERE.parent / "assets" / "journal_v1.tep")
    assert old.name == "scripted"


def test_a_file_without_the_right_to_read_it(small: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is said, and not that the file is no session."""

    def refused(self: Path, *_: Any) -> Any:
        raise PermissionError(13, "Permission denied", str(self))

    monkeypatch.setattr(Path, "open", refused)
    with pytest.raises(JournalError, match=r"small\.tep cannot be read \(Permission denied\)"):
        tep.RecordedModel(small)


def test_many_may_ask_at_once(small: Path) -> None:
    """It is bound to no event loop and no thread, and what it holds is never changed by asking."""
    model = tep.RecordedModel(small)
    with closing(sqlite3.connect(small)) as connection:
        bodies = [json.loads(r) for (r,) in connection.execute("SELECT request FROM calls WHERE outcome = 'ok'")]

    async def all_of_them() -> list[tep.Reply]:
        waits = []
        for body in bodies:
            messages = tuple(tep.Message.of(m["role"], m["content"]) for m in body["messages"])
            waits.append(model.complete(tep.Request(messages, **{k: v for k, v in body.items() if k != "messages"})))
        return await asyncio.gather(*waits)

    assert run(all_of_them()) == run(all_of_them())
