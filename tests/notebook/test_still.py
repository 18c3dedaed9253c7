"""What a studio leaves beside it: drawn when it has to be, sent once each way, whoever is looking."""

import threading
from dataclasses import replace

import pytest
from test_views_states import a_state

from tep_nb.core import events as ev
from tep_nb.model.budget import Usage
from tep_nb.notebook.still import Still


class Session:
    def __init__(self, state):
        self.state, self.usage = state, Usage({}, {})


class Bench:
    """A workbench with a session in this state."""

    def __init__(self, state):
        self.state = state

    def current(self):
        return Session(self.state)


class Page:
    """Counts what is published, by what it shows."""

    def __init__(self, state):
        self.bench, self.got, self.data, self.news = Bench(state), [], [], threading.Event()
        self.still = Still(self.bench, self.publish, lambda _: "a session")

    def publish(self, data, identity, *, update=False):
        kind = "summary" if "text/html" in data else "graph" if "image/svg+xml" in data else "history"
        self.got.append((kind, identity, update))
        self.data.append((data, identity))
        if kind == "history":
            self.news.set()

    def kinds(self):
        found = [kind for kind, _, _ in self.got]
        self.got.clear()
        return found


@pytest.fixture
def page():
    page = Page(a_state())
    page.still.show()
    return page


def test_a_studio_leaves_the_graph_the_history_and_the_summary(page):
    """Pictures first, then the words; each under a display id of its own."""
    assert [(kind, update) for kind, _, update in page.got] == [("graph", False), ("history", False), ("summary", False)]
    assert len({identity for _, identity, _ in page.got}) == 3


def test_before_a_session_the_outputs_are_empty_and_filled_once_it_begins():
    """A studio that was opened on drafts leaves the same outputs in the end."""
    page = Page(None)
    page.still.show()
    page.still.refresh(cell=True)
    page.still.settle()
    assert [data for data, _ in page.data] == [{"text/plain": ""}] * 3
    empty = [identity for _, identity in page.data]
    page.bench.state = a_state()
    page.got.clear()
    page.still.refresh(cell=True)
    page.still.settle()
    assert [(kind, update) for kind, _, update in page.got] == [("summary", True), ("graph", True), ("history", True)]
    assert sorted(identity for _, identity, _ in page.got) == sorted(empty)


def test_a_decision_sends_the_summary_and_a_decided_step_the_pictures(page):
    """In the middle of a step nothing is drawn anew; what has not changed is not sent again."""
    page.still.refresh(cell=True)
    page.still.settle()
    page.kinds()
    first, second = page.bench.state.step.pending
    page.bench.state = page.bench.state.apply(ev.Decided(decision=first.approve("ada")))
    page.still.refresh(cell=True)
    page.still.settle()
    assert page.kinds() == ["summary"]
    page.bench.state = page.bench.state.apply(ev.Decided(decision=second.skip("ada")))
    page.still.refresh(cell=True)
    assert page.kinds() == ["summary"]
    page.still.settle()
    assert page.kinds() == ["graph", "history"]
    page.still.refresh(cell=True)
    page.still.settle()
    assert page.kinds() == []


def test_between_cells_the_pictures_come_from_a_thread_of_their_own(page):
    """Whoever decides on the page does not wait for them; the cell that waits later sends its own."""
    for proposal in page.bench.state.step.pending:
        page.bench.state = page.bench.state.apply(ev.Decided(decision=proposal.skip("ada")))
    page.kinds()
    page.news.clear()
    page.still.refresh(cell=False)
    assert page.news.wait(60)
    assert sorted(page.kinds()) == ["graph", "history", "summary"]
    page.still.refresh(cell=True)
    page.still.settle()
    assert sorted(page.kinds()) == ["graph", "history", "summary"]


def test_several_studios_are_kept_current_and_old_ones_left(page):
    """Each run of a cell leaves a group; the last four are brought up to date."""
    for _ in range(5):
        page.still.show()
    page.kinds()
    page.bench.state = replace(page.bench.state, branch=1, branches=2)
    page.still.refresh(cell=True)
    page.still.settle()
    assert sorted(page.kinds()) == sorted(["graph", "history", "summary"] * 4)


def test_another_session_at_the_same_point_has_pictures_of_its_own(page):
    """A cell that starts another session and takes a step leaves nothing of the session before."""
    page.still.settle()
    page.kinds()
    other = a_state()
    page.bench.state = replace(other, graph=other.graph.with_frozen("answer", True))
    page.still.settle()
    assert page.kinds() == ["graph"]  # the histories of the two are the same picture
