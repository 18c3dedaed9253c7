"""Read the cells that declare a node: a header line, and below it a prompt or a function; pure."""

from __future__ import annotations

import re
import shlex
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

from tep_nb.core.graph import Agent
from tep_nb.core.rubric import Criterion
from tep_nb.errors import ConfigError, GraphError, PromptError

__all__ = ["AGENT_HELP", "TOOL_HELP", "ToolHeader", "parse_agent", "parse_tool"]

AGENT_HELP = """\
%%tep_agent NAME [--out FIELD[,FIELD]] [--in PLACEHOLDER=FIELD]… [--prompt NAME] [--model M] [--temperature T] [--freeze]
                 [--protect TEXT]… [--when F=V [--otherwise F]]
+++
role = "what the agent does, in a sentence"      (by default the prompt's first sentence)
expects = "what it expects of the fields it reads"
protect = ["text that no edit may touch"]
[[rubric]]                                       (up to three times, beside the six general criteria)
name = "one_word"
asks = "what a 10 is"
+++
the prompt, verbatim, with {{placeholders}}; a line `--- user ---` splits system from user

  --out          the field it writes, by default NAME; with several, the reply is one JSON object with these keys
  --in           {{PLACEHOLDER}} reads FIELD; by default it reads the field of its own name
  --prompt       agents of one prompt name share the prompt
  --model        a name given with %tep model … --for M
  --temperature  0 to 2, by default 0
  --freeze       no edit is proposed
  --protect      text of the prompt that no edit may touch
  --when         run only where field F equals the JSON value V, as in verdict.ok=false
  --otherwise    the field whose value is passed on where it does not run; null without it
The lines between +++ are TOML; they and each of their keys may be left away."""

TOOL_HELP = """\
%%tep_tool [--out FIELD[,FIELD]] [--version V]
one Python function: a parameter without a default is the field it reads, one with a default is a fixed option

  --out      the field it writes, by default the function's name; with several it returns a dict with these keys
  --version  what the record of its calls is kept under, by default a digest of its source"""

_AGENT = {
    "--out": "FIELD[,FIELD]",
    "--in": "PLACEHOLDER=FIELD",
    "--prompt": "NAME",
    "--model": "M",
    "--temperature": "T",
    "--freeze": "",
    "--protect": "TEXT",
    "--when": "F=V",
    "--otherwise": "F",
}
_TOOL = {"--out": "FIELD[,FIELD]", "--version": "V"}
_MANY = ("--in", "--protect")
_FENCE = "+++"
_FRONT: dict[str, tuple[type, str]] = {
    "role": (str, 'role = "…"'),
    "expects": (str, 'expects = "…"'),
    "protect": (list, 'protect = ["…"]'),
    "rubric": (list, '[[rubric]] with name = "…" and asks = "…"'),
}


@dataclass(frozen=True, slots=True)
class ToolHeader:
    """What stands behind ``%%tep_tool``; None where the function itself says it."""

    output: tuple[str, ...] | None = None
    version: str | None = None


def parse_agent(line: str, body: str) -> Agent | str:
    """Read a ``%%tep_agent`` cell.

    Parameters
    ----------
    line : str
        What follows ``%%tep_agent``, with quotes as in a shell.
    body : str
        The lines below it. The prompt is taken verbatim; only the newline that IPython adds at the end is dropped.

    Returns
    -------
    Agent or str
        The usage text where ``--help`` is asked for.

    Raises
    ------
    GraphError, PromptError, ConfigError
        One line that names the agent, what was expected and the remedy.
    """
    words, options = _words("%%tep_agent", line, _AGENT)
    if "--help" in options:
        return AGENT_HELP
    if len(words) != 1:
        extra = f"does not know what to do with {words[1]!r}: quote a text with spaces" if words else "needs a name"
        raise ConfigError(f"%%tep_agent {extra}; write %%tep_agent NAME [options], see %%tep_agent --help")
    name = words[0]
    if "all" in (name, *options.get("--prompt", [])):
        raise GraphError(f"agent {name}: in %tep approve all, all means every proposal: give agent and prompt other names")
    try:
        return _agent(name, options, body)
    except (GraphError, PromptError, ConfigError) as error:
        if re.search(rf"\b{re.escape(name)}\b", str(error)):
            raise
        raise type(error)(f"agent {name if name.isidentifier() else ascii(name)}: {error}") from None


def _agent(name: str, options: Mapping[str, list[str]], body: str) -> Agent:
    front, prompt = _split_front(body)
    declared = _front(front)
    last = {flag: values[-1] for flag, values in options.items()}
    return Agent(
        name,
        prompt.removesuffix("\n"),
        output=_fields(last.get("--out")),
        role=declared.get("role", ""),
        inputs=_inputs(options.get("--in", [])),
        rubric=declared.get("rubric"),
        model=last.get("--model"),
        temperature=_temperature(last.get("--temperature", "0")),
        frozen="--freeze" in options,
        protect=tuple(dict.fromkeys((*options.get("--protect", []), *declared.get("protect", [])))),
        prompt_name=last.get("--prompt"),
        when=last.get("--when"),
        otherwise=last.get("--otherwise"),
        expects=declared.get("expects", ""),
    )


