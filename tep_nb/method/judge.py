"""A metric made of a prompt: a model scores the answer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tep_nb.core.kinds import check_text
from tep_nb.core.metric import Metric, Score
from tep_nb.core.text import Prompt, show
from tep_nb.errors import MetricError, MissingKey, ModelError, NotRecorded
from tep_nb.method.forward import ask_until
from tep_nb.method.reply import Fault, read_judged
from tep_nb.method.template import fence, fill, load
from tep_nb.model.base import Message, Request
from tep_nb.model.runtime import Runtime, Where

__all__ = ["ask_judge", "judge"]

_SCHEMA = {
    "type": "object",
    "properties": {"score": {"type": "number", "minimum": 0, "maximum": 10}, "note": {"type": "string"}},
    "required": ["score", "note"],
    "additionalProperties": False,
}


def judge(prompt: str, name: str = "judge") -> Metric:
    """Make a metric of a prompt.

    Parameters
    ----------
    prompt : str
        Says what a good answer is; its ``{{placeholders}}`` are fields, columns, ``{{target}}`` and ``{{output}}``. The judge
        model answers 0 to 10, which becomes 0 to 1.
    name : str

    Raises
    ------
    MetricError
        The prompt has no placeholder, or the name is not one line.
    """
    template = Prompt(prompt)
    check_text("the name of a judge", name)
    if len(name.splitlines()) != 1 or not name.strip():
        raise MetricError(f"the judge's name {name[:40]!r} is not one line of text: give it a short name")
    if not template.placeholders:
        raise MetricError("the judge's prompt reads nothing: put {{output}} into it")
    doc = " ".join(prompt.split())[:300]
    return Metric(name, template.digest, doc, template.placeholders, None, template)


async def ask_judge(door: Runtime, prompt: Prompt, arguments: Mapping[str, Any], row: int) -> Score | str:
    """The judge's score of one row, or one line that says why there is none."""
    instruction = prompt.render({name: f"\n{fence(name, show(value))}\n" for name, value in arguments.items()})
    text = fill(load("judge"), {"instruction": instruction.strip()})
    request = Request((Message.of("user", text),), schema=_SCHEMA, role="judge")
    try:
        found, _ = await ask_until(door, request, Where("judge", "judge", row), read_judged)
    except (MissingKey, NotRecorded):
        raise
    except ModelError as error:
        return str(error)
    if isinstance(found, Fault):
        return f"the judge's reply cannot be used: {found.text}"
    return Score(found.score / 10, found.note)
