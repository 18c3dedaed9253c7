"""Where the session stands and how far a command is, as the bar shows it; what another kernel needs to resume."""

import asyncio
import os
import time
from collections import Counter
from dataclasses import replace
from types import SimpleNamespace

import pytest
from test_views_link import Bench
from test_views_states import a_state

import tep_nb as tep
from tep_nb.model.runtime import Progress
from tep_nb.notebook.options import parse
from tep_nb.notebook.plan import planned
from tep_nb.notebook.verbs import VERBS
from tep_nb.notebook.views.status import look_files, paint_revive, paint_status
from tep_nb.notebook.workbench import Workbench

ROWS = [{"question": f"question {n}", "target": str(n)} for n in range(20)]


def running(done, plan, began):
    bench = Bench(a_state())
    bench.running, bench.planned, bench.began = "step", plan, began
    bench.progress = Progress(done=done, recorded=2, purpose="critic", running=Counter(collect=3, answer=0))
    return paint_status(bench)["status"]


def test_progress_says_calls_done_of_planned_and_the_time_left():
    """At the pace so far; nodes that nothing is asked of are not named."""
    progress = running(8, 40, time.monotonic() - 20)["progress"]
    assert (progress["done"], progress["recorded"], progress["planned"]) == (8, 2, 40)
    assert progress["left"] == "about 60 s left"
    assert progress["running"] == {"collect": 3}


@pytest.mark.parametrize(("done", "plan", "ago"), [(8, 0, 20), (8, 40, 0.1), (38, 40, 20)])
def test_no_time_is_guessed_where_nobody_can_know(done, plan, ago):
    """Without a plan, in the first moment, and where everything is answered."""
    assert running(done, plan, time.monotonic() - ago)["progress"]["left"] == ""


def test_a_plan_that_was_exceeded_is_said_no_more():
    """Replies that are asked for again are beyond any plan."""
    assert running(60, 40, 0.0)["progress"]["planned"] == 0


def test_the_plan_of_a_step_is_near_what_it_takes(tmp_path):
    """What a step asks is foreseen when it begins; its evidence, which is bought later, is left out."""
    graph = tep.Graph([tep.Agent("one", "Do it.\n{{question}}"), tep.Agent("answer", "Say it.\n{{one}}")], "answer")
    data = tep.Dataset(ROWS[:6], ROWS[6:12], ROWS[12:])
    model = tep.SimulatedModel(seed=0)
    with tep.Session.start(tmp_path / "r.tep", graph, data, metric="exact_match", objective="Right.", model=model) as session:
        plans = []

        def watch(progress):
            plans.append((planned(session), progress.done + progress.recorded))

        session.watch(watch)
        assert planned(session) == 0
        asyncio.run(session.propose())
        plan, answered = plans[0][0], plans[-1][1]
        assert 0 < answered <= plan <= 2 * answered


def test_a_new_door_is_planned_anew(monkeypatch):
    """A run opens one door after the other: each has its own plan and its own clock."""
    bench = Workbench(by="ada")
    bench._session = SimpleNamespace()
    monkeypatch.setattr("tep_nb.notebook.workbench.planned", lambda session: 7)
    first, second = Progress(), Progress()
    bench.watch(first)
    began = bench.began
    assert (bench.planned, began > 0) == (7, True)
    monkeypatch.setattr("tep_nb.notebook.workbench.planned", lambda session: 9)
    bench.watch(first)
    assert (bench.planned, bench.began) == (7, began)
    bench.watch(second)
    assert bench.planned == 9
    assert bench.began >= began
    bench._session = None
    bench.close()


def test_what_another_kernel_needs_is_told_to_the_page_alone(tmp_path, monkeypatch):
    """The cells, and the way to the file from the notebook's folder; nothing where there is no session."""
    monkeypatch.chdir(tmp_path)
    bench = Bench(a_state())
    bench.setup = {"model actor": "%tep model simulated"}
    for path, word in (("run.tep", "run.tep"), ("runs/run.tep", "runs/run.tep"), ("../run.tep", "../run.tep")):
        bench.session.path = tmp_path / path
        assert paint_revive(bench) == {"revive": {"file": word, "cells": ["%tep model simulated"]}}
    bench.session = None
    assert paint_revive(bench) == {"revive": {"file": "", "cells": []}}


@pytest.mark.parametrize(
    "name", ["my run.tep", "it's.tep", "{1+1}.tep", "$HOME.tep", "what?.tep", "a;b.tep", "Größe 2.tep", "a#b.tep"]
)
def test_file_of_any_name_is_one_word_of_the_line_that_resumes_it(tmp_path, monkeypatch, name):
    """The page runs the line: what is read back is the name, and nothing else."""
    monkeypatch.chdir(tmp_path)
    bench = Bench(a_state())
    bench.session.path = tmp_path / name
    file = paint_revive(bench)["revive"]["file"]
    assert parse(f"resume {file}", VERBS).args == (name,)


@pytest.mark.parametrize("name", ["a.tep\nimport os", "a\u202eb.tep", "\"'.tep", "a\u2028b.tep"])
def test_file_that_no_word_can_name_is_not_offered(tmp_path, monkeypatch, name):
    """A stranger's file name never becomes a line of its own."""
    monkeypatch.chdir(tmp_path)
    bench = Bench(a_state())
    bench.session.path, bench.setup = tmp_path / name, {"metric": "%tep metric f1"}
    assert paint_revive(bench) == {"revive": {"file": "", "cells": []}}


def test_sessions_beside_the_notebook_are_offered_newest_first(tmp_path, monkeypatch):
    """By name; what is no file is not among them, and nothing is opened."""
    monkeypatch.chdir(tmp_path)
    for number, name in enumerate(["old.tep", "new.tep"]):
        (tmp_path / name).write_text("not opened", encoding="utf-8")
        os.utime(tmp_path / name, (1_000_000 + number, 1_000_000 + number))
    (tmp_path / "folder.tep").mkdir()
    found = look_files(Bench())
    assert [one["name"] for one in found] == ["new.tep", "old.tep"]
    assert found[0]["when"].startswith("1970-01-12T13:46:41")


def test_what_a_step_without_proposals_came_to_is_said():
    """With the phase that it ended, where it ended one; nothing where something waits or the step is not through."""
    state = a_state()
    assert paint_status(Bench(state))["status"]["news"] == ""
    none = replace(state, step=replace(state.step, proposals=()))
    assert paint_status(Bench(none))["status"]["news"] == "Step 1 led to no proposal."
    ended = replace(none, phases=(*state.phases, (1, "nudged", "free equilibrium: collect silent")))
    said = "Step 1 led to no proposal: free equilibrium: collect silent; the nudged phase begins."
    assert paint_status(Bench(ended))["status"]["news"] == said
    done = replace(none, phases=(*state.phases, (1, "done", "cap: 1 nudged iteration")))
    assert paint_status(Bench(done))["status"]["news"].endswith("cap: 1 nudged iteration. All phases are done.")
    assert paint_status(Bench(replace(none, step=replace(none.step, proposed=False))))["status"]["news"] == ""
