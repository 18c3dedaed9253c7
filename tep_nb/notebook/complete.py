"""Completion of verbs, options and names behind ``%tep``."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from IPython.core.completer import CompletionContext, SimpleCompletion, context_matcher
from IPython.core.interactiveshell import InteractiveShell

from tep_nb import deciders, task
from tep_nb.core.score import BUILT_INS
from tep_nb.method.tep import TEP
from tep_nb.model.budget import Budget
from tep_nb.notebook.drafts import ROLES
from tep_nb.notebook.options import MANY, Verb
from tep_nb.notebook.settings import names_of
from tep_nb.notebook.verbs import VERBS
from tep_nb.notebook.workbench import Workbench
from tep_nb.report import FORMATS

__all__ = ["Completion"]

_LINE = re.compile(r"\s*(?:[\w, ]+=\s*)?%{1,2}tep(?:\s+(.*))?", re.DOTALL)
_HEADER = re.compile(r"\s*%%(tep_agent|tep_tool)\s+(.*)", re.DOTALL)
_CELL_FLAGS = {
    "tep_agent": (
        "--out", "--in", "--prompt", "--model", "--temperature", "--freeze", "--protect", "--when", "--otherwise", "--help",
    ),
    "tep_tool": ("--out", "--version", "--help"),
}  # fmt: skip
_MOST_FILES = 200


class Completion:
    """A matcher in ``ip.Completer.custom_matchers``, until `close`."""

    def __init__(self, ip: InteractiveShell, bench: Workbench) -> None:
        self._ip, self._bench = ip, bench

        def matcher(context: CompletionContext) -> dict[str, Any]:
            return self._matches(context)

        self._matcher = context_matcher(identifier="tep_nb", priority=1000.0)(matcher)
        ip.Completer.custom_matchers.append(self._matcher)

    def close(self) -> None:
        """Remove the matcher."""
        matchers = self._ip.Completer.custom_matchers
        if self._matcher in matchers:
            matchers.remove(self._matcher)

    def _matches(self, context: CompletionContext) -> dict[str, Any]:
        before = context.full_text[: _offset(context)]
        line = before.rpartition("\n")[2]
        word = re.split(r"[\s,]", line)[-1]
        # What follows the last of these is what a page replaces; the rest of the word stands.
        shown = word.rpartition("=")[2] if "=" in word else word
        found = [item for item in self._candidates(line) if item.startswith(shown)]
        completions = [SimpleCompletion(text=item, type="tep") for item in sorted(set(found))]
        return {"completions": completions, "suppress": bool(completions), "matched_fragment": shown}

    def _candidates(self, line: str) -> Iterable[str]:
        if (header := _HEADER.match(line)) is not None:
            words = header[2].split(" ")
            if len(words) > 1 and words[-2] == "--model":
                return self._names("MODEL")
            return _CELL_FLAGS[header[1]] if words[-1].startswith("-") else ()
        match = _LINE.fullmatch(line)
        if match is None or match[1] is None:
            return ()
        *words, last = match[1].split(" ")
        words = [word for word in words if word]
        if not words:
            return VERBS
        verb = VERBS.get(words[0])
        return () if verb is None else self._for(verb, words[1:], last)

    def _for(self, verb: Verb, words: list[str], last: str) -> Iterable[str]:
        """What can stand at the end of a verb's line."""
        options = {option.flag: option for option in verb.options}
        flag, sign, _ = last.partition("=")
        if sign and flag in options:
            return self._names(options[flag].value)
        if words and words[-1] in options and options[words[-1]].value:
            return self._names(options[words[-1]].value)
        if last.startswith("-"):
            return (*options, "--help")
        plain, skip = 0, False
        for word in words:
            valued = word in options and bool(options[word].value)
            plain += not skip and not word.startswith("--")
            skip = valued
        if not verb.args:
            return ()
        arg = verb.args[min(plain, len(verb.args) - 1)]
        if plain >= len(verb.args) and not arg.strip("[]").endswith(MANY):
            return ()
        if arg.strip("[]") == f"NAME=VALUE{MANY}":
            kind: type = Budget if verb.name == "budget" else TEP
            return [f"{name}=" for name in names_of(kind)]
        return self._names(arg.strip("[]").rstrip(MANY), last)

    def _names(self, what: str, last: str = "") -> Iterable[str]:
        """Candidates for what a word stands for."""
        state, graph, drafts = self._bench.state, self._bench.graph, self._bench.drafts
        columns = drafts.data.columns if drafts.data is not None else state.dataset.columns if state is not None else ()
        pending = () if state is None else tuple(p.prompt for p in state.step.pending)
        prompts = () if graph is None else tuple(graph.prompts)
        points = () if state is None else ("0", *(str(step.index) for step in state.steps))
        lists: dict[str, Callable[[], Iterable[str]]] = {
            "ONE": lambda: points,
            "OTHER": lambda: points,
            "PROMPT": lambda: (*pending, *prompts),
            "PROMPT|all": lambda: (*pending, *prompts, "all"),
            "AGENT": lambda: drafts.nodes,
            "ROLE": lambda: (*ROLES, *drafts.models),
            "MODEL": lambda: drafts.models,
            "METRIC": lambda: (*BUILT_INS, "accuracy:", *self._variables(callable)),
            "SPLIT": lambda: ("train", "validation", "test"),
            "COLUMN": lambda: columns,
            "FIELD": lambda: () if graph is None else graph.producers,
            "PHASE": lambda: ("nudged", "done"),
            "POLICY": lambda: (*(name for name in deciders.POLICIES if name != "console"), "approve_if:"),
            "FORMAT": lambda: FORMATS,
            "VERB": lambda: VERBS,
            "TEP": lambda: ("TEP",),
            "FILE": lambda: _files(last),
            "PATH": lambda: _files(last),
            "NOTEBOOK": lambda: _files(last),
            "simulated|openai:NAME|recorded:FILE|CALLABLE": lambda: (
                "simulated", "openai:", "recorded:", *self._variables(_answers),
            ),
            "FILE|VARIABLE|task:NAME": lambda: (
                *(f"task:{name}" for name in task.__all__),
                *self._variables(lambda value: isinstance(value, list) or hasattr(value, "to_dict")),
                *_files(last),
            ),
        }
        return lists[what]() if what in lists else ()

    def _variables(self, fits: Callable[[Any], bool]) -> list[str]:
        own = {name: value for name, value in self._ip.user_ns.items() if name not in self._ip.user_ns_hidden}
        return [name for name, value in own.items() if not name.startswith("_") and fits(value)]


def _answers(value: Any) -> bool:
    return not isinstance(value, type) and (callable(value) or hasattr(value, "complete"))


def _offset(context: CompletionContext) -> int:
    """Where the cursor is in the full text."""
    lines = context.full_text.split("\n")
    return sum(len(line) + 1 for line in lines[: context.cursor_line]) + context.cursor_position


def _files(start: str) -> list[str]:
    """Files and folders that begin so."""
    head, slash, name = start.rpartition("/")
    folder = Path(f"{head}{slash}" or ".").expanduser()
    try:
        found = sorted(folder.iterdir())
    except OSError:
        return []
    shown = [path for path in found if path.name.startswith(name) and (name or not path.name.startswith("."))]
    return [f"{head}{slash}{path.name}{'/' if path.is_dir() else ''}" for path in shown[:_MOST_FILES]]
