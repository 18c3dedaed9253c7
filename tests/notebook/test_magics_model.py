"""``%tep model``: servers are checked, limits are read, several models are compared."""

import threading

import pytest
from faults.plan import Plan
from faults.server import FaultServer, simulated
from real_shell import AGENTS, Shell

import tep_nb as tep
from tep_nb.model.simulated.server import Server


@pytest.fixture
def shell():
    made = Shell()
    yield made
    made.close()


@pytest.fixture(autouse=True)
def no_key(monkeypatch):
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    monkeypatch.delenv("OPENAI_BASE_URL", raising=False)


@pytest.fixture
def url():
    with Server(0, tep.SimulatedModel(seed=0)) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        thread.start()
        yield server.url
        server.shutdown()
        thread.join()


def test_a_server_is_checked_when_it_is_named(shell, url):
    """One tiny call: where it went, how long it took, and what was learnt; unless it is left away."""
    ran = shell.good(f"%tep model openai:simulated --base-url {url}")
    assert f"actor: simulated model; {url.removeprefix('http://')} answered in " in ran.out
    assert "with its own count of tokens" in ran.out
    ran = shell.good("%tep model openai:m --base-url http://127.0.0.1:9/v1 --no-check")
    assert "not checked" in ran.out


def test_what_a_server_does_otherwise_is_said(shell):
    """Refused forms and settings are found out by the first call, a sentence each."""
    plan = Plan(json_schema="400", refused=("max_tokens", "seed"))
    with FaultServer(simulated(), plan) as server:
        ran = shell.good(f"%tep model openai:simulated --base-url {server.url}")
    assert "at attempt 4" in ran.out
    for part in ("seed is not accepted", "JSON is asked for as json_object", "max_completion_tokens"):
        assert part in ran.out


@pytest.mark.parametrize(
    ("words", "parts"),
    [
        ("openai:m --base-url http://127.0.0.1:9/v1", ["no server answers at 127.0.0.1:9/v1", "is it running"]),
        ("openai:other --base-url {url}", ["error 404", "there is no model 'other'", "'simulated' (it has simulated);"]),
        ("openai:m --price 3", ["IN/OUT", "0.4/1.6"]),
        ("openai:m --price a/b", ["--price is 'a'", "a number"]),
        ("openai:m --rpm 0", ["--rpm", "1"]),
        ("openai:m --concurrency many", ["--concurrency", "many"]),
        ("openai:m --timeout soon", ["--timeout is 'soon'"]),
        ("openai:m --timeout 0 --base-url {url}", ["above 0"]),
        ("simulated --price 1/2", ["--price belongs to", "simulated model"]),
        ("simulated --no-check", ["--no-check belongs to openai:NAME"]),
        ("mine --tpm 10", ["limits=tep_nb.Limits"]),
    ],
)
def test_a_model_that_cannot_be_had_is_one_line(shell, url, words, parts):
    """The thing, what was expected, the remedy; the model before it stays."""
    shell.good("%tep model simulated")
    shell.ip.user_ns["mine"] = tep.ScriptedModel([])
    before = shell.bench.drafts.models["actor"]
    line = shell.bad(f"%tep model {words.format(url=url)}")
    for part in parts:
        assert part in line, line
    assert shell.bench.drafts.models["actor"] is before


def test_limits_and_prices_are_the_models_own(shell, url):
    """Each model has its own, a function too."""
    options = "--concurrency 3 --rpm 100 --tpm 20000 --price 0.4/1.6 --timeout 9 --max-tokens 500"
    shell.good(f"%tep model openai:simulated --base-url {url} {options}", "def mine(messages): return 'x'")
    shell.good("%tep model mine --for critic --rpm 7")
    actor, critic = (shell.bench.drafts.models[role] for role in ("actor", "critic"))
    assert actor.limits == tep.Limits(3, 100, 20000, 0.4, 1.6)
    assert (actor.timeout, actor.max_tokens) == (9, 500)
    assert critic.limits == tep.Limits(requests_per_minute=7)


