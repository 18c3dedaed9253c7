"""A model that answers from the record of a session, and knows nothing else."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from typing import Any, get_args

from tep_nb.core.kinds import check_text
from tep_nb.core.visible import visible
from tep_nb.errors import JournalError, ModelError, NotRecorded
from tep_nb.model.base import Message, Models, Reply, Request, Role
from tep_nb.model.calls import Attempt, Recording
from tep_nb.model.limits import Limits
from tep_nb.model.scrub import Scrubber

__all__ = ["RecordedModel"]

_STOPPED = "stopped"  # what the door writes down of an attempt that was ended from outside: nothing is known of it
_SEARCHES = 3  # misses for which the nearest call is looked up: each reads the whole file once


class RecordedModel:
    """Replays one model of a recorded session: no key, no network.

    A reply is found by the request's key, the digest of the model's name and of all that changes an answer. So a session with the
    same data, prompts, settings and decisions becomes the same session, and any other request is refused. A call that was
    answered is answered at once, however many attempts it took; one that only ever failed fails again, in its recorded words.
    Usage is the recorded one, and counts towards the budget as if it were paid; a replay has no price of its own. Tools and
    metrics are not replayed: their functions run.

    The file is read once, here: replies are kept in memory, requests are not. An exported file may have been scrubbed. A
    request without a secret is found by the recorded key, and so is one whose secret stands in the replayed data. Where a reply
    lost a secret, the requests that are made of it hold ``(hidden)`` as well, and are found in their scrubbed form.

    Parameters
    ----------
    source : path
        A session's file (``run.tep``), also while it is written, or one that ``tep-nb export FILE --calls`` has written.
    name : str, optional
        Which model of the file; not needed where it holds one.

    Raises
    ------
    JournalError
        No such file, or it is damaged, or it holds no recorded calls.
    ModelError
        The file has several models, or none of this name; lists them.
    """

    def __init__(self, source: str | os.PathLike[str], name: str | None = None) -> None:
        check_text("the name of a RecordedModel", name, optional=True)
        record = _Record.read(source)
        if name is None and len(record.names) > 1:
            raise ModelError(
                f"{record.file} has calls of {_list(record.names)}: pass the name of one, or all with RecordedModel.team(source)"
            )
        known = [*record.names, *(other for other in record.played if other not in record.names)]
        if not record.names:
            raise ModelError(f"{record.file} holds no call of a model: name a session that has taken a step")
        if name is not None and name not in known:
            near = get_close_matches(name, known, 1)
            hint = f"did you mean {_shown(near[0])}? " if near else ""
            raise ModelError(f"{record.file} has no model {_shown(name)}: {hint}it has {_list(known)}")
        self._begin(record, record.names[0] if name is None else name)

    @classmethod
    def team(cls, source: str | os.PathLike[str]) -> Models:
        """Every model that the session began with, in its role; ``named`` has those that agents ask for by name.

        Others, with which it was resumed or measured, are had by their names: ``RecordedModel(source, name)``.

        Raises
        ------
        JournalError
            As for one model.
        """
        record = _Record.read(source)
        made: dict[str, RecordedModel] = {}
        for name in record.played:
            made[name] = cls.__new__(cls)
            made[name]._begin(record, name)  # noqa: SLF001  the same class
        actor, critic, editor, judge = (made[record.models[role]] for role in get_args(Role))
        return Models(actor, critic, editor, judge, {name: made[model] for name, model in record.models["named"].items()})

    def _begin(self, record: _Record, name: str) -> None:
        self._record = record
        self._name = name
        self._misses = 0

    @property
    def name(self) -> str:
        """The recorded model's name: part of the key of every call."""
        return self._name

    @property
    def limits(self) -> Limits:
        """None: nobody is asked."""
        return Limits()

    @property
    def timeout(self) -> None:
        """None: nobody is waited for."""
        return

    @property
    def max_tokens(self) -> int | None:
        """The longest answer that was cut off, None where none was: the door takes such an answer as it did then."""
        return self._record.longest.get(self._name)

    @property
    def misses(self) -> int:
        """Requests that it had to refuse."""
        return self._misses

    def __repr__(self) -> str:
        return f"RecordedModel({self._record.file!r}, {self._name!r})"

    async def complete(self, request: Request) -> Reply:
        """The recorded reply.

        Raises
        ------
        NotRecorded
            The request is not in the file; names the role, its first words and the nearest recorded one.
        ModelError
            Its call failed when it was recorded.
        """
        found = self._record.find(request, self._name)
        if isinstance(found, Reply):
            return found
        if found is not None:
            raise ModelError(found)
        self._misses += 1
        near = self._record.near(request, self._name) if self._misses <= _SEARCHES else ""
        raise NotRecorded(
            f"{self._record.file} has no reply of {_shown(self._name)} to this request of the {request.role}, "
            f"“{_brief(request.text, 80)}”{near}: a replay answers only what was asked then; "
            "use the same data, prompts, settings and decisions, or a model that can answer"
        )


