"""Bad input at every door of the magics: one line that says what is wrong, what was expected and what to do; nothing written."""

import pytest
from real_shell import AGENTS, Shell

from tep_nb.notebook.verbs import VERBS

KEY = "sk-proj-abcdefghij0123456789ABCDEFGHIJ"


@pytest.fixture(scope="module")
def open_shell(tmp_path_factory):
    """One session for all bad lines: none of them may change it."""
    folder = tmp_path_factory.mktemp("errors")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        patch.delenv("OPENAI_API_KEY", raising=False)
        patch.delenv("OPENAI_BASE_URL", raising=False)
        shell = Shell()
        shell.declare()
        shell.good("%tep start run.tep", "%tep step", "%tep wait")
        (folder / "rows.csv").write_text("question,answer\na,b\nc,d\n", encoding="utf-8")
        (folder / "junk.tep").write_text("not a session", encoding="utf-8")
        yield shell
        shell.close()


BAD = {
    "%tep aprove all": ["'aprove'", "did you mean 'approve'", "%tep help"],
    "%tep approve": ["PROMPT|all", "%tep approve"],
    "%tep approve nobody": ["'nobody'", "list_items"],
    "%tep approve taly": ["did you mean 'tally'"],
    "%tep approve tally --overide x": ["did you mean '--override'"],
    "%tep approve tally --override": ["needs a value"],
    '%tep approve tally --override ""': ["--override needs a value"],
    "%tep approve tally --override ' '": ["--override needs a value"],
    '%tep reject tally ""': ["reject needs REASON"],
    '%tep objective " "': ["objective needs TEXT"],
    "%tep stpe": ["did you mean 'step'"],
    "%tep ask qestion=1": ["no input is called 'qestion'", "did you mean 'question'", "inputs are question"],
    "%tep ask qestion=how many are there?": ["no input is called 'qestion'"],
    "%tep ask zz=1": ["no input is called 'zz': inputs are question"],
    "%tep model opn": ["no model is called 'opn': use"],
    "%tep approve tally extra": ["'extra'", "%tep approve"],
    "%tep reject tally": ["REASON"],
    "%tep take tally": ["1,3"],
    "%tep take tally one": ["whole number"],
    "%tep take tally 0": ["1 or more"],
    "%tep take tally 99": ["99"],
    "%tep skip": ["PROMPT"],
    "%tep rewind": ["N"],
    "%tep rewind x": ["whole number"],
    "%tep rewind 99": ["99"],
    "%tep rewind -1": ["0 or more"],
    "%tep fork run.tep": ["run.tep"],
    "%tep fork no/where.tep": ["folder"],
    "%tep start": ["FILE"],
    "%tep start run.tep": ["resume", "--again"],
    "%tep start run.tep --agian": ["did you mean '--again'"],
    "%tep start no/where.tep": ["folder"],
    "%tep resume nothing.tep": ["nothing.tep"],
    "%tep resume junk.tep": ["no session"],
    "%tep run": ["--auto"],
    "%tep run --auto aprove_all": ["did you mean 'approve_all'"],
    "%tep run --auto console": ["notebook"],
    "%tep run --auto nope": ["use approve_all, reject_all or approve_if:proven"],
    "%tep run --auto approve_if:": ["says no condition", "approve_if:proven"],
    "%tep export --format ipynb --notebook nope.ipynb --out copy.ipynb": ["there is no notebook nope.ipynb"],
    "%tep report nope.tep --out page.html": ["there is no session file nope.tep"],
    "%tep run --auto approve_all --until dnoe": ["did you mean 'done'"],
    "%tep run --auto approve_all --steps 0": ["1 or more"],
    "%tep run --auto approve_if:provn": ["proven"],
    "%tep evaluate": ["SPLIT"],
    "%tep evaluate tset": ["did you mean 'test'"],
    "%tep evaluate test --by colour": ["colour", "question"],
    "%tep evaluate test --model big": ["big", "--for"],
    "%tep ask --row 99999": ["99999"],
    "%tep ask --row seven": ["whole number"],
    "%tep ask --rwo 7": ["did you mean '--row'"],
    "%tep model": ["simulated"],
    "%tep model simulatd": ["did you mean 'simulated'"],
    "%tep model openai": ["openai:NAME"],
    "%tep model openai:": ["openai:NAME"],
    "%tep model 7": ["variable"],
    "%tep model simulated --base-url http://x": ["openai:NAME"],
    "%tep model openai:gpt --base-url nonsense": ["http"],
    "%tep model openai:gpt --key-env not-a-name": ["environment variable"],
    "%tep data": ["FILE"],
    "%tep data nothing.csv": ["nothing.csv"],
    "%tep data rows.csv --target anwser": ["did you mean 'answer'"],
    "%tep data rows.csv --target answer --split 50": ["20/40/40"],
    "%tep data rows.csv --target answer --split 50/100/100": ["rows"],
    "%tep data rows.csv --target answer --seed x": ["whole number"],
    "%tep data rows.csv --target answer --rename x": ["new=old"],
    "%tep data rows.csv --taget answer": ["did you mean '--target'"],
    "%tep data task:object_countin": ["did you mean 'object_counting'"],
    "%tep data 'open quote.csv": ["quote"],
    "%tep metric exact_mach": ["did you mean 'exact_match'"],
    "%tep metric accuracy": ["labels"],
    "%tep objective": ["TEXT"],
    "%tep output not-a-field": ["letters"],
    "%tep budget calls": ["NAME=VALUE"],
    "%tep budget cals=5": ["did you mean 'calls'"],
    "%tep budget calls=many": ["whole number"],
    "%tep budget calls=-1": ["0"],
    "%tep budget calls=1 calls=2": ["twice"],
    "%tep method GEPA": ["TEP"],
    "%tep method TEP fre_cap=5": ["did you mean 'free_cap'"],
    "%tep method TEP free_cap=0": ["free_cap"],
    "%tep method TEP phases=nudged,free": ["free"],
    "%tep drop nobody": ["nobody"],
    "%tep freeze nobody": ["nobody"],
    "%tep assess nobody": ["nobody"],
    "%tep suggest tally": ["cell body"],
    "%tep help strat": ["did you mean 'start'"],
    "%tep step now": ["'now'"],
    "%tep stop --now": ["--now"],
    "%tep report report.txt": ["report.html"],
    "%tep report no/where.html": ["folder"],
    "%tep report a.html --out b.html": ["one file"],
    "%tep export --format ymal": ["yaml"],
    "%tep export rnu.tep": ["no session file rnu.tep"],
    "%tep report rnu.tep": ["no session file rnu.tep"],
    "%tep export --notebook x.ipynb": ["--out"],
    "%tep export --format ipynb --notebook no.ipynb --out copy.ipynb": ["no.ipynb"],
    "%%tep\nx": ["verb", "edit"],
    "%%tep approve tally\nx": ["no cell body"],
    "%%tep edit tally\n  \n": ["empty"],
    "%%tep suggest nobody\n{{question}}": ["nobody"],
    "%%tep suggest tally\nno placeholder": ["{{question}}"],
    "%%tep edit tally\nno placeholder": ["{{question}}"],
    "%%tep_agent\nx {{question}}": ["name"],
    "%%tep_agent two words\nx {{question}}": ["words"],
    "%%tep_agent a --tmperature 1\nx {{question}}": ["--temperature"],
    "%%tep_agent a\nreads nothing": ["reads nothing"],
    "%%tep_agent a\n\n": ["empty"],
    "%%tep_agent a\n+++\nrle = 'x'\n+++\nx {{question}}": ["did you mean 'role'"],
    "%tep_agent a": ["%%tep_agent"],
    "%tep_tool": ["%%tep_tool"],
    "%%tep_agent all\nx {{question}}": ["%tep approve all", "other names"],
    "%%tep_agent a --prompt all\nx {{question}}": ["%tep approve all"],
    "%%tep_agent a --when ok==true\nx {{question}}": ["second '='", "one equality"],
    "%%tep_agent a": ["empty"],
    "%%tep_agent": ["needs a name"],
    "%%tep_tool": ["0 functions"],
    "%tep model open": ["no model is called 'open'"],
    "%tep data rows.csv --target answer --rename a=question --rename a=answer": ["two columns the name 'a'"],
    "%tep data rows.csv --target answer --rename a=question --rename b=question": ["several names, a and b"],
    "%tep data rows.csv": ["--target"],
    "%tep method TEP low=.95": ["low=0.95 is above high=0.9"],
    "%tep ask question=a question=b": ["question twice"],
    "%%tep_tool extra\ndef f(a): pass": ["extra"],
    "%%tep_tool\nclass Tool: pass": ["0 functions"],
}


