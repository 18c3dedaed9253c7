"""METHOD section 7: the nine invariants (1 to 8 here; 9 in tests/test_crash.py too)."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from scripts import (
    FREE,
    actor,
    again,
    approve,
    asked,
    begin,
    chain,
    closing,
    critic,
    critique,
    data,
    edit,
    editor,
    events,
    fenced,
    metric,
    model,
    prompts,
    run,
    seeded,
)  # fmt: skip

import tep_nb as tep
from tep_nb.core import events as ev
from tep_nb.core.text import count_tokens
from tep_nb.errors import ReviewError, TepError
from tep_nb.method.assess import label_of
from tep_nb.method.paired import sign_test
from tep_nb.method.tep.nudged import bound_faults

NUDGED_ONLY = tep.TEP(seed=1, minibatch=4, phases=("nudged",), nudged_cap=6, gate_rows=10)


def test_1_locality_free(tmp_path: Path) -> None:
    """The free critic is shown its own agent's role, prompt, inputs and output, nothing of others or the reference."""
    of = model()
    with closing(begin(tmp_path / "r.tep", 4, model=of)) as session:
        run(session.run(approve, until="nudged"))
        targets = {row.target for row in session.state.dataset.rows}
    requests = asked(of, "critic")
    assert requests
    for text in requests:
        (prompt,), (output,) = fenced(text, "prompt"), fenced(text, "output")
        number = int(re.findall(r"number (\d) on", prompt)[0])
        (read,) = fenced(text, "input question" if number == 1 else f"input a{number - 1}")
        assert set(re.findall(r"^~+ (.+)$", text, re.MULTILINE)) == {
            "role", "prompt", "output", "input question" if number == 1 else f"input a{number - 1}",
        }  # fmt: skip
        assert FREE not in text
        bare = text.replace(output, "").replace(read, "")
        assert not targets & set(re.findall(r"\d+", bare))
        assert re.findall(r"Pass number (\d)", text) == [str(number)] * text.count("Pass number")


def test_1_locality_nudged(tmp_path: Path) -> None:
    """The nudged critic sees besides the objective, its direct readers, and the end score of its own row; no reference."""
    of = model()
    with closing(begin(tmp_path / "r.tep", 4, model=of, method=NUDGED_ONLY)) as session:
        run(session.propose())
        targets = {row.target for row in session.state.dataset.rows}
    for text in (t for t in asked(of, "critic") if fenced(t, "objective")):
        (prompt,), (output,) = fenced(text, "prompt"), fenced(text, "output")
        number = int(re.findall(r"number (\d) on", prompt)[0])
        readers = fenced(text, "consumer")
        assert len(readers) == 1
        assert readers[0].startswith(f"a{number + 1} reads a{number}\nexpects: " if number < 4 else "the metric metric reads a4")
        assert FREE not in text
        (read,) = [f for label in ("question", "a1", "a2", "a3") for f in fenced(text, f"input {label}")]
        assert not targets & set(re.findall(r"\d+", text.replace(output, "").replace(read, "")))


def test_1_strict_shows_output_and_rubric_only(tmp_path: Path) -> None:
    """With strict=True neither role, prompt nor inputs reach the critic (a rubric made from the role still quotes it)."""
    of = model(critic=lambda request: critique(5, [], re.findall(r"^- (\w+): ", request.text, re.MULTILINE)))
    graph = chain(2, rubric=[tep.Criterion("digits", "it is a number")])
    method = tep.TEP(minibatch=2, strict=True, free_cap=2)
    with closing(begin(tmp_path / "r.tep", graph=graph, model=of, method=method)) as session:
        run(session.propose())
    for text in asked(of, "critic"):
        assert set(re.findall(r"^~+ (.+)$", text, re.MULTILINE)) == {"output"}
        assert "Pass" not in text


def test_1_the_row_is_its_own(tmp_path: Path) -> None:
    """The end score that a critic is shown is that of the row whose output it judges."""
    of = model()
    with closing(begin(tmp_path / "r.tep", 1, model=of, method=NUDGED_ONLY)) as session:
        run(session.propose())
    shown = {}
    for text in (t for t in asked(of, "critic") if fenced(t, "objective")):
        (output,) = fenced(text, "output")
        shown[output] = float(re.findall(r"metric metric: (\S+) of 1", text)[0])
    assert len(shown) == 4
    assert shown == {output: float(int(output.split()[-1]) < 1000) for output in shown}


