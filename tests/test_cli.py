"""Rules of the command line."""

import asyncio
import json
import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import nbformat
import pytest

import tep_nb as tep
from tep_nb import cli, cli_demo, cli_run
from tep_nb.cli_text import line
from tep_nb.journal import Journal
from tep_nb.task import object_counting as task

ROOT = Path(tep.__file__).parent.parent
ENVIRONMENT = {**os.environ, "PYTHONPATH": str(ROOT)}
FREE = tep.TEP(phases=("free",))
ESCAPES = "\x1b[2J\u202e\x9b"


def process(*arguments: str, **more: Any) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "tep_nb.cli", *arguments]
    return subprocess.run(command, capture_output=True, text=True, env=ENVIRONMENT, timeout=250, check=False, **more)


@pytest.fixture(scope="module")
def journal(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A session with one edit by a person, whose text a terminal would obey."""
    path = tmp_path_factory.mktemp("session") / "run.tep"
    graph = tep.Graph([tep.Agent("plan", "Plan it.\n{{question}}"), tep.Agent("answer", "Say it: {{plan}}")])
    data = tep.Dataset([{"question": "1+1", "target": "2"}])
    method = tep.TEP(phases=("free",))
    with tep.Session.start(path, graph, data, metric="exact_match", model=tep.ScriptedModel([]), method=method) as session:
        proposal = session.suggest("plan", f"Plan it well {ESCAPES}.\n{{{{question}}}}", "clearer", by="ann")
        session.decide(proposal.approve("ann"))
    return path


def quickstart(path: Path, *, start: str = "%tep start run.tep", broken: bool = False) -> Path:
    """A small notebook of the quickstart's kind: declarations, a start, decision cells."""
    make = nbformat.v4  # type: ignore[attr-defined]
    sources = [
        "%load_ext tep_nb",
        "%tep model simulated",
        "from tep_nb.task import object_counting as task\nquestions = task.generate(24, seed=0)",
        "%tep data questions --split 8/8/8",
        "%tep metric last_integer",
        f"%tep objective {task.objective}",
        "%tep method TEP seed=3 free_cap=1 nudged_cap=1",
        "%%tep_agent items\nList the things.\n\nQuestion: {{question}}",
        "%%tep_agent answer\nAnswer.\n\nQuestion: {{question}}\nItems: {{items}}",
        "raise RuntimeError('\\x1b[31mnot today')" if broken else "import os\nprint(os.getcwd())",
        start,
        "%tep step",
        "raise RuntimeError('a decision cell ran')",
    ]
    document = make.new_notebook(cells=[make.new_code_cell(source) for source in sources])
    path.write_text(nbformat.writes(document), encoding="utf-8")  # type: ignore[no-untyped-call]
    return path


def test_version_and_help_come_without_heavy_imports() -> None:
    """Neither needs matplotlib, a notebook library, openai or IPython."""
    code = (
        "import sys, tep_nb.cli as c\n"
        "try: c.main(sys.argv[1:])\n"
        "except SystemExit as e: assert not e.code\n"
        "heavy = {'matplotlib', 'nbclient', 'nbformat', 'openai', 'IPython', 'ipywidgets', 'yaml', 'pandas'}\n"
        "print(sorted(heavy & set(sys.modules)))"
    )
    for option, word in (("--version", f"tep-nb {tep.__version__}"), ("--help", "serve-simulated")):
        done = subprocess.run([sys.executable, "-c", code, option], capture_output=True, text=True, env=ENVIRONMENT, check=True)
        assert word in done.stdout
        assert done.stdout.splitlines()[-1] == "[]"


@pytest.mark.parametrize(
    ("arguments", "parts"),
    [
        ([], ["COMMAND", "--help"]),
        (["dmo"], ["invalid choice: 'dmo'", "demo"]),
        (["show", "missing.tep"], ["missing.tep", "no session file"]),
        (["show", __file__], ["test_cli.py", "no session of tep_nb"]),
        (["export", "missing.tep", "--format", "xml"], ["invalid choice: 'xml'", "yaml"]),
        (["export", "missing.tep", "--format", "yaml", "--notebook", "n.ipynb"], ["--notebook goes with --format ipynb"]),
        (["export", "missing.tep"], ["--format --calls is required"]),
        (["export", "missing.tep", "--calls"], ["missing.tep", "no session file"]),
        (["export", __file__, "--calls"], ["test_cli.py is no session and holds no recorded calls"]),
        (["export", "missing.tep", "--calls", "--format", "jsonl"], ["not allowed with argument"]),
        (["export", "missing.tep", "--calls", "--notebook", "n.ipynb"], ["--notebook goes with", "not with --calls"]),
        (["run", "missing.ipynb", "--auto", "approve_all"], ["the notebook missing.ipynb does not exist", "check the name"]),
        (["run", str(ROOT), "--auto", "approve_all"], ["is a folder", "name a notebook in it"]),
        (["run", "missing.ipynb", "--auto", "aprove_all"], ["did you mean 'approve_all'"]),
        (["run", "missing.ipynb", "--auto", "console"], ["asks a person"]),
        (["run", __file__, "--auto", "approve_all"], ["test_cli.py is no notebook"]),
        (["run", __file__, "--auto", "nope"], ["use approve_all, reject_all or approve_if:proven"]),
        (["demo", "--seed", "x"], ["invalid int value: 'x'"]),
        (["demo", "--dir", str(ROOT)], ["not empty", "--dir", "nothing was written"]),
        (["demo", "--dir", __file__], ["is a file", "--dir", "nothing was written"]),
        (["serve-simulated", "--port", "70000"], ["port 70000 is outside"]),
        (["show", ESCAPES], ["⟦U+001B⟧[2J⟦U+202E⟧⟦U+009B⟧"]),
    ],
)
def test_an_error_is_one_line_on_stderr_and_exit_code_2(
    arguments: list[str], parts: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    """What is wrong, what was expected and what to do, without a traceback or an escape character."""
    try:
        code = cli.main(arguments)
    except SystemExit as stopped:
        code = int(str(stopped.code))
    said = capsys.readouterr()
    assert (code, said.out) == (2, "")
    assert said.err.count("\n") == 1
    assert all(c.isprintable() for c in said.err[:-1])
    for part in parts:
        assert part in said.err


def test_show_prints_a_session_and_takes_no_lock(journal: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Decisions, prompts and cost, while another process writes the file; no character that the terminal obeys."""
    held = Journal.open(journal)
    try:
        assert cli.main(["show", str(journal)]) == 0
    finally:
        held.close()
    said = capsys.readouterr().out
    assert all(c.isprintable() or c == "\n" for c in said)
    seen = "Plan it well ⟦U+001B⟧[2J⟦U+202E⟧⟦U+009B⟧."
    for part in ("run.tep: step 0, phase free", "approve plan  by ann", seen, "0 calls, 0 tokens"):
        assert part in said
    assert "simulated" not in said


def test_report_writes_beside_the_journal_or_where_it_is_told(
    journal: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """And says where."""
    assert cli.main(["report", str(journal)]) == 0
    assert cli.main(["report", str(journal), "--out", str(tmp_path / "r.html")]) == 0
    assert journal.with_suffix(".html").read_bytes() == (tmp_path / "r.html").read_bytes()
    assert [str(journal.with_suffix(".html")), str(tmp_path / "r.html")] == re.findall(r"report (\S+)", capsys.readouterr().out)


@pytest.mark.parametrize("form", ["yaml", "json", "jsonl", "ipynb"])
def test_export_prints_or_writes_the_same(journal: Path, tmp_path: Path, form: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Without --out it is printed; every format."""
    out = tmp_path / "x"
    assert cli.main(["export", str(journal), "--format", form]) == 0
    printed = capsys.readouterr().out
    assert cli.main(["export", str(journal), "--format", form, "--out", str(out)]) == 0
    assert out.read_bytes().decode("utf-8") == printed
    assert "Plan it well" in printed
    assert all(c.isprintable() or c == "\n" for c in printed)


def test_calls_are_printed_or_written_and_replay(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The same lines, which RecordedModel reads; what was written is told with a warning, and no session is needed to print."""
    path, out = tmp_path / "run.tep", tmp_path / "calls.jsonl"
    graph = tep.Graph([tep.Agent("answer", "Say it: {{question}}")])
    data = tep.Dataset([{"question": "ä sk-0123456789", "target": "2"}])
    with tep.Session.start(path, graph, data, metric="exact_match", model=tep.ScriptedModel(["2 ä"]), method=FREE) as session:
        asyncio.run(session.evaluate("train"))
    assert cli.main(["export", str(path), "--calls"]) == 0
    printed = capsys.readouterr().out
    assert cli.main(["export", str(path), "--calls", "--out", str(out)]) == 0
    assert out.read_bytes() == printed.encode()
    assert "2 ä" in printed
    assert "sk-0" not in printed
    said = capsys.readouterr().out
    assert f"written {out}: 1 answered calls, 0 failed attempts; in 1 of them something was hidden" in said
    assert "read it before you share it" in said
    model = tep.RecordedModel(out)
    with tep.Session.start(tmp_path / "b.tep", graph, data, metric="exact_match", model=model, method=FREE) as session:
        assert asyncio.run(session.evaluate("train")).rows[0].output == "2 ä"
    bytes_out = subprocess.run(
        [sys.executable, "-m", "tep_nb.cli", "export", str(path), "--calls"],
        capture_output=True, env={**ENVIRONMENT, "PYTHONIOENCODING": "ascii"}, check=True,
    )  # fmt: skip
    assert bytes_out.stdout == out.read_bytes()  # UTF-8, whatever the terminal's encoding


@pytest.mark.parametrize("what", [["export", "--format", "yaml"], ["export", "--calls"], ["report"]])
def test_no_session_is_written_over(journal: Path, tmp_path: Path, what: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    """--out may name neither the session itself, by whatever path, nor another one; a file of another kind is replaced."""
    mine, other, link = tmp_path / "mine.tep", tmp_path / "other.tep", tmp_path / "link"
    for path in (mine, other):
        shutil.copy(journal, path)
    link.symlink_to(mine)
    before = mine.read_bytes()
    for out in (mine, other, link):
        assert cli.main([what[0], str(mine), *what[1:], "--out", str(out)]) == 2
        assert f"--out {out} is a session or the file that is read: name another" in capsys.readouterr().err
    assert mine.read_bytes() == other.read_bytes() == before
    (tmp_path / "x").write_text("old")
    assert cli.main([what[0], str(mine), *what[1:], "--out", str(tmp_path / "x")]) == 0
    assert (tmp_path / "x").read_text("utf-8") != "old"


def test_an_exported_file_is_not_written_over_while_it_is_read(journal: Path, tmp_path: Path) -> None:
    """An export can be exported again, but not onto itself."""
    out = tmp_path / "calls.jsonl"
    assert cli.main(["export", str(journal), "--calls", "--out", str(out)]) == 0
    before = out.read_bytes()
    assert cli.main(["export", str(out), "--calls", "--out", str(out)]) == 2
    assert out.read_bytes() == before


def test_prompts_go_back_into_a_copy_of_the_notebook(journal: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The copy differs in the prompt alone, byte for byte, printed or written; the notebook itself is never the target."""
    text = '{"cells":[{"cell_type":"code","source":"%%tep_agent plan\\nPlan it.\\n{{question}}"}],"nbformat":4}\r\n'
    notebook, out = tmp_path / "n.ipynb", tmp_path / "copy.ipynb"
    notebook.write_bytes(text.encode())
    base = ["export", str(journal), "--format", "ipynb", "--notebook", str(notebook)]
    assert cli.main([*base, "--out", str(out)]) == 0
    changed = f"Plan it well {ESCAPES}."
    wanted = text.replace("Plan it.", json.dumps(changed, ensure_ascii=False)[1:-1])
    assert out.read_bytes() == wanted.encode()
    printed = subprocess.run([sys.executable, "-m", "tep_nb.cli", *base], capture_output=True, env=ENVIRONMENT, check=True)
    assert printed.stdout == out.read_bytes()
    assert cli.main([*base, "--out", str(notebook)]) == 2
    assert "name a copy" in capsys.readouterr().err
    assert notebook.read_bytes() == text.encode()
    assert cli.main([*base[:-1], str(tmp_path / "nope.ipynb")]) == 2
    assert "there is no notebook" in capsys.readouterr().err


def test_a_pipe_that_nobody_reads_is_quiet(journal: Path) -> None:
    """``tep-nb export … | head`` says nothing on stderr."""
    command = f"{sys.executable} -m tep_nb.cli export {journal} --format yaml"
    reader, writer = os.pipe()
    os.close(reader)
    done = subprocess.run(command.split(), stdout=writer, stderr=subprocess.PIPE, text=True, env=ENVIRONMENT, check=False)
    os.close(writer)
    assert (done.returncode, done.stderr) == (141, "")


def test_ctrl_c_is_exit_code_130(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """An interrupted command is no error message."""

    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(cli, "demo", lambda *_, **__: interrupted())
    assert cli.main(["demo"]) == 130
    assert capsys.readouterr().err == ""


def test_the_simulated_server_runs_until_ctrl_c() -> None:
    """It prints its URL at once, also into a pipe, and SIGINT ends it with 0."""
    command = [sys.executable, "-m", "tep_nb.cli", "serve-simulated", "--port", "0", "--seed", "5"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=ENVIRONMENT) as server:
        assert server.stdout is not None
        assert server.stderr is not None
        assert re.search(r"seed 5.* http://127\.0\.0\.1:\d+/v1 ", server.stdout.readline())
        server.send_signal(signal.SIGINT)
        assert server.wait(60) == 0
        assert server.stderr.read() == ""


def test_run_decides_by_the_policy_in_place_of_the_later_cells(tmp_path: Path) -> None:
    """A fresh kernel in the notebook's folder runs the cells up to the start; the decisions carry the policy's name."""
    folder = tmp_path / "deep"
    folder.mkdir()
    notebook = quickstart(folder / "q.ipynb")
    before = notebook.read_bytes()
    policy = "approve_if:no worse,gain=0.5,reject"
    done = process("run", "deep/q.ipynb", "--auto", policy, "--out", "copy.ipynb", cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, ""), done.stdout
    assert notebook.read_bytes() == before
    copy = nbformat.read(tmp_path / "copy.ipynb", as_version=4)  # type: ignore[no-untyped-call]
    text = "\n".join(cell.source for cell in copy.cells)
    assert "%tep step" not in text
    assert "a decision cell ran" not in text
    assert str(folder) in str(copy.cells[9].outputs)
    assert "widgets" not in copy.metadata
    history, _ = tep_report(folder / "run.tep")
    assert history.state.phase == "done"
    assert history.records
    assert {record.decision.by for record in history.records} == {policy}


def tep_report(path: Path) -> Any:
    from tep_nb import report

    return report.read(path)


def test_run_names_the_cell_that_failed_and_keeps_the_copy(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """One line with the cell's number and error; the copy shows it; no session was begun."""
    notebook = quickstart(tmp_path / "q.ipynb", broken=True)
    assert cli.main(["run", str(notebook), "--auto", "approve_all"]) == 2
    said = capsys.readouterr().err
    assert "cell 10 failed: RuntimeError: ⟦U+001B⟧[31mnot today" in said
    assert said.count("\n") == 1
    assert "not today" in (tmp_path / "q-auto.ipynb").read_text("utf-8")
    assert not (tmp_path / "run.tep").exists()


def test_ctrl_c_during_a_run_shuts_the_kernel_down(tmp_path: Path) -> None:
    """The exit code is 130 without a traceback, the copy shows how far it came, and the kernel process is gone."""
    notebook = quickstart(tmp_path / "q.ipynb")
    document = nbformat.read(notebook, as_version=4)  # type: ignore[no-untyped-call]
    written = "open('pid', 'w').write(str(os.getpid()))\nos.replace('pid', 'kernel')"
    document.cells[9].source = f"import os, time\n{written}\ntime.sleep(100)"
    nbformat.write(document, notebook)  # type: ignore[no-untyped-call]
    command = [sys.executable, "-m", "tep_nb.cli", "run", str(notebook), "--auto", "approve_all"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=ENVIRONMENT) as running:
        assert wait_for((tmp_path / "kernel").exists)
        running.send_signal(signal.SIGINT)
        _, said = running.communicate(timeout=100)
    assert (running.returncode, said) == (130, "")
    assert (tmp_path / "q-auto.ipynb").exists()
    kernel = Path("/proc", (tmp_path / "kernel").read_text())
    assert wait_for(lambda: not kernel.exists())


def wait_for(condition: Callable[[], bool], seconds: float = 60) -> bool:
    end = time.monotonic() + seconds
    while not condition() and time.monotonic() < end:
        threading.Event().wait(0.02)
    return condition()


def test_a_kernel_that_dies_is_one_line(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """The cell is named, and the copy is kept."""
    notebook = quickstart(tmp_path / "q.ipynb", start="%tep start run.tep")
    document = nbformat.read(notebook, as_version=4)  # type: ignore[no-untyped-call]
    document.cells[9].source = "import os\nos.kill(os.getpid(), 9)"
    nbformat.write(document, notebook)  # type: ignore[no-untyped-call]
    assert cli.main(["run", str(notebook), "--auto", "approve_all"]) == 2
    said = capfd.readouterr().err
    assert "the kernel died in cell 10" in said
    assert said.count("\n") == 1
    assert (tmp_path / "q-auto.ipynb").exists()


@pytest.mark.parametrize(
    ("start", "out", "part"),
    [("print('%tep later')", None, "no cell of the notebook has %tep start"), ("%tep start r", "q.ipynb", "name a copy")],
)
def test_run_refuses_what_it_cannot_do(
    tmp_path: Path, start: str, out: str | None, part: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Without a start there is nothing to decide; the notebook is never overwritten; nothing is executed."""
    notebook = quickstart(tmp_path / "q.ipynb", start=start)
    more = [] if out is None else ["--out", str(tmp_path / out)]
    assert cli.main(["run", str(notebook), "--auto", "approve_all", *more]) == 2
    assert part in capsys.readouterr().err
    assert [path.name for path in tmp_path.iterdir()] == ["q.ipynb"]


def test_a_start_is_found_where_the_magic_would_run() -> None:
    """Assigned or alone, on any line of a cell; not in a text or as another verb."""
    for source in ("%tep start a.tep", "x = 1\nsession = %tep start a.tep", "  %tep  start a.tep --again"):
        assert cli_run._START.search(source)
    for source in ("# %tep start", "print('%tep start')", "%tep startle", "%tep status"):
        assert not cli_run._START.search(source)


def test_the_demo_shows_the_whole_job(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Both accuracies before and after (the journal's), edits as diffs, calls and tokens, and where the three files lie."""
    source = tmp_path / "source"
    (source / "tep_nb").mkdir(parents=True)
    shutil.copy(quickstart(tmp_path / "q.ipynb"), source / "tep_nb" / "quickstart.ipynb")
    document = nbformat.read(source / "tep_nb" / "quickstart.ipynb", as_version=4)  # type: ignore[no-untyped-call]
    document.cells = document.cells[:-2]
    nbformat.write(document, source / "tep_nb" / "quickstart.ipynb")  # type: ignore[no-untyped-call]
    monkeypatch.setattr(cli_demo, "__file__", str(source / "tep_nb" / "cli_demo.py"))
    opened: list[Path] = []
    monkeypatch.setattr(cli_demo, "_open", opened.append)
    folder = tmp_path / "new" / "demo"
    assert cli.main(["demo", "--dir", str(folder)]) == 0
    said = capsys.readouterr()
    assert said.err == ""
    history, spent = tep_report(folder / "demo.tep")
    means = {(look.evaluation.split, look.step > 0): look.evaluation.mean for look in history.looks}
    for split in ("validation", "test"):
        assert f"\n{split} {means[split, False]:.1%} -> {means[split, True]:.1%}\n" in said.out
    assert [len(history.state.dataset.part(split)) for split in ("train", "validation", "test")] == [45, 40, 125]
    assert "simulated model" in said.out
    assert "{+" in said.out
    assert f"{spent.calls} calls, {spent.tokens} tokens" in said.out
    for name in ("demo.tep", "demo.html", "01_quickstart.ipynb"):
        assert str(folder / name) in said.out
        assert (folder / name).stat().st_size > 0
    assert "critic" in said.out
    assert opened == []  # stdout is no terminal here
    assert shlex.join(cli_demo._lab(folder / "01_quickstart.ipynb")) in said.out  # as a person would type it
    assert (folder / "run.tep").exists()  # the notebook was executed in the folder


def test_lab_opens_on_the_quickstart(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """With this Python, in the notebook's folder; as root with the option without which Jupyter refuses."""
    started: list[tuple[list[str], Path]] = []
    monkeypatch.setattr(cli_demo.subprocess, "run", lambda command, cwd, check: started.append((command, cwd)))
    monkeypatch.setattr(cli_demo.os, "geteuid", lambda: 1000)
    cli_demo._open(tmp_path / "q.ipynb")
    (command, folder) = started[0]
    assert command[:4] == [sys.executable, "-m", "jupyter", "lab"]
    assert command[4:] == [f"--ServerApp.root_dir={tmp_path}", "--LabApp.default_url=/lab/tree/q.ipynb"]
    assert folder == tmp_path
    assert "--no-lab" in capsys.readouterr().out
    monkeypatch.setattr(cli_demo.os, "geteuid", lambda: 0)
    cli_demo._open(tmp_path / "q.ipynb")
    assert started[1][0][2:5] == ["jupyter", "lab", "--allow-root"]


def test_two_demos_of_one_seed_are_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Same seed, same decisions; another seed, another session."""
    monkeypatch.setattr(cli_demo, "__file__", str(tmp_path / "nowhere" / "cli_demo.py"))
    bodies = []
    for name, seed in (("a", 5), ("b", 5), ("c", 6)):
        cli_demo.demo(tmp_path / name, seed)
        bodies.append(tep_report(tmp_path / name / "demo.tep")[0].state.body())
    assert bodies[0] == bodies[1]
    assert bodies[0]["reviewed"] != bodies[2]["reviewed"]


def test_the_checkout_or_the_wheel_has_the_quickstart() -> None:
    """The demonstration finds the notebook that the packager puts beside it."""
    here = Path(cli_demo.__file__).parent
    assert (here / "quickstart.ipynb").exists() or (here.parent / "notebooks" / "01_quickstart.ipynb").exists()


def test_a_line_is_bounded_and_printable() -> None:
    """Whatever an error carries."""
    assert line("a\n\tb\x1b" + "x" * 3000) == ("a b⟦U+001B⟧" + "x" * 3000)[:2000] + "…"
