"""What a page is told when things happen at once, and when a part of it cannot be drawn."""

import threading

from test_views_link import Bench, ask, until
from test_views_states import a_state

from tep_nb.core import events as ev
from tep_nb.notebook.views import studio
from tep_nb.notebook.views.link import View


def test_change_between_the_first_drawing_and_listening_is_shown():
    """A step that ends while a studio opens is not lost."""

    class Busy(Bench):
        def subscribe(self, callback):
            self.state = self.state.apply(ev.Decided(decision=self.state.step.pending[0].skip("ada")))
            return super().subscribe(callback)

    view = studio(Busy(a_state()))
    until(lambda: view.page["status"]["pending"] == 1 and len(view.page["review"]["queue"]) == 1)


def test_update_goes_out_before_the_whole_page_that_holds_it(monkeypatch):
    """A page that speaks while an update is under way hears of things in their order, never an older page after a newer one."""
    bench = Bench(a_state())
    view = studio(bench)
    sent = []
    other = threading.Thread(target=ask, args=(view, "hello"))

    def send(message):
        if not sent and other.ident is None:
            other.start()
            other.join(0.2)  # it waits for this update
        sent.append(message)

    monkeypatch.setattr(view, "send", send)
    bench.errors = "something"
    bench.tell("error")
    view._soon.now()
    other.join()
    numbers = [message["paint"] for message in sent if "paint" in message]
    assert numbers == sorted(numbers)
    assert [message["set"]["status"]["error"] for message in sent if "paint" in message] == ["something", "something"]


class Two(View):
    """One part that fails while the bench has an error, and one that never does."""

    PARTS = (
        (lambda bench: {"first": 1 / (not bench.errors)}, frozenset({"state"})),
        (lambda bench: {"second": bench.by}, frozenset({"state", "progress"})),
    )


def test_part_that_fails_holds_no_other_back_and_is_asked_again(monkeypatch):
    """What can be drawn is drawn; the trouble stays on the page until the part that has it is drawn again."""
    bench = Bench(a_state())
    view = Two(bench)
    monkeypatch.setattr(view, "send", lambda message: None)
    bench.errors, bench.by = "broken", "eve"
    view._flush(frozenset({"state"}))
    assert "cannot be drawn" in view.page["trouble"]
    assert view.page["second"] == "eve"
    view._flush(frozenset({"progress"}))
    assert "cannot be drawn" in view.page["trouble"]
    bench.errors = ""
    view._flush(frozenset({"progress"}))
    assert view.page["trouble"] == ""
    assert view.page["first"] == 1
