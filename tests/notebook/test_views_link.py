"""The kernel side of a view: commands in, answers and what the page shows out, from any thread."""

import json
import re
import threading
import time
from collections import Counter
from concurrent.futures import Future
from types import SimpleNamespace

import pytest
from test_views_states import a_graph, a_state

from tep_nb.core import events as ev
from tep_nb.errors import Stopped, TepError
from tep_nb.method.estimate import Estimate
from tep_nb.method.tep import TEP
from tep_nb.model.budget import Usage
from tep_nb.notebook.views import graph_view, review_view, studio
from tep_nb.notebook.views.painter import Coalescer
from tep_nb.notebook.views.studio import GraphView, ReviewView, StudioView


class Bench:
    """A workbench that records what it is asked."""

    def __init__(self, state=None, graph=None):
        self.state = state
        self.graph = graph or (state.graph if state else None)
        self.session = None
        if state:
            self.session = SimpleNamespace(
                path="/home/ada/run.tep", usage=Usage({}, {}), estimate=lambda: Estimate({}, {}), method=TEP(seed=0),
                journal=SimpleNamespace(tally=list), ended="",
            )  # fmt: skip
        self.progress = self.running = None
        self.planned, self.began, self.setup = 0, 0.0, {}
        self.errors, self.by, self.number = "", "ada", 1 if state else 0
        self.asked = []
        self.callbacks = []
        self.future = Future()

    def command(self, verb, *, within=None, **args):
        self.asked.append((verb, args))
        self.within = within
        if verb == "undo":
            raise TepError("nothing to undo")
        return self.future

    def subscribe(self, callback):
        self.callbacks.append(callback)
        return lambda: self.callbacks.remove(callback)

    def tell(self, what):
        for callback in tuple(self.callbacks):
            callback(what)


@pytest.fixture
def opened(monkeypatch):
    """A studio, its bench, and what it sends."""
    bench = Bench(a_state())
    view = studio(bench)
    sent = []
    monkeypatch.setattr(view, "send", sent.append)
    return view, bench, sent


def ask(view, verb, **args):
    view._receive(view, {"id": "p-1", "verb": verb, "args": args}, [])


def until(holds):
    limit = time.monotonic() + 5
    while not holds():
        assert time.monotonic() < limit
        time.sleep(0.005)


def test_command_is_handed_over_and_answered(opened):
    """The handler returns at once; the answer goes out when the command ends, with the id of the question."""
    view, bench, sent = opened
    ask(view, "take", proposal="0.1.collect.1", hunks=[1, 2])
    assert bench.asked == [("take", {"proposal": "0.1.collect.1", "hunks": [1, 2]})]
    assert sent == []
    bench.future.set_result(None)
    assert sent == [{"id": "p-1", "ok": True, "error": "", "note": "", "data": None}]


def test_command_is_for_the_session_that_the_page_showed(opened):
    """Its number goes along: another session may call another proposal the same. What is no number says nothing."""
    view, bench, _ = opened
    assert view.page["status"]["session"] == 1
    view._receive(view, {"id": "p-1", "verb": "step", "args": {}, "session": 1}, [])
    assert bench.within == 1
    view._receive(view, {"id": "p-2", "verb": "step", "args": {}, "session": "1"}, [])
    assert bench.within is None


def test_failure_is_an_answer(opened):
    """Errors of the command, and of handing it over, reach the page; a stop is no failure."""
    view, bench, sent = opened
    ask(view, "undo")
    assert sent.pop()["error"] == "nothing to undo"
    bench.future.set_exception(TepError("no\u202e way"))
    ask(view, "step")
    answer = sent.pop()
    assert not answer["ok"]
    assert "\u202e" not in answer["error"]
    bench.future = Future()
    bench.future.set_exception(Stopped("step was stopped"))
    ask(view, "step")
    assert sent.pop() == {"id": "p-1", "ok": True, "error": "", "note": "step was stopped", "data": None}


