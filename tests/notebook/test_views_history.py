"""The history as a page gets it: each happening once, points of it, and two of them compared."""

import json
from dataclasses import replace
from itertools import pairwise
from types import SimpleNamespace

import pytest
from test_views_link import Bench
from test_views_states import EVIL, a_graph, a_proposal, a_state, started

from tep_nb.core import events as ev
from tep_nb.core.review import Evidence, Flip, Paid
from tep_nb.core.state import State, replay
from tep_nb.errors import ReviewError
from tep_nb.method.compare import Changed, Comparison
from tep_nb.method.estimate import Estimate
from tep_nb.method.tep import TEP
from tep_nb.model.budget import Budget, Usage
from tep_nb.notebook.views import studio
from tep_nb.notebook.views.autopilot import paint_run, run_data
from tep_nb.notebook.views.compare import comparison_data
from tep_nb.notebook.views.history import NEWEST, Timeline, history_rows, left_marks, paint_history
from tep_nb.notebook.views.meter import Meter, measures_data, meter_data
from tep_nb.notebook.views.points import look_left, look_marks, look_point


def steps(count: int, start: int = 1, state: State | None = None, verdict: str = "reject", by: str = "ada") -> State:
    """So many nudged steps, each with one decided proposal for `collect`."""
    state = state or replay([started(a_graph())])
    for index in range(start, start + count):
        beta = 0.9**index
        drafted = ev.Drafted(step=index, phase="nudged", prompts=("collect",), rows=(0,), temperatures={}, beta=beta)
        after = f"List the objects, {index}.\nQuestion: {{{{question}}}}"
        proposal = a_proposal(state.graph, "collect", after)
        outcome = ev.Outcome("collect", (), 5 + index % 5)
        state = state.apply(drafted).apply(ev.Proposed(step=index, proposals=(proposal,), outcomes=(outcome,)))
        made = proposal.approve(by) if verdict == "approve" else proposal.reject(f"reason {index}", by)
        state = state.apply(ev.Decided(decision=made))
    return state


def metric_evidence(state: State) -> ev.Assessed:
    """From 2 to 3 of 4 rows, for what waits, else for what was proposed last."""
    proposal = (*state.step.pending, state.step.proposals[-1])[0]
    flips = (Flip(4, 0.0, 1.0, "a", "b"),)
    digest = state.graph.digest
    return ev.Assessed(
        evidence=Evidence("collect", proposal.after, digest, "metric", "no worse", 0.5, 0.75, 4, 1, 0, 0.5, flips)
    )


def test_decision_sends_its_own_mark_only():
    """What happened before is the same object as before: at 500 decisions one more costs the page under 2 kB."""
    bench = Bench(steps(499))
    before = paint_history(bench)
    bench.state = steps(1, 500, bench.state)
    after = paint_history(bench)
    sent = {name: value for name, value in after.items() if before.get(name) is not value}
    assert {name.split("/")[0] for name in sent} == {"history", "mark", "step"}
    assert sum(name.startswith("mark/") for name in sent) == 1
    assert [name for name in sent if name.startswith("step/")] == ["step/500"]
    assert len(json.dumps(sent)) < 2000


def test_page_holds_the_newest_and_older_marks_are_asked_for():
    """More than 500 happenings: the newest are sent, the look `marks` gives those before, newest first."""
    bench = Bench(steps(NEWEST + 30))
    page = paint_history(bench)
    held = sorted(value["seq"] for name, value in page.items() if name.startswith("mark/"))
    assert len(held) == NEWEST
    assert page["history"]["older"] == 31  # the phase that began at the start is a mark, too
    older = look_marks(bench, held[0])
    assert [mark["seq"] for mark in older] == sorted((mark["seq"] for mark in older), reverse=True)
    assert len(older) == 31
    assert older[-1]["kind"] == "phase"
    assert all(mark["seq"] < held[0] for mark in older)