def test_prompts_are_measured_on_several_models(shell, tmp_path, monkeypatch):
    """Every model named makes a line of the transfer table, and an event."""
    monkeypatch.chdir(tmp_path)
    shell.declare()
    shell.good("def dumb(messages): return '7'", "%tep model dumb --for dumb", "%tep model simulated --for other")
    shell.good("%tep start r.tep")
    ran = shell.good("%tep evaluate validation --model other --model dumb")
    lines = [line for line in ran.out.splitlines() if line.startswith("validation:")]
    assert len(lines) == 2
    assert "simulated model" in lines[0]
    assert "model dumb@" in lines[1]
    assert [look.model.partition("@")[0] for look in shell.bench.state.evaluations] == ["simulated", "dumb"]


def test_the_cost_is_told_before_it_is_paid(shell, tmp_path, monkeypatch, url):
    """Likely and at most, in tokens, in cost where there are prices, in time once a call was seen; and where it does not fit."""
    monkeypatch.chdir(tmp_path)
    shell.declare()
    shell.good(f"%tep model openai:simulated --base-url {url} --price 1/2", "%tep start r.tep")
    ran = shell.good("%tep cost")
    assert "tokens (guessed), cost " in ran.out
    assert " s\n" not in ran.out
    shell.good("%tep step", "%tep approve all", "%tep budget calls=1")
    ran = shell.good("%tep cost")
    assert "next step, about: " in ran.out
    assert " s\n" in ran.out
    assert "the budget has less room than that" in ran.out


def test_a_cap_on_the_cost_is_warned_of_where_a_model_has_no_price(shell):
    """It works by the models' own prices, and is said to do nothing where one has none; caps are written out."""
    shell.good("def f(messages): return 'x'", "%tep model f --price 1/2")
    assert shell.good("%tep budget cost=5 tokens=1e6").out.startswith("budget: tokens 1,000,000, cost 5\nOut")
    shell.good("%tep model f --for critic")
    assert "the cost cap does nothing without prices" in shell.good("%tep budget cost=6").out


def test_a_run_that_the_budget_stops_says_so(shell, tmp_path, monkeypatch):
    """With the cap and the remedy; with a higher cap it goes on and says nothing of it."""
    monkeypatch.chdir(tmp_path)
    shell.declare()
    shell.good("%tep budget calls=60", "%tep start r.tep")
    ran = shell.good("%tep run --auto approve_all --steps 1")
    assert "ended: budget: the next call would pass the budget of 60 calls (60 spent): raise it" in ran.text
    assert "ended: 1 step" in shell.good("%tep budget calls=5000", "%tep run --auto approve_all --steps 1").text


def test_a_session_is_replayed_without_its_models(shell, tmp_path, monkeypatch):
    """``recorded:FILE`` plays every role; the same cells make the same session, and what was not asked then is refused."""
    monkeypatch.chdir(tmp_path)
    shell.declare()
    shell.good("def judge(messages): return '{}'", "%tep model judge --for judge", "%tep start r.tep")
    shell.good("%tep step", "%tep approve all")
    expected = shell.bench.state.body()
    shell.good("%tep reset", *AGENTS, "%tep data task:object_counting")
    ran = shell.good("%tep model recorded:r.tep")
    assert "critic: simulated model" in ran.out
    assert "judge: model judge@" in ran.out
    shell.good("%tep start again.tep", "%tep step", "%tep approve all")
    assert shell.bench.state.body() == expected
    assert "has no reply of 'simulated'" in shell.bad("%tep ask I have a newt. How many newts do I have?")
    assert "run.tep" in shell.bad("%tep model recorded:")
    assert "nothing.tep" in shell.bad("%tep model recorded:nothing.tep")
    assert "--rpm does not belong" in shell.bad("%tep model recorded:r.tep --rpm 3")
