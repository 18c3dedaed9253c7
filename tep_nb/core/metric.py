"""A metric by name or function, and how it names what it reads."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from functools import partial
from types import CodeType
from typing import Any, Literal

from tep_nb.core.data import RESERVED, Row
from tep_nb.core.kinds import check, check_text, texts, wrong
from tep_nb.core.node import source_version
from tep_nb.core.score import BUILT_INS, Accuracy, Score, accuracy, as_score, brief, contains, exact_match, f1, last_integer
from tep_nb.core.text import Prompt, digest
from tep_nb.errors import JournalMismatch, MetricError

__all__ = ["Metric", "Score", "accuracy", "as_score", "contains", "exact_match", "f1", "last_integer", "resolve"]

_BUILT_IN = "built-in 1"  # the version of all built-ins; no digest of an own function can equal it
_WRAP = "wrap it in a function of named parameters"


@dataclass(frozen=True, slots=True)
class Metric:
    """A metric as the session keeps it: a name, a version, what it reads, and the function or a judge's prompt.

    Attributes
    ----------
    name, version : str
        Checked when the function is passed again; an own function's version is the digest of its source (what it closes over
        is not in it).
    doc : str
        First line of the docstring: the contract that the last node's critic reads.
    needs : tuple of str
        Fields and columns, and of ``target``, ``row``, ``output`` those that it reads.
    fn : callable or None
        None for a judge, and for an own function that was read from a file and not yet passed again.
    prompt : Prompt or None
        A judge's.
    """

    name: str
    version: str
    doc: str
    needs: tuple[str, ...]
    fn: Callable[..., Any] | None = field(default=None, compare=False, repr=False)
    prompt: Prompt | None = None

    def __post_init__(self) -> None:
        for name in ("name", "version", "doc"):
            check_text(f"{name} of a Metric", getattr(self, name))
        object.__setattr__(self, "needs", texts("needs of a Metric", self.needs, 'needs=("output", "target")'))
        if self.fn is not None and not callable(self.fn):
            raise wrong("fn of a Metric", "a function", self.fn, "pass the function itself")
        check("prompt of a Metric", self.prompt, (Prompt, type(None)), "a Prompt or None", "use judge(prompt) for a judge")

    @property
    def kind(self) -> Literal["built-in", "function", "judge"]:
        """Where the function comes from at resume: this module, the caller, nowhere."""
        if self.prompt is not None:
            return "judge"
        return "built-in" if self.version == _BUILT_IN else "function"

    def spec(self) -> dict[str, Any]:
        """All but the function, as JSON."""
        return {
            "name": self.name,
            "version": self.version,
            "doc": self.doc,
            "needs": list(self.needs),
            "prompt": None if self.prompt is None else self.prompt.text,
            "kind": self.kind,
        }

    @classmethod
    def from_spec(cls, spec: Mapping[str, Any]) -> Metric:
        """Undo `spec`; an own function still has to be bound.

        Raises
        ------
        JournalMismatch
            A built-in of a version that this package no longer has.
        """
        if spec["kind"] == "built-in":
            known = resolve(spec["name"])
            if known.version != spec["version"]:
                raise JournalMismatch(
                    f"metric {spec['name']!r} was recorded as {spec['version']}, this tep_nb has {known.version}: "
                    "resume with the tep_nb that recorded it, or start anew"
                )
            return known
        prompt = None if spec["prompt"] is None else Prompt(spec["prompt"])
        return cls(spec["name"], spec["version"], spec["doc"], tuple(spec["needs"]), None, prompt)

    def bind(self, fn: Callable[..., Any] | Metric) -> Metric:
        """Give the recorded metric its function again.

        Raises
        ------
        JournalMismatch
            Another name or version than the recorded one.
        """
        given = resolve(fn)
        if (given.name, given.version) != (self.name, self.version):
            raise JournalMismatch(
                f"metric {given.name!r} ({given.version}) was passed, {self.name!r} ({self.version}) is recorded: "
                "pass the recorded function, unchanged, or start a new session"
            )
        return replace(self, fn=given.fn)

    def check(self, columns: Collection[str], fields: Collection[str]) -> None:
        """Raise what `arguments` would, before any call.

        Raises
        ------
        MetricError
            Names the parameter that neither a column nor a field provides, and those there are.
        """
        known = {*columns, *fields, *RESERVED}
        for name in self.needs:
            if name not in known:
                near = get_close_matches(name, sorted(known), 1)
                hint = f"did you mean {near[0]!r}? " if near else ""
                raise MetricError(
                    f"metric {self.name!r} needs {name!r}, which nobody provides: {hint}"
                    f"use a column or field ({', '.join(sorted({*columns, *fields}))}), target, row or output"
                )

    def arguments(self, row: Row, values: Mapping[str, Any], output: str) -> dict[str, Any]:
        """Pick what the function is called with, by name.

        Parameters
        ----------
        row : Row
        values : mapping
            Fields of the forward pass (its columns may be among them).
        output : str
            Name of the graph's output field.

        Raises
        ------
        MetricError
            A parameter that nobody provides.
        """
        self.check(tuple(row.fields), tuple(values))
        given = {"target": row.target, "row": dict(row.fields)}
        if "output" in self.needs:
            if output not in values:
                raise MetricError(
                    f"metric {self.name!r} needs the output field {output!r}, which has no value on row {row.id}: "
                    "measure rows on which the graph was run to its end"
                )
            given["output"] = values[output]
        known = {**row.fields, **values, **given}
        return {name: known[name] for name in self.needs}


def resolve(metric: str | Callable[..., Any] | Metric) -> Metric:
    """Find or read a metric.

    Parameters
    ----------
    metric : str, callable or Metric
        A built-in's name (``"accuracy:yes,no,maybe"`` with its labels) or a function. Each of its parameters without a default
        is a field, a column, ``target``, ``row`` or ``output``; ``*args`` and ``**kwargs`` get nothing.

    Raises
    ------
    MetricError
        An unknown name, a function whose parameters cannot be read or cannot be passed by name.
    """
    if isinstance(metric, Metric):
        return metric
    if isinstance(metric, str):
        return _named(metric.strip())
    if isinstance(metric, Accuracy):
        return Metric(metric.name, _BUILT_IN, metric.doc, ("output", "target"), metric)
    if not callable(metric) or isinstance(metric, type):
        raise TypeError(f"a metric is a name, a function or a Metric, not {brief(metric)}: name one, as in exact_match")
    function = _function(metric)
    name = getattr(function, "__name__", type(metric).__name__)
    if BUILT_INS.get(name) is metric:
        return _named(name)
    doc = (inspect.getdoc(function) or "").strip().partition("\n")[0].strip()
    return Metric(name, _version(function, name), doc or name.strip("<>").replace("_", " "), _needs(metric, name), metric)


def _named(name: str) -> Metric:
    head, colon, labels = name.partition(":")
    if head == "accuracy":
        if not colon:
            raise MetricError("metric 'accuracy' needs its labels: write accuracy:yes,no,maybe")
        return resolve(accuracy(labels))
    if name not in BUILT_INS:
        known = [*BUILT_INS, "accuracy:LABEL,LABEL"]
        near = get_close_matches(head, [*BUILT_INS, "accuracy"], 1, 0.5)
        hint = f"did you mean {near[0]!r}? " if near else ""
        raise MetricError(f"no metric is called {name!r}: {hint}use {', '.join(known)}, or a function of your own")
    found = BUILT_INS[name]
    return Metric(name, _BUILT_IN, str(found.__doc__), ("output", "target"), found)


def _function(metric: Callable[..., Any]) -> Any:
    """Find what holds the name, the docstring and the source: behind a partial its function, behind an object its class."""
    while isinstance(metric, partial):
        metric = metric.func
    return metric if inspect.isroutine(metric) else type(metric)


def _needs(metric: Callable[..., Any], name: str) -> tuple[str, ...]:
    try:
        parameters = inspect.signature(metric).parameters.values()
    except (TypeError, ValueError):
        raise MetricError(f"the parameters of metric {name!r} cannot be read: {_WRAP}") from None
    needs = []
    for parameter in parameters:
        if parameter.kind in (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD) or parameter.default is not parameter.empty:
            continue
        if parameter.kind is parameter.POSITIONAL_ONLY:
            raise MetricError(f"metric {name!r} takes {parameter.name!r} by position only: {_WRAP}")
        needs.append(parameter.name)
    return tuple(needs)


def _version(function: Any, name: str) -> str:
    found = source_version(function)
    if found is None:
        code = inspect.unwrap(function).__code__ if inspect.isfunction(function) or inspect.ismethod(function) else None
        found = digest([name, _code(code) if code else function.__module__])
    return found


def _code(code: CodeType) -> list[Any]:
    constants = [_code(item) if isinstance(item, CodeType) else repr(item) for item in code.co_consts]
    return [code.co_code.hex(), constants, list(code.co_names)]