def test_going_back_takes_its_marks_away_and_keeps_the_others():
    """After an undo and a rewind the timeline is as one made afresh; what stands is the same object."""
    line, state = Timeline(), steps(6)
    marks, _ = line.drawn(state)
    back = state.apply(ev.Rewound(to=state.seq - 6, why="rewind", by="ada"))
    kept, drawn = line.drawn(back)
    assert kept == history_rows(back)
    assert len(kept) == len(marks) - 2 + 1
    assert (kept[-1]["what"], kept[-1]["by"]) == ("rewound from step 6 to step 4", "ada")
    assert all(new is old for new, old in zip(kept[:-1], marks, strict=False))
    assert sorted(drawn) == sorted(f"step/{n}" for n in range(1, 5))
    again, _ = line.drawn(steps(2, 5, back, verdict="approve", by="approve_if:proven"))
    assert [mark["verdict"] for mark in again[-2:]] == ["approve", "approve"]
    assert again[-1]["auto"]


def test_who_froze_what_is_told_and_stale_evidence_is_called_so():
    """Freezing is no decision, and yet somebody's; evidence of an earlier graph is no point of the metric."""
    state = a_state().apply(ev.Frozen(prompt="answer", frozen=True, by="ada"))
    state = state.apply(ev.Frozen(prompt="answer", frozen=False, by="bob"))
    told = [(mark["what"], mark["prompt"], mark["by"]) for mark in history_rows(state)[-2:]]
    assert told == [("froze", "answer", "ada"), ("freed", "answer", "bob")]
    proposal = state.step.pending[0]
    old = replace(metric_evidence(state).evidence, prompt=proposal.prompt, text=proposal.after, graph="another")
    state = state.apply(ev.Assessed(evidence=old)).apply(ev.Decided(decision=proposal.approve("ada")))
    (mark,) = (one for one in history_rows(state) if one["kind"] == "decision")
    assert mark["why"].startswith("on evidence of an earlier graph: ")
    assert "after" not in mark


def test_another_session_is_told_apart_whatever_its_marks_are_called():
    """What a page asked for of the session before is not of this one; a decision or a rewind begins no session."""
    bench = Bench(steps(3))
    first = paint_history(bench)["history"]["session"]
    bench.state = bench.state.apply(ev.Rewound(to=bench.state.seq - 3, why="rewind", by="ada"))
    assert paint_history(bench)["history"]["session"] == first
    bench.state = steps(3)
    assert paint_history(bench)["history"]["session"] == first + 1
    assert paint_history(bench)["history"]["session"] == first + 1


def test_mark_holds_what_the_chart_draws():
    """An applied edit carries the gate's means and the interval of its gain, cut to what a metric can be."""
    state = steps(2)
    graph = state.graph
    proposal = a_proposal(graph, "collect", "List all.\nQuestion: {{question}}")
    state = state.apply(ev.Drafted(step=3, phase="nudged", prompts=("collect",), rows=(0,), temperatures={}, beta=0.8))
    state = state.apply(ev.Proposed(step=3, proposals=(proposal,), outcomes=(ev.Outcome("collect", (), None),)))
    state = state.apply(metric_evidence(state)).apply(ev.Decided(decision=proposal.approve("anna")))
    mark = history_rows(state)[-1]
    assert (mark["n"], mark["before"], mark["after"], mark["changed"], mark["auto"]) == (3, 0.5, 0.75, True, False)
    assert 0 <= mark["low"] < 0.75 < mark["high"] <= 1
    assert "50.0% → 75.0%" in mark["why"]
    _, drawn = Timeline().drawn(state)
    assert drawn["step/3"]["scores"] == [None, None, None]
    assert drawn["step/2"]["scores"] == [7, None, None]