@pytest.mark.parametrize("method", [tep.TEP(seed=1, minibatch=2, free_cap=2, phases=("free",)), NUDGED_ONLY])
def test_2_feedback_does_not_grow_with_depth(tmp_path: Path, method: tep.TEP) -> None:
    """Words to and from each critic and editor are the same for chains of 1 to 32, but for the readers' names."""
    lengths: dict[int, tuple[int, int, int]] = {}
    for depth in (2, 3, 8, 32):
        of = model()
        with closing(begin(tmp_path / f"{depth}.tep", depth, model=of, method=method)) as session:
            run(session.propose())
            tokens = max(c.tokens for o in session.state.step.outcomes for c in o.critiques)
        critics = max(count_tokens(text) for text in asked(of, "critic"))
        editors = max(count_tokens(text) for text in asked(of, "editor"))
        lengths[depth] = (critics, editors, tokens)
    assert len(set(lengths.values())) == 1, lengths


def test_2_the_chain_of_one(tmp_path: Path) -> None:
    """A chain of one agent has no more feedback than the agents of a chain of 32."""
    sizes = []
    for depth in (1, 32):
        with closing(begin(tmp_path / f"{depth}.tep", depth, model=model())) as session:
            run(session.propose())
            sizes.append({c.tokens for o in session.state.step.outcomes for c in o.critiques})
    assert sizes[0] == sizes[1]


@pytest.mark.parametrize("said", ["word " * 100, "word" * 50_000])
def test_2_the_cap_is_kept(tmp_path: Path, said: str) -> None:
    """A critique longer than the cap is asked again once, then cut and logged: what the editor reads stays below it."""

    def verbose(request: tep.Request) -> str:
        names = re.findall(r"^- (\w+): ", request.messages[0].text, re.MULTILINE)
        return critique(3, [{"about": "the number", "do": f"say {said}"}] * 9, names)

    of = model(critic=verbose)
    with closing(begin(tmp_path / "r.tep", 1, model=of, method=tep.TEP(minibatch=2, cap_tokens=50, free_cap=2))) as session:
        run(session.propose())
        critiques = session.state.step.outcomes[0].critiques
    assert len(asked(of, "critic")) == 4
    assert "more than 50 words" in asked(of, "critic")[-1]
    assert all(c.cut and c.tokens <= 50 for c in critiques)
    for given in fenced(asked(of, "editor")[0], "critique"):
        assert 0 < given.count("word") <= 50 * 32 / len("word")


@pytest.mark.parametrize("cap", [1, 2, 5])
def test_3_the_cap_of_iterations(tmp_path: Path, cap: int) -> None:
    """An agent is never evaluated more often than its cap in a round, refreshes included, and the rule is recorded."""
    restless = model(
        critic=lambda r: critique(len(r.text) % 7, [{"about": "x", "do": "add a plus"}], re.findall(r"^- (\w+): ", r.text, re.M))
    )
    method = tep.TEP(seed=1, minibatch=2, free_cap=cap, tolerance=0, phases=("free",))
    with closing(begin(tmp_path / "r.tep", 3, model=restless, method=method)) as session:
        run(session.run(approve))
        counts = {name: sum(name in step.prompts for step in session.state.steps) for name in session.state.prompts}
        rules = {e.prompt: e.rule for e in events(session) if isinstance(e, ev.Settled)}
    assert max(counts.values()) <= cap
    assert set(rules) == {"a1", "a2", "a3"}
    assert any(rule.startswith("cap") for rule in rules.values())


def test_3_a_flat_series_stops_at_the_third(tmp_path: Path) -> None:
    """Equal scores of one text settle an agent at its third evaluation, by the rule 'stable', and below 8.0 it is stuck."""
    flat = model(critic=lambda r: critique(6, [{"about": "x", "do": "add a plus"}], re.findall(r"^- (\w+): ", r.text, re.M)))

    def never(proposal: tep.Proposal, evidence: tep.Evidence | None) -> tep.Decision:
        return proposal.skip("me")

    with closing(begin(tmp_path / "r.tep", 1, model=flat, method=tep.TEP(seed=1, minibatch=2, phases=("free",)))) as session:
        run(session.run(never))
        (settled,) = [e for e in events(session) if isinstance(e, ev.Settled)]
        assert [step.prompts for step in session.state.steps] == [("a1",)] * 3 + [()]
    assert settled.rule.startswith("stable: variance of the last three scores 0.00")
    assert settled.stuck


