"""How the calls of one model are let out."""

from __future__ import annotations

import asyncio
import random

import pytest
from scripts import run

import tep_nb as tep
from tep_nb.errors import ConfigError, Retry
from tep_nb.model import throttle as module
from tep_nb.model.throttle import Throttle, Throttles


class Clock:
    """Time that passes only where somebody sleeps."""

    def __init__(self) -> None:
        self.now, self.slept = 1000.0, 0

    def monotonic(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        self.slept += 1
        until = self.now + seconds
        await asyncio.sleep(0)
        self.now = max(self.now, until)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    made = Clock()
    monkeypatch.setattr(module, "monotonic", made.monotonic)
    monkeypatch.setattr(module, "sleep", made.sleep)
    return made


class Model:
    """As much of a model as a throttle looks at."""

    def __init__(self, limits: tep.Limits, timeout: float | None = None) -> None:
        self.limits, self.timeout, self.max_tokens = limits, timeout, None


def made(concurrency: int = 16, timeout: float | None = None, **limits: float) -> Throttle:
    return Throttle(Model(tep.Limits(**limits), timeout), concurrency)  # type: ignore[arg-type]


@pytest.mark.parametrize(("session", "own", "most"), [(16, 3, 3), (2, 9, 2), (5, None, 5)])
def test_the_smaller_number_of_places_holds(session: int, own: int | None, most: int) -> None:
    """No more calls of a model are in flight than it or the session allows; the rest goes in the order of asking."""
    throttle = Throttle(Model(tep.Limits(concurrency=own)), session)
    inside, peak, order = 0, 0, []

    async def call(number: int) -> None:
        nonlocal inside, peak
        async with throttle.slot(1):
            inside += 1
            peak = max(peak, inside)
            order.append(number)
            await asyncio.sleep(0)
            inside -= 1

    async def drive() -> None:
        await asyncio.gather(*(call(number) for number in range(40)))

    run(drive())
    assert (peak, order) == (most, list(range(40)))


def test_a_place_given_to_one_that_was_stopped_goes_on() -> None:
    """Whoever is cancelled while it waits, before or after its turn came, costs nobody a place."""
    throttle = made(1)

    async def hold(begun: asyncio.Event, go: asyncio.Event) -> None:
        async with throttle.slot(1):
            begun.set()
            await go.wait()

    async def drive() -> None:
        for cancels_after_turn in (False, True):
            begun, go, last = asyncio.Event(), asyncio.Event(), asyncio.Event()
            first = asyncio.ensure_future(hold(begun, go))
            await begun.wait()
            second = asyncio.ensure_future(hold(asyncio.Event(), asyncio.Event()))
            third = asyncio.ensure_future(hold(last, go))
            await asyncio.sleep(0)
            go.set()
            if cancels_after_turn:
                await first
            second.cancel()
            await last.wait()
            await asyncio.gather(first, second, third, return_exceptions=True)
            assert second.cancelled()

    run(drive())


def test_requests_a_minute(clock: Clock) -> None:
    """In any 60 seconds at most so many go out."""
    throttle = made(requests_per_minute=5)
    times: list[float] = []

    async def call() -> None:
        async with throttle.slot(100):
            times.append(clock.now)

    async def drive() -> None:
        for _ in range(12):
            await call()

    run(drive())
    assert max(sum(now - 60 < time <= now for time in times) for now in times) == 5
    assert times[-1] - times[0] == 120


def test_tokens_a_minute_count_both_sides(clock: Clock) -> None:
    """Prompts as estimated and answers as counted share the limit; a request above it goes out alone."""
    throttle = made(tokens_per_minute=1000)
    times: list[float] = []

    async def call(tokens: int, answer: int) -> None:
        async with throttle.slot(tokens):
            times.append(clock.now)
            throttle.answered("actor", 0.1, answer)

    async def drive() -> None:
        for tokens, answer in ((400, 300), (300, 0), (100, 0), (5000, 0), (1, 0)):
            await call(tokens, answer)

    run(drive())
    assert [time - 1000 for time in times] == [0, 0, 60, 120, 180]


def test_a_refusal_holds_everybody_back(clock: Clock) -> None:
    """After a 429 nobody knocks before the time that the server named, and then not all at the same moment."""
    throttle = made(200)
    times: list[float] = []

    async def call() -> None:
        async with throttle.slot(1):
            times.append(clock.now)

    async def drive() -> None:
        assert throttle.again(Retry("limited", 7.0), 0, 1) == 0.0
        await asyncio.gather(*(call() for _ in range(50)))

    run(drive())
    assert min(times) >= 1007
    assert clock.slept >= 50


def test_a_crowd_that_is_refused_gets_smaller_and_grows_again(clock: Clock) -> None:
    """Where most were refused, half as many are let out from the next refusal on; a rare one changes nothing; answers open up."""
    throttle = made(16)

    async def peak() -> int:
        inside = most = 0

        async def call() -> None:
            nonlocal inside, most
            async with throttle.slot(1):
                inside += 1
                most = max(most, inside)
                await asyncio.sleep(0)
                inside -= 1

        await asyncio.gather(*(call() for _ in range(40)))
        return most

    async def drive() -> None:
        for refusals, answers, expected in ((3, 9, 16), (12, 9, 16), (1, 0, 8)):
            for _ in range(refusals):
                throttle.again(Retry("limited", 1.0), 0, 1)
            for _ in range(answers):
                throttle.answered("actor", 0.1, 1)
            assert await peak() == expected
        for _ in range(200):
            throttle.answered("actor", 0.1, 1)
        assert await peak() == 16

    run(drive())


@pytest.mark.parametrize(
    ("retry", "tries", "refusals", "low", "high"),
    [
        (Retry("no"), 1, 0, None, None),
        (Retry("transient"), 1, 0, 0.125, 0.375),
        (Retry("transient"), 3, 0, 0.5, 1.5),
        (Retry("transient", 9.0), 1, 0, 9, 9),
        (Retry("transient"), 8, 0, None, None),
        (Retry("transient", 3600.0), 1, 0, None, None),
        (Retry("reformat"), 5, 0, 0, 0),
        (Retry("reformat"), 12, 0, None, None),
        (Retry("limited", 5.0), 7, 30, 0, 0),
        (Retry("limited", 5.0), 0, 100, None, None),
        (Retry("limited", 3600.0), 0, 1, None, None),
    ],
)
def test_whether_and_when_to_ask_again(
    retry: Retry, tries: int, refusals: int, low: float | None, high: float | None
) -> None:
    """Decided by a value alone: never, at once, later and later, or after what the server says; not for a quota of hours."""
    for seed in range(20):
        random.seed(seed)
        pause = made().again(retry, tries, refusals)
        assert (pause is None) == (low is None)
        if pause is not None and low is not None and high is not None:
            assert low <= pause <= high


def test_patience_follows_the_answers(clock: Clock) -> None:
    """The timeout, until eight answers to a role are known; then eight times the slowest, between an eighth and all of it."""
    throttle = made(timeout=80.0)
    assert throttle.patience("actor", 0) == 80
    for _ in range(8):
        throttle.answered("actor", 2.0, 1)
    assert [throttle.patience("actor", tries) for tries in range(4)] == [16, 32, 64, 80]
    assert throttle.patience("editor", 0) == 80
    for _ in range(8):
        throttle.answered("editor", 0.01, 1)
    assert throttle.patience("editor", 0) == 10
    throttle.answered("editor", 60.0, 1)
    assert throttle.patience("editor", 0) == 80


def test_an_attempt_in_flight_learns_of_the_others() -> None:
    """What was sent before anything was known is not waited for to the end once eight others have answered."""
    throttle = made(timeout=3600.0)

    async def drive() -> None:
        with pytest.raises(TimeoutError):
            async with throttle.timed("actor", 0):
                for _ in range(8):
                    throttle.answered("actor", -1e9, 1)
                throttle.timeout = 1e-9
                for timer in tuple(throttle._timers["actor"]):
                    timer.reschedule(asyncio.get_running_loop().time())
                await asyncio.get_running_loop().create_future()

    run(drive())


def test_one_throttle_a_model() -> None:
    """Models are told apart by themselves, not by their names; a model without limits has none."""
    throttles = Throttles(7)
    one, two = tep.ScriptedModel([]), tep.ScriptedModel([])
    assert throttles.of(one) is throttles.of(one) is not throttles.of(two)
    assert throttles.of(one).limits == tep.Limits()
    assert throttles.of(one).timeout is None


@pytest.mark.parametrize(
    ("limits", "error", "match"),
    [
        ({"concurrency": 0}, ConfigError, "1 or more"),
        ({"requests_per_minute": 2.5}, ConfigError, "no whole number"),
        ({"prompt_price": -1}, ConfigError, "0 or more"),
        ({"backoff": 0}, ConfigError, "above 0"),
        ({"tokens_per_minute": float("inf")}, ConfigError, "expected a number"),
        ({"attempts": True}, TypeError, "a number"),
        ({"attempts": None}, TypeError, "a number"),
        ({"completion_price": "1"}, TypeError, "a number"),
    ],
)
def test_wrong_limits_are_refused(limits: dict[str, object], error: type[Exception], match: str) -> None:
    """In one line that names the limit."""
    with pytest.raises(error, match=f"limit {next(iter(limits))}.*{match}") as caught:
        tep.Limits(**limits)  # type: ignore[arg-type]
    assert "\n" not in str(caught.value)


def test_a_server_that_is_behind_is_asked_less_at_once() -> None:
    """One silence is a lost reply; further ones without an answer between them halve the crowd, and answers let it grow."""
    throttle = made(16)
    throttle.silent()
    throttle.answered("actor", 0.1, 1)
    throttle.silent()
    assert throttle._room == 16
    throttle.silent()
    throttle.silent()
    assert throttle._room == 4
    throttle.answered("actor", 0.1, 1)
    assert 4 < throttle._room < 5
