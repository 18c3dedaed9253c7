"""How servers that call themselves compatible differ, and what they say when they will not answer; pure, knows no SDK."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from tep_nb.errors import BadReply, ModelError

__all__ = ["RUNGS", "Dialect", "Fault", "clean", "strict", "words"]

RUNGS = ("json_schema", "json_object", "text")
"""How structured output is asked for, the strictest first; a server that refuses one is asked by the next."""

_SHOWN = 300  # characters of a server's own words that are shown
_SECRET = re.compile(
    r"\b(?:sk|pk|key|gsk|hf)[-_][\w*.-]{6,}|(?i:bearer)\s+\S+|(?<=://)[^/\s@]+@|(?i:[?&](?:api[-_]?)?key=)[^&\s]+"
)
_OVERFLOW = re.compile(
    r"context.{0,12}(?:length|window|size)|exceeds? the (?:available|maximum) context|maximum context|prompt is too long|"
    r"too many (?:input )?tokens|n_ctx",
    re.IGNORECASE,
)
_REMEDY = {
    401: "is the key right? It was read from {key}",
    403: "may this key use the model? It was read from {key}",
    404: "check the name of the model, and that the base URL ends where /chat/completions follows (often in /v1)",
    429: "wait, or ask less at once (concurrency=)",
}


@dataclass(slots=True)
class Dialect:
    """What a model has learnt about its server."""

    rung: int = 0
    proved: set[int] = field(default_factory=set)
    length: str = "max_tokens"
    refused: set[str] = field(default_factory=set)

    def respell(self, name: str) -> bool:
        """Remember that a field was refused; return whether that is news."""
        known = (self.length, set(self.refused))
        if name == "max_tokens":
            self.length = "max_completion_tokens"
        else:
            self.refused.add(name)
        return known != (self.length, self.refused)

    def worked(self, first: int, rung: int) -> bool:
        """Remember the rung that gave a reply to a call that began at ``first``; return whether that is news."""
        self.proved.add(rung)
        if first in self.proved or rung <= self.rung:  # proved: it was a bad moment of a server that takes the stricter form
            return False
        self.rung = rung
        return True

    def sentences(self) -> list[str]:
        """What differs from OpenAI's own, a sentence each."""
        found = [f"{name} is not accepted and is left away: answers may vary more" for name in sorted(self.refused)]
        if self.rung:
            found.append(f"JSON is asked for as {RUNGS[self.rung]}: the stricter forms are refused")
        if self.length != "max_tokens":
            found.append(f"the longest answer is sent as {self.length}")
        return found


@dataclass(frozen=True, slots=True)
class Fault:
    """Why an attempt gave no completion.

    Attributes
    ----------
    kind : {"status", "timeout", "connection", "surrogate", "broken", "other"}
    status : int
        Of the HTTP answer; 0 without one.
    names : str
        What the answer points at: parameter and words, without any echo of the request.
    said : str
        One bounded line without credentials, for a person.
    """

    kind: Literal["status", "timeout", "connection", "surrogate", "broken", "other"]
    status: int = 0
    names: str = ""
    said: str = ""

    @property
    def overflow(self) -> bool:
        """Whether the request is longer than the model's context."""
        return self.status in (400, 413, 422) and _OVERFLOW.search(self.names) is not None

    def refused(self, body: Mapping[str, Any]) -> str:
        """Name the field of the request whose spelling was refused and can be changed, else return nothing."""
        if self.status not in (400, 422):
            return ""
        if "max_tokens" in body and "max_completion_tokens" in self.names:
            return "max_tokens"
        return next((name for name in ("temperature", "seed") if name in body and re.search(rf"\b{name}\b", self.names)), "")

    def steps_down(self, proved: bool) -> bool:
        """Whether JSON should be asked for less strictly: the form was named, or never worked here and may be the trouble."""
        if self.status not in (400, 422, 500, 501) or self.overflow:
            return False
        return not proved or (self.status < 500 and "response_format" in self.names)

    def error(self, model: str, server: str, key: str, timeout: float) -> ModelError:
        """Name the model, the server, what it said and the remedy."""
        where = f"{model} at {server}"
        if self.kind == "connection":
            return ModelError(f"no server answers at {server} ({self.said}): is it running, and is the base URL right?")
        if self.kind == "timeout":
            return ModelError(f"{where}: no reply within {timeout:g} s; raise timeout=, or is the server overloaded?")
        if self.kind == "broken":
            return BadReply(f"{where} answered with no chat completion: {self.said}; does the base URL end in /v1?")
        if self.kind == "surrogate":
            return ModelError(f"{where}: the request holds half a character (a lone surrogate): take it out of the data")
        if self.kind == "other":
            return ModelError(f"{where}: {self.said}")
        remedy = _REMEDY.get(self.status, "look at the server's log" if self.status >= 500 else "change the request or the model")
        if self.overflow:
            remedy = "it is longer than the model's context: shorten the prompt or the data, or take a model with a longer one"
        return ModelError(f"{where}: error {self.status}: {self.said}; {remedy.format(key=key)}")


def words(body: object, otherwise: str) -> tuple[str, str]:
    """What an error's body points at, and what it says.

    OpenAI nests ``message``, ``param`` and ``code``; FastAPI sends ``detail``, a text or a list of ``loc`` and ``msg`` that may
    echo the whole request beside them.
    """
    if not isinstance(body, dict):
        text = str(body or otherwise)
        return text[:2000], text
    found = [body.get("param"), body.get("code"), body.get("message"), body.get("error")]
    details = body.get("detail")
    for detail in details if isinstance(details, list) else [details]:
        found += [detail.get("loc"), detail.get("msg")] if isinstance(detail, dict) else [detail]
    names = " ".join(str(part)[:2000] for part in found if part)
    message = body.get("message")
    return names, message if isinstance(message, str) else json.dumps(body, default=str)


def clean(text: str, key: str = "") -> str:
    """One bounded, printable line without the key or what looks like a credential."""
    text = text[:4000]
    if len(key) > 4:  # a shorter one is a placeholder such as "none", and stands in honest text
        text = text.replace(key, "(hidden)")
    line = "".join(c if c.isprintable() else "?" for c in " ".join(_SECRET.sub("(hidden)", text).split()))
    return line if len(line) <= _SHOWN else f"{line[:_SHOWN]}..."


def strict(schema: Any) -> bool:
    """Whether a schema keeps the rules of OpenAI's strict mode: every object closed, every property required."""
    if isinstance(schema, list | tuple):
        return all(strict(item) for item in schema)
    if not isinstance(schema, Mapping):
        return True
    if schema.get("type") == "object" or "properties" in schema:
        closed = schema.get("additionalProperties") is False
        if not closed or set(schema.get("properties", {})) != set(schema.get("required", ())):
            return False
    return all(strict(value) for value in schema.values())