@pytest.mark.parametrize(("stable", "steps"), [("scores", 3), ("patient", 6)])
def test_3_a_changing_text_is_not_stable(tmp_path: Path, stable: str, steps: int) -> None:
    """Patient: as long as the prompt changes between evaluations, equal scores settle nothing; the paper's letter does."""
    flat = model(critic=lambda r: critique(6, [{"about": "x", "do": "add a plus"}], re.findall(r"^- (\w+): ", r.text, re.M)))
    method = tep.TEP(seed=1, minibatch=2, phases=("free",), stable=stable, free_cap=6)  # type: ignore[arg-type]
    with closing(begin(tmp_path / "r.tep", 1, model=flat, method=method)) as session:
        run(session.run(approve))
        assert sum("a1" in step.prompts for step in session.state.steps) == steps


def test_3_two_silent_evaluations_settle(tmp_path: Path) -> None:
    """An agent whose critic leads to no edit twice in a row is settled by the rule 'silent', the editor not asked."""
    content = model(critic=lambda r: critique(9, [], re.findall(r"^- (\w+): ", r.text, re.M)))
    with closing(begin(tmp_path / "r.tep", 2, model=content, method=tep.TEP(minibatch=2, phases=("free",)))) as session:
        run(session.run(approve))
        assert [step.prompts for step in session.state.steps] == [("a1", "a2"), ("a1", "a2"), ()]
        assert {t.settled.partition(":")[0] for t in session.state.tracks.values()} == {"silent"}
        assert not any(t.stuck for t in session.state.tracks.values())
    assert asked(content, "editor") == []


def test_4_bound_and_beta(tmp_path: Path) -> None:
    """Every edit of a nudged step keeps the bound against its own before and the drift; beta_k is beta_0 * 0.9^k."""
    with closing(begin(tmp_path / "r.tep", 2)) as session:
        betas = []

        async def drive() -> None:
            while session.state.phase != "done":
                step = await session.propose()
                if step.phase == "nudged":
                    betas.append(step.beta)
                for proposal in step.pending:
                    if proposal.phase == "nudged":
                        assert bound_faults(session.method, session.state, proposal.prompt, proposal.after) == ()
                        assert proposal.beta == betas[-1]
                        await session.assess(proposal)
                    session.decide(approve(proposal, None))

        run(drive())
        baseline = session.state.baseline
        longest = {name: max(2 * count_tokens(t), count_tokens(t) + 80) for name, t in baseline.items()}
        assert all(count_tokens(text) <= longest[name] for name, text in prompts(session).items())
    assert len(betas) > 1
    assert betas == [pytest.approx(0.9**k) for k in range(len(betas))]


def test_4_an_oversized_edit_is_asked_smaller_once(tmp_path: Path) -> None:
    """An edit beyond the bound is answered with what it oversteps; a second one is dropped with the reason recorded."""

    def huge(request: tep.Request) -> str:
        (prompt,) = fenced(request.text, "prompt")
        return edit(prompt.replace(" on", " on" + " word" * 60))

    of = model(editor=huge)
    with closing(begin(tmp_path / "r.tep", 1, model=of, method=NUDGED_ONLY)) as session:
        run(session.propose())
        (outcome,) = session.state.step.outcomes
        assert session.state.step.proposals == ()
    assert len(asked(of, "editor")) == 2
    again_ = [r for r in of.requests if r.role == "editor"][1].messages[-1].text
    assert "60 words and punctuation marks, 24 are allowed" in again_
    assert "smaller, please" in again_
    assert "24 are allowed" in outcome.note


def test_4_a_persons_edit_may_exceed_the_bound_and_the_journal_says_so(tmp_path: Path) -> None:
    """The bound binds the method; a person's own text is applied, and the decided event names what it exceeds."""
    with closing(begin(tmp_path / "r.tep", 1, method=NUDGED_ONLY)) as session:
        run(session.propose())
        (proposal,) = session.state.step.pending
        text = proposal.before.replace(" on", " on plus" + " word" * 60)
        run(session.assess(proposal, text))
        session.decide(proposal.edit(text, "me", "because"))
        (decided,) = [e for e in events(session) if isinstance(e, ev.Decided)]
    assert any("24 are allowed" in line for line in decided.beyond)


