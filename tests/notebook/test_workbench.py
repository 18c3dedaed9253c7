"""The one door that cells and widgets share."""

import asyncio
import threading

import pytest

from tep_nb.core.data import Dataset
from tep_nb.core.metric import resolve
from tep_nb.core.node import Agent
from tep_nb.errors import BudgetExceeded, ConfigError, GraphError, ModelError, ReviewError, Stopped
from tep_nb.method.tep import TEP
from tep_nb.model.budget import Budget
from tep_nb.model.function import FunctionModel
from tep_nb.notebook import commands
from tep_nb.notebook.workbench import Workbench, author

WAIT = 20


class Gate:
    """A model that answers when it is told to."""

    name = "gate"

    def __init__(self):
        self.begun, self.go = threading.Event(), threading.Event()

    async def complete(self, request):
        self.begun.set()
        await asyncio.get_running_loop().run_in_executor(None, self.go.wait, WAIT)
        return await FunctionModel(lambda messages: "1").complete(request)


@pytest.fixture
def bench(tmp_path):
    bench = Workbench("ann")
    drafts = bench.drafts
    for name, text in (("plan", "Plan {{question}}"), ("answer", "Answer {{plan}}")):
        drafts.nodes[name] = Agent(name, text)
    drafts.data = Dataset(*([{"question": f"q{part}{n}", "target": "1"} for n in range(8)] for part in "abc"))
    drafts.metric = resolve("exact_match")
    drafts.objective = "Answers are 1."
    drafts.method = TEP(phases=("nudged",))
    drafts.models["actor"] = FunctionModel(lambda messages: "0" if "BAD" in messages[-1]["content"] else "1", "obedient")
    bench.path = str(tmp_path / "run.tep")
    yield bench
    bench.close()


def do(bench, verb, **args):
    return bench.command(verb, **args).result(WAIT)


def test_every_command_has_an_id_and_an_answer(bench):
    """Errors are answers too, also for a verb or an argument that there is not."""
    tickets = [bench.command("start", path=bench.path), bench.command("nonsense"), bench.command("skip", propsal="x")]
    bench.loop.wait(tickets)
    tickets.append(bench.command("stop"))
    assert [ticket.number for ticket in tickets] == [1, 2, 3, 4]
    assert tickets[0].result(WAIT) is bench.session
    with pytest.raises(ConfigError, match="nonsense"):
        tickets[1].result(WAIT)
    with pytest.raises(TypeError, match="propsal"):
        tickets[2].result(WAIT)
    assert tickets[3].result(WAIT) is None, "nothing was running"


def test_commands_of_several_threads_form_one_queue(bench):
    """Widgets of two studios and a cell: each waits its turn, none is lost."""
    do(bench, "start", path=bench.path)
    for number in range(3):
        do(bench, "suggest", prompt="plan", text=f"Plan {number} {{{{question}}}}")
    ids = [p.id for p in bench.state.step.pending]
    tickets = []
    threads = [threading.Thread(target=lambda i=i: tickets.append(bench.command("skip", proposal=i))) for i in ids]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(WAIT)
    for ticket in tickets:
        ticket.result(WAIT)
    assert not bench.state.step.pending
    assert len(bench.state.decisions) == 3


def test_a_proposal_is_named_by_its_id_its_prompt_or_an_agent(bench):
    """Several for one prompt are told apart by id."""
    do(bench, "start", path=bench.path)
    assert bench.find("plan") is None
    first = do(bench, "suggest", prompt="plan", text="Plan well {{question}}")
    assert bench.find("plan") is bench.find(first.id) is first
    second = do(bench, "suggest", prompt="plan", text="Plan better {{question}}")
    with pytest.raises(ReviewError, match=r"2 proposals wait for plan: name one by its id"):
        bench.find("plan")
    with pytest.raises(GraphError, match="did you mean 'plan'"):
        bench.find("plam")
    do(bench, "approve", proposal=second.id)
    assert bench.state.prompts["plan"].text == "Plan better {{question}}"
    with pytest.raises(ReviewError, match="waits no more"):
        bench.find(second.id)


