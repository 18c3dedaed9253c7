"""A key in the environment comes out nowhere: not in a file, a log, a message, a traceback or a page."""

import asyncio
import contextlib
import io
import json
import logging
import os
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient
from real_shell import AGENTS, Shell, environment

import tep_nb as tep
from tep_nb.errors import TepError
from tep_nb.model.simulated.server import complete
from tep_nb.report import FORMATS, export, report

CANARY = "zq-canary-0123456789abcdef"
STOPPED = """
async def stopped():
    task = asyncio.ensure_future(broken.complete(ask))
    await asyncio.sleep(0.001)
    task.cancel()
    await task
await stopped()
"""


class Handler(BaseHTTPRequestHandler):
    """A gateway that shows the headers it got in replies and in errors."""

    protocol_version = "HTTP/1.1"
    model = tep.SimulatedModel(seed=0)
    count = 0

    def do_POST(self):
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        shown = self.headers["Authorization"]
        Handler.count += 1
        if Handler.count % 7 == 3 or body["model"] == "broken":
            status, answer = 400 if body["model"] == "broken" else 503, {"error": {"message": f"refused {shown}", "code": shown}}
        else:
            status, answer = 200, complete(self.model, {**body, "model": "simulated"})
            answer["choices"][0]["message"]["content"] += f"\n{shown}"
        raw = json.dumps(answer).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(raw)))
        self.end_headers()
        self.wfile.write(raw)

    def log_message(self, *args):
        pass


@pytest.fixture
def url(monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", CANARY)
    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.server_address[1]}/v1"
        server.shutdown()
        thread.join()


def files(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def models(url):
    limits = tep.Limits(backoff=0.001)
    return tep.Models(
        tep.OpenAIModel("gpt", url, limits=limits), critic=tep.OpenAIModel("judge", url, key=lambda: CANARY, limits=limits)
    )


def test_no_key_in_files_logs_and_texts(url, tmp_path, caplog):
    """A session with failures and retries: exports, report, debug logs of all packages, and what objects say of themselves."""
    caplog.set_level(logging.DEBUG)
    rows = tep.task.object_counting.generate(30, seed=0)
    data = tep.Dataset(rows[:15], rows[15:25], rows[25:])
    team = models(url)
    path = tmp_path / "r.tep"
    said = io.StringIO()
    with contextlib.redirect_stdout(said), contextlib.redirect_stderr(said):
        session = tep.Session.start(
            path, tep.task.object_counting.graph(), data, metric=tep.task.object_counting.metric,
            objective=tep.task.object_counting.objective, model=team, method=tep.TEP(minibatch=2, gate_rows=4),
        )  # fmt: skip
        with session:
            asyncio.run(session.run(tep.deciders.approve_all, steps=2))
            asyncio.run(session.evaluate("test"))
            with pytest.raises(TepError) as caught:
                asyncio.run(session.evaluate("test", model=tep.OpenAIModel("broken", url)))
            objects = (session, vars(session), team, vars(team.actor), caught.value, session.usage)
            shown = [repr(one) for one in objects]
            texts = [export(session.state, kind) for kind in FORMATS]
            (tmp_path / "r.html").write_text(report(path).read_text())
    assert sum(outcome.startswith("gpt at") for outcome in outcomes(path)) > 0, "no failure was seen"
    assert CANARY not in "\n".join([*shown, *map(str, texts), said.getvalue(), caplog.text])
    assert [name for name, raw in files(tmp_path).items() if CANARY.encode() in raw] == []


def outcomes(path):
    import sqlite3

    with contextlib.closing(sqlite3.connect(path)) as connection:
        return [outcome for (outcome,) in connection.execute("SELECT outcome FROM calls")]


@pytest.mark.parametrize("mode", ["Plain", "Context", "Verbose", "Minimal", "Docs"])
def test_no_key_in_a_traceback(url, mode):
    """In no mode of IPython, not even the one that shows the variables of every frame; for errors, and for a stopped call."""
    shell = Shell()
    try:
        shell.good(
            f"%xmode {mode}",
            "import tep_nb as tep, asyncio",
            f"broken = tep.OpenAIModel('broken', {url!r})\nask = tep.Request((tep.Message.of('user', 'x'),))",
        )
        for cell in (
            "await broken.complete(ask)",
            STOPPED,
            "await tep.OpenAIModel('m', 'http://127.0.0.1:9/v1').complete(ask)",
            "await tep.OpenAIModel('m', 'http://127.0.0.1:9/v1', key=lambda: 1 / 0).complete(ask)",
        ):
            ran = shell.run(cell)
            assert ran.error is not None
            assert CANARY not in ran.out + ran.err
            assert CANARY not in repr(ran.error)
    finally:
        shell.close()


def test_no_key_in_a_notebook_with_widget_state(url, tmp_path):
    """A notebook with the studio, saved with every trait of every widget, and with a cell that failed."""
    cells = [
        "%load_ext tep_nb",
        f"%tep model openai:gpt --base-url {url}\n%tep data task:object_counting\n%tep method TEP minibatch=2",
        *AGENTS,
        "%tep graph",
        "%tep start r.tep",
        "%tep studio",
        "%tep step",
        "%tep pending",
        "%tep cost",
        f"%tep model openai:broken --base-url {url}",
    ]
    book = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])
    os.environ.update({name: value for name, value in environment().items() if name == "PYTHONPATH"})
    where = {"metadata": {"path": tmp_path}}
    NotebookClient(book, timeout=120, allow_errors=True, store_widget_state=True, resources=where).execute()
    nbformat.write(book, tmp_path / "book.ipynb")
    text = (tmp_path / "book.ipynb").read_text()
    assert "tep-studio" in text
    assert "error 400: refused (hidden)" in text
    assert [name for name, raw in files(tmp_path).items() if CANARY.encode() in raw] == []