def test_5_u_v_reads_both_feedbacks(tmp_path: Path) -> None:
    """The nudged editor's one request holds the free critiques of the free phase and the nudged ones."""
    from scripts import NUDGED

    of = model()
    with closing(
        begin(tmp_path / "r.tep", 1, model=of, method=tep.TEP(seed=1, minibatch=2, free_cap=1, nudged_cap=1))
    ) as session:
        run(session.run(approve, until="nudged"))
        of.requests.clear()
        run(session.propose())
        held = session.state.track("a1").free
    (request,) = asked(of, "editor")
    assert len(held) == 2
    free, nudged = request.split("# Nudged critiques")
    assert free.count(FREE) == 2
    assert NUDGED not in free
    assert nudged.count(NUDGED) == 2
    assert FREE not in nudged
    assert not [r for r in of.requests if r.role == "critic" and not fenced(r.text, "objective")]


def test_5_without_a_free_phase_one_free_critique_is_made(tmp_path: Path) -> None:
    """g_free is then a free critique of the initial prompt, made once and held."""
    of = model()
    with closing(begin(tmp_path / "r.tep", 1, model=of, method=NUDGED_ONLY)) as session:
        run(session.run(approve, steps=2))
    free = [text for text in asked(of, "critic") if not fenced(text, "objective")]
    assert len(free) == 4
    assert all(FREE in text for text in asked(of, "editor"))


def test_5_an_empty_contrast_is_a_no_op(tmp_path: Path) -> None:
    """Where both critiques say the same, nothing is proposed, what was held back is listed, and the step is complete."""
    of = model(editor=lambda request: edit(None, "nothing new", ["the plus"]))
    with closing(begin(tmp_path / "r.tep", 2, model=of, method=NUDGED_ONLY)) as session:
        before = session.state.graph.digest
        step = run(session.propose())
        assert step.proposals == ()
        assert step.is_decided
        assert [(o.held_back, o.note) for o in step.outcomes] == [
            (("the plus",), "empty contrast: 1 point stands in both critiques. nothing new")
        ] * 2
        assert session.state.graph.digest == before


def harmful(request: tep.Request) -> str:
    (prompt,) = fenced(request.text, "prompt")
    return edit(prompt.replace(" on", " on minus minus", 1), "a minus helps")


def test_6_worse_is_never_applied_without_an_override(tmp_path: Path) -> None:
    """Fresh *worse* evidence refuses approval; a person's reason lifts it and stands in the journal."""
    with closing(begin(tmp_path / "r.tep", 1, method=NUDGED_ONLY, model=model(editor=harmful))) as session:
        run(session.propose())
        (proposal,) = session.state.step.pending
        evidence = run(session.assess(proposal))
        assert (evidence.label, evidence.wins, evidence.losses, evidence.n) == ("worse", 0, 4, 10)
        written = len(events(session))
        with pytest.raises(ReviewError, match=r"worse: metric 40\.0% -> 0\.0%.*override"):
            session.decide(proposal.approve("me"))
        assert len(events(session)) == written
        session.decide(proposal.approve("me", override="to see what happens"))
        assert events(session)[-1].decision.override == "to see what happens"
        assert "minus" in prompts(session)["a1"]


@pytest.mark.parametrize("policy", [tep.deciders.approve_all, tep.deciders.approve_if("no worse", otherwise="reject")])
def test_6_no_policy_applies_worse(tmp_path: Path, policy: tep.deciders.Policy) -> None:
    """Automatic deciders reject worse evidence with the evidence as the reason, to the end of a session."""
    with closing(begin(tmp_path / "r.tep", 1, method=NUDGED_ONLY, model=model(editor=harmful))) as session:
        before = session.state.graph.digest
        run(session.run(policy))
        assert session.state.phase == "done"
        assert session.state.graph.digest == before
        assert all(d.verdict == "reject" and "worse: metric" in d.reason for d in session.state.decisions)
        assert session.state.decisions


@pytest.mark.parametrize(
    ("wins", "losses", "label"),
    [
        (5, 0, "proven"),
        (4, 0, "no worse"),
        (0, 0, "no worse"),
        (1, 1, "no worse"),
        (9, 2, "proven"),
        (8, 2, "no worse"),
        (1, 2, "worse"),
    ],
)
def test_6_the_sign_test(wins: int, losses: int, label: str) -> None:
    """Proven: exact one-sided sign test at 0.05; no worse: wins >= losses and the mean did not fall; else worse."""
    assert label_of(0.5, 0.5 + (wins - losses) / 100, wins, losses, 0.05) == label
    assert label_of(0.5, 0.4, 9, 0, 0.05) == "worse"
    assert sign_test(5, 0) == 1 / 32
    assert sign_test(0, 0) == 1