def test_views_are_told_what_changed(bench, monkeypatch):
    """state, progress, session and error; a view that fails harms nobody; a refusal is the asker's alone."""

    async def failing(bench):
        raise ModelError("nobody answers")

    told = []
    leave = bench.subscribe(told.append)

    def broken(what):
        raise RuntimeError("cannot draw")

    also = bench.subscribe(broken)
    do(bench, "start", path=bench.path)
    also()
    do(bench, "suggest", prompt="plan", text="Plan well {{question}}")
    assert {"session", "state", "progress"} <= set(told)
    with pytest.raises(ReviewError):
        do(bench, "reject", proposal="plan", reason=" ")
    assert (told[-1], bench.errors) == ("state", "")
    with monkeypatch.context() as patch, pytest.raises(ModelError):
        patch.setitem(commands.COMMANDS, "step", failing)
        do(bench, "step")
    assert (told[-1], bench.errors) == ("error", "nobody answers")
    do(bench, "reject", proposal="plan", reason="no")
    assert bench.errors == ""
    leave()
    seen = len(told)
    do(bench, "undo")
    assert len(told) == seen


def test_a_worse_text_is_refused_with_its_evidence_recorded(bench):
    """The workbench buys what is missing, the session decides."""
    do(bench, "start", path=bench.path)
    do(bench, "suggest", prompt="answer", text="BAD {{plan}}")
    with pytest.raises(ReviewError, match="worse"):
        do(bench, "approve", proposal="answer")
    assert bench.state.evidence[-1].label == "worse"
    assert bench.find("answer") is not None
    do(bench, "approve", proposal="answer", override="on purpose")
    assert bench.state.decisions[-1].override == "on purpose"


def test_evidence_that_a_sibling_made_stale_is_bought_again(bench):
    """Approve all walks in topological order, each against the graph as it then is."""
    do(bench, "start", path=bench.path)
    do(bench, "suggest", prompt="answer", text="Please answer {{plan}}")
    do(bench, "suggest", prompt="plan", text="Please plan {{question}}")
    do(bench, "assess")
    assert len(bench.state.evidence) == 2
    do(bench, "approve", proposal="all")
    assert [decision.proposal.split(".")[2] for decision in bench.state.decisions] == ["plan", "answer"]
    assert len(bench.state.evidence) == 3


def test_stop_cancels_the_running_command_and_the_queue_goes_on(bench):
    """What was recorded is kept; the step is taken up again."""
    gate = bench.drafts.models["actor"] = Gate()
    do(bench, "start", path=bench.path)
    step = bench.command("step")
    assert gate.begun.wait(WAIT)
    frozen = bench.command("freeze", prompt="plan")
    assert bench.running == "step"
    assert bench.command("stop").result(WAIT) is step
    gate.go.set()
    with pytest.raises(Stopped, match="step was stopped"):
        step.result(WAIT)
    assert frozen.result(WAIT).graph["plan"].frozen
    assert bench.errors == "", "what a person stopped has not failed"
    assert do(bench, "step").index == 1


def test_stop_brings_back_the_approvals_that_wait_behind_one_that_buys(bench):
    """Else each of them would go on buying, and be applied after Stop; what is no approval keeps its place in the queue."""
    gate = bench.drafts.models["actor"] = Gate()
    do(bench, "start", path=bench.path)
    texts = {name: f"{bench.state.prompts[name].text} Mind it." for name in ("plan", "answer")}
    made = [do(bench, "suggest", prompt=name, text=text).id for name, text in texts.items()]
    first, second = (bench.command("approve", proposal=one) for one in made)
    rejected = bench.command("reject", proposal=made[1], reason="not that")
    assert gate.begun.wait(WAIT)
    assert bench.command("stop").result() is first
    with pytest.raises(Stopped):
        first.result(WAIT)
    assert second.cancelled()
    rejected.result(WAIT)
    assert [decision.verdict for decision in bench.state.decisions] == ["reject"]
    gate.go.set()


def test_progress_is_there_while_a_command_runs(bench):
    """What the meter shows, and what tells an idle culler that the kernel works."""
    gate = bench.drafts.models["actor"] = Gate()
    do(bench, "start", path=bench.path)
    heard = threading.Event()
    bench.subscribe(lambda what: heard.set() if what == "progress" and bench.progress is not None else None)
    step = bench.command("step")
    assert heard.wait(WAIT)
    assert bench.running == "step"
    assert sum(bench.progress.running.values()) > 0
    gate.go.set()
    step.result(WAIT)
    assert bench.running is None


def test_a_budget_stops_and_can_be_raised(bench):
    """The state is kept, and the same step goes on."""
    bench.drafts.budget = Budget(calls=3)
    do(bench, "start", path=bench.path)
    with pytest.raises(BudgetExceeded, match="3 calls"):
        do(bench, "step")
    do(bench, "budget", budget=Budget(calls=5000))
    assert do(bench, "step").index == 1


