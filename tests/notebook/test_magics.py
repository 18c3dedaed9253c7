"""The magics in a real IPython: the way through a session."""

import asyncio
import concurrent.futures
import json
import re
import threading

import pytest
from real_shell import AGENTS, Shell

WAIT = 20


@pytest.fixture
def shell(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("JUPYTERHUB_USER", "ann")
    shell = Shell()
    yield shell
    shell.close()


@pytest.fixture
def page(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    shell = Shell(page=True)
    yield shell
    shell.close()


def test_the_way_through_a_session(shell, tmp_path):
    """Declare, start, step, decide, measure: every verb returns its value and says what happened."""
    shell.declare()
    assert "list_items: question -> items" in shell.good("%tep graph").out
    session = shell.good("session = %tep start run.tep\nsession").value
    assert session is shell.bench.session
    shell.good("%tep step")
    ran = shell.good("proposals = %tep pending\nlen(proposals)")
    assert ran.value == 3
    assert "step 1 (free, simulated model): 3 proposals" in ran.out, "the step's result is shown by the cell that waits for it"
    assert "{+" in ran.out
    assert "evidence for list_items" in shell.good("%tep assess list_items").out
    state = shell.good("state = %tep approve list_items\nstate").value
    assert state.decisions[-1].by == "ann"
    shell.good("%tep reject answer Show the $total in {digits}, don't 'explain' it")
    assert session.state.decisions[-1].reason == "Show the $total in {digits}, don't 'explain' it"
    shell.good("%tep skip tally")
    assert session.state.step.is_decided
    assert "step 1 (free)" in shell.good("%tep history").out
    evaluation = shell.good("e = %tep evaluate validation\ne").value
    assert evaluation.n == 40
    assert "actor" in shell.good("%tep cost").out
    assert "back at step 0" in shell.good("%tep rewind 0").out
    assert session.state.phase == "free"
    assert (tmp_path / "run.tep").is_file()


def test_a_value_is_shown_once(shell):
    """What a verb has printed is not echoed again as the cell's last expression; later it is, in plain words."""
    shell.declare()
    shell.good("%tep start run.tep")
    out = shell.good("%tep evaluate validation").out
    assert out.count("validation:") == 1
    assert "Evaluation(" not in out
    out = shell.good("e = %tep evaluate validation\ne").out
    assert out.count("validation:") == 1
    shell.good("e = %tep evaluate validation")
    assert shell.good("e").out.count("validation:") == 1, "in a later cell it is shown"
    out = shell.good("%tep step").out
    assert "Ticket" not in out
    assert "Future" not in out
    assert "State(" not in shell.good("s = %tep session\n%tep approve list_items\ns.state").out


def test_free_text_is_the_rest_of_the_line_verbatim(shell):
    """No quotes are taken away, nothing is expanded, and a question mark is no request for help."""
    shell.ip.user_ns["x"] = "EXPANDED"
    shell.good('%tep objective Say "yes", isn\'t it? $x {x} --target y?')
    assert shell.bench.drafts.objective == 'Say "yes", isn\'t it? $x {x} --target y?'
    shell.declare()
    asked = "I have $x and {x} violins. How many instruments do I have?"
    trace = shell.good(f"trace = %tep ask {asked}\ntrace").value
    assert trace.row.fields == {"question": asked}
    assert "Declare" in shell.good("%tep ?").out
    text = shell.good('text = """\n%tep ask is this text?\n"""\ntext').value
    assert text == "\n%tep ask is this text?\n"


def test_ask_takes_a_row_fields_or_the_one_input(shell):
    """Before and after start; values reach to the next field's name."""
    shell.ip.user_ns["rows"] = [{"question": f"q{n}", "context": "c", "target": "x"} for n in range(9)]
    shell.ip.user_ns["echo"] = lambda messages: messages[-1]["content"]
    shell.good("%tep model echo", "%tep data rows", "%%tep_agent answer\n{{context}}|{{question}}")
    assert "answer -> answer: c|q3" in shell.good("%tep ask --row 3").out
    assert "some text|Is it = 1?" in shell.good("%tep ask question=Is it = 1? context=some text").out
    assert "the graph reads context, question" in shell.bad("%tep ask what?")
    assert "context" in shell.bad("%tep ask question=only this")
    assert "no row 99" in shell.bad("%tep ask --row 99")
    assert "needs one of" in shell.bad("%tep ask")
    shell.good("%tep metric exact_match", "%tep method TEP phases=free", "%tep start run.tep")
    assert "answer -> answer: c|q3" in shell.good("%tep ask --row 3").out


def test_prose_with_an_equals_sign_is_a_question(shell):
    """Only name=value is taken for a field; a formula is text."""
    shell.ip.user_ns["echo"] = lambda messages: messages[-1]["content"]
    shell.good("%tep model echo", "%%tep_agent answer\n{{q}}")
    for asked in ("Is x = 1?", "x=5, what is 2x?", "a==b", '""'):
        assert f"answer -> answer: {asked}" in shell.good(f"%tep ask {asked}").out


def test_status_keeps_the_failure_of_work_over_a_slip(shell):
    """What was refused at once hides no failure that a person has to look into; success ends it."""
    down = [True]

    def moody(messages):
        if down[0]:
            raise ValueError("no luck")
        return "7"

    shell.ip.user_ns["moody"] = moody
    shell.declare()
    shell.good("%tep model moody", "%tep start run.tep")
    assert "no luck" in shell.bad("%tep evaluate validation")
    assert "no decision to take back" in shell.bad("%tep undo")
    shell.bad("%tep evaluate nowhere")
    out = shell.good("%tep status").out
    assert "last failure: evaluate:" in out
    assert "no luck" in out
    down[0] = False
    shell.good("%tep evaluate validation")
    assert "last failure" not in shell.good("%tep status").out


def test_undo_and_history_say_what_was_left(shell):
    """Going back over steps names them; rewinds, undos and freezes are in the history, those of a left branch marked."""
    shell.declare()
    shell.good("%tep start run.tep", "%tep step", "%tep skip tally", "%tep skip answer", "%tep approve list_items")
    assert "are left" not in shell.good("%tep undo").out, "in the same step nothing is left"
    assert "rewinds" in shell.good("%tep history").out
    shell.good("%tep approve list_items", "%tep freeze answer", "%tep run --auto reject_all --steps 2")
    while shell.bench.state.decisions[-1].verdict != "approve":
        shell.good("%tep undo")
    out = shell.good("%tep undo").out
    assert "back at step 1, free; " in out
    assert "left (rewind cannot return there" in out
    out = shell.good("%tep history").out
    assert "at step 1: froze answer by ann (on a branch that was left)" in out
    assert ": undo by ann, back at step 1; left: step" in out
    shell.good("%tep rewind 0", "%tep freeze tally", "%tep freeze tally --off")
    out = shell.good("%tep history").out
    assert "at step 1: rewind by ann, back at step 0, branch 1 begins; left: step 1, 2 decisions" in out
    assert "at step 0: froze tally by ann\n  at step 0: freed tally by ann" in out


def test_an_empty_cell_gets_a_line_of_our_own(shell):
    """IPython would send the person to the line magic, which does something else."""
    shell.declare()
    shell.good("%tep start run.tep", "%tep step")
    assert "the cell below %%tep edit is empty" in shell.bad("%%tep edit tally")
    assert "agent" in shell.bad("%%tep_agent solver")
    assert "--out" in shell.good("%%tep_agent --help").out


def test_assess_with_nothing_pending_says_so_once(shell):
    """No count of no values follows."""
    shell.declare()
    shell.good("%tep start run.tep")
    out = shell.good("%tep assess").out
    assert "nothing is pending" in out
    assert "values" not in out


def test_rows_that_failed_and_empty_cells_are_named(shell):
    """A failed row is said not to count; a group without a name is called empty."""
    shell.ip.user_ns["rows"] = [{"question": f"q{n}", "kind": "" if n % 2 else "odd", "target": "7"} for n in range(40)]

    def fussy(messages):
        if "q3" in messages[-1]["content"].split():
            raise ValueError("no q3")
        return "7"

    shell.ip.user_ns["fussy"] = fussy
    shell.good("%tep model fussy", "%tep data rows --split 10/10/80", "%tep metric exact_match", "%tep objective Good.")
    shell.good("%%tep_agent answer\n{{question}}", "%tep start run.tep")
    splits = [shell.good(f"%tep evaluate {split} --by kind").out for split in ("train", "validation", "test")]
    assert "  (empty): 100.0%" in splits[2]
    assert "; 1 failed, not counted" in splits[2]


def test_a_failed_step_is_told_once(page):
    """Its display points to the line of the cell that met it."""

    def broken(messages):
        raise ValueError("no luck")

    page.ip.user_ns["broken"] = broken
    page.declare()
    page.good("%tep model broken", "%tep start run.tep", "%tep step")
    ran = page.run("%tep wait")
    assert "no luck" in str(ran.error)
    assert "step failed, see below" in ran.text
    assert "no luck" not in ran.text


def test_output_without_a_field_is_what_nothing_reads(shell):
    """What was declared is forgotten, not kept for good."""
    shell.declare()
    shell.good("%tep output counts")
    assert "output: counts" in shell.good("%tep graph").out
    assert "the field that nothing reads" in shell.good("%tep output").out
    assert "output: answer" in shell.good("%tep graph").out


def test_the_help_of_model_tells_how_a_function_is_called(shell):
    """A person can write one from it."""
    out = shell.good("%tep model --help").out
    for said in ('"role"', '"content"', "temperature", "schema", "seed", "max_tokens", "str", "Reply", "async"):
        assert said in out


def test_step_returns_at_once_and_the_next_command_waits_for_it(shell):
    """A step runs on the session's thread; only a later %tep command waits."""
    begun, go = threading.Event(), threading.Event()

    def slow(messages):
        begun.set()
        assert go.wait(WAIT)
        return "ok"

    shell.ip.user_ns["slow"] = slow
    shell.declare()
    shell.good("%tep model slow", "%tep method TEP phases=free", "%tep start run.tep", "%tep step")
    assert begun.wait(WAIT)
    assert "step is running" in shell.good("%tep status").out, "status does not wait"
    assert "--again" in shell.good("%tep help start").out, "help does not wait"
    go.set()
    assert "step 1" in shell.good("%tep wait").out
    assert shell.bench.loop.idle


def test_stop_ends_the_running_command_and_what_was_recorded_stays(shell):
    """Stop is no failure that a later cell trips over."""
    begun, go = threading.Event(), threading.Event()

    def slow(messages):
        begun.set()
        go.wait(WAIT)
        return "ok"

    shell.ip.user_ns["slow"] = slow
    shell.declare()
    shell.good("%tep model slow", "%tep method TEP phases=free", "%tep start run.tep")
    assert "nothing is running" in shell.good("%tep stop").out
    shell.good("%tep step")
    assert begun.wait(WAIT)
    assert "stopped step" in shell.good("%tep stop").out
    go.set()
    shell.good("%tep wait")
    assert "step 1" in shell.good("%tep step\n%tep wait").out, "the stopped step is taken up again"


def test_a_background_failure_is_raised_once_by_the_next_command(shell):
    """The cell after a failed step says so, and the one after that goes on."""

    def broken(messages):
        raise ValueError("the server \x1b[31mis\n down")

    shell.ip.user_ns["broken"] = broken
    shell.declare()
    shell.good("%tep model broken", "%tep start run.tep", "%tep step")
    line = shell.bad("%tep pending")
    assert line.startswith("step: ")
    assert "down" in line
    assert "nothing is pending" in shell.good("%tep pending").out


def test_a_widgets_failure_is_raised_only_where_a_cell_waited_for_it(shell, monkeypatch):
    """What a page has shown as failed is not told again; what a cell waits for is."""
    begun, go = threading.Event(), threading.Event()

    def slow(messages):
        begun.set()
        assert go.wait(WAIT)
        raise ValueError("no luck")

    shell.ip.user_ns["slow"] = slow
    shell.declare()
    shell.good("%tep model slow", "%tep start run.tep")
    shell.bench.loop.wait([shell.bench.command("skip", proposal="tally")])  # a click that fails
    shell.good("%tep pending")
    assert "last failure" not in shell.good("%tep status").out, "a slip is no failure of the session"
    step = shell.bench.command("step")
    assert begun.wait(WAIT)
    real = concurrent.futures.wait

    def waiting(*args, **kwargs):
        go.set()
        return real(*args, **kwargs)

    monkeypatch.setattr("tep_nb.notebook.loop.wait", waiting)
    assert "no luck" in shell.bad("%tep pending")
    assert step.done()
    shell.good("%tep pending")


def test_a_stop_while_a_cell_waits_ends_the_cell_too(shell):
    """Run All does not go on as if the step had been taken."""
    begun = threading.Event()

    async def endless(messages):
        begun.set()
        await asyncio.Event().wait()

    shell.ip.user_ns["endless"] = endless
    shell.declare()
    shell.good("%tep model endless", "%tep start run.tep")

    def click():
        assert begun.wait(WAIT)
        shell.bench.command("stop")

    threading.Thread(target=click).start()
    assert "run was stopped" in shell.bad("%tep run --auto approve_all")
    shell.good("%tep wait")


def test_an_interrupt_ends_the_waiting_only(shell, monkeypatch):
    """The command goes on, a later cell waits for it again."""
    begun, go = threading.Event(), threading.Event()

    def slow(messages):
        begun.set()
        assert go.wait(WAIT)
        return "ok"

    shell.ip.user_ns["slow"] = slow
    shell.declare()
    shell.good("%tep model slow", "%tep method TEP phases=free", "%tep start run.tep", "%tep step")
    assert begun.wait(WAIT)

    def interrupted(*args, **kwargs):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("tep_nb.notebook.loop.wait", interrupted)
        assert "interrupted: the command goes on" in shell.bad("%tep wait")
    assert shell.bench.running == "step"
    go.set()
    assert "step 1" in shell.good("%tep wait").out


def test_a_step_that_cannot_be_taken_says_so_at_once(shell):
    """Nothing is queued where decisions are pending or the session is done."""
    shell.declare()
    assert "no session yet" in shell.bad("%tep step")
    shell.good("%tep start run.tep", "%tep step")
    assert "wait for a decision" in shell.bad("%tep step")
    shell.good("%tep run --auto approve_all")
    assert "the last phase has ended" in shell.bad("%tep step")


def test_decisions_with_nothing_pending_print_so_and_are_no_error(shell):
    """Run All with a seed that proposes less does not break."""
    shell.declare()
    shell.good("%tep start run.tep")
    before = shell.bench.state
    verbs = ("approve tally", "approve all", "take tally 1", "reject tally no", "skip tally", "edit tally", "assess tally")
    for verb in (*verbs, "assess"):
        assert "nothing is pending" in shell.good(f"%tep {verb}").out, verb
    assert "nothing is pending" in shell.good("%%tep edit tally\nnew {{question}} {{items}}").out
    assert shell.bench.state is before


def test_take_edit_suggest_freeze_undo(shell):
    """A person's hunks, texts and locks."""
    shell.declare()
    shell.good("%tep start run.tep", "%tep step")
    shell.good("%tep take list_items 1")
    assert shell.bench.state.decisions[-1].verdict == "take"
    assert "hunks 7" in shell.bad("%tep take answer 7")
    assert "whole number" in shell.bad("%tep take answer x")
    rest = "Question: {{question}}\nCounts: {{counts}}\nTotal: {{total}}"
    shell.good(f"%%tep edit answer\nAnswer in one number.\n{rest}\n")
    assert shell.bench.state.prompts["answer"].text == f"Answer in one number.\n{rest}"
    assert "took back" in shell.good("%tep undo").out
    assert shell.bench.state.prompts["answer"].text.startswith("Answer the question.")
    shell.good("%tep skip answer")
    ran = shell.good(f"%%tep suggest answer --reason It's shorter\nAnswer.\n{rest}\n")
    assert "by ann" in ran.out
    assert shell.bench.state.step.pending[-1].rationale == "It's shorter"
    assert "{{total}}" in shell.bad("%%tep suggest answer\nAnswer.\nQuestion: {{question}}\nCounts: {{counts}}\n")
    assert "frozen" in shell.good("%tep freeze tally").out
    assert shell.bench.state.graph["tally"].frozen
    shell.good("%tep freeze tally --off")
    assert not shell.bench.state.graph["tally"].frozen


def test_edit_without_a_body_puts_a_cell_below(shell):
    """The cell holds the proposed text, ready to be changed."""
    shell.declare()
    shell.good("%tep start run.tep", "%tep step", "%tep wait")
    shell.good("%tep edit answer --by bob")
    proposal = shell.bench.find("answer")
    assert shell.ip.rl_next_input == f"%%tep edit answer --by bob\n{proposal.after}"


def test_in_the_nudged_phase_evidence_is_bought_first(shell):
    """Approving needs no assess cell; what is worse stays, with its evidence, until it is overridden."""
    shell.ip.user_ns["obedient"] = lambda messages: "0" if "BAD" in messages[-1]["content"] else "1"
    shell.ip.user_ns["rows"] = [{"question": f"q{n}", "target": "1"} for n in range(20)]
    shell.good("%tep model obedient", "%tep data rows", "%%tep_agent answer\nAnswer {{question}}", "%tep metric exact_match")
    shell.good("%tep objective Answers are 1.", "%tep method TEP phases=nudged", "%tep start run.tep")
    shell.good("%%tep suggest answer\nPlease answer {{question}}")
    assert "evidence for answer: no worse" in shell.good("%tep approve answer").out
    assert [evidence.kind for evidence in shell.bench.state.evidence] == ["metric"]
    shell.good("%%tep suggest answer\nBAD {{question}}")
    assert "worse" in shell.bad("%tep approve answer")
    assert shell.bench.find("answer") is not None
    assert shell.bench.state.evidence[-1].label == "worse"
    calls = shell.bench.session.usage.calls
    assert "approved answer" in shell.good("%tep approve answer --override I know, it's --by design").out
    assert shell.bench.state.decisions[-1].override == "I know, it's --by design"
    assert shell.bench.session.usage.calls == calls, "evidence is bought once"
    shell.good("%%tep suggest answer\nKindly answer {{question}}", "%%tep edit answer\nDo answer {{question}}")
    assert shell.bench.state.evidence[-1].text == "Do answer {{question}}"


def test_approve_all_keeps_what_cannot_be_applied_pending(shell):
    """One refused proposal does not hold back the others, and the cell fails."""
    shell.declare()
    shell.good("%tep method TEP seed=0", "%tep start run.tep", "%tep step", "%tep wait")
    leaking = [p.prompt for p in shell.bench.state.step.pending if p.leaks]
    if leaking:
        assert f"{leaking[0]} still pending" in shell.bad("%tep approve all")
    else:
        shell.good("%tep approve all")
    assert [p.prompt for p in shell.bench.state.step.pending] == leaking


def test_fork_and_resume(shell, tmp_path):
    """A fork is another file; this kernel may go on with either."""
    shell.declare()
    shell.good("first = %tep start run.tep", "%tep run --auto approve_all --steps 1", "other = %tep fork other.tep --at 0")
    assert shell.bench.session is shell.ip.user_ns["first"]
    session = shell.good("s = %tep resume other.tep\ns").value
    assert session.path.name == "other.tep"
    assert session.state.step.index == 0
    shell.good("%tep resume run.tep")
    assert shell.bench.state.step.index == 1
    again = shell.good("s = %tep resume run.tep\ns").value
    assert again is shell.bench.session, "the file that is open is closed and opened again"


def test_start_again_sets_the_old_file_aside_and_pays_for_nothing(shell, tmp_path):
    """The same cells with the same decisions make no call."""
    shell.declare()
    shell.good("%tep start run.tep", "%tep run --auto approve_all --steps 2")
    assert "--again" in shell.bad("%tep start run.tep")
    assert shell.bench.state.step.index == 2, "the open session goes on"
    shell.good("%tep start run.tep --again", "%tep run --auto approve_all --steps 2")
    assert shell.bench.session.usage.calls == 0
    assert (tmp_path / "run.1.tep").is_file()


def test_reset_and_drop(shell):
    """Drafts go, files stay."""
    shell.declare()
    shell.good("%tep start run.tep")
    assert "did you mean 'tally'" in shell.bad("%tep drop taly")
    shell.good("%tep drop tally")
    assert "tally" not in shell.bench.drafts.nodes
    shell.good("%tep reset")
    assert shell.bench.session is None
    assert not shell.bench.drafts.nodes
    shell.good("%tep model simulated", *AGENTS, "%tep resume run.tep")


def test_report_and_export(shell, tmp_path):
    """FILE names what is written; a session's file is read instead, never written over."""
    shell.declare()
    shell.good("%tep start run.tep", "%tep run --auto approve_all --steps 1")
    shell.good("%tep report", "%tep report page.html", "%tep export prompts.json", "%tep export --format jsonl --out d.jsonl")
    for name in ("run.html", "page.html", "prompts.json", "d.jsonl"):
        assert (tmp_path / name).stat().st_size
    before = (tmp_path / "run.tep").read_bytes()
    shell.good("%tep report run.tep")
    assert "prompts:" in shell.good("%tep export run.tep").out
    assert "session's file" in shell.bad("%tep export --out run.tep")
    assert (tmp_path / "run.tep").read_bytes() == before
    assert "yaml" in shell.bad("%tep export --format ymal")
    assert "folder" in shell.bad("%tep export no/where.yaml")
    shell.good("%tep export cells.ipynb")
    assert "never written over" in shell.bad("%tep export cells.ipynb")


def test_export_fills_the_agents_cells_of_a_copy(shell, tmp_path):
    """Other cells and metadata stay byte for byte; the notebook itself is never the target."""
    cells = [{"cell_type": "code", "source": AGENTS[0], "metadata": {"x": 1}, "outputs": [], "execution_count": None, "id": "a"}]
    notebook = {"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
    (tmp_path / "work.ipynb").write_text(json.dumps(notebook), encoding="utf-8")
    shell.declare()
    shell.good("%tep start run.tep", "%%tep suggest list_items\nName all things.\nQuestion: {{question}}")
    shell.good("%tep approve list_items")
    shell.good("%tep export --format ipynb --notebook work.ipynb --out copy.ipynb")
    copy = json.loads((tmp_path / "copy.ipynb").read_text(encoding="utf-8"))
    assert "Name all things." in "".join(copy["cells"][0]["source"])
    assert copy["cells"][0]["metadata"] == {"x": 1}
    assert "name a copy" in shell.bad("%tep export --format ipynb --notebook work.ipynb --out work.ipynb")


def test_evaluate_with_another_model_is_a_line_of_a_transfer_table(shell):
    """--model takes a name that %tep model gave; the result says who answered."""
    shell.ip.user_ns["echo"] = lambda messages: "7"
    shell.declare()
    shell.good("%tep start run.tep", "%tep model echo --for other")
    ran = shell.good("e = %tep evaluate validation --model other\ne")
    assert "model echo" in ran.out
    assert ran.value.model.startswith("echo")
    assert "simulated model" in shell.good("%tep evaluate validation").out


def test_displays_of_a_page_end_with_the_result(page):
    """What runs is shown where its result will stand; the studio's summary follows."""
    page.declare()
    page.good("%tep start run.tep", "%tep step")
    page.bench.loop.wait(page.bench.loop.unfinished)
    ran = page.good("%tep studio")
    assert "step 1 (free, simulated model)" in ran.text
    assert "step is running" not in ran.text
    identity = next(o["transient"]["display_id"] for o in ran.outputs if "text/html" in o["data"] and o["transient"])
    ran = page.good("%tep skip answer")
    updates = [o for o in ran.outputs if o["update"] and o["transient"]["display_id"] == identity]
    assert updates, "the static summary is updated at each decision"


def test_a_sign_of_life_leaves_the_kernel_while_a_command_runs(page):
    """A tick of the loop becomes an output, also where no cell shows the command."""
    begun, go = threading.Event(), threading.Event()

    def slow(messages):
        begun.set()
        assert go.wait(WAIT)
        return "ok"

    page.ip.user_ns["slow"] = slow
    page.declare()
    page.good("%tep model slow", "%tep method TEP phases=free", "%tep start run.tep")
    ticket = page.bench.command("step")  # as a widget asks for it
    assert begun.wait(WAIT)
    page.magics.desk.screen._last_beat = 0.0
    page.ip.display_pub.outputs.clear()
    page.bench._notify("progress")
    assert any("step is running" in o["data"]["text/plain"] for o in page.ip.display_pub.outputs)
    go.set()
    ticket.result(WAIT)


def test_loading_twice_leaves_one_of_everything(shell):
    """The first workbench is closed: one thread, one matcher, one lock."""
    from tep_nb.notebook.magics import load

    first = shell.bench
    load(shell.ip)
    assert shell.bench is not first
    assert not first.loop._thread.is_alive()
    assert len(shell.ip.Completer.custom_matchers) == 1
    shell.good("%tep status", "%reload_ext tep_nb", "%tep status")
    assert len(shell.ip.Completer.custom_matchers) == 1


def test_unload_leaves_nothing_behind(shell):
    """No magic, no matcher, no transformer, no thread, no lock on the file."""
    shell.declare()
    shell.good("%tep start run.tep")
    bench = shell.bench
    shell.good("%unload_ext tep_nb")
    assert shell.ip.find_line_magic("tep") is None
    assert shell.ip.find_cell_magic("tep_agent") is None
    assert not shell.ip.Completer.custom_matchers
    assert not any("tep_nb" in t.__module__ for t in shell.ip.input_transformers_cleanup)
    assert not bench.loop._thread.is_alive()
    shell.good("%load_ext tep_nb", "%tep model simulated", *AGENTS, "%tep resume run.tep")


def test_compare_and_flow(shell):
    """Two points side by side with the interval and what it paid; one row with what the last edit changed on the way."""
    shell.declare()
    shell.good("%tep start run.tep", "%tep step", "%tep wait")
    assert "no edit was applied yet" in shell.good("%tep flow 0").out
    shell.good("%tep approve list_items", "%tep skip tally", "%tep skip answer")
    out = shell.good("%tep flow 0").out
    assert "row 0, before and after approve of list_items by ann (step 1):" in out
    assert "  before: " in out
    found = shell.good("c = %tep compare 0\nc")
    assert "step 0 -> step 1: 1 of the prompts differ" in found.out
    assert "list_items:\n" in found.out
    assert "{+" in found.out
    assert "points, 95% " in found.out
    assert found.value.paid.calls > 0
    assert "paid: nothing, all of it was recorded" in shell.good("%tep compare 0 1").out
    assert "step 7 is not complete" in shell.bad("%tep compare 7")
    assert "the row is 'x'" in shell.bad("%tep flow x")
    assert "there is no row 9999" in shell.bad("%tep flow 9999")


def test_again(shell):
    """Another proposal in the place of the first, or why there is none; for a prompt with nothing pending no error."""
    shell.declare()
    shell.good("%tep start run.tep", "%tep step", "%tep wait")
    first = shell.bench.find("tally")
    ran = shell.good("new = %tep again tally Say it in fewer words, please.\nnew")
    assert ran.value == shell.bench.find("tally") != first
    assert f"id {ran.value.id}" in ran.out
    decision = shell.bench.state.decisions[-1]
    assert (decision.verdict, decision.reason, decision.by) == ("reject", "Say it in fewer words, please.", "ann")
    shell.good("%tep skip tally")
    assert "nothing is pending for tally" in shell.good("%tep again tally").out


def test_how_a_run_ended(shell):
    """Steps, a question with what is missing, the equilibrium: the cell says it."""
    shell.declare()
    shell.good("%tep start run.tep")
    assert "ended: 1 step" in shell.good("%tep run --auto approve_all --steps 1").out
    out = shell.good("%tep run --auto approve_if:proven,gain=0.02").out
    assert re.search(r"ended: a question: \w+, because .*proven is needed", out)
    assert "ended: equilibrium (" in shell.good("%tep run --auto reject_all").out
