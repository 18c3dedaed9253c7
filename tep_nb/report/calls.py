"""The calls of a session as JSON lines that can be shared: scrubbed, and still a record that `RecordedModel` replays."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from typing import Any

from tep_nb._version import __version__
from tep_nb.model.calls import FORMAT, VERSION, Attempt, Recording
from tep_nb.model.scrub import RULES, Scrubber
from tep_nb.report.export import seen

__all__ = ["CallExport"]


class CallExport:
    """Writes a session's calls, one JSON object a line.

    The first line has ``format``, ``version``, the package's version, ``models`` by role, the number of ``calls`` that follow and
    what is ``scrubbed``. Then every attempt of a call, the failed ones and those of tools too: ``key``, ``purpose``, ``step``,
    ``node``, ``row``, ``attempt``, ``model``, ``outcome`` (``ok``, or what failed), ``request``, ``reply`` (of a model, its text
    and finish), ``usage`` and ``seconds``; and ``scrubbed`` where something was taken out, with the names of these parts.

    The key is the digest of the request as it was sent, so a request is still found by it when its text here was scrubbed.
    Scrubbing goes by the look of a text, by this machine's names and folders and by the credentials in its environment. What the
    rows say, and what the models answered, is otherwise all there: read the file before you share it.

    Parameters
    ----------
    source : path
        A session's file.

    Attributes
    ----------
    answered, failed, scrubbed : int
        Attempts so far, while `lines` is read.

    Raises
    ------
    JournalError
        No such file, or it is no session.
    """

    def __init__(self, source: str | os.PathLike[str]) -> None:
        self._recording = Recording.open(source)
        self._scrubber = Scrubber.here(self._recording.path.parent)
        self.answered = self.failed = self.scrubbed = 0

    def lines(self) -> Iterator[str]:
        """The file, line by line, each with its end; never more than a few calls are in memory.

        Raises
        ------
        JournalError
            The session's file is damaged.
        """
        self.answered = self.failed = self.scrubbed = 0
        models = self._scrubber.value(self._recording.models)
        yield _line(
            {
                "format": FORMAT,
                "version": VERSION,
                "tep_nb": __version__,
                "models": models,
                "calls": self._recording.count,
                "scrubbed": list(RULES),
            }
        )
        for attempt in self._recording.attempts():
            line = self._scrub(attempt)
            self.answered += attempt.answered
            self.failed += not attempt.answered
            self.scrubbed += "scrubbed" in line
            yield _line(line)

    def _scrub(self, attempt: Attempt) -> dict[str, Any]:
        scrub = self._scrubber
        parts: dict[str, Any] = {name: getattr(attempt, name) for name in ("node", "model", "outcome", "request", "reply")}
        clean = {name: scrub.value(value) for name, value in parts.items() if name != "outcome"}
        clean["outcome"] = attempt.outcome if attempt.answered else scrub.text(attempt.outcome, error=True)
        changed = sorted({name for name in parts if clean[name] != parts[name]} | set(attempt.scrubbed))
        if attempt.answered and attempt.purpose != "tool":
            text, finish = clean["reply"]
            clean["reply"] = {"text": text, "finish": finish}
        names = ("key", "purpose", "step", "node", "row", "attempt", "model", "outcome", "request", "reply", "usage", "seconds")
        line = {name: clean[name] if name in clean else getattr(attempt, name) for name in names}
        return {**line, "scrubbed": changed} if changed else line


def _line(content: dict[str, Any]) -> str:
    return seen(json.dumps(content, ensure_ascii=False)) + "\n"