def test_the_drafts_can_be_asked_before_start_and_nothing_is_recorded(bench, tmp_path):
    """Ask needs no session and leaves no file."""
    assert do(bench, "ask", fields={"question": "why?"}).values["answer"] == "1"
    assert do(bench, "ask", row=3).row.id == 3
    assert not list(tmp_path.iterdir())
    assert bench.session is None
    assert bench.graph is not None


def test_one_kernel_holds_one_session(bench, tmp_path):
    """The next start closes the one before; what fails leaves it open."""
    do(bench, "start", path=bench.path)
    first = bench.session
    bench.drafts.objective = ""
    with pytest.raises(ConfigError, match="objective"):
        do(bench, "start", path=str(tmp_path / "other.tep"))
    with pytest.raises(ConfigError, match="objective"):
        do(bench, "start", path=bench.path, again=True)
    assert bench.session is first
    do(bench, "suggest", prompt="plan", text="Plan well {{question}}")
    bench.drafts.objective = "Answers are 1."
    do(bench, "start", path=str(tmp_path / "other.tep"))
    do(bench, "resume", path=bench.path)
    assert len(bench.state.step.pending) == 1


def test_a_command_for_a_session_that_was_replaced_decides_nothing(bench, tmp_path):
    """Two sessions may call their proposals the same: what waits in the queue while another is adopted is refused."""
    assert bench.number == 0
    do(bench, "start", path=bench.path)
    first = bench.number
    proposal = do(bench, "suggest", prompt="plan", text="Plan well {{question}}").id
    do(bench, "start", path=str(tmp_path / "other.tep"))
    assert do(bench, "suggest", prompt="plan", text="Plan ill {{question}}").id == proposal
    assert bench.number == first + 1
    with pytest.raises(ReviewError, match="meant for another session"):
        do(bench, "approve", within=first, proposal=proposal)
    assert bench.state.decisions == ()
    do(bench, "approve", within=bench.number, proposal=proposal)
    assert bench.state.prompts["plan"].text == "Plan ill {{question}}"


@pytest.mark.parametrize("verb", ["step", "approve", "undo", "evaluate"])
def test_without_a_session_the_answer_says_how_to_begin(bench, verb):
    """Start and resume are named."""
    args = {"approve": {"proposal": "x"}, "evaluate": {"split": "test"}}.get(verb, {})
    with pytest.raises(ConfigError, match=r"%tep start FILE"):
        do(bench, verb, **args)


def test_the_author_is_the_hubs_user_else_the_login_else_asked_for(bench, monkeypatch):
    """A decision always has an author."""
    monkeypatch.setenv("JUPYTERHUB_USER", "hub")
    assert author() == "hub"
    monkeypatch.delenv("JUPYTERHUB_USER")
    monkeypatch.setattr("getpass.getuser", lambda: "login")
    assert author() == "login"

    def nobody():
        raise KeyError("uid")

    monkeypatch.setattr("getpass.getuser", nobody)
    assert author() == ""
    do(bench, "start", path=bench.path)
    do(bench, "suggest", prompt="plan", text="Plan well {{question}}")
    bench.by = ""
    with pytest.raises(ReviewError, match="--by NAME"):
        do(bench, "skip", proposal="plan")
    do(bench, "skip", proposal="plan", by="eve")
    assert bench.state.decisions[-1].by == "eve"


def test_functions_are_models(bench):
    """Plain and asynchronous, with the sampling that they have parameters for; a failure names the function."""
    seen = {}

    async def own(messages, *, temperature, seed=0):
        seen.update(temperature=temperature, seed=seed, role=messages[0]["role"])
        return "1"

    def other(messages, **sampling):
        seen.update(sampling)
        return 7

    bench.drafts.models["actor"] = FunctionModel(own)
    assert bench.drafts.models["actor"].name.partition("@")[0] == "own"
    do(bench, "ask", fields={"question": "why?"})
    assert seen == {"temperature": 0.0, "seed": 0, "role": "user"}
    bench.drafts.models["actor"] = FunctionModel(other)
    with pytest.raises(Exception, match="other returned a int"):
        do(bench, "ask", fields={"question": "why?"})
    assert {"temperature", "schema", "seed", "max_tokens"} <= set(seen)
