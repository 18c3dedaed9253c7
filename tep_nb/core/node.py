"""The nodes of a graph: agents and tools."""

from __future__ import annotations

import hashlib
import inspect
import re
import textwrap
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from numbers import Real
from typing import Any

from tep_nb.core.data import RESERVED, json_value
from tep_nb.core.guard import Guard
from tep_nb.core.kinds import a, check, check_text, texts, wrong
from tep_nb.core.rubric import Criterion, Rubric
from tep_nb.core.text import SPLIT, Prompt, digest
from tep_nb.errors import ConfigError, DataError, GraphError, PromptError

__all__ = ["Agent", "Guard", "Tool", "source_version"]

_SENTENCE = re.compile(r".+?(?:[.!?](?=\s|$)|$)")


def _named(kind: str, name: Any) -> str:
    if not isinstance(name, str):
        raise wrong(f"the name of {kind}", "a str", name, "write it in quotes")
    if not name.isidentifier():
        raise GraphError(f"{name!r} cannot name {kind}: use letters, digits and _, and start with a letter")
    return name


def _outputs(owner: str, output: str | Sequence[str] | None) -> tuple[str, ...]:
    if output is None or isinstance(output, str):
        names: tuple[str, ...] = (owner if output is None else output,)
    else:
        names = texts(f"output of {owner}", output, 'output="answer", or output=("answer", "reason") for several')
    for name in names:
        _named("a field", name)
        if name in RESERVED:
            raise GraphError(f"{owner} writes {name!r}, which is reserved for metrics: choose another with --out NAME (output=)")
    if not names or len(set(names)) < len(names):
        raise GraphError(f"{owner} writes {list(names)}: give one or more different field names")
    return names