@pytest.mark.parametrize("cell", BAD)
def test_bad_input_is_one_line_and_writes_nothing(open_shell, cell):
    """What is wrong, what was expected, the closest match; the session stays as it is."""
    before = open_shell.bench.state
    line = open_shell.bad(cell)
    for part in BAD[cell]:
        assert part in line, line
    assert open_shell.bench.state is before


@pytest.mark.parametrize("cell", [
    f"%tep model {KEY}", f"%tep model openai:{KEY}", f"%tep model openai:gpt --key {KEY}",
    f"%tep model openai:gpt --api-key={KEY}", f"%tep model openai:gpt {KEY}",
    f"%tep model openai:gpt --key-env {KEY}", f"%tep model simulated --for {KEY}",
])  # fmt: skip
def test_a_key_is_never_an_argument_and_never_repeated(open_shell, cell):
    """The line names the environment and getpass, and not the key."""
    line = open_shell.bad(cell)
    assert KEY not in line
    assert "getpass" in line


def test_a_missing_key_is_told_when_the_model_is_named(open_shell):
    """The cell that declares the model says how to give the key."""
    ran = open_shell.run("%tep model openai:gpt-5 --for spare --key-env MY_KEY")
    assert ran.error is None
    assert "$MY_KEY is not set" in ran.out
    assert "getpass" in ran.out
    open_shell.bench.drafts.models.pop("spare")


