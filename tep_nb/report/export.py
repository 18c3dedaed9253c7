"""What leaves a session for other programs: its prompts and decisions as YAML, JSON, JSON lines or a notebook."""

from __future__ import annotations

import json
import shlex
from collections.abc import Callable, Mapping
from difflib import get_close_matches
from typing import Any

from tep_nb._version import __version__
from tep_nb.core.node import Agent, Tool
from tep_nb.core.rubric import Rubric
from tep_nb.core.state import State
from tep_nb.errors import ConfigError
from tep_nb.report.rows import decisions, recorded

__all__ = ["FORMATS", "export", "seen"]


def export(state: State, format: str = "yaml") -> str:  # noqa: A002  the name that the command line gives it
    """Write a session's result as a text.

    Parameters
    ----------
    state : State
    format : {"yaml", "json", "jsonl", "ipynb"}
        ``yaml`` and ``json`` have prompts, decisions and what they were made with; ``jsonl`` one decision a line; ``ipynb`` a
        notebook with a cell for each agent. `tep_nb.report.write_back` puts the prompts into a notebook that exists.

    Returns
    -------
    str
        Ends with a newline. Characters that cannot be seen are escaped, so that the text is safe on a terminal.

    Raises
    ------
    ConfigError
        An unknown format.
    """
    if format not in FORMATS:
        near = get_close_matches(str(format), FORMATS, 1)
        hint = f"; did you mean {near[0]!r}?" if near else ""
        raise ConfigError(f"format {format!r} is not known: use {', '.join(FORMATS)}{hint}")
    return FORMATS[format](state)


def _content(state: State) -> dict[str, Any]:
    return {
        "tep_nb": __version__,
        "prompts": {name: prompt.text for name, prompt in state.prompts.items()},
        "metadata": {
            "phase": state.phase,
            "steps": state.step.index,
            "output": state.graph.output,
            "objective": state.objective,
            "metric": state.metric.get("name", ""),
            "models": _plain(state.models),
            "method": _plain(state.method),
            "rows": {split: len(state.dataset.part(split)) for split in ("train", "validation", "test")},
            "evaluations": [
                {"split": e.split, "n": e.n, "mean": e.mean, "interval": list(e.interval), "step": e.step, "model": e.model}
                for e in state.evaluations
            ],
        },
        "decisions": _decisions(state),
    }


def _decisions(state: State) -> list[dict[str, Any]]:
    """The branch that stands; times and what was taken back are in the journal and in the report."""
    return [{k: v for k, v in row.items() if k not in ("at", "kept")} for row in decisions(recorded(state))]


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    return [_plain(item) for item in value] if isinstance(value, list | tuple) else value


def _json(state: State) -> str:
    return seen(json.dumps(_content(state), indent=2, ensure_ascii=False)) + "\n"


def _jsonl(state: State) -> str:
    return "".join(seen(json.dumps(row, ensure_ascii=False)) + "\n" for row in _decisions(state))


def seen(text: str) -> str:
    """Escape what cannot be seen; in JSON and in quoted YAML it can only stand inside a string."""
    return text if text.isprintable() else "".join(c if c.isprintable() or c == "\n" else _escape(c) for c in text)


def _escape(character: str) -> str:
    code = ord(character)
    if code < 0x10000:
        return f"\\u{code:04x}"
    code -= 0x10000
    return f"\\u{0xD800 + (code >> 10):04x}\\u{0xDC00 + (code & 0x3FF):04x}"


