"""The cells that declare agents and tools."""

import json

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from tep_nb.core.graph import Agent
from tep_nb.core.node import Guard
from tep_nb.core.rubric import Criterion
from tep_nb.errors import ConfigError, GraphError, PromptError, TepError
from tep_nb.notebook.cell import AGENT_HELP, TOOL_HELP, ToolHeader, parse_agent, parse_tool

BODY = "Plan {{question}}. Then stop.\nAnswer: it's done\n"
FRONT = """+++
role = "plans"
expects = "a question in one line"
protect = ["Then stop."]
[[rubric]]
name = "steps"
asks = "each step is there"
[[rubric]]
name = "short"
asks = "no step is long"
+++
"""


def told(line, body):
    """The error's text; empty where there is an agent or help."""
    try:
        assert isinstance(parse_agent(line, body), Agent | str)
    except TepError as error:
        return str(error)
    return ""


def test_a_name_is_enough():
    """Everything else has a default: field and prompt are named after the agent, the role is the prompt's first sentence."""
    assert parse_agent("plan", BODY) == Agent("plan", BODY.removesuffix("\n"))
    assert parse_agent("plan", BODY).role == "Plan {{question}}."


def test_every_option_is_read():
    """The header's options are those of Agent."""
    line = (
        '--out a,b plan --in question=query --prompt shared --model "big one" --temperature 0.5 --freeze '
        "--protect 'Then stop.' --protect \"it's done\" --when verdict.ok=false"
    )
    assert parse_agent(line, BODY) == Agent(
        "plan",
        BODY.removesuffix("\n"),
        output=("a", "b"),
        inputs={"question": "query"},
        prompt_name="shared",
        model="big one",
        temperature=0.5,
        frozen=True,
        protect=("Then stop.", "it's done"),
        when="verdict.ok=false",
    )
    assert parse_agent("plan --out=answer --when=a=1 --otherwise=b", BODY).guard == Guard("a", (), 1, "b")


@pytest.mark.parametrize(
    ("option", "equals"),
    [
        ("verdict.ok=false", False),
        ("n=3", 3),
        ("s=yes", "yes"),
        ("""'s="yes"'""", "yes"),
        ("'s=two words'", "two words"),
        ("x=null", None),
    ],
)
def test_the_guards_value_is_json(option, equals):
    """What is no JSON literal is a text."""
    agent = parse_agent(f"plan --when {option}", BODY)
    assert agent.guard.equals == equals
    assert type(agent.guard.equals) is type(equals)


def test_the_front_matter_is_read():
    """Role, expectation, protected texts and own criteria stand between the fences; the header's protected texts are kept."""
    agent = parse_agent("plan --protect Answer:", FRONT + BODY)
    assert (agent.role, agent.expects) == ("plans", "a question in one line")
    assert agent.prompt.protect == ("Answer:", "Then stop.")
    assert agent.rubric.own == (Criterion("steps", "each step is there"), Criterion("short", "no step is long"))
    assert agent.prompt.text == BODY.removesuffix("\n")
    assert parse_agent("plan", "+++\n+++\n" + BODY) == parse_agent("plan", BODY)


@given(st.text(st.characters(exclude_categories=["Cs"])), st.booleans())
def test_the_prompt_is_verbatim(text, front):
    """Not a character of the prompt is changed, hostile or not, but for the newline that IPython adds."""
    prompt = f"{text}{{{{question}}}}{text}"
    assume(not prompt.startswith("+++"))
    body = (FRONT.replace('protect = ["Then stop."]\n', "") if front else "") + prompt
    assert parse_agent("plan", body + "\n").prompt.text == prompt
    assume(not text.endswith("\n"))
    assert parse_agent("plan", body).prompt.text == prompt


def test_only_one_newline_is_dropped():
    """Blank lines around the prompt are the prompt's."""
    assert parse_agent("plan", "\n\n  {{q}}\n\n\n").prompt.text == "\n\n  {{q}}\n\n"