def test_7_what_is_not_applied_changes_nothing(tmp_path: Path) -> None:
    """Rejected, skipped and undecided proposals leave every prompt and the digest byte-identical, in the file too."""
    with closing(begin(tmp_path / "r.tep", 3)) as session:
        before, digest = prompts(session), session.state.graph.digest
        run(session.propose())
        one, two, _ = session.state.step.pending
        session.decide(one.reject("no", "me"))
        session.decide(two.skip("me"))
        assert prompts(session) == before
        assert session.state.graph.digest == digest
    with closing(again(tmp_path / "r.tep")) as session:
        assert prompts(session) == before
        assert session.state.graph.digest == digest
        assert len(session.state.step.pending) == 1


def shout(a1: str) -> str:
    """Say it; the number comes last."""
    return a1.upper()


def test_8_tools_are_run_and_never_edited(tmp_path: Path) -> None:
    """A tool is executed and recorded; no critic, editor or proposal is about it, and its spec never changes."""
    graph = tep.Graph([*chain(1).nodes, tep.Tool(shout), tep.Agent("a3", "Pass number 3 on.\n{{shout}}")])
    of = model()
    with closing(begin(tmp_path / "r.tep", graph=graph, model=of)) as session:
        run(session.run(approve))
        assert session.state.graph["shout"] == graph["shout"]
        assert {p.prompt for p, _ in session.state.reviewed} <= {"a1", "a3"}
        assert {o.prompt for s in session.state.steps for o in s.outcomes} == {"a1", "a3"}
    for text in (*asked(of, "critic"), *asked(of, "editor")):
        assert fenced(text, "prompt")[0].startswith("Pass number")
    assert any("Say it; the number comes last." in c for t in asked(of, "critic") for c in fenced(t, "consumer"))


def test_9_the_requests_are_the_same(tmp_path: Path) -> None:
    """Same seed, model and decisions: the very same requests in the very same order; another seed asks others."""
    made = []
    for number, seed in enumerate((3, 3, 4)):
        of = model()
        method = tep.TEP(seed=seed, minibatch=2, free_cap=3, nudged_cap=2, gate_rows=5)
        with closing(begin(tmp_path / f"{number}.tep", 2, model=of, method=method)) as session:
            run(session.run(seeded))
            made.append(([r.key("m") for r in of.requests], json.dumps(session.state.body(), sort_keys=True)))
    assert made[0] == made[1]
    assert made[0][0] != made[2][0]


def test_the_gate_reruns_only_what_lies_below(tmp_path: Path) -> None:
    """Evidence for the last agent's text asks that agent alone; asking again asks nobody."""
    of = model()
    with closing(begin(tmp_path / "r.tep", 3, model=of, method=NUDGED_ONLY)) as session:
        run(session.propose())
        first, *_, last = session.state.step.pending
        run(session.assess(first))
        of.requests.clear()
        run(session.assess(last))
        assert {r.text.split()[2] for r in of.requests} == {"3"}
        assert len(of.requests) <= 10
        of.requests.clear()
        run(session.assess(last))
        assert of.requests == []


def test_targets_reach_the_last_critic_only_when_asked_for(tmp_path: Path) -> None:
    """signal_targets="sink" shows the last agent's critic the references of train rows, and the draft says so."""
    of = model()
    method = tep.TEP(seed=1, minibatch=4, phases=("nudged",), nudged_cap=1, signal_targets="sink")
    with closing(begin(tmp_path / "r.tep", 2, model=of, method=method)) as session:
        run(session.propose())
        wanted = {session.state.dataset.get(i).target for i in session.state.step.rows}
        (drafted,) = [e for e in events(session) if isinstance(e, ev.Drafted)]
    assert drafted.signal.endswith("targets: sink")
    shown = {fenced(t, "prompt")[0].split()[2]: set() for t in asked(of, "critic")}
    for text in asked(of, "critic"):
        shown[fenced(text, "prompt")[0].split()[2]] |= set(fenced(text, "reference"))
    assert shown == {"1": set(), "2": wanted}