@dataclass(frozen=True, slots=True)
class _Record:
    """What a file's models said, by key; the recorded words where a call only failed."""

    recording: Recording
    names: tuple[str, ...]
    replies: dict[str, Reply | str] = field(repr=False)
    scrubbed: dict[str, Reply | str | None] = field(repr=False)
    """The same by the key of the scrubbed request; None where two requests became one and were answered differently."""
    scrubber: Scrubber
    longest: dict[str, int]
    """By model."""

    @classmethod
    def read(cls, source: str | os.PathLike[str]) -> _Record:
        recording = Recording.open(source)
        names: dict[str, None] = {}
        replies: dict[str, Reply | str] = {}
        scrubbed: dict[str, Reply | str | None] = {}
        longest: dict[str, int] = {}
        first: dict[str, int] = {}
        for attempt in recording.attempts():
            if attempt.purpose == "tool":
                continue
            names[attempt.model] = None
            if attempt.outcome == _STOPPED:
                continue
            first.setdefault(attempt.key, attempt.attempt)
            said = attempt.said() if attempt.answered else _failure(attempt, first[attempt.key])
            if isinstance(said, Reply) and said.finish == "length":
                longest[attempt.model] = max(said.usage.completion_tokens, longest.get(attempt.model, 1))
            if not isinstance(replies.get(attempt.key), Reply):
                replies[attempt.key] = said
            if {"model", "request"} & set(attempt.scrubbed):
                key = attempt.asked().key(attempt.model)
                scrubbed[key] = _one(scrubbed[key], said) if key in scrubbed else said
        return cls(recording, tuple(names), replies, scrubbed, Scrubber.here(), longest)

    @property
    def file(self) -> str:
        return _brief(self.recording.path.name, 60)

    @property
    def models(self) -> Mapping[str, Any]:
        return self.recording.models

    @property
    def played(self) -> tuple[str, ...]:
        """The models of all roles, each once."""
        named = self.models["named"].values()
        return tuple(dict.fromkeys([*(self.models[role] for role in get_args(Role)), *named]))

    def find(self, request: Request, model: str) -> Reply | str | None:
        found = self.replies.get(request.key(model))
        if found is None and request.max_tokens is not None:  # a budget bounds what is sent, not what is recorded
            found = self.find(replace(request, max_tokens=None), model)
        if found is not None or not self.scrubbed:
            return found
        clean = self.scrubber.value
        messages = tuple(Message.of(message.role, clean(message.text)) for message in request.messages)
        plain = Request(messages, request.temperature, clean(request.schema), request.seed, request.max_tokens)
        return self.scrubbed.get(plain.key(model))

    def near(self, request: Request, model: str) -> str:
        """Say which recorded call comes nearest, and where it differs; one pass over the file."""
        others = [name for name in self.names if name != model and isinstance(self.replies.get(request.key(name)), Reply)]
        if others:
            return f"; {_shown(others[0])} was asked it"
        best: tuple[float, Attempt] | None = None
        text, body = request.text, request.body()
        try:
            for attempt in self.recording.attempts():
                if attempt.purpose != "tool" and attempt.model == model:
                    score = _likeness(attempt, text, body)
                    if best is None or score > best[0]:
                        best = score, attempt
        except JournalError:  # it has been taken away or changed since: nothing can be said
            return ""
        if best is None or 4 * best[0] < len(text):  # nothing in common: no help
            return ""
        near = best[1]
        row = "" if near.row is None else f", row {near.row}"
        return f"; nearest is {near.purpose} of {_brief(str(near.node), 40)}{row}, step {near.step}: {_difference(near, request)}"


def _one(first: Reply | str | None, second: Reply | str) -> Reply | str | None:
    """What two requests that scrubbing has made one were answered; None where that differs."""
    if not isinstance(first, Reply) or not isinstance(second, Reply):
        return first if isinstance(first, Reply) or first is None else second
    return first if (first.text, first.finish) == (second.text, second.finish) else None


def _failure(attempt: Attempt, first: int) -> str:
    """The words in which a call failed for good: those of its last attempt, and how many there were."""
    attempts = attempt.attempt - first + 1
    return attempt.outcome if attempts < 2 else f"{attempt.outcome}; given up after {attempts} attempts"


def _likeness(attempt: Attempt, text: str, body: Mapping[str, Any]) -> float:
    """Characters that two requests share at their beginnings and ends."""
    if attempt.request["messages"] == body["messages"]:
        return float("inf")
    other = attempt.asked().text
    head = _shared(other, text)
    return head + _shared(other[head:][::-1], text[head:][::-1])


def _shared(one: str, other: str) -> int:
    """Length of the common beginning."""
    low, high = 0, min(len(one), len(other))
    while low < high:
        middle = (low + high + 1) // 2
        if one[low:middle] == other[low:middle]:
            low = middle
        else:
            high = middle - 1
    return low


def _difference(attempt: Attempt, request: Request) -> str:
    old, new = attempt.asked(), request
    if attempt.request["messages"] == new.body()["messages"]:
        pairs = {name: (getattr(old, name), getattr(new, name)) for name in ("temperature", "seed", "max_tokens")}
        # A longest answer that was not recorded is the budget's, and makes no difference.
        changed = [f"{name} {mine} and not {asked}" for name, (mine, asked) in pairs.items() if mine not in (None, asked)]
        return f"the same words with {', '.join(changed) or 'another schema'}"
    at = _shared(old.text, new.text)
    begin = old.text.rfind(" ", max(0, at - 20), at) + 1 or max(0, at - 15)  # at a word where one is near
    return f"from character {at} on it has “{_brief(old.text[begin:], 60)}” and not “{_brief(new.text[begin:], 60)}”"


def _brief(text: str, most: int) -> str:
    """The beginning of a text on one line, with what cannot be seen spelt out."""
    line = visible(" ".join(text[: 4 * most].split()))
    return line if len(line) <= most and len(text) <= 4 * most else f"{line[:most]}…"


def _shown(name: str) -> str:
    return f"'{_brief(name, 60)}'"


def _list(names: object) -> str:
    return ", ".join(map(_shown, names))  # type: ignore[call-overload]
