"""Rules of the calls that leave a session as JSON lines."""

from __future__ import annotations

import getpass
import json
import socket
import sqlite3
import tracemalloc
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
import scripts
from scripts import begin, run, seeded

import tep_nb as tep
from tep_nb.errors import JournalError, ModelError
from tep_nb.journal import Journal
from tep_nb.report import CallExport

NAME = "<b>\x1b[31m\u202e\u2028\x85\ufeff"
HOSTILE = f"{NAME}\ud800"  # half a character, too
CANARIES = ["sk-canary-0123456789abcdef", "hf_canary0123456789abcdef", "an ordinary phrase", "mathilda", "box17"]


def lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in CallExport(path).lines()]


def rows(path: Path) -> list[dict[str, Any]]:
    with closing(sqlite3.connect(path)) as connection:
        connection.row_factory = sqlite3.Row
        return [dict(row) for row in connection.execute("SELECT * FROM calls ORDER BY id")]


def shout(a1: str) -> dict[str, Any]:
    """Say it loudly."""
    if a1.endswith("121"):
        raise ValueError(f"no {a1}")
    return {"said": a1.upper()}


@pytest.fixture(scope="module")
def session(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two agents with models of their own, a tool that fails on a row, a model that fails on another."""
    path = tmp_path_factory.mktemp("session") / "run.tep"

    def said(request: tep.Request) -> str:
        if "number 115" in request.text:
            raise ModelError("m at server: error 500")
        return scripts.actor(request)

    agents = tep.Agent("a1", "Pass number 1 on.\n{{question}}"), tep.Agent("a2", "{{shout}}", model="own")
    graph = tep.Graph([agents[0], tep.Tool(shout), agents[1]])
    models = tep.Models(scripts.model(said, name="one"), scripts.model(name="two"), named={"own": scripts.model(name="three")})
    with begin(path, graph=graph, data=scripts.data(6, 10, 6), model=models) as session:
        run(session.run(seeded, until="nudged"))
        run(session.evaluate("validation"))
        run(session.evaluate("test"))
    return path


def test_every_attempt_is_a_line_behind_a_header(session: Path) -> None:
    """Format, version and models first; then each attempt as it was recorded, failed ones and tools' too."""
    head, *calls = lines(session)
    assert (head["format"], head["version"], head["tep_nb"]) == ("tep_nb calls", 1, tep.__version__)
    assert head["models"] == {"actor": "one", "critic": "two", "editor": "two", "judge": "two", "named": {"own": "three"}}
    assert head["scrubbed"] == ["credentials", "absolute paths", "names of the user and the host"]
    recorded = rows(session)
    assert head["calls"] == len(calls) == len(recorded) > 100
    for line, row in zip(calls, recorded, strict=True):
        for name in ("key", "purpose", "step", "node", "row", "attempt", "model", "outcome", "seconds"):
            assert line[name] == row[name]
        assert (line["request"], line["usage"]) == (json.loads(row["request"]), json.loads(row["usage"]))
        reply = line["reply"]
        if line["purpose"] != "tool" and reply is not None:
            reply = [reply["text"], reply["finish"]]
        assert reply == json.loads(row["reply"])
        assert "scrubbed" not in line
    failed = {(line["purpose"], line["outcome"], line["reply"]) for line in calls if line["outcome"] != "ok"}
    assert ("evaluate", "m at server: error 500", None) in failed
    assert any(purpose == "tool" and "ValueError: no It is" in outcome for purpose, outcome, _ in failed)


def test_it_counts_what_it_writes(session: Path) -> None:
    """Answered, failed and scrubbed attempts of the last reading."""
    export = CallExport(session)
    for _ in range(2):
        whole = [json.loads(line) for line in export.lines()][1:]
        assert export.answered == sum(line["outcome"] == "ok" for line in whole)
        assert export.failed == sum(line["outcome"] != "ok" for line in whole) > 0
        assert export.scrubbed == 0


def record(journal: Journal, **more: Any) -> None:
    request = tep.Request((tep.Message.of("user", more.pop("asked", "x")),))
    call: dict[str, Any] = {
        "purpose": "forward", "step": 1, "node": "n", "row": 1, "attempt": 0, "outcome": "ok", "request": request.body(),
        "reply": ["fine", "stop"], "usage": {"prompt_tokens": 1, "completion_tokens": 1, "estimated": True}, "seconds": 0.1,
        "model": "m",
    }  # fmt: skip
    call |= more
    journal.record(call.pop("key", request.key("m")), **{**call, "request": json.dumps(call["request"])})


def test_no_secret_comes_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Wherever one stands: rows, replies, errors, tools' inputs and results, names; a line says which parts were changed."""
    monkeypatch.setenv("MY_API_KEY", CANARIES[2])
    monkeypatch.setattr(getpass, "getuser", lambda: "mathilda")
    monkeypatch.setattr(socket, "gethostname", lambda: "box17.example.org")
    secret = f"{' '.join(CANARIES)} in {tmp_path}/notes.txt, https://ann:pass@h.org/ and /home/ann/x"
    path = tmp_path / "run.tep"
    with begin(path, model=scripts.model(name=f"/home/mathilda/{CANARIES[0]}/tiny.gguf")) as session:
        journal = session.journal
        record(journal, asked=f"a {secret}")
        record(journal, reply=[f"b {secret}", "stop"])
        record(journal, outcome=f"c {secret} at box17:8000/v1, http://10.0.0.7/x", reply=None)
        tool = {"tool": "t", "version": "1", "options": {}, "inputs": {"a": [f"d {secret}"]}}
        record(journal, purpose="tool", model="", request=tool, reply={f"e {secret}": [f"f {secret}"]}, usage={})
        record(journal, reply=["nothing to hide", "stop"])
        record(journal, node=CANARIES[0], model=f"/home/mathilda/{CANARIES[0]}/tiny.gguf")
    whole = "".join(CallExport(path).lines())
    for word in (*CANARIES, "ann", "pass", str(tmp_path), "10.0.0.7"):
        assert word not in whole.replace('"absolute paths"', "")
    head, *calls = map(json.loads, whole.splitlines())
    assert head["models"]["actor"] == "(path)/tiny.gguf"
    changed = [line.get("scrubbed", []) for line in calls]
    assert changed == [["request"], ["reply"], ["outcome"], ["reply", "request"], [], ["model", "node"]]
    clean = "(hidden) (hidden) (hidden) (user) (host) in (path)/notes.txt, https://(hidden)@h.org/ and (path)/x"
    assert calls[0]["request"]["messages"][0]["content"] == f"a {clean}"
    assert calls[1]["reply"] == {"text": f"b {clean}", "finish": "stop"}
    assert calls[2]["outcome"] == f"c {clean} at (host):8000/v1, http://(host)/x"
    assert calls[3]["reply"] == {f"e {clean}": [f"f {clean}"]}
    again = tmp_path / "again.jsonl"
    again.write_text(whole, "utf-8")
    assert "".join(CallExport(again).lines()) == whole  # an exported file can be exported


def test_hostile_text_stays_on_its_line(tmp_path: Path) -> None:
    """No character that ends a line or that a terminal obeys is in the file, and all of them come back."""
    path = tmp_path / "run.tep"
    with begin(path, model=scripts.model(name=NAME)) as session:
        record(session.journal, asked=HOSTILE, reply=[HOSTILE, "stop"], node=NAME, model=NAME)
    whole = list(CallExport(path).lines())
    assert len(whole) == len("".join(whole).splitlines()) == 2
    assert all(line[:-1].isprintable() and line[-1] == "\n" for line in whole)
    "".join(whole).encode("utf-8")
    head, call = map(json.loads, whole)
    assert head["models"]["critic"] == call["node"] == call["model"] == NAME
    assert call["request"]["messages"][0]["content"] == call["reply"]["text"] == HOSTILE


def test_a_session_that_is_being_written_is_read_as_it_was(tmp_path: Path) -> None:
    """The writer is not in the way, and calls recorded after the beginning are neither counted nor written."""
    with begin(tmp_path / "run.tep") as session:
        for n in range(300):
            record(session.journal, key=str(n))
        export = CallExport(tmp_path / "run.tep")
        reading = export.lines()
        head = json.loads(next(reading))
        first = json.loads(next(reading))
        for n in range(300):
            record(session.journal, key=f"later {n}")
        rest = [json.loads(line) for line in reading]
    assert head["calls"] == 300
    assert [line["key"] for line in (first, *rest)] == [str(n) for n in range(300)]


def test_calls_do_not_sit_in_memory(tmp_path: Path) -> None:
    """600 calls of 20,000 characters are written with a small part of them in memory."""
    with begin(tmp_path / "run.tep") as session:
        journal = session.journal
        with journal._connection as connection:
            record(journal, asked="x" * 10_000, reply=["y" * 10_000, "stop"])
            names = "key, purpose, step, node, row, attempt, outcome, request, reply, usage, at, seconds, model"
            many = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 599)"
            connection.execute(f"INSERT INTO calls ({names}) {many} SELECT {names} FROM calls, n")
    export = CallExport(tmp_path / "run.tep")
    tracemalloc.start()
    size = sum(map(len, export.lines()))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert size > 12_000_000
    assert peak < 4_000_000


def test_what_is_no_session_is_refused(tmp_path: Path) -> None:
    """Before anything is written."""
    (tmp_path / "x.csv").write_text("a,b\n1,2\n")
    for name, part in (("x.csv", "is no session"), ("none.tep", "there is no session file")):
        with pytest.raises(JournalError, match=part):
            CallExport(tmp_path / name)