@dataclass(frozen=True, slots=True, init=False)
class Agent:
    """A stochastic node: a model that answers a prompt (METHOD section 1).

    Parameters
    ----------
    name : str
        Letters, digits and ``_``.
    prompt : str
        The template; its ``{{placeholders}}`` are what the agent reads.
    output : str or sequence of str, optional
        The field it writes, by default its name; with several, the reply is one JSON object with these keys.
    role : str
        What the agent does, in a sentence; the critic sees it. By default the prompt's first sentence.
    inputs : mapping of placeholder to field
        ``{"code": "code_1"}`` reads field ``code_1`` where the prompt says ``{{code}}``.
    rubric : Rubric or sequence of Criterion, optional
        At most three criteria beside the six; by default one made from the role.
    model : str, optional
        A key of ``Models.named``.
    temperature : float
        0 to 2; of its forward, gate and evaluation calls.
    frozen : bool
        No edit is proposed for its prompt.
    protect : sequence of str
        Spans of the prompt that no edit may touch.
    prompt_name : str, optional
        Agents of one prompt name share the prompt; by default the agent's name.
    when, otherwise : str, optional
        The guard, as in ``when="verdict.ok=false", otherwise="code"``.
    expects : str, optional
        What this agent expects of the fields it reads: its contract for those before it.
    """

    name: str
    prompt: Prompt
    outputs: tuple[str, ...]
    role: str
    inputs: Mapping[str, str]
    rubric: Rubric
    model: str | None
    temperature: float
    frozen: bool
    prompt_name: str
    guard: Guard | None
    expects: str

    def __init__(
        self,
        name: str,
        prompt: str | Prompt,
        output: str | Sequence[str] | None = None,
        role: str = "",
        inputs: Mapping[str, str] | None = None,
        rubric: Rubric | Sequence[Criterion] | None = None,
        model: str | None = None,
        temperature: float = 0.0,
        frozen: bool = False,
        protect: Sequence[str] = (),
        prompt_name: str | None = None,
        when: str | Guard | None = None,
        otherwise: str | None = None,
        expects: str = "",
    ) -> None:
        _named("an agent", name)
        for key, text, optional in (
            ("role", role, False), ("expects", expects, False), ("model", model, True), ("otherwise", otherwise, True),
        ):  # fmt: skip
            check_text(f"agent {name}: {key}", text, optional=optional)
        check(f"agent {name}: frozen", frozen, bool, "True or False", "write frozen=True, or leave it away")
        check(f"agent {name}: temperature", temperature, Real, "a number from 0 to 2", "write it as in temperature=0.5")
        spans = texts(f"agent {name}: protect", protect, "protect=(text,)")
        try:
            template = prompt if isinstance(prompt, Prompt) else Prompt(prompt, spans)
        except (PromptError, TypeError) as error:
            raise type(error)(f"agent {name}: {error}") from None
        role = role or first_sentence(template.text)
        guard = _guard(name, when, otherwise)
        reads, judged = _inputs(name, inputs), _rubric(name, rubric, role)
        values = (name, template, _outputs(name, output), role, reads, judged, model, float(temperature))
        prompt_name = name if prompt_name is None else prompt_name
        values += (frozen, _named("a prompt", prompt_name), guard, expects)  # type: ignore[assignment]
        for key, value in zip(self.__slots__, values, strict=True):
            object.__setattr__(self, key, value)
        self._check(otherwise)

    def _check(self, otherwise: str | None) -> None:
        if not 0 <= self.temperature <= 2:
            raise ConfigError(f"agent {self.name}: temperature {self.temperature} is outside 0 to 2: choose one within")
        if not self.prompt.placeholders:
            raise GraphError(
                f"agent {self.name} reads nothing: put at least one {{{{field}}}} (without spaces inside) into its prompt"
            )
        if odd := sorted(set(self.inputs) - set(self.prompt.placeholders)):
            known = list(self.prompt.placeholders)
            raise GraphError(f"agent {self.name}: inputs names {odd}, its placeholders are {known}: name one of these")
        if otherwise is not None and self.guard is None:
            raise GraphError(f"agent {self.name}: otherwise={otherwise!r} needs a guard: give when= as well")
        if self.guard is not None and self.guard.otherwise is not None and len(self.outputs) > 1:
            raise GraphError(f"agent {self.name}: otherwise= fills one field, it writes {list(self.outputs)}: leave it away")

    @property
    def output(self) -> str:
        """The field it writes, the first of several."""
        return self.outputs[0]

    @property
    def reads(self) -> dict[str, str]:
        """Placeholder to field, in the order of the prompt."""
        return {name: self.inputs.get(name, name) for name in self.prompt.placeholders}

    @property
    def needs(self) -> tuple[str, ...]:
        """Every field it depends on, the guard's among them."""
        guard = () if self.guard is None else tuple(f for f in (self.guard.field, self.guard.otherwise) if f)
        return tuple(dict.fromkeys((*self.reads.values(), *guard)))

    def fields(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """The values its placeholders take."""
        return {name: values[source] for name, source in self.reads.items()}

    def passed_on(self, values: Mapping[str, Any]) -> dict[str, Any] | None:
        """What its fields take where its guard does not hold: the value of ``otherwise``, or null; None where it runs."""
        if self.guard is None or self.guard.holds(values):
            return None
        return dict.fromkeys(self.outputs, None if self.guard.otherwise is None else values[self.guard.otherwise])


def _inputs(agent: str, inputs: Any) -> dict[str, str]:
    """What an agent's placeholders read, where that is another field."""
    remedy = 'write inputs={"placeholder": "field"}'
    if inputs is None:
        return {}
    check(f"agent {agent}: inputs", inputs, Mapping, "a mapping of placeholder to field", remedy)
    for name in (*inputs, *inputs.values()):
        if not isinstance(name, str):
            raise TypeError(f"agent {agent}: inputs maps a placeholder to a field, both str, one of them is {a(name)}: {remedy}")
    return dict(inputs)


def _rubric(agent: str, rubric: Any, role: str) -> Rubric:
    if rubric is None or isinstance(rubric, Rubric):
        return rubric or Rubric.for_role(role)
    try:
        return Rubric(rubric)
    except (TypeError, ConfigError) as error:
        raise type(error)(f"agent {agent}: {error}") from None


def _guard(agent: str, when: Any, otherwise: str | None) -> Guard | None:
    if when is None:
        return None
    check(f"agent {agent}: when", when, (str, Guard), "a guard", 'write it as in when="verdict.ok=false"')
    if isinstance(when, str):
        return Guard.parse(when, otherwise)
    guard: Guard = when
    return guard if otherwise is None else replace(guard, otherwise=otherwise)


def first_sentence(text: str) -> str:
    """The first sentence of a text's first line that has one; the line that splits system from user is none."""
    for line in text.splitlines():
        if line.strip() not in ("", SPLIT) and (match := _SENTENCE.match(line.strip())):
            return match[0]
    return ""


def source_version(fn: Callable[..., Any], source: str | None = None) -> str | None:
    """Digest of a function's source, or None where it cannot be had."""
    if source is None:
        try:
            source = inspect.getsource(fn)
        except (OSError, TypeError):
            return None
    return hashlib.sha256(textwrap.dedent(source).strip().encode()).hexdigest()[:16]


@dataclass(frozen=True, slots=True, init=False)
class Tool:
    """A deterministic node: a Python function; run, drawn and recorded, never edited (METHOD section 1).

    Parameters
    ----------
    fn : callable
        Parameters without a default are input fields, those with one are options, fixed now. ``async def`` is awaited. What
        the function closes over (an index, a file) is not part of its version. A tool out of a file (`recorded`) has None.
    output : str or sequence of str, optional
        The field it writes, by default its name; with several it returns a dict with exactly these keys.
    name, version, source : str, optional
        By default the function's name, the digest of its source, its source.
    """

    name: str
    outputs: tuple[str, ...]
    needs: tuple[str, ...]
    options: Mapping[str, Any]
    version: str
    doc: str
    fn: Callable[..., Any] | None = field(compare=False, repr=False)

    def __init__(
        self,
        fn: Callable[..., Any],
        output: str | Sequence[str] | None = None,
        name: str | None = None,
        version: str | None = None,
        source: str | None = None,
    ) -> None:
        if not callable(fn):
            raise TypeError(f"a tool is made of a function, not of {a(fn)}: write Tool(fn) with a def fn(field): …")
        name = _named("a tool", name or getattr(fn, "__name__", type(fn).__name__))
        check_text(f"tool {name}: version", version, optional=True)
        check_text(f"tool {name}: source", source, optional=True)
        try:
            parameters = inspect.signature(fn).parameters.values()
        except (TypeError, ValueError):
            raise GraphError(f"tool {name}: its parameters cannot be read: wrap it in a def") from None
        if odd := [p.name for p in parameters if p.kind in (p.POSITIONAL_ONLY, p.VAR_POSITIONAL, p.VAR_KEYWORD)]:
            raise GraphError(f"tool {name}: parameter {odd[0]} has no field name: use plain named parameters")
        options = {p.name: _option(name, p) for p in parameters if p.default is not p.empty}
        version = version or source_version(fn, source)
        if version is None:
            raise GraphError(f"tool {name}: its source cannot be read: give version=")
        doc = (inspect.getdoc(fn) or "").strip().partition("\n")[0]
        needs = tuple(p.name for p in parameters if p.default is p.empty)
        if not needs:
            raise GraphError(f"tool {name} reads nothing: no parameter without a default, which is an input field: add one")
        for key, value in zip(self.__slots__, (name, _outputs(name, output), needs, options, version, doc, fn), strict=True):
            object.__setattr__(self, key, value)

    @property
    def output(self) -> str:
        """The field it writes, the first of several."""
        return self.outputs[0]

    @classmethod
    def recorded(cls, spec: Mapping[str, Any]) -> Tool:
        """A tool as the journal knows it: without its function."""
        self = object.__new__(cls)
        values = (spec["name"], tuple(spec["outputs"]), tuple(spec["needs"]), spec["options"], spec["version"], spec["doc"])
        for key, value in zip(cls.__slots__, (*values, None), strict=True):
            object.__setattr__(self, key, value)
        return self

    def key(self, inputs: Mapping[str, Any]) -> str:
        """Digest of name, version, options and inputs: what its recorded call is found by."""
        return "tool" + digest([self.name, self.version, dict(self.options), dict(inputs)])


def _option(tool: str, parameter: inspect.Parameter) -> Any:
    try:
        return json_value(parameter.default, f"option {parameter.name}")
    except DataError as error:
        raise GraphError(f"tool {tool}: {error}") from None
