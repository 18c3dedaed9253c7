"""One call of a model: attempts, caps, time limits, and what is written down of them."""

from __future__ import annotations

import asyncio
import json
import random
import sqlite3
from collections import Counter
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from scripts import run

import tep_nb as tep
from tep_nb.errors import BudgetExceeded, ModelError, Retry
from tep_nb.journal import Journal
from tep_nb.model.runtime import Runtime, Where
from tep_nb.model.throttle import Throttles

WHERE = Where("forward", "a1", 3)
QUICK = tep.Limits(backoff=1e-6)


def request(text: str, **more: Any) -> tep.Request:
    return tep.Request((tep.Message.of("user", text),), **more)


class Server:
    """A model that does what ``act(request, how often it was asked this)`` does, and counts like a server."""

    name = "server"
    max_tokens: int | None = None

    def __init__(self, act: Callable[[tep.Request, int], Any], limits: tep.Limits = QUICK, timeout: float | None = None) -> None:
        self.act, self.limits, self.timeout = act, limits, timeout
        self.asked: Counter[str] = Counter()
        self.requests: list[tep.Request] = []
        self.charged = tep.Usage()

    async def complete(self, request: tep.Request) -> tep.Reply:
        self.requests.append(request)
        self.asked[request.text] += 1
        await asyncio.sleep(0)
        made = self.act(request, self.asked[request.text])
        return await made if asyncio.iscoroutine(made) else made

    def charge(self, prompt: int, completion: int) -> tep.Usage:
        self.charged = tep.Usage(self.charged.prompt_tokens + prompt, self.charged.completion_tokens + completion)
        return tep.Usage(prompt, completion)


def ask(server: Any, *requests: tep.Request, journal: Journal | None = None, places: int = 16, **budget: Any) -> list[Any]:
    """Answers or exceptions, in order."""

    async def drive() -> list[Any]:
        async with Runtime(
            journal, tep.Models(server), {}, budget=tep.Budget(**budget), throttles=Throttles(places)
        ) as door:
            return await asyncio.gather(*(door.ask(one, WHERE) for one in requests), return_exceptions=True)

    return run(drive())


def attempts(path: Path) -> list[tuple[Any, ...]]:
    with closing(sqlite3.connect(path)) as connection:
        return connection.execute("SELECT attempt, outcome, reply, usage FROM calls ORDER BY id").fetchall()


def test_what_fails_in_passing_is_asked_again(tmp_path: Path) -> None:
    """Every attempt is written down, numbered, with its outcome; the reply is that of the last."""

    def act(asked: tep.Request, time: int) -> tep.Reply:
        if time < 4:
            raise ModelError(f"busy {time}", Retry(("transient", "reformat", "limited")[time - 1], 0.0))
        return tep.Reply("yes", tep.Usage(5, 1))

    with closing(Journal.create(tmp_path / "r.tep")) as journal:
        (answer,) = ask(Server(act), request("x"), journal=journal)
        assert (answer.reply.text, answer.recorded) == ("yes", False)
        assert sum(row.calls for row in journal.tally()) == 4
    found = attempts(tmp_path / "r.tep")
    assert [row[:2] for row in found] == [(0, "busy 1"), (1, "busy 2"), (2, "busy 3"), (3, "ok")]
    assert [json.loads(row[2]) for row in found] == [None, None, None, ["yes", "stop"]]


@pytest.mark.parametrize(("retry", "times"), [(Retry(), 1), (Retry("transient"), 3), (Retry("limited", 9999.0), 1)])
def test_hopeless_calls_are_given_up(retry: Retry, times: int) -> None:
    """What would fail again is not asked again; what fails in passing as often as the limits say; the error tells how often."""

    def act(asked: tep.Request, time: int) -> tep.Reply:
        raise ModelError("no", retry)

    server = Server(act, tep.Limits(backoff=1e-6, attempts=3))
    (error,) = ask(server, request("x"))
    assert type(error) is ModelError
    assert server.asked["x"] == times
    assert str(error) == ("no" if times == 1 else "no; given up after 3 attempts")


def test_another_spelling_has_attempts_of_its_own() -> None:
    """What failed in passing before a request was spelt anew does not count against it; the number of spellings is bounded."""
    kinds = [*["transient"] * 2, "reformat", *["transient"] * 2, "reformat", *["transient"] * 2]

    def act(asked: tep.Request, time: int) -> tep.Reply:
        if time <= len(kinds):
            raise ModelError("no", Retry(kinds[time - 1]))
        return tep.Reply("yes")

    server = Server(act, tep.Limits(backoff=1e-6, attempts=3))
    (answer,) = ask(server, request("x"))
    assert answer.reply.text == "yes"
    kinds[:] = ["reformat"] * 99
    (error,) = ask(server, request("y"))
    assert str(error) == "no; given up after 12 attempts"


def test_silence_ends_an_attempt(tmp_path: Path) -> None:
    """A reply that does not come within the timeout is asked for again; its attempt is charged with all it may have taken."""

    async def hang() -> Any:
        return await asyncio.get_running_loop().create_future()

    server = Server(lambda asked, time: hang() if time == 1 else tep.Reply("yes", tep.Usage(5, 1)), timeout=0.01)
    with closing(Journal.create(tmp_path / "r.tep")) as journal:
        (answer,) = ask(server, request("x"), journal=journal, tokens=10_000)
    assert answer.reply.text == "yes"
    lost, ok = attempts(tmp_path / "r.tep")
    assert "no reply within" in lost[1]
    assert json.loads(lost[3])["completion_tokens"] > (server.requests[0].max_tokens or 0) > 0
    assert json.loads(ok[3]) == {"prompt_tokens": 5, "completion_tokens": 1, "estimated": False}