def parse_tool(line: str) -> ToolHeader | str:
    """Read what follows ``%%tep_tool``; the usage text where ``--help`` is asked for.

    Raises
    ------
    ConfigError
        An unknown option, a value that is missing, a word too many.
    """
    words, options = _words("%%tep_tool", line, _TOOL)
    if "--help" in options:
        return TOOL_HELP
    if words:
        raise ConfigError(f"%%tep_tool does not know what to do with {words[0]!r}: the function below it gives the name")
    return ToolHeader(_fields(options.get("--out", [None])[-1]), options.get("--version", [None])[-1])


def _words(magic: str, line: str, known: Mapping[str, str]) -> tuple[list[str], dict[str, list[str | Any]]]:
    """Split a header into words and options; an option's value is the next word, or stands behind ``=``."""
    try:
        rest = shlex.split(line)[::-1]
    except ValueError:
        raise ConfigError(f"the line of {magic} has an open quote or ends in a backslash: close the quote, or quote it") from None
    words: list[str] = []
    options: dict[str, list[str | Any]] = {}
    while rest:
        word = rest.pop()
        flag, sign, value = word.partition("=")
        if word in ("--help", "-h"):
            options["--help"] = [""]
        elif not word.startswith("--"):
            words.append(word)
        elif flag not in known:
            raise ConfigError(f"{magic} has no option {flag!r}: {_nearest(flag, known)}it has {', '.join(known)}")
        elif flag in options and flag not in _MANY:
            raise ConfigError(f"{magic}: {flag} stands twice: give it once")
        elif not known[flag]:
            if sign:
                raise ConfigError(f"{magic}: {flag} takes no value: write {flag} alone")
            options[flag] = [""]
        else:
            if not sign and rest and rest[-1].partition("=")[0] not in known:
                value = rest.pop()
            if not value.strip():
                raise ConfigError(f"{magic}: {flag} needs a value: write {flag} {known[flag]}")
            options.setdefault(flag, []).append(value)
    return words, options


def _nearest(name: str, known: Iterable[str]) -> str:
    near = get_close_matches(name, list(known), 1, 0.5)
    return f"did you mean {near[0]!r}? " if near else ""


def _fields(text: str | None) -> tuple[str, ...] | None:
    return None if text is None else tuple(part.strip() for part in text.split(","))


def _inputs(pairs: Iterable[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for pair in pairs:
        placeholder, _, source = pair.partition("=")
        if not (placeholder.isidentifier() and source.isidentifier()):
            raise GraphError(f"--in {pair!r} is not of the form PLACEHOLDER=FIELD, as in code=code_1: use two names")
        if placeholder in found:
            raise GraphError(f"--in gives {{{{{placeholder}}}}} two fields, {found[placeholder]} and {source}: give it one")
        found[placeholder] = source
    return found


def _temperature(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise ConfigError(f"--temperature is {text!r}: expected a number from 0 to 2") from None


def _split_front(body: str) -> tuple[str | None, str]:
    """The TOML between the fences, None without them, and the prompt."""
    first, _, rest = body.partition("\n")
    if first.rstrip() != _FENCE:
        return None, body
    lines = rest.split("\n")
    for index, line in enumerate(lines):
        if line.rstrip() == _FENCE:
            return "\n".join(lines[:index]), "\n".join(lines[index + 1 :])
    raise ConfigError(f"the front matter begins with {_FENCE} and does not end: put a second line {_FENCE} before the prompt")


def _front(text: str | None) -> dict[str, Any]:
    try:
        found = tomllib.loads(text or "")
    except tomllib.TOMLDecodeError as error:
        reason = str(error).replace("\n", " ")
        raise ConfigError(f'the lines between {_FENCE} are not TOML: {reason}; write them as in role = "…"') from None
    for key, value in found.items():
        if key not in _FRONT:
            raise ConfigError(f"the front matter has no key {key!r}: {_nearest(key, _FRONT)}it has {', '.join(_FRONT)}")
        kind, example = _FRONT[key]
        texts = key != "protect" or all(isinstance(span, str) for span in found["protect"])
        if not (isinstance(value, kind) and texts):
            raise ConfigError(f"{key} in the front matter is {value!r}: write {example}")
    if "rubric" in found:
        found["rubric"] = [_criterion(item) for item in found["rubric"]]
    return found


def _criterion(item: Any) -> Criterion:
    if not isinstance(item, dict) or set(item) != {"name", "asks"} or not all(isinstance(v, str) for v in item.values()):
        raise ConfigError(f'a criterion of the rubric is {item!r}: write {_FRONT["rubric"][1]}, no more')
    return Criterion(item["name"], item["asks"])