def test_point_tells_its_prompts_and_what_a_rewind_leaves():
    """The prompts as they were against those of now; the steps and decisions that would be left; a plain name for a fork."""
    state = steps(3, verdict="approve")
    bench = Bench(state)
    marks = [mark for mark in history_rows(state) if mark["kind"] == "decision"]
    point = look_point(bench, marks[0]["seq"])
    assert point["title"] == "after step 1, decision 1 (ada approved collect)"
    assert point["prompts"][0]["prompt"] == "collect"
    parts = point["prompts"][0]["segments"]
    assert "".join(part.get("text", part.get("old", "")) for part in parts) == "List the objects, 1.\nQuestion: {{question}}"
    assert "".join(part.get("text", part.get("new", "")) for part in parts) == state.prompts["collect"].text
    assert [one["same"] for one in point["prompts"]] == [False, True, True]
    again = look_point(Bench(steps(1, 4, state)), marks[0]["seq"])  # a rejection: what differs is what differed
    assert [one["of"] for one in again["prompts"]] == [one["of"] for one in point["prompts"]]
    later = look_point(Bench(steps(1, 4, state, verdict="approve")), marks[0]["seq"])
    assert [one["of"] == two["of"] for one, two in zip(later["prompts"], point["prompts"], strict=True)] == [False, True, True]
    assert point["rewind"] == {"to": 1, "left": "steps 2 to 3, 2 decisions"}
    assert (point["step"], point["later"], point["fork"], point["complete"]) == (1, 0, "run-fork-1.tep", 3)
    assert {node["name"] for node in point["graph"]["nodes"]} == {"collect", "sort_out", "tally", "answer"}
    assert look_point(bench, marks[-1]["seq"])["rewind"] is None
    assert look_point(bench, 1)["title"] == "at the start"


def test_point_that_was_left_is_refused():
    """A mark of a branch that was left, or of nothing, names the trouble."""
    state = steps(3)
    bench = Bench(state.apply(ev.Rewound(to=state.seq - 6, why="rewind", by="ada")))
    with pytest.raises(ReviewError, match="on no branch that is still here"):
        look_point(bench, state.seq)
    with pytest.raises(ReviewError, match="on no branch that is still here"):
        look_point(Bench(), 1)


def test_page_may_look_at_points_and_gets_comparisons():
    """The studio answers the looks `point` and `marks` at once, and shows of a comparison what was compared and paid."""
    bench = Bench(steps(2))
    view = studio(bench)
    sent = []
    view.send = sent.append
    view._receive(view, {"id": "1", "verb": "point", "args": {"seq": 4}}, [])
    assert sent[-1]["data"]["title"] == "after step 1, decision 1 (ada rejected collect)"
    view._receive(view, {"id": "2", "verb": "point", "args": {"seq": "4"}}, [])
    assert "reload the page" in sent[-1]["error"]
    view._receive(view, {"id": "3", "verb": "point", "args": {"seq": 99}}, [])
    assert not sent[-1]["ok"]
    view._receive(view, {"id": "4", "verb": "marks", "args": {"seq": 4}}, [])
    assert [mark["kind"] for mark in sent[-1]["data"]] == ["phase"]
    old, new = bench.state.prompts["collect"], "List.\nQuestion: {{question}}"
    changed = Changed("collect", old.text, new, old.diff(new))
    flips = (Flip(4, 0.0, 1.0, "out " + EVIL, "in\u202e"),)
    found = Comparison(0.25, 0.5, 4, 1, flips, one=0, other=2, prompts=(changed,), paid=Paid(8, 1200, None, 1.5))
    view._receive(view, {"id": "5", "verb": "compare", "args": {"one": 0, "other": 2}}, [])
    bench.future.set_result(found)
    data = sent[-1]["data"]
    assert (data["low"], round(data["high"], 3)) == (0.0, 0.949)
    assert data["said"] == [
        "metric 25.0% → 50.0% on 4 rows", "+25.0 points, 95% −36.2 to +69.9 (paired by row)", "1 won, 0 lost, p = 0.500",
        "1 row failed and left out", "bought with 8 calls, 1,200 tokens; 1.5 s of waiting, summed over calls",
    ]  # fmt: skip
    assert "\u202e" not in json.dumps(data, ensure_ascii=False)
    assert data["flips"][0]["won"]
    view.close()