def test_temperatures_and_draws(tmp_path: Path) -> None:
    """Free actors run at the drawn temperature with a draw number, editors at 0.7; critics and what is measured at 0."""
    of = model()
    with closing(begin(tmp_path / "r.tep", 2, model=of)) as session:
        run(session.run(approve))
        drawn = {t for s in session.state.steps for t in s.temperatures.values()}
        assert {s.phase: set(s.temperatures) for s in session.state.steps}["nudged"] == set()
    assert all(0.3 <= t <= 0.9 for t in drawn)
    for request in of.requests:
        if request.role == "critic":
            assert (request.temperature, request.seed) == (0, 0)
        elif request.role == "editor":
            assert request.temperature == 0.7
            assert request.seed > 0
        else:
            assert request.temperature in {0.0, *drawn}
            assert (request.seed == 0) is (request.temperature == 0)
    assert {r.temperature for r in of.requests if r.role == "actor"} > {0.0}


def test_at_temperature_0_the_draw_is_0_everywhere(tmp_path: Path) -> None:
    """What is asked at temperature 0 has draw number 0, an actor's and an editor's too."""
    of = model()
    method = tep.TEP(seed=1, minibatch=2, low=0, high=0, editor_temperature=0, free_cap=2, nudged_cap=1)
    with closing(begin(tmp_path / "r.tep", 1, model=of, method=method)) as session:
        run(session.run(approve))
    assert {(r.temperature, r.seed) for r in of.requests} == {(0, 0)}


def test_an_agents_own_temperature(tmp_path: Path) -> None:
    """It replaces the 0 of forward, gate and evaluation calls; before and after share their draws, whatever the branch."""
    of = model()
    with closing(begin(tmp_path / "r.tep", graph=chain(2, temperature=0.5), model=of, method=NUDGED_ONLY)) as session:
        run(session.propose())
        run(session.assess(session.state.step.pending[0]))
        by_row: dict[str, set[int]] = {}
        for request in (r for r in of.requests if r.role == "actor"):
            assert request.temperature == 0.5
            assert request.seed > 0
            agent, question = re.findall(r"number (\d) .*\n(.*)", request.text)[0]
            if agent == "1":
                by_row.setdefault(question, set()).add(request.seed)
        assert all(len(seeds) == 1 for seeds in by_row.values())
        assert len(set.union(*by_row.values())) == len(by_row)
        session.rewind(0)
        of.requests.clear()
        run(session.propose())
        assert [r for r in of.requests if r.role == "actor"] == []


def test_only_known_phases() -> None:
    """Phases come in the paper's order, each once, and settings outside their range are refused by name."""
    for wrong in (
        {"phases": ("nudged", "free")},
        {"minibatch": 0},
        {"beta": 0},
        {"stable": "x"},
        {"low": 1.0},
        {"free_cap": 2.5},
    ):
        with pytest.raises(TepError, match=next(iter(wrong))):
            tep.TEP(**wrong)  # type: ignore[arg-type]
    assert tep.TEP.paper().free_cap == 20
    assert tep.TEP.from_settings(json.loads(json.dumps(tep.TEP.paper(seed=3).settings()))) == tep.TEP.paper(seed=3)


@pytest.mark.parametrize("phases", [("free",), ("nudged",), ("free", "nudged")])
@pytest.mark.parametrize("resumed", [False, True])
def test_rounds_go_through_the_phases_again(tmp_path: Path, phases: tuple[str, ...], resumed: bool) -> None:
    """rounds=2 runs the phases twice, with fresh tracks, also when the session is resumed after every step."""
    method = tep.TEP(seed=1, minibatch=2, free_cap=2, nudged_cap=1, rounds=2, phases=phases)  # type: ignore[arg-type]
    session = begin(tmp_path / "r.tep", 2, method=method)
    while session.state.phase != "done":
        run(session.run(approve, steps=1))
        if resumed:
            session.close()
            session = again(tmp_path / "r.tep")
    with closing(session):
        assert [name for _, name, _ in session.state.phases] == [*phases * 2, "done"]
        assert session.state.round == 2


def test_the_parts_used_here_err_as_said() -> None:
    """The scripted world is what these tests take it for: two of five rows are right, five with three pluses."""
    with_plus = [
        actor(tep.Request((tep.Message.of("user", f"Pass on{' plus' * k}.\nnumber {n}"),))) for k in (0, 3) for n in range(5)
    ]
    assert [text.endswith(f" {n % 5}") for n, text in enumerate(with_plus)] == [True] * 2 + [False] * 3 + [True] * 5
    assert metric("It is 7", "7") == 1.0
    assert data().train[0].target == "100"
    assert critic is not editor