@pytest.mark.parametrize(("verb", "args"), [
    ("drop", {}), ("__init__", {}), (None, {}), (["step"], {}), ("step", {"by": "someone else"}), ("approve", {"proposal": 1}),
    ("take", {"proposal": "p", "hunks": ["1"]}), ("take", {"proposal": "p", "hunks": [True]}),
    ("approve", {"proposal": "p", "by": "someone else"}), ("approve", {"proposal": "p", "seconds": -1}),
    ("approve", {"proposal": "p", "seconds": float("nan")}), ("approve", {"proposal": "p", "seconds": True}),
    ("rewind", {"to": "1"}), ("rewind", {"to": True}), ("freeze", {"prompt": "p", "off": 1}),
])  # fmt: skip
def test_page_may_ask_for_its_own_verbs_only(opened, verb, args):
    """A page is a stranger: other verbs, names and types are refused before the workbench hears of them."""
    view, bench, sent = opened
    ask(view, verb, **args)
    assert bench.asked == []
    assert "reload the page" in sent[0]["error"]


@pytest.mark.parametrize("message", [None, "step", {}, {"verb": "step"}, []])
def test_nonsense_is_ignored(opened, message):
    """What is no command gets no answer and does no harm."""
    view, bench, sent = opened
    view._receive(view, message, [])
    assert (bench.asked, sent) == ([], [])


@pytest.mark.parametrize("path", ["", ".", "..", "../run.tep", "/etc/passwd", "a/b.tep", "a\\b.tep", "a\0b"])
def test_page_names_files_beside_the_session_only(opened, path):
    """A saved page could be changed by anybody: it opens and makes no file elsewhere."""
    view, bench, sent = opened
    ask(view, "fork", path=path)
    ask(view, "resume", path=path)
    assert bench.asked == []
    assert all("plain file name" in answer["error"] for answer in sent)


def test_first_word_is_answered_with_everything(opened):
    """So a page learns whether its kernel knows it, and what there is to show; the workbench is not asked."""
    view, bench, sent = opened
    ask(view, "hello")
    painted, answer = sent
    assert painted["whole"]
    assert painted["set"] == view.page
    assert answer["ok"]
    assert bench.asked == []


def test_changes_follow_the_workbench(opened):
    """A change reaches the page, whatever thread it comes from; what is the same is not sent again."""
    view, bench, sent = opened
    ask(view, "hello")
    sent.clear()
    assert len(view.page["review"]["queue"]) == 2
    bench.state = bench.state.apply(ev.Decided(decision=bench.state.step.pending[0].skip("ada")))
    thread = threading.Thread(target=bench.tell, args=("state",))
    thread.start()
    thread.join()
    until(lambda: sent)
    assert not sent[0]["whole"]
    assert sent[0]["set"] == {name: view.page[name] for name in sent[0]["set"]}
    assert {"review", "status"} <= set(sent[0]["set"])
    assert len(view.page["review"]["queue"]) == 1
    assert view.page["status"]["pending"] == 1


def test_page_that_has_not_spoken_is_told_everything(opened):
    """Its first word may wait for a busy cell: until then each update is whole."""
    _, bench, sent = opened
    bench.errors = "something"
    bench.tell("error")
    until(lambda: sent)
    assert sent[0]["whole"]
    assert sent[0]["set"]["status"]["error"] == "something"


def test_slow_page_gets_the_last_word_and_not_every_one(opened):
    """While a page takes in an update the next ones are joined; its sign that it is through lets them go."""
    view, bench, sent = opened
    ask(view, "hello")
    bench.errors = "first"
    bench.tell("error")
    until(lambda: sent[-1].get("set", {}).get("status", {}).get("error") == "first")
    count = len(sent)
    for number in range(100):
        bench.errors = f"error {number}"
        bench.tell("error")
    view._receive(view, {"seen": sent[-1]["paint"]}, [])
    until(lambda: sent[-1]["set"]["status"]["error"] == "error 99")
    assert len(sent) <= count + 3


def test_view_that_cannot_be_drawn_says_so(opened):
    """An exception in a callback would vanish: the page shows it, until the next update works."""
    view, bench, _ = opened
    good, bench.state = bench.state, "no state"
    bench.tell("state")
    until(lambda: "cannot be drawn" in view.page.get("trouble", ""))
    bench.state = good
    bench.tell("state")
    until(lambda: view.page["trouble"] == "")