def test_comparison_is_bounded():
    """Many flips: 60 reach the page, the rest is counted; giant outputs are clipped."""
    flips = tuple(Flip(n, 0.0, 1.0, "x" * 200_000, "y") for n in range(100))
    found = Comparison(0.0, 1.0, 100, 0, flips, one=0, other=1, prompts=())
    data = comparison_data(found, Bench())
    assert (len(data["flips"]), data["more"]) == (60, 40)
    assert len(json.dumps(data)) < 150_000


def test_run_says_why_it_ended_and_whose_question_it_is():
    """A question names the agent of its proposal as long as that waits; another end names none."""
    state = steps(1)
    proposal = a_proposal(state.graph, "answer", "Sum: {{tally}}\nQuestion: {{question}}\nBe brief.")
    waits = state.apply(ev.Suggested(proposal=proposal))
    bench = Bench(waits)
    bench.session.ended = "a question: answer, because no worse, proven is needed"
    assert run_data(waits, bench) == {"ended": bench.session.ended, "question": "answer"}
    assert paint_run(bench) == {"run": run_data(waits, bench)}
    decided = waits.apply(ev.Decided(decision=proposal.skip("ada")))
    assert run_data(decided, bench) == {"ended": f"{bench.session.ended} (decided or left since)", "question": ""}
    bench.session.ended = "3 steps"
    assert run_data(waits, bench)["question"] == ""


class Counted:
    """A session that counts how often its sums are asked for."""

    method = TEP(seed=0)

    def __init__(self):
        self.calls, self.asked = 10, []
        self.journal = SimpleNamespace(tally=lambda: [SimpleNamespace(calls=self.calls)])

    @property
    def usage(self):
        self.asked.append("usage")
        return Usage({}, {})

    def estimate(self):
        self.asked.append("estimate")
        return Estimate({"critic": 4}, {"critic": 3}, 1200, None, 2.0)


def test_meter_sums_anew_only_where_something_is_new():
    """A decision without a new call makes no sum and the same object; a call, a step or a freeze makes one."""
    session, meter, state = Counted(), Meter(), steps(1)
    proposal = a_proposal(state.graph, "answer", "Sum: {{tally}}\nQuestion: {{question}}\nBe brief.")
    first = meter.read(session, state)
    waits = state.apply(ev.Suggested(proposal=proposal))
    assert meter.read(session, waits) is first
    assert session.asked == ["usage", "estimate"]
    session.calls += 1
    meter.read(session, waits)
    assert session.asked == ["usage", "estimate"] * 2
    meter.read(session, waits.apply(ev.Frozen(prompt="answer", frozen=True, by="ada")))
    assert session.asked == ["usage", "estimate"] * 3
    assert first["next"] == {"likely": "3", "most": "4", "beyond": False, "rest": "1,200 tokens, about 2.0 s"}


def test_meter_tells_what_of_the_budget_is_left():
    """A cap has its share, what is used and what is left; a cap of 0 is used up."""
    budget = Budget(calls=0, cost=2.0, prompt_price=1.0).settings()
    data = meter_data(Usage({}, {}), budget)
    assert [(one["name"], one["left"], one["share"]) for one in data["budget"]] == [("calls", "0", 1.0), ("cost", "2", 0.0)]
    assert meter_data(None, {}) == {"rows": [], "budget": [], "next": None}


def test_page_may_not_compare_or_run_with_other_arguments():
    """A stranger's page cannot name an author, a path elsewhere, or a number that is none."""
    view = studio(bench := Bench(steps(1)))
    sent = []
    view.send = sent.append
    for verb, args in (("run", {"auto": "approve_all", "by": "ada"}), ("fork", {"path": "../x.tep"}), ("compare", {"one": "0"})):
        view._receive(view, {"id": verb, "verb": verb, "args": args}, [])
    assert bench.asked == []
    assert all(not answer["ok"] for answer in sent)
    view.close()


