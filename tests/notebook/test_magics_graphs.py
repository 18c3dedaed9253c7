"""Graphs of other kinds than the quickstart's, declared in cells: retrieval, guarded repairs, a judge."""

import json
from dataclasses import replace

import pytest
from real_shell import Shell

from tep_nb.notebook.show import proposal_text
from tep_nb.notebook.views import static_summary
from tep_nb.notebook.views.history import history_rows
from tep_nb.notebook.views.status import paint_status


@pytest.fixture
def shell(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    shell = Shell()
    yield shell
    shell.close()


def test_retrieval_over_an_own_index_with_an_own_metric(shell):
    """A tool closes over an index, a metric reads fields and columns by name."""
    shell.good(
        "docs = {'rome': 'Rome is in Italy.', 'oslo': 'Oslo is in Norway.'}\n"
        "rows = [{'question': f'Where is {c}?', 'city': c, 'kind': c[0], 'target': docs[c].split()[-1]} for c in docs] * 6\n"
        "def answers(messages, *, temperature):\n    return messages[-1]['content'].split()[-1]\n"
        "def hit(answer, target, passage, city):\n"
        "    '''The answer is the country.'''\n    return float(target in answer and city.title() in passage)"
    )
    shell.good(
        "%tep model answers",
        "%tep data rows --target target --split 50/25/25",
        "%%tep_tool --out passage\ndef look_up(question, k=1):\n    '''Finds the passage of a city.'''\n"
        "    return next(text for name, text in docs.items() if name in question)",
        "%%tep_agent answer\nUse the passage.\n--- user ---\n{{question}}\n{{passage}}",
        "%tep metric hit",
        "%tep method TEP phases=free seed=3",
        "%tep start run.tep",
    )
    ran = shell.good("%tep evaluate test --by kind")
    assert "test: 100.0%" in ran.out
    assert "  o: 100.0%" in ran.out
    assert "passage: Oslo is in Norway." in shell.good("%tep ask question=Where is oslo?").out
    shell.close()
    again = Shell()
    again.good("docs = {}\ndef hit(answer, target):\n    return 1.0\ndef answers(messages):\n    return 'x'")
    again.good("%tep model answers")
    assert "look_up" in again.bad("%tep resume run.tep")
    again.good("%%tep_tool --out passage\ndef look_up(question, k=1):\n    '''Finds the passage of a city.'''\n"
               "    return next(text for name, text in docs.items() if name in question)")
    assert "hit" in again.bad("%tep resume run.tep"), "the metric is passed again"
    again.good("%tep metric hit")
    assert "metric" in again.bad("%tep resume run.tep"), "and must be the recorded one"
    again.close()


def test_code_with_a_verifier_and_two_guarded_repairs_that_share_a_prompt(shell):
    """The skip is shown, the shared prompt is one proposal, the guard reaches into JSON."""
    shell.good(
        "rows = [{'task': f't{n}', 'want': n % 3, 'target': 'ok'} for n in range(12)]\n"
        "def coder(messages, **sampling):\n    text = messages[-1]['content']\n"
        "    return 'fixed' if text.startswith('Mend') and 'bad' in text else 'good' if 't0' in text else 'bad'"
    )
    shell.good(
        "%tep model coder",
        "%tep data rows --rename wanted=want",
        "%%tep_agent code_1\nWrite {{task}}",
        "%%tep_tool --out verdict_1\ndef verify_1(code_1):\n    return {'ok': code_1 != 'bad'}",
        "%%tep_agent code_2 --prompt repair --in code=code_1 --when verdict_1.ok=false --otherwise code_1\nMend {{code}}",
        "%%tep_tool --out verdict_2\ndef verify_2(code_2):\n    return {'ok': code_2 != 'bad'}",
        "%%tep_agent code_3 --prompt repair --in code=code_2 --when verdict_2.ok=false --otherwise code_2\nMend {{code}}",
        "def metric(code_3, wanted):\n    return code_3 in ('good', 'fixed')",
        "%tep metric metric",
        "%tep output code_3",
        "%tep objective The code passes its tests.",
    )
    assert "when verdict_1.ok=false" in shell.good("%tep graph").out
    assert "code_3 -> code_3 (skipped): fixed" in shell.good("%tep ask --row 1").out
    shell.good("%tep start run.tep")
    assert "code_2 -> code_2 (skipped): good" in shell.good("%tep ask --row 0").out
    shell.good("%%tep suggest code_3\nMend well {{code}}")
    assert [p.agents for p in shell.bench.state.step.pending] == [("code_2", "code_3")]
    shell.good("%tep approve repair")
    assert "test: 100.0%" in shell.good("%tep evaluate test").out


def test_one_agent_with_a_judge_as_its_metric(shell):
    """A judge's evidence says so; the judge may be a model of its own."""
    shell.ip.user_ns["grade"] = lambda messages: json.dumps({"score": 8, "note": "fine"})
    shell.good(
        "import tep_nb as tep\nquality = tep.judge('Is {{output}} a good answer to {{question}}?')",
        "rows = [{'question': f'q{n}', 'target': ''} for n in range(12)]",
        "%tep model simulated",
        "%tep model grade --for judge",
        "%tep data rows",
        "%%tep_agent answer\nAnswer {{question}}",
        "%tep metric quality",
        "%tep objective Good answers.",
        "%tep method TEP phases=nudged",
        "%tep start run.tep",
        "%%tep suggest answer\nPlease answer {{question}}",
    )
    assert "a judge's" in shell.good("%tep assess answer").out
    assert "80.0%" in shell.good("%tep evaluate test").out
    assert shell.good("s = %tep session\ns.state.models['judge']").value.startswith("grade")


def test_a_simulated_judge_critic_or_editor_beside_a_real_actor_is_named(shell):
    """Wherever results are shown; where the actor is simulated, its name says it already."""
    shell.ip.user_ns["mine"] = lambda messages: "three violins"
    shell.good(
        "import tep_nb as tep\nquality = tep.judge('Is {{output}} a good answer to {{question}}?')",
        "rows = [{'question': f'I have {n + 2} violins. How many?', 'target': ''} for n in range(12)]",
        "%tep model mine",
        *(f"%tep model simulated --for {role}" for role in ("critic", "judge")),
        "%tep data rows",
        "%%tep_agent answer\nAnswer {{question}}",
        "%tep metric quality",
        "%tep objective Good answers.",
        "%tep method TEP phases=free",
    )
    actor = shell.bench.drafts.models["actor"].name
    who = f"model {actor}; critic, editor, judge: simulated model"
    assert f"session run.tep ({who})" in shell.good("%tep start run.tep").out
    assert who in shell.good("%tep status").out
    assert f"model {actor}, judged by the simulated model" in shell.good("%tep evaluate test").out
    shell.good("%%tep suggest answer\nPlease answer {{question}}")
    assert "rows; critic: simulated model" in shell.good("%tep assess answer --kind local").out
    assert "judged by the simulated model" in shell.good("%tep assess answer --kind metric").out
    assert "judged by the simulated model" in shell.good("%tep pending").out
    state = shell.bench.state
    assert "by editor (simulated model)" in proposal_text(state, replace(state.step.pending[0], by="editor"))
    shell.good("%tep reject answer no")
    shell.good("%tep step")
    assert f"step 1 (free, {who})" in shell.good("%tep wait").out
    assert "judged by the simulated model" in shell.good("%tep history").out
    state = shell.bench.state
    assert paint_status(shell.bench)["status"]["models"] == "critic, editor, judge: simulated model"
    assert "critic, editor, judge: simulated model" in static_summary(state)
    assert any("judged by the simulated model" in row["why"] for row in history_rows(state))
    shell.good("%tep report")
    assert "Simulated model: critic, editor, judge." in (shell.bench.session.path.with_suffix(".html")).read_text("utf-8")


def test_several_outputs_an_agents_own_model_and_front_matter(shell):
    """The header and the front matter reach the graph."""
    shell.ip.user_ns["pair"] = lambda messages: json.dumps({"plan": "p", "keys": ["k"]})
    shell.good(
        "rows = [{'question': f'q{n}', 'target': 'x'} for n in range(9)]",
        "%tep data rows",
        "%tep model simulated",
        "%tep model pair --for small",
        '%%tep_agent plan --out plan,keys --model small --temperature 0.5 --protect "JSON"\n'
        '+++\nrole = "Plans."\nexpects = "a question"\n'
        '[[rubric]]\nname = "short"\nasks = "it is short"\n+++\nAs JSON: {{question}}',
        "%%tep_agent answer\n{{plan}} {{keys}}",
    )
    agent = shell.bench.drafts.nodes["plan"]
    assert (agent.outputs, agent.model, agent.temperature) == (("plan", "keys"), "small", 0.5)
    assert (agent.role, agent.expects) == ("Plans.", "a question")
    assert agent.prompt.protect == ("JSON",)
    assert [criterion.name for criterion in agent.rubric.own] == ["short"]
    assert "plan -> keys" in shell.good("%tep ask why?").out