def test_two_views_of_one_bench_agree():
    """Each has its own selection; all else is the same."""
    bench = Bench(a_state())
    one, other = studio(bench), studio(bench)
    assert one.page == other.page
    one.close()
    assert len(bench.callbacks) == 1


def test_traits_hold_no_prompt_no_path_and_no_dataset():
    """Traits are saved into notebooks in clear text: of what the page shows, they hold the graph and where the session stands."""
    state = a_state()
    view = studio(Bench(state))
    held = json.dumps(view.get_state())
    assert "/home/ada" not in held
    assert "run.tep" in held
    assert '"q2"' not in held
    for proposal in state.step.pending:
        assert json.dumps(proposal.after)[1:-1] not in held
        assert json.dumps(proposal.rationale)[1:-1] not in held


def test_saved_output_can_be_read_without_a_kernel():
    """Beside the widget stand SVG, PNG and a line of text; for the review, its HTML. A session's studio has them elsewhere."""
    data, _ = studio(Bench(a_state()))._repr_mimebundle_()
    assert set(data) == {"application/vnd.jupyter.widget-view+json", "text/plain"}
    data, _ = studio(Bench(graph=a_graph()))._repr_mimebundle_()
    assert "image/png" in data
    data, _ = graph_view(Bench(a_state()))._repr_mimebundle_()
    assert {"application/vnd.jupyter.widget-view+json", "image/svg+xml", "image/png", "text/plain"} <= set(data)
    assert "pending: collect, answer" in data["text/plain"]
    data, _ = review_view(Bench(a_state()))._repr_mimebundle_()
    assert "<ins>" in data["text/html"]
    data, _ = graph_view(Bench(graph=a_graph()))._repr_mimebundle_()
    assert "drafts" in data["text/plain"]
    data, _ = graph_view(Bench())._repr_mimebundle_()
    assert "image/svg+xml" not in data


def test_coalescer_joins_what_comes_close_together():
    """Changes go out together, in far fewer updates, and the last is never lost."""
    heard = []
    soon = Coalescer(heard.append, pause=0.1)
    for number in range(50):
        soon(f"change {number}")
    every = {f"change {number}" for number in range(50)}
    until(lambda: frozenset().union(*heard) == every)
    assert len(heard) <= 3


def test_coalescer_never_flushes_on_the_thread_that_notes():
    """That may be the session's, which has calls in flight."""
    heard = []
    soon = Coalescer(lambda _: heard.append(threading.current_thread()), pause=0.01)
    soon("change")
    until(lambda: heard)
    assert heard[0] is not threading.current_thread()


def test_coalescer_hears_what_comes_while_it_sends():
    """A change during an update is part of the next one."""
    heard = []

    def flush(what):
        heard.append(what)
        if len(heard) == 1:
            soon("during")

    soon = Coalescer(flush, pause=0.01)
    soon("first")
    until(lambda: heard == [{"first"}, {"during"}])


def test_coalescer_can_be_emptied_at_once():
    """What waits for the pause goes out now, and does not go out again."""
    heard = []
    soon = Coalescer(heard.append, pause=60, patience=lambda: 60.0)
    soon("first")
    soon("second")
    soon.now()
    soon.now()
    assert heard == [{"first", "second"}]


def test_answer_comes_after_the_state_that_it_is_about(opened):
    """Else the page would offer for a moment what was just decided."""
    view, bench, sent = opened
    bench.state = bench.state.apply(ev.Decided(decision=bench.state.step.pending[0].skip("ada")))
    ask(view, "skip", proposal="0.1.collect.1")
    bench.tell("state")
    bench.future.set_result(None)
    painted, answer = sent  # whichever thread was faster
    assert len(painted["set"]["review"]["queue"]) == 1
    assert answer["ok"]


@pytest.mark.parametrize("view", [GraphView, ReviewView, StudioView])
def test_no_two_parts_of_a_page_declare_one_name(view):
    """The parts of a page are one module: a name that is declared twice would leave the page empty."""
    names = re.findall(r"^(?:async )?(?:function|class|const|let) (\w+)", str(view._esm), re.MULTILINE)
    assert [name for name, n in Counter(names).items() if n > 1] == []
