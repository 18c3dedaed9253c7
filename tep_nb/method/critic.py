"""Rubric, inputs and output of one step -> Critique (METHOD section 2)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tep_nb.core.node import Agent
from tep_nb.core.rubric import ALIGNMENT, Criterion, Critique, Suggestion
from tep_nb.core.text import beginning, count_tokens, show, tokens
from tep_nb.method.forward import ask_until
from tep_nb.method.reply import Fault, read_critique
from tep_nb.method.template import fence, fill, load
from tep_nb.model.base import Message, Request
from tep_nb.model.runtime import Runtime, Where

__all__ = ["Critic", "card", "specific"]

_NAMELESS = frozenset({"", "output", "prompt", "everything", "general", "all", "it", "the output", "the prompt"})


def card(agent: Agent) -> str:
    """How an agent is shown to its critic and its editor: role and prompt, fenced."""
    return f"{fence('role', agent.role)}\n{fence('prompt', agent.prompt.text)}"


def specific(suggestion: Suggestion) -> bool:
    """S(g), per suggestion: it names a concrete span, field or rule, and states an action (our definition)."""
    return suggestion.about.casefold().strip(" .\"'") not in _NAMELESS and len(tokens(suggestion.do)) >= 2


@dataclass(frozen=True, slots=True)
class Critic:
    """Judges steps through one door.

    Parameters
    ----------
    door : Runtime
    cap : int
        B(g): words and punctuation marks of the suggestions of one critique, counted as by `count_tokens`.
    strict : bool
        Show output and rubric only.
    """

    door: Runtime
    cap: int = 256
    strict: bool = False

    async def judge(
        self, agent: Agent, fields: Mapping[str, Any], output: str, *, row: int, signal: str = ""
    ) -> Critique:
        """One critique of one step.

        It is asked for again once: where the reply cannot be read, is longer than the cap, or names nothing concrete.

        Parameters
        ----------
        agent : Agent
        fields : mapping
            Placeholder to value: what the agent read.
        output : str
            What it answered.
        row : int
            The row's id.
        signal : str
            The filled forward signal of the nudged phase, else empty.

        Raises
        ------
        ModelError
            The critic cannot answer.
        """
        criteria = (*agent.rubric.criteria, *(ALIGNMENT if signal else ()))
        phase = "nudged" if signal else "free"
        request = self._request(agent, fields, output, criteria, signal)
        read = _Reader([criterion.name for criterion in criteria], self.cap)
        result, _ = await ask_until(self.door, request, Where("critic", agent.name, row), read)
        if isinstance(result, Fault):
            if read.last is None:
                return Critique(agent.name, row, phase, {}, parsed=False)
            result = read.last
        scores, suggestions, content = result
        kept = tuple(s for s in suggestions if specific(s))
        share = len(kept) / len(suggestions) if suggestions else 1.0
        cut, was_cut = _cut(kept, self.cap)
        size = sum(_size(s) for s in cut)
        return Critique(
            agent.name, row, phase, scores, cut, content and not cut, tokens=size, cut=was_cut, specificity=share
        )

    def _request(
        self, agent: Agent, fields: Mapping[str, Any], output: str, criteria: Sequence[Criterion], signal: str
    ) -> Request:
        inputs = [] if self.strict else [fence(f"input {name}", show(value)) for name, value in fields.items()]
        step = "\n".join([*inputs, fence("output", output)])
        text = fill(
            load("critic"),
            {
                "agent": "(not shown)" if self.strict else card(agent),
                "step": f"{step}\n\n{signal}" if signal else step,
                # One line each: a criterion is made of a role or of a cell's text, and must not look like a section of ours.
                "rubric": "\n".join(f"- {c.name}: {' '.join(c.asks.split())}" for c in criteria),
                "cap": str(self.cap),
            },
        )
        names = [criterion.name for criterion in criteria]
        return Request((Message.of("user", text),), schema=_schema(names), role="critic")


class _Reader:
    """Reads a critique; remembers the last readable one, so that a second poor reply is used as far as it goes."""

    def __init__(self, names: list[str], cap: int) -> None:
        self.names, self.cap = names, cap
        self.last: tuple[dict[str, float], tuple[Suggestion, ...], bool] | None = None

    def __call__(self, text: str) -> tuple[dict[str, float], tuple[Suggestion, ...], bool] | Fault:
        found = read_critique(text, self.names)
        if isinstance(found, Fault):
            return found
        self.last = found
        _, suggestions, content = found
        if suggestions and not content and not any(specific(s) for s in suggestions):
            return Fault("no suggestion names words, a field or a rule that it is about and says what to do.")
        if sum(_size(s) for s in suggestions) > self.cap:
            return Fault(f"the suggestions have more than {self.cap} words and punctuation marks in all: shorter, please.")
        return found


def _size(suggestion: Suggestion) -> int:
    return count_tokens(suggestion.about) + count_tokens(suggestion.do)


def _cut(suggestions: tuple[Suggestion, ...], cap: int) -> tuple[tuple[Suggestion, ...], bool]:
    """Keep what fits the cap; the first that does not fit is cut short."""
    kept: list[Suggestion] = []
    for suggestion in suggestions:
        room = cap - sum(_size(s) for s in kept)
        if _size(suggestion) <= room:
            kept.append(suggestion)
            continue
        if not kept:
            about = beginning(suggestion.about, cap // 4)
            kept.append(Suggestion(about, beginning(suggestion.do, cap - count_tokens(about))))
        return tuple(kept), True
    return tuple(kept), False


def _schema(names: Sequence[str]) -> dict[str, Any]:
    number = {"type": "number", "minimum": 0, "maximum": 10}
    text = {"type": "string"}
    suggestion = {
        "type": "object",
        "properties": {"about": text, "do": text},
        "required": ["about", "do"],
        "additionalProperties": False,
    }
    scores = {
        "type": "object",
        "properties": dict.fromkeys(names, number),
        "required": list(names),
        "additionalProperties": False,
    }
    return {
        "type": "object",
        "properties": {
            "scores": scores,
            "suggestions": {"type": "array", "items": suggestion},
            "content": {"type": "boolean"},
        },
        "required": ["scores", "suggestions", "content"],
        "additionalProperties": False,
    }