FAULTS = ("transient", "lost", "limited", "length", "long")


def chaos(seed: int, server: list[Server]) -> Callable[[tep.Request, int], tep.Reply]:
    """Answers of every length and faults of every kind, seeded by the request; what was read and written is charged."""

    def act(asked: tep.Request, time: int) -> tep.Reply:
        dice = random.Random(f"{seed} {asked.text} {time}")
        prompt, wrote = len(asked.text) // dice.randint(1, 6) + 1, dice.choice((1, 30, 200, 900, 6000))
        written = min(wrote, asked.max_tokens or wrote)
        fault = dice.choice((*FAULTS, *["none"] * 6)) if time < 5 else "none"
        if fault == "transient":
            raise ModelError("500", Retry("transient"))
        if fault == "limited":
            raise ModelError("429", Retry("limited", 0.0))
        usage = server[0].charge(prompt, written)
        if fault == "lost":
            raise ModelError("dropped", Retry("transient", lost=True))
        return tep.Reply("word", usage, "length" if written < wrote else "stop")

    return act


@pytest.mark.parametrize("places", [1, 16, 200])
@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("cap", [{"calls": 60}, {"tokens": 60_000}, {"cost": 0.05}])
def test_no_cap_is_ever_passed(tmp_path: Path, cap: dict[str, Any], seed: int, places: int) -> None:
    """Calls, tokens and cost as the server counts them stay within the cap at any concurrency, whatever goes wrong.

    With a higher cap the rest is asked for, and nothing that was recorded is asked for again.
    """
    made: list[Server] = []
    server = Server(chaos(seed, made), tep.Limits(backoff=1e-6, prompt_price=1, completion_price=2))
    made.append(server)
    requests = [request(f"number {n} " + "x" * (n * 7)) for n in range(120)]
    with closing(Journal.create(tmp_path / "r.tep")) as journal:
        done = ask(server, *requests, journal=journal, places=places, **cap)
        spent = {
            "calls": len(server.requests),
            "tokens": server.charged.tokens,
            "cost": (server.charged.prompt_tokens + 2 * server.charged.completion_tokens) / 1e6,
        }
        (name, most) = next(iter(cap.items()))
        assert spent[name] <= most
        assert spent[name] > 0
        assert {type(one) for one in done if isinstance(one, BaseException)} == {BudgetExceeded}
        answered = {one.text for one, answer in zip(requests, done, strict=True) if not isinstance(answer, BaseException)}
        server.asked.clear()
        rest = ask(server, *requests, journal=journal, places=places)
        assert not any(isinstance(one, BaseException) for one in rest)
        assert not answered & set(server.asked)


def test_a_cap_on_tokens_bounds_the_answer() -> None:
    """Only then is a longest answer sent, where nobody named one; an answer cut at it is asked for with more room."""

    def act(asked: tep.Request, time: int) -> tep.Reply:
        cut = asked.max_tokens is not None and asked.max_tokens < 5000
        return tep.Reply("word", tep.Usage(3, min(5000, asked.max_tokens or 5000)), "length" if cut else "stop")

    server = Server(act)
    ask(server, request("x"))
    assert [one.max_tokens for one in server.requests] == [None]
    (answer,) = ask(server, request("y"), tokens=100_000)
    assert answer.reply.finish == "stop"
    assert [one.max_tokens for one in server.requests[1:]] == [4096, 8192]
    (answer,) = ask(server, request("z", max_tokens=7), tokens=100_000)
    assert (answer.reply.finish, server.requests[-1].max_tokens) == ("length", 7)
    (error,) = ask(server, request("w"), tokens=1000)
    assert isinstance(error, BudgetExceeded)
    assert "did not fit the" in str(error)


def test_calls_in_flight_are_waited_for_before_the_cap_says_no() -> None:
    """What was set aside and not needed is there for the next: a cap that fits all calls one by one fits them at once too."""
    server = Server(lambda asked, time: tep.Reply("word", tep.Usage(10, 10)))
    done = ask(server, *(request(f"{n:03}") for n in range(100)), places=100, tokens=6500)
    assert sum(isinstance(one, BudgetExceeded) for one in done) == 0


def test_prices_are_the_models_own_or_the_budgets(tmp_path: Path) -> None:
    """A call keeps the price it was made at; what was recorded without one is priced by the budget."""
    own = Server(lambda asked, time: tep.Reply("word", tep.Usage(1000, 500)), tep.Limits(prompt_price=2, completion_price=4))
    plain = tep.ScriptedModel([tep.Reply("word", tep.Usage(1000, 500))])
    free = tep.ScriptedModel([tep.Reply("word", tep.Usage(1000, 500))], "free")
    with closing(Journal.create(tmp_path / "r.tep")) as journal:
        ask(own, request("x"), journal=journal, prompt_price=100)
        ask(plain, request("y"), journal=journal, prompt_price=1)
        ask(free, request("z"), journal=journal)
        from tep_nb.model.budget import Usage

        usage = Usage.of(journal.tally(), tep.Budget(completion_price=10))
    costs = {name: spent.cost for name, spent in usage.models.items()}
    assert costs == pytest.approx({"server": 0.004, "scripted": 0.001, "free": 0.005})
    assert usage.total.cost == pytest.approx(0.01)