def _yaml(state: State) -> str:
    import yaml

    class Dumper(yaml.SafeDumper):
        """Texts of several lines as blocks, texts with hidden characters in quotes, where they can be escaped."""

    def text(dumper: yaml.SafeDumper, value: str) -> yaml.ScalarNode:
        if not all(c.isprintable() or c == "\n" for c in value):
            return dumper.represent_scalar("tag:yaml.org,2002:str", value, style='"')
        return dumper.represent_scalar("tag:yaml.org,2002:str", value, style="|" if "\n" in value else None)

    Dumper.add_representer(str, text)
    Dumper.ignore_aliases = lambda self, data: True  # type: ignore[method-assign]  # noqa: ARG005
    dumped = yaml.dump(_content(state), Dumper=Dumper, sort_keys=False, allow_unicode=True, width=2**31)
    # YAML has one escape for characters beyond the basic plane, not JSON's pair.
    return "".join(c if c.isprintable() or c == "\n" else f"\\U{ord(c):08X}" for c in str(dumped))


def _notebook(state: State) -> str:
    """A notebook with the optimised agents; tools are named, their code is not in a journal."""
    about = (
        f"# Optimised prompts\n\nWritten by tep_nb {__version__} after step {state.step.index} ({state.phase}). "
        f"Tools are not in a journal: declare {', '.join(tool.name for tool in state.graph.tools) or 'none'} with `%%tep_tool`."
    )
    cells = [("markdown", about), ("code", "%load_ext tep_nb")]
    cells += [("code", _agent(node)) if isinstance(node, Agent) else ("markdown", _tool(node)) for node in state.graph.order]
    body = {
        "cells": [_cell(kind, source, f"tep-{number}") for number, (kind, source) in enumerate(cells)],
        "metadata": {"kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"}},
        "nbformat": 4,
        "nbformat_minor": 5,
    }
    return seen(json.dumps(body, indent=1, ensure_ascii=False)) + "\n"


def _cell(kind: str, source: str, identity: str) -> dict[str, Any]:
    lines = source.split("\n")
    cell: dict[str, Any] = {"cell_type": kind, "id": identity, "metadata": {}}
    if kind == "code":
        cell |= {"execution_count": None, "outputs": []}
    return {**cell, "source": [f"{line}\n" for line in lines[:-1]] + lines[-1:]}


def _tool(tool: Tool) -> str:
    return f"Tool `{tool.name}`: reads {', '.join(tool.needs)}, writes {', '.join(tool.outputs)} (version {tool.version})."


def _agent(agent: Agent) -> str:
    options = ["" if agent.outputs == (agent.name,) else f"--out {','.join(agent.outputs)}"]
    options += [f"--in {name}={source}" for name, source in agent.inputs.items()]
    options += ["" if agent.prompt_name == agent.name else f"--prompt {agent.prompt_name}"]
    options += [f"--model {shlex.quote(agent.model)}" if agent.model else ""]
    options += [f"--temperature {agent.temperature:g}" if agent.temperature else "", "--freeze" if agent.frozen else ""]
    if agent.guard is not None:
        otherwise = f" --otherwise {agent.guard.otherwise}" if agent.guard.otherwise else ""
        options.append(f"--when {shlex.quote(str(agent.guard))}{otherwise}")
    front = [f"role = {_toml(agent.role)}"]
    front += [f"expects = {_toml(agent.expects)}"] if agent.expects else []
    front += [f"protect = [{', '.join(map(_toml, agent.prompt.protect))}]"] if agent.prompt.protect else []
    for criterion in agent.rubric.own if agent.rubric != Rubric.for_role(agent.role) else ():
        front += ["[[rubric]]", f"name = {_toml(criterion.name)}", f"asks = {_toml(criterion.asks)}"]
    header = " ".join(["%%tep_agent", agent.name, *(option for option in options if option)])
    return "\n".join([header, "+++", *front, "+++", agent.prompt.text])


def _toml(text: str) -> str:
    """Write a TOML string: JSON's, but TOML takes no half character and no DEL."""
    whole = text.encode(errors="replace").decode()
    return json.dumps(whole, ensure_ascii=False).replace("\x7f", "\\u007f")


FORMATS: Mapping[str, Callable[[State], str]] = {"yaml": _yaml, "json": _json, "jsonl": _jsonl, "ipynb": _notebook}
"""Format to what writes it."""
