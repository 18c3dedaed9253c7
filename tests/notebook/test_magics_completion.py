"""Tab completion behind %tep in a real IPython."""

import pytest
from IPython.core.completer import provisionalcompleter
from real_shell import Shell


@pytest.fixture(scope="module")
def shell(tmp_path_factory):
    folder = tmp_path_factory.mktemp("completion")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        shell = Shell()
        shell.ip.Completer.use_jedi = False
        shell.declare()
        shell.ip.user_ns["my_rows"] = []
        shell.ip.user_ns["my_model"] = lambda messages: "x"
        shell.good("%tep model simulated --for small", "%tep start run.tep", "%tep step", "%tep wait")
        (folder / "rows.csv").write_text("a\n1\n", encoding="utf-8")
        (folder / "deep").mkdir()
        (folder / "deep" / "more.csv").write_text("a\n1\n", encoding="utf-8")
        yield shell
        shell.close()


def completed(shell, text):
    """What the text can become."""
    with provisionalcompleter():
        found = list(shell.ip.Completer.completions(text, len(text)))
    return [text[: item.start] + item.text for item in found]


@pytest.mark.parametrize(("text", "wanted"), [
    ("%tep appr", "%tep approve"),
    ("state = %tep appr", "state = %tep approve"),
    ("%tep approve ta", "%tep approve tally"),
    ("%tep approve a", "%tep approve all"),
    ("%tep approve tally --ov", "%tep approve tally --override"),
    ("%tep evaluate va", "%tep evaluate validation"),
    ("%tep evaluate test --by q", "%tep evaluate test --by question"),
    ("%tep evaluate test --model sm", "%tep evaluate test --model small"),
    ("%tep run --auto app", "%tep run --auto approve_all"),
    ("%tep run --until nu", "%tep run --until nudged"),
    ("%tep metric exa", "%tep metric exact_match"),
    ("%tep method T", "%tep method TEP"),
    ("%tep method TEP free", "%tep method TEP free_cap="),
    ("%tep budget ca", "%tep budget calls="),
    ("%tep model sim", "%tep model simulated"),
    ("%tep model my", "%tep model my_model"),
    ("%tep model simulated --for cri", "%tep model simulated --for critic"),
    ("%tep data ro", "%tep data rows.csv"),
    ("%tep data deep/", "%tep data deep/more.csv"),
    ("%tep data my_r", "%tep data my_rows"),
    ("%tep data task:obj", "%tep data task:object_counting"),
    ("%tep data rows.csv --tar", "%tep data rows.csv --target"),
    ("%tep drop add", "%tep drop add_up"),
    ("%tep output tot", "%tep output total"),
    ("%tep resume ru", "%tep resume run.tep"),
    ("%tep export --format js", "%tep export --format json"),
    ("%tep help fo", "%tep help fork"),
    ("%%tep edit ta", "%%tep edit tally"),
    ("%%tep_agent x --temp", "%%tep_agent x --temperature"),
    ("%%tep_agent x --model sm", "%%tep_agent x --model small"),
    ("%%tep_tool --ver", "%%tep_tool --version"),
    ("x = 1\n%tep appr", "x = 1\n%tep approve"),
])  # fmt: skip
def test_verbs_options_and_names_are_completed(shell, text, wanted):
    """What a line can go on with is offered, in assignments and cells too."""
    assert wanted in completed(shell, text)


@pytest.mark.parametrize("text", ["%tep reject tally do", "%tep objective sa", "x.tep appr", "%tep step ", "%tep approve tally "])
def test_nothing_is_offered_where_nothing_is_known(shell, text):
    """Free text is a person's own."""
    offered = shell.magics.completion._candidates(text)
    assert not [item for item in offered if item.startswith(text.split(" ")[-1])] or text == "x.tep appr"


def test_completion_never_raises(shell):
    """A cursor anywhere in any line."""
    lines = ("", "%tep", "%%tep", "%tep ", "%tep data 'a", "%tep nope --x", "%tep data ~no/x", "%tep take tally 1,", "\n%tep a\n")
    for text in lines:
        for cursor in range(len(text) + 1):
            with provisionalcompleter():
                list(shell.ip.Completer.completions(text, cursor))


def test_points_of_a_comparison_are_completed(shell):
    """The start and every complete step."""
    assert "%tep compare 0" in completed(shell, "%tep compare ")
    assert "%tep compare 0 1" not in completed(shell, "%tep compare 0 ")
    shell.good("%tep skip list_items", "%tep skip tally", "%tep skip answer")
    assert {"%tep compare 0 0", "%tep compare 0 1"} <= set(completed(shell, "%tep compare 0 "))
    shell.good("%tep undo", "%tep undo", "%tep undo")