HOSTILE = ["\x1b[31mred", "a\u202eb", "a\x00b", "<img src=x onerror=alert(1)>", "a\x9bb\x08", "\u200b\u2066x"]


@pytest.mark.parametrize("hostile", HOSTILE)
def test_hostile_text_cannot_act_in_an_error_or_an_output(open_shell, hostile):
    """Control characters, bidi marks and line separators are spelled out; `bad` checks that the line is printable."""
    open_shell.bad(f"%tep approve {hostile}")
    open_shell.bad(f"%tep data {hostile}.csv")
    open_shell.bad(f"%tep {hostile}")
    open_shell.ip.user_ns["rows"] = [{"question": hostile, "target": hostile}] * 3
    ran = open_shell.run(f"%tep reject tally {hostile}")
    assert all(c.isprintable() or c in "\n\t" for c in ran.out), repr(ran.out)
    open_shell.good("%tep undo", "%tep history")


@pytest.mark.parametrize("name", ["a\0b", "half \ud800", "x" * 5000, "~nobody/x", "/proc/x/y.html"])
@pytest.mark.parametrize("verb", ["start", "resume", "fork", "report", "export", "data"])
def test_names_that_no_file_can_have(open_shell, verb, name):
    """Whatever stands where a file's name belongs, the answer is one line."""
    open_shell.bad(f"%tep {verb} {name}")


def test_files_that_an_export_cannot_use(open_shell, tmp_path, monkeypatch):
    """One that cannot be written and a notebook that is none are named as the analyst wrote them, in one line."""
    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / "bad.ipynb").write_bytes(b'{"cells": "\xff"}')
    line = open_shell.bad("%tep export --format ipynb --notebook ~/bad.ipynb --out copy.ipynb")
    assert line == "~/bad.ipynb is not UTF-8 (byte 11): name a notebook"
    (tmp_path / "full.yaml").symlink_to("/dev/full/x")  # nobody, root neither, makes a file below a device
    line = open_shell.bad("%tep export --out ~/full.yaml")
    assert line.startswith("~/full.yaml cannot be written (")
    assert str(tmp_path) not in line


@pytest.mark.parametrize("verb", sorted(VERBS))
def test_every_verb_has_help(open_shell, verb):
    """--help prints the usage and does nothing."""
    before = open_shell.bench.state
    ran = open_shell.good(f"%tep {verb} --help")
    assert f"tep {verb}" in ran.out
    assert VERBS[verb].about in ran.out
    assert open_shell.bench.state is before
    assert open_shell.good(f"%tep help {verb}").out == ran.out


def test_the_cells_have_help_and_an_overview_lists_all(open_shell):
    """%tep alone and %tep help are the same overview."""
    out = open_shell.good("%tep").out
    assert all(f"tep {verb}" in out for verb in VERBS)
    assert open_shell.good("%tep help").out == out == open_shell.good("%tep --help").out
    assert "--temperature" in open_shell.good("%%tep_agent --help\nx").out
    assert "--version" in open_shell.good("%tep_tool --help").out


NEEDS_SESSION = ["step", "pending", "assess", "approve all", "undo", "rewind 0", "run --auto approve_all", "history",
                 "evaluate test", "session", "cost", "report", "export", "fork x.tep", "skip tally"]  # fmt: skip


@pytest.mark.parametrize("verb", NEEDS_SESSION)
def test_without_a_session_verbs_say_how_to_begin_one(tmp_path, monkeypatch, verb):
    """The line names start and resume."""
    monkeypatch.chdir(tmp_path)
    shell = Shell()
    line = shell.bad(f"%tep {verb}")
    assert "%tep start FILE" in line
    assert "%tep resume FILE" in line
    assert not list(tmp_path.iterdir())
    shell.close()


def test_start_names_what_is_missing_one_after_the_other(tmp_path, monkeypatch):
    """Agents, model, data, metric, objective; no file is made before all are there."""
    monkeypatch.chdir(tmp_path)
    shell = Shell()
    shell.ip.user_ns["rows"] = [{"question": f"q{n}", "target": "1"} for n in range(9)]
    for missing, cell in (
        ("%%tep_agent", AGENTS[0]),
        ("%tep model simulated", "%tep model simulated"),
        ("%tep data", "%tep data rows"),
        ("%tep metric", "%tep metric exact_match"),
        ("%tep objective", "%tep objective All things."),
    ):
        assert missing in shell.bad("%tep start run.tep")
        assert not list(tmp_path.iterdir())
        shell.good(cell)
    shell.good("%tep start run.tep")
    shell.close()


def test_models_that_are_none_are_refused_by_name(open_shell):
    """A class, a number, a function without messages: each says what was expected."""
    space = open_shell.ip.user_ns
    space.update(number=3, no_messages=lambda: "x", needs_more=lambda messages, extra: "x", Kind=type("Kind", (), {}))
    assert "int" in open_shell.bad("%tep model number")
    assert "messages" in open_shell.bad("%tep model no_messages")
    assert "'extra'" in open_shell.bad("%tep model needs_more")
    assert "class" in open_shell.bad("%tep model Kind")
