"""A node as the journal writes it down, and back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tep_nb.core.node import Agent, Guard, Tool
from tep_nb.core.rubric import Rubric
from tep_nb.core.text import Prompt

__all__ = ["node_of", "spec_of"]


def spec_of(node: Agent | Tool) -> dict[str, Any]:
    """A node as JSON; a tool without its function."""
    if isinstance(node, Tool):
        return {
            "kind": "tool",
            "name": node.name,
            "outputs": list(node.outputs),
            "needs": list(node.needs),
            "options": dict(node.options),
            "version": node.version,
            "doc": node.doc,
        }
    guard = node.guard
    return {
        "kind": "agent",
        "name": node.name,
        "prompt_name": node.prompt_name,
        "prompt": node.prompt.text,
        "protect": list(node.prompt.protect),
        "outputs": list(node.outputs),
        "role": node.role,
        "inputs": dict(node.inputs),
        "rubric": [[criterion.name, criterion.asks] for criterion in node.rubric.own],
        "model": node.model,
        "temperature": node.temperature,
        "frozen": node.frozen,
        "guard": None if guard is None else [guard.field, list(guard.path), guard.equals, guard.otherwise],
        "expects": node.expects,
    }


def node_of(spec: Mapping[str, Any]) -> Agent | Tool:
    """Undo `spec_of`; a tool has no function then.

    Raises
    ------
    KeyError, ConfigError, GraphError, PromptError
        It is no spec of ours.
    """
    if spec["kind"] == "tool":
        return Tool.recorded(spec)
    guard = spec["guard"]
    return Agent(
        spec["name"],
        Prompt(spec["prompt"], tuple(spec["protect"])),
        output=tuple(spec["outputs"]),
        role=spec["role"],
        inputs=spec["inputs"],
        rubric=Rubric.recorded(spec["rubric"]),
        model=spec["model"],
        temperature=spec["temperature"],
        frozen=spec["frozen"],
        prompt_name=spec["prompt_name"],
        when=None if guard is None else Guard(guard[0], tuple(guard[1]), guard[2], guard[3]),
        expects=spec["expects"],
    )