@pytest.mark.parametrize(
    ("line", "error", "said"),
    [
        ("", ConfigError, "needs a name; write %%tep_agent NAME"),
        ("plan two", ConfigError, "'two': quote"),
        ("plan --ouput x", ConfigError, "'--ouput': did you mean '--out'"),
        ("plan --temp 1", ConfigError, "did you mean '--temperature'"),
        ("plan --zzzzz", ConfigError, "it has --out, --in"),
        ("plan --out", ConfigError, r"--out needs a value: write --out FIELD\[,FIELD\]"),
        ("plan --out --freeze", ConfigError, "--out needs a value"),
        ("plan --out=", ConfigError, "--out needs a value"),
        ("plan --model m --model n", ConfigError, "--model stands twice"),
        ("plan --freeze=yes", ConfigError, "--freeze takes no value"),
        ("plan --temperature hot", ConfigError, "plan: --temperature is 'hot': expected a number from 0 to 2"),
        ("plan --temperature nan", ConfigError, "plan: temperature nan"),
        ("plan --temperature -1", ConfigError, "plan: temperature -1.0"),
        ("plan --in question", GraphError, "plan: --in 'question' .* PLACEHOLDER=FIELD"),
        ("plan --in question=a --in question=b", GraphError, "two fields, a and b"),
        ("plan --in z=a", GraphError, "plan: .*'z'.*'question'"),
        ("plan --out a,,b", GraphError, "plan: '' cannot name a field"),
        ("plan --out target", GraphError, "plan writes 'target'"),
        ("plan --when ok", GraphError, "plan: the guard 'ok' .* FIELD=VALUE"),
        ("plan --otherwise x", GraphError, "plan: otherwise='x' needs a guard"),
        ("plan --protect nothing", PromptError, "agent plan: protected text 'nothing'"),
        ("plan --protect 'open", ConfigError, "open quote"),
        ("plan-b", GraphError, "'plan-b' cannot name an agent"),
        ("<img>", GraphError, "'<img>' cannot name"),
    ],
)
def test_a_header_that_is_wrong_is_refused(line, error, said):
    """One line names the agent or the option, what was expected, and the closest match."""
    with pytest.raises(error, match=said) as caught:
        parse_agent(line, BODY)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("body", "error", "said"),
    [
        ("", PromptError, "agent plan: the prompt is empty"),
        ("\n \n", PromptError, "the prompt is empty"),
        ("+++\n+++\n", PromptError, "the prompt is empty"),
        ("Plan it.", GraphError, r"plan reads nothing: .*\{\{field\}\}"),
        ("+++\nrole = 'x'\n{{q}}", ConfigError, r"plan: the front matter begins with \+\+\+ and does not end"),
        ("+++\nrole = \n+++\n{{q}}", ConfigError, r"plan: the lines between \+\+\+ are not TOML: .*write them as in role"),
        ("+++\nrolle = 'x'\n+++\n{{q}}", ConfigError, "plan: the front matter has no key 'rolle': did you mean 'role'"),
        ("+++\nrole = 3\n+++\n{{q}}", ConfigError, "role in the front matter is 3: write role ="),
        ("+++\nprotect = 'x'\n+++\n{{q}}", ConfigError, r"protect = \["),
        ("+++\nprotect = [1]\n+++\n{{q}}", ConfigError, r"protect = \["),
        ("+++\n[rubric]\nname = 'a'\n+++\n{{q}}", ConfigError, r"write \[\[rubric\]\]"),
        ("+++\n[[rubric]]\nname = 'a'\n+++\n{{q}}", ConfigError, "with name .* and asks"),
        ("+++\n[[rubric]]\nname = 'a'\nasks = 'b'\nweight = 1\n+++\n{{q}}", ConfigError, "no more"),
        ("+++\n[[rubric]]\nname = 'two words'\nasks = 'b'\n+++\n{{q}}", ConfigError, "plan: criterion 'two words'"),
        ("a\n--- user ---\n{{q}}\n--- user ---\n", PromptError, "plan: .*more than once"),
    ],
)
def test_a_body_that_is_wrong_is_refused(body, error, said):
    """Faults of the front matter and of the prompt are one line that names the agent and the remedy."""
    with pytest.raises(error, match=said) as caught:
        parse_agent("plan", body)
    assert "\n" not in str(caught.value)


WORDS = ["plan", "--out", "--in", "a=b", "--when", "--otherwise", "--protect", "--temperature", "1", "'", '"', "--help", "\\"]
LINES = ["+++", "role = 1", 'role = "x"', "[[rubric]]", 'name = "a"', "--- user ---", "{{q}}", "protect = []", ""]


@given(st.text() | st.lists(st.sampled_from(WORDS)).map(" ".join), st.text() | st.lists(st.sampled_from(LINES)).map("\n".join))
def test_anything_typed_gives_an_agent_or_one_line(line, body):
    """No header and no body makes the parser fail in any other way."""
    assert "\n" not in told(line, body)


@pytest.mark.parametrize("line", ["--help", "plan --help", "-h", "--help --out x"])
def test_help_is_the_usage_text(line):
    """Help is given whatever else the line says, for agents and tools."""
    assert parse_agent(line, "") == AGENT_HELP
    assert parse_tool("--help") == TOOL_HELP


def test_the_usage_text_names_every_option():
    """What can be typed stands in the help, and what stands there can be typed."""
    for word in ("--out", "--in", "--prompt", "--model", "--temperature", "--freeze", "--protect", "--when", "--otherwise"):
        assert f"  {word} " in AGENT_HELP


def test_a_tools_header():
    """Field and version may be given; the name is the function's."""
    assert parse_tool("") == ToolHeader(None, None)
    assert parse_tool(" --out hits,scores --version 'index of May'") == ToolHeader(("hits", "scores"), "index of May")


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("search", "'search': the function below"),
        ("--ot x", "did you mean '--out'"),
        ("--version", "needs a value"),
        ("--freeze", "has no option"),
    ],
)
def test_a_tools_header_that_is_wrong_is_refused(line, said):
    """One line says what a tool's header takes."""
    with pytest.raises(ConfigError, match=said):
        parse_tool(line)


def test_what_a_cell_declares_can_be_recorded():
    """Guards, inputs and criteria of a cell are JSON."""
    agent = parse_agent("plan --when a.b=[1] --in question=x", FRONT + BODY)
    json.dumps([agent.inputs, agent.guard.equals])