def test_point_inside_a_step_goes_on_from_the_complete_step():
    """A step is taken whole: what was decided in it after the mark is counted; while it is open, the step before is offered."""
    state = steps(1)
    made = [
        a_proposal(state.graph, "collect", "List all.\nQuestion: {{question}}"),
        a_proposal(state.graph, "answer", "Sum: {{tally}}\nQuestion: {{question}}\nBe brief."),
    ]
    names = ("collect", "answer")
    state = state.apply(ev.Drafted(step=2, phase="nudged", prompts=names, rows=(0,), temperatures={}, beta=0.9))
    state = state.apply(ev.Proposed(step=2, proposals=tuple(made), outcomes=()))
    first = state.apply(ev.Decided(decision=made[0].reject("no", "ada")))
    inside = look_point(Bench(first), first.seq)
    left = {"to": 1, "left": "step 2, 1 decision, 1 proposal that waits"}
    assert (inside["step"], inside["later"], inside["rewind"]) == (1, 0, left)
    whole = first.apply(ev.Decided(decision=made[1].skip("ada")))
    taken = look_point(Bench(whole), first.seq)
    assert (taken["step"], taken["later"], taken["rewind"]) == (2, 1, None)


def test_measures_are_told_by_prompt_and_author():
    """Rates say of how many; a prompt without a critique and an author without a time have a dash, never a 0."""
    state = steps(3, verdict="approve", by="approve_if:no worse")
    state = steps(1, 4, state)
    data = {**(made := measures_data(state))["measures"], "prompts": made["feedback"]}
    assert [(rate["name"], rate["value"], rate["of"]) for rate in data["rates"]][-1] == (
        "accepted", "75%", "3 of 4 decisions changed a prompt",
    )  # fmt: skip
    assert [(one["by"], one["auto"], one["decided"], one["accepted"], one["median"]) for one in data["people"]] == [
        ("approve_if:no worse", True, "3", "3 (100%)", "–"), ("ada", False, "1", "0 (0%)", "–"),
    ]  # fmt: skip
    assert [one["feedback"] for one in data["prompts"]] == ["–"] * 3
    meter = Meter()
    assert meter.measure(state) is meter.measure(state.apply(metric_evidence(state)))


def test_drift_is_counted_from_where_the_nudged_phase_began():
    """In the free phase there is none to tell; afterwards it is the tokens edited since."""
    state = steps(1, verdict="approve")
    assert measures_data(state)["feedback"][0]["drift"] == "–"
    nudged = state.apply(ev.Phase(phase="nudged", reason="free equilibrium"))
    assert measures_data(nudged)["feedback"][0]["drift"] == "0"
    assert int(measures_data(steps(1, 2, nudged, verdict="approve"))["feedback"][0]["drift"]) >= 1


def test_what_was_taken_back_is_in_the_journal():
    """A rewind takes decisions from the state; they are told from the events, marked as taken back, and counted as returns."""
    state = steps(4)
    events = [started(a_graph())]
    lineage = state.lineage[::-1]
    for before, after in pairwise(lineage):
        if len(after.reviewed) > len(before.reviewed):
            events.append(ev.Decided(decision=after.decisions[-1]))
        elif after.step.proposed:
            events.append(ev.Proposed(step=after.step.index, proposals=after.step.proposals, outcomes=after.step.outcomes))
        else:
            beta = after.step.beta
            plan = {"step": after.step.index, "phase": "nudged", "prompts": ("collect",), "rows": (0,)}
            events.append(ev.Drafted(**plan, temperatures={}, beta=beta))
    assert left_marks(events, state) == []
    back = ev.Rewound(to=state.seq - 6, why="rewind", by="ada")
    bench = Bench(state.apply(back))
    bench.session.journal.events = lambda: [*events, back]
    left = look_left(bench)
    assert [(mark["n"], mark["by"], mark["undone"]) for mark in left] == [(3, "ada", True), (4, "ada", True)]
    assert paint_history(bench)["history"]["returns"] == 1
    assert not {mark["id"] for mark in left} & {mark["id"] for mark in history_rows(bench.state)}
