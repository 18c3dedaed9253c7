"""What each verb takes, and how a line is read; pure.

A line is words, options and, for some verbs, free text. Free text is the rest of the line, verbatim: no quotes, no expansion.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from difflib import get_close_matches

from tep_nb.errors import ConfigError

__all__ = [
    "NO_KEYS", "Call", "Option", "Verb", "blank", "nearest", "overview", "parse", "secret", "split_words", "usage", "whole",
]  # fmt: skip

MANY = "…"
NO_KEYS = (
    "a key is never an argument, because cells are saved: put it into the environment, "
    'os.environ["OPENAI_API_KEY"] = getpass.getpass(), or name another variable with --key-env'
)
_SECRET = re.compile(r"(?:^|[:=])(?:sk|pk|gsk|xai|hf|api|key)[-_](?=[\w-]*\d)[\w-]{12,}", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Option:
    """``--flag VALUE``; without a value a switch; ``rest`` takes all that follows, verbatim; ``many`` may stand again."""

    flag: str
    value: str = ""
    about: str = ""
    many: bool = False
    rest: bool = False

    def __str__(self) -> str:
        shown = f"[{self.flag} {self.value}]" if self.value else f"[{self.flag}]"
        return shown + (MANY if self.many else "")


@dataclass(frozen=True, slots=True)
class Verb:
    """One verb of ``%tep``.

    Attributes
    ----------
    args : tuple of str
        Names of its words; ``[NAME]`` may be left away, ``NAME…`` may stand again.
    text : str
        Name of the free text at the end, ``[NAME]`` where it may be left away.
    cell : {"no", "optional", "only"}
        Whether a cell body belongs to it.
    waits : bool
        Whether it waits for the commands before it.
    more : str
        What ``--help`` says below the options.
    """

    name: str
    about: str
    args: tuple[str, ...] = ()
    text: str = ""
    options: tuple[Option, ...] = ()
    cell: str = "no"
    waits: bool = True
    more: str = ""


@dataclass(frozen=True, slots=True)
class Call:
    """A line that was read: words, options by name without dashes, free text, body."""

    verb: Verb
    args: tuple[str, ...] = ()
    options: dict[str, list[str]] = field(default_factory=dict)
    text: str = ""
    body: str | None = None
    help: bool = False

    def arg(self, index: int = 0) -> str | None:
        """The word at this place, or None."""
        return self.args[index] if index < len(self.args) else None

    def option(self, name: str) -> str | None:
        """The value of an option, or None."""
        return self.options[name][-1] if name in self.options else None

    def has(self, name: str) -> bool:
        """Whether a switch was given."""
        return name in self.options


def nearest(name: str, known: Iterable[str], cutoff: float = 0.5) -> str:
    """``did you mean 'x'? `` or nothing."""
    close = get_close_matches(name, list(known), 3, cutoff)
    # Two letters in each other's place are the likeliest slip: 'stpe' is 'step', although 'stop' shares as many letters.
    found = sorted(close, key=lambda other: sorted(other) != sorted(name))
    return f"did you mean {found[0]!r}? " if found else ""


def secret(text: str) -> bool:
    """Whether a text looks like a key; such a text is never repeated in a message."""
    return _SECRET.search(text) is not None


def whole(what: str, text: str, least: int = 0) -> int:
    """Read a whole number.

    Raises
    ------
    ConfigError
        The text is none, or below ``least``.
    """
    if not re.fullmatch(r"[+-]?[0-9]{1,18}", text) or int(text) < least:
        raise ConfigError(f"{what} is {text!r}: expected a whole number of {least} or more")
    return int(text)


def _word(line: str, at: int) -> tuple[str, int]:
    """The word that begins at or after ``at``, and where it ends; a quote at its start or behind ``=`` groups."""
    while at < len(line) and line[at].isspace():
        at += 1
    pieces: list[str] = []
    while at < len(line) and not line[at].isspace():
        if line[at] in "\"'" and (not pieces or pieces[-1] == "="):
            close = line.find(line[at], at + 1)
            if close < 0:
                raise ConfigError(f"the quote {line[at:][:20]!r} is not closed: close it, or leave it away")
            pieces.append(line[at + 1 : close])
            at = close + 1
        else:
            pieces.append(line[at])
            at += 1
    return "".join(pieces), at


def split_words(line: str) -> list[str]:
    """The words of a line.

    Raises
    ------
    ConfigError
        A quote is not closed.
    """
    words, at = [], 0
    line = line.rstrip()
    while at < len(line):
        word, at = _word(line, at)
        words.append(word)
    return words


def parse(line: str, verbs: dict[str, Verb], body: str | None = None) -> Call:
    """Read a line.

    Parameters
    ----------
    line : str
        What follows ``%tep``.
    verbs : mapping of name to Verb
    body : str, optional
        Of ``%%tep``.

    Raises
    ------
    ConfigError
        Says what is wrong, what was expected, and the closest match.
    """
    line = line.strip()
    if any("\ud800" <= c <= "\udfff" for c in line + (body or "")):
        raise ConfigError("the cell holds half a character (a lone surrogate), which no file can hold: write that place anew")
    if not line:
        if body is not None:
            cells = ", ".join(verb.name for verb in verbs.values() if verb.cell != "no")
            raise ConfigError(f"%%tep needs a verb: use one of {cells} with the text below it")
        return Call(verbs["help"])
    name, at = _word(line, 0)
    if name in ("--help", "-h", "?"):
        return Call(verbs["help"])
    if name not in verbs:
        raise ConfigError(f"no verb is called {name!r}: {nearest(name, verbs)}%tep help lists all verbs")
    verb = verbs[name]
    call = _Reader(verb, line, at).read(body)
    if not call.help:
        _check(call)
    return call


class _Reader:
    """Read the words, options and text behind one verb."""

    def __init__(self, verb: Verb, line: str, at: int) -> None:
        self._verb, self._line, self._at = verb, line, at
        self._known = {option.flag: option for option in verb.options}
        self._room = 99 if any(a.strip("[]").endswith(MANY) for a in verb.args) else len(verb.args)
        self._args: list[str] = []
        self._options: dict[str, list[str]] = {}

    def read(self, body: str | None) -> Call:
        text = ""
        while self._line[self._at :].strip():
            word, end = _peek(self._line, self._at, lenient=bool(self._verb.text))
            flag, sign, value = word.partition("=")
            if word in ("--help", "-h") and not (self._verb.text and self._args):
                return Call(self._verb, help=True)
            if flag in self._known:
                begin = self._at + len(self._line[self._at :]) - len(self._line[self._at :].lstrip())
                self._at = end
                self._take(self._known[flag], value if sign else None, self._line[begin + len(flag) + 1 :].strip())
            elif len(self._args) < self._room and not self._odd(flag):
                self._args.append(word)
                self._at = end
            elif self._verb.text and not self._odd(flag):
                text = self._line[self._at :].strip()
                break
            else:
                self._refuse(word, flag)
        return Call(self._verb, tuple(self._args), self._options, text, body)

    def _odd(self, flag: str) -> bool:
        """Whether a word must be a misspelt option: free text may begin with dashes, a word may not."""
        if not re.match(r"--[a-z]", flag):
            return False
        close = get_close_matches(flag, self._known, 1, 0.75)
        return bool(close) or not self._verb.text

    def _take(self, option: Option, value: str | None, rest: str) -> None:
        name = option.flag.lstrip("-")
        if not option.value:
            if value is not None:
                raise ConfigError(f"{option.flag} takes no value: write {option.flag} alone")
            value = ""
        elif option.rest:
            value, self._at = rest, len(self._line)
        elif value is None:
            value, self._at = _word(self._line, self._at)
        if option.value and (not value or (option.rest and blank(value)) or (value in self._known and not option.rest)):
            raise ConfigError(f"{option.flag} needs a value: {usage(self._verb)}")
        if name in self._options and not option.many:
            raise ConfigError(f"{option.flag} stands twice: give it once")
        self._options.setdefault(name, []).append(value)

    def _refuse(self, word: str, flag: str) -> None:
        if secret(word):
            raise ConfigError(NO_KEYS)
        if word.startswith("--"):
            kinds = ", ".join(self._known) or "no options"
            if flag in ("--key", "--api-key", "--apikey", "--api_key", "--token", "--secret"):
                raise ConfigError(NO_KEYS)
            raise ConfigError(f"{self._verb.name} has no option {flag!r}: {nearest(flag, self._known)}it has {kinds}")
        raise ConfigError(f"{self._verb.name} does not know what to do with {word!r}: {usage(self._verb)}")


def blank(text: str) -> bool:
    """Whether a free text says nothing, as ``""`` does."""
    return not text.strip().strip("\"'`“”„‘’«»").strip()


def _peek(line: str, at: int, *, lenient: bool) -> tuple[str, int]:
    """The next word; in free text an open quote is a character like any other."""
    try:
        return _word(line, at)
    except ConfigError:
        if not lenient:
            raise
        rest = line[at:].lstrip()
        return rest.split(maxsplit=1)[0], len(line) - len(rest) + len(rest.split(maxsplit=1)[0])


def _check(call: Call) -> None:
    """Refuse missing words, missing text, and a body where none belongs."""
    verb = call.verb
    if "\0" in "".join((*call.args, *(value for values in call.options.values() for value in values))):
        raise ConfigError(f"{verb.name}: a word holds the character U+0000, which no name can have: leave it away")
    needed = [arg for arg in verb.args if not arg.startswith("[")]
    if len(call.args) < len(needed):
        raise ConfigError(f"{verb.name} needs {needed[len(call.args)].strip(MANY)}: {usage(verb)}")
    if verb.text and not verb.text.startswith("[") and blank(call.text):
        raise ConfigError(f"{verb.name} needs {verb.text}: {usage(verb)}")
    if call.body is not None and verb.cell == "no":
        raise ConfigError(f"{verb.name} takes no cell body: write it with one percent sign, %tep {verb.name}")
    if call.body is None and verb.cell == "only":
        raise ConfigError(f"{verb.name} needs a cell body: {usage(verb)} and the text below it")
    if call.body is not None and not call.body.strip():
        raise ConfigError(f"the cell below %%tep {verb.name} is empty: write the whole new text there")


def usage(verb: Verb) -> str:
    """How a verb is written, in one line."""
    options = [str(option) for option in verb.options if not option.rest]
    rest = [str(option) for option in verb.options if option.rest]
    percent = "%%tep" if verb.cell == "only" else "%tep"
    return " ".join([percent, verb.name, *verb.args, *options, *([verb.text] if verb.text else []), *rest])


def overview(verbs: dict[str, Verb], groups: Iterable[tuple[str, tuple[str, ...]]]) -> str:
    """All verbs in groups, a line each."""
    lines = []
    for title, names in groups:
        lines += ["", title, *(f"  {usage(verbs[name])}\n      {verbs[name].about}" for name in names)]
    return "\n".join(lines).lstrip("\n")
