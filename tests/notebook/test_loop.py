"""The session's thread: order, answers, stop, survival."""

import asyncio
import sys
import threading
from concurrent.futures import CancelledError

import pytest

from tep_nb.errors import Stopped, TepError
from tep_nb.notebook.loop import Loop

WAIT = 10


@pytest.fixture
def loop():
    loop = Loop()
    yield loop
    loop.close()


def test_commands_run_one_after_the_other_in_the_order_they_were_queued(loop):
    """A later command never begins before an earlier one has ended."""
    said = []

    def command(number):
        async def run():
            said.append(("begin", number))
            await asyncio.sleep(0)
            said.append(("end", number))
            return number

        return run

    tickets = [loop.submit(f"c{n}", command(n)) for n in range(20)]
    assert [ticket.result(WAIT) for ticket in tickets] == list(range(20))
    assert said == [(what, n) for n in range(20) for what in ("begin", "end")]
    assert [ticket.number for ticket in tickets] == list(range(1, 21))
    assert loop.idle


def test_plain_functions_and_coroutines_run_on_one_daemon_thread(loop):
    """Whoever submits, the work is done on the session's thread."""

    async def name():
        return threading.current_thread().name, threading.current_thread().daemon

    assert loop.submit("plain", lambda: threading.current_thread().name).result(WAIT) == "tep_nb"
    assert loop.submit("async", name).result(WAIT) == ("tep_nb", True)


def test_a_failure_is_an_answer_and_later_commands_still_run(loop):
    """Each command checks its own preconditions; none inherits another's failure."""

    def fail():
        raise ValueError("no")

    bad, good = loop.submit("bad", fail), loop.submit("good", lambda: 2)
    assert good.result(WAIT) == 2
    with pytest.raises(ValueError, match="no"):
        bad.result(WAIT)
    assert repr(bad) == "<bad: failed>"
    assert repr(good) == "<good: done>"


def test_stop_cancels_the_running_command_and_drops_nothing_else(loop):
    """The queue goes on after a stop."""
    begun = threading.Event()

    async def forever():
        begun.set()
        await asyncio.Event().wait()

    long, next_one = loop.submit("step", forever), loop.submit("after", lambda: "ran")
    assert begun.wait(WAIT)
    assert loop.running is long
    assert loop.stop() is long
    assert next_one.result(WAIT) == "ran"
    with pytest.raises(Stopped, match="step was stopped"):
        long.result(WAIT)


def test_stop_with_nothing_running_does_nothing(loop):
    """A second click on Stop hits no later command."""
    assert loop.stop() is None
    assert loop.submit("x", lambda: 1).result(WAIT) == 1


@pytest.mark.parametrize("depth", [0, 1])
def test_a_function_that_calls_exit_does_not_end_the_thread(loop, depth):
    """SystemExit leaves asyncio's loop even from an inner task; the thread survives it."""

    async def leave():
        sys.exit(3)

    async def inner():
        await asyncio.gather(leave(), asyncio.sleep(0))

    with pytest.raises(TepError, match="exit"):
        loop.submit("leave", inner if depth else leave).result(WAIT)
    assert loop.submit("x", lambda: 1).result(WAIT) == 1


def test_waiting_is_interrupted_without_ending_the_command(loop, monkeypatch):
    """KeyboardInterrupt ends the waiting only."""
    begun, go = threading.Event(), threading.Event()

    async def slow():
        begun.set()
        await asyncio.get_running_loop().run_in_executor(None, go.wait, WAIT)
        return "done"

    ticket = loop.submit("slow", slow)
    assert begun.wait(WAIT)

    def interrupted(*args, **kwargs):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("tep_nb.notebook.loop.wait", interrupted)
        with pytest.raises(KeyboardInterrupt):
            loop.wait([ticket])
    assert not ticket.done()
    assert repr(ticket) == "<slow: running>"
    go.set()
    loop.wait([ticket])
    assert ticket.result() == "done"


def test_a_command_that_waits_for_commands_is_refused_instead_of_hanging(loop):
    """Waiting on the thread that would do the work can never end."""
    with pytest.raises(TepError, match="cannot wait"):
        loop.submit("outer", lambda: loop.wait([])).result(WAIT)


def test_a_tick_leaves_while_a_command_runs():
    """Idle cullers see a sign of life; an idle loop makes none."""
    ticked = threading.Event()
    loop = Loop(ticked.set, every=0.01)
    assert not ticked.is_set()

    async def until_ticked():
        await asyncio.get_running_loop().run_in_executor(None, ticked.wait, WAIT)

    loop.submit("long", until_ticked).result(WAIT)
    assert ticked.is_set()
    loop.close()


def test_close_cancels_everything_and_refuses_more():
    """Nothing runs after an unload, and nobody waits for ever."""
    loop = Loop()
    begun = threading.Event()

    async def forever():
        begun.set()
        await asyncio.Event().wait()

    running, queued = loop.submit("run", forever), loop.submit("queued", lambda: 1)
    assert begun.wait(WAIT)
    loop.close()
    loop.close()
    with pytest.raises(Stopped):
        running.result(WAIT)
    with pytest.raises(CancelledError):
        queued.result(WAIT)
    with pytest.raises(Stopped, match="unloaded"):
        loop.submit("more", lambda: 1)
    assert not any(thread.name == "tep_nb" and thread.is_alive() for thread in threading.enumerate())


def test_any_thread_may_submit(loop):
    """Widgets arrive on kernel subshells, whose thread changes from click to click."""
    tickets = []
    threads = [threading.Thread(target=lambda n=n: tickets.append(loop.submit(str(n), lambda: n))) for n in range(10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(WAIT)
    assert sorted(ticket.result(WAIT) for ticket in tickets) == list(range(10))
