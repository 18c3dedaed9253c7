"""How servers that call themselves compatible differ, and what they say when they will not answer; pure, knows no SDK."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from tep_nb.core.text import digest
from tep_nb.errors import BadReply, ModelError, Retry
from tep_nb.model.scrub import HIDDEN, without_credentials

__all__ = ["RUNGS", "Dialect", "Fault", "clean", "strict", "words"]

RUNGS = ("json_schema", "json_object", "text")
"""How structured output is asked for, the strictest first; a server that refuses one is asked by the next."""

_SHOWN = 300  # characters of a server's own words that are shown
_OVERFLOW = re.compile(
    r"context.{0,12}(?:length|window|size)|exceeds? the (?:available|maximum) context|maximum context|prompt is too long|"
    r"too many (?:input )?tokens|n_ctx",
    re.IGNORECASE,
)
_GARBLED = re.compile(r"model produced output that does not match", re.IGNORECASE)
_NO_MODEL = re.compile(
    r"model_not_found|invalid model name|server is pinned to|model\b.{0,80}\b(?:does not exist|not found)", re.IGNORECASE
)
_NO_KEY = re.compile(r"no_db_connection|no connected db|invalid.{0,12}api.?key", re.IGNORECASE)
_QUOTA = re.compile(r"insufficient_quota|billing|exceeded your current quota", re.IGNORECASE)
_FORM = (400, 422, 500, 501)  # what servers say to a form of JSON that they do not know
_PASSING = (408, 409, 425)  # and every 5xx
_SURE = 5  # such errors of one request, before its form ever worked, until that is refused; a bad moment is shorter
_IGNORED = 3  # answers without any JSON, before there was one, until a form is taken for ignored
_NOBODY = 3  # refused connections at a server that has never answered
_OVERFLOWN = "it is longer than the model's context: shorten the prompt or the data, or take a model with a longer one"
_REMEDY = {
    401: "is the key right? It was read from {key}",
    403: "may this key use the model? It was read from {key}",
    404: "check the name of the model, and that the base URL ends where /chat/completions follows (often in /v1)",
    429: "ask less at once: Limits(concurrency=, requests_per_minute=)",
}


@dataclass(slots=True)
class Dialect:
    """What a model has learnt about its server.

    Attributes
    ----------
    rung : int
        How structured output is asked for, by its place in `RUNGS`.
    proved : set of int
        Rungs that JSON came back from.
    length : str
        The name under which the longest answer is sent.
    refused : set of str
        Settings that are left away.
    counts : bool
        Whether the server's count of tokens can be believed.
    answered : bool
        A completion has come back.
    garbled : bool
        It has answered 500 to what its own model wrote.
    stands_in : str
        The model that answers in place of the one that was asked for, where the server says so.
    full : int
        Tokens at which the context ran full before the longest answer was reached, 0 for never.
    """

    rung: int = 0
    proved: set[int] = field(default_factory=set)
    length: str = "max_tokens"
    refused: set[str] = field(default_factory=set)
    counts: bool = True
    answered: bool = False
    garbled: bool = False
    stands_in: str = ""
    full: int = 0
    _failed: Counter[str] = field(default_factory=Counter)
    _ignored: Counter[int] = field(default_factory=Counter)
    _refused: int = 0

    def after(self, fault: Fault, body: Mapping[str, Any], rung: int | None) -> Retry:
        """What to do after a fault of a request that was sent as ``body``, at this rung where JSON was asked for; learns."""
        if name := fault.refused(body):
            if name == "max_tokens":
                self.length = "max_completion_tokens"
            else:
                self.refused.add(name)
            return Retry("reformat")
        if rung is not None and "response_format" in body and fault.status in _FORM and fault.may_be_the_form:
            named = "response_format" in fault.names  # one server says so with a 500
            late = rung < self.rung  # another call has found out meanwhile
            if named or late or (rung not in self.proved and (fault.status < 500 or self._often(body))):
                self.rung = max(self.rung, rung + 1)
                return Retry("reformat")
        elif rung is not None and fault.status in _FORM and not self.proved and fault.may_be_the_form:
            self.rung = 0  # plain text is refused as well: the form was not the trouble
        if not self.answered:
            self._refused += fault.kind == "refused"
            if self._refused >= _NOBODY or (fault.kind == "page" and self._often(body)):
                return Retry()  # nobody is there, or it is a web site
        return fault.retry

    def _often(self, body: Mapping[str, Any]) -> bool:
        """Whether this very request has failed so often that it is no bad moment; others have bad moments of their own."""
        name = digest(body)
        self._failed[name] += 1
        return self._failed[name] >= _SURE

    def worked(self, rung: int | None, text: str, finish: str) -> None:
        """Take note of a completion; ``rung`` is None where no JSON was asked for.

        A form that is heeded gives a text that begins with a brace, also where it was cut; one that is empty or was withheld says
        nothing of the form.
        """
        self.answered = True
        if rung is None or not text.strip():  # an empty reply says nothing of the form
            return
        if text.lstrip().startswith("{"):
            self.proved.add(rung)
            self.rung = min(self.rung, rung)
        elif finish in ("stop", "length") and rung not in self.proved and rung == self.rung < len(RUNGS) - 1:
            self._ignored[rung] += 1
            if self._ignored[rung] >= _IGNORED:
                self.rung = rung + 1

    def sentences(self) -> list[str]:
        """What differs from OpenAI's own, a sentence each."""
        found = [f"{name} is not accepted and is left away: answers may vary more" for name in sorted(self.refused)]
        if self.rung:
            how = "ignored" if self._ignored[self.rung - 1] >= _IGNORED else "refused"
            found.append(f"JSON is asked for as {RUNGS[self.rung]}: the stricter forms are {how}")
        if self.length != "max_tokens":
            found.append(f"the longest answer is sent as {self.length}")
        if self.garbled:
            found.append("it answers 500 where it cannot parse what its model wrote: that is a reply that cannot be read")
        if self.stands_in:
            found.append(f"it answers as {self.stands_in}")
        if self.full:
            found.append(f"its context of about {self.full} tokens ran full: an answer was cut short")
        if not self.counts:
            found.append("its counts of tokens are missing or made up: tokens are estimates")
        return found


@dataclass(frozen=True, slots=True)
class Fault:
    """Why an attempt gave no completion.

    Attributes
    ----------
    kind : {"status", "timeout", "connection", "refused", "surrogate", "broken", "page", "truncated", "other"}
    status : int
        Of the HTTP answer; 0 without one.
    names : str
        What the answer points at: parameter and words, without any echo of the request.
    said : str
        One bounded line without credentials, for a person.
    wait : float or None
        Seconds that the server asks to wait for.
    """

    kind: Literal["status", "timeout", "connection", "refused", "surrogate", "broken", "page", "truncated", "other"]
    status: int = 0
    names: str = ""
    said: str = ""
    wait: float | None = None

    @property
    def overflow(self) -> bool:
        """Whether the request is longer than the model's context."""
        return self.kind == "truncated" or (self.status in (400, 413, 422, 500) and _OVERFLOW.search(self.names) is not None)

    @property
    def garbled(self) -> bool:
        """Whether the model answered and the server could not parse it: a bad reply, which would be the same again."""
        return self.status == 500 and _GARBLED.search(self.names) is not None

    @property
    def may_be_the_form(self) -> bool:
        """Whether the form of JSON may be what was refused, and not the length, the model or the key."""
        return not self.overflow and not _NO_MODEL.search(self.names) and not _NO_KEY.search(self.names)

    @property
    def unknown(self) -> bool:
        """Whether the server does not know the model."""
        return self.status == 404 or (self.status == 400 and _NO_MODEL.search(self.names) is not None)

    @property
    def locked(self) -> bool:
        """Whether the key was refused."""
        return self.status == 401 or (self.status == 400 and _NO_KEY.search(self.names) is not None)

    @property
    def retry(self) -> Retry:
        """Whether the same request may work later."""
        if self.kind in ("timeout", "connection", "broken", "page"):
            return Retry("transient", lost=True)
        if self.kind == "refused":
            return Retry("transient")
        if self.kind == "truncated":
            return Retry(lost=True)
        if self.overflow:
            return Retry()
        if self.status == 429:
            return Retry() if _QUOTA.search(self.names) else Retry("limited", self.wait)
        return Retry("transient", self.wait) if self.status in _PASSING or self.status >= 500 else Retry()

    def refused(self, body: Mapping[str, Any]) -> str:
        """Name the field of the request whose spelling was refused and can be changed, else return nothing."""
        if self.status not in (400, 422):
            return ""
        if "max_tokens" in body and "max_completion_tokens" in self.names:
            return "max_tokens"
        return next((name for name in ("temperature", "seed") if name in body and re.search(rf"\b{name}\b", self.names)), "")

    def error(self, model: str, server: str, key: str, timeout: float, retry: Retry) -> ModelError:
        """Name the model, the server, what it said and the remedy."""
        where = f"{model} at {server}"
        if self.kind == "refused":
            said = f"no server answers at {server} ({self.said}): is it running, and is the base URL right?"
        elif self.kind == "connection":
            said = f"{where}: the connection was lost ({self.said}); is the server overloaded, or was it stopped?"
        elif self.kind == "timeout":
            said = f"{where}: no reply within {timeout:g} s; raise timeout=, or is the server overloaded?"
        elif self.kind in ("broken", "page"):
            return BadReply(f"{where} answered with no chat completion: {self.said}; does the base URL end in /v1?", retry)
        elif self.kind == "surrogate":
            said = f"{where}: the request holds half a character (a lone surrogate): take it out of the data"
        elif self.kind == "truncated":
            said = f"{where}: {self.said}; {_OVERFLOWN}"
        elif self.kind == "other":
            said = f"{where}: {self.said}"
        else:
            otherwise = "look at the server's log" if self.status >= 500 else "change the request or the model"
            status = 404 if self.unknown else 401 if self.locked else self.status
            remedy = _OVERFLOWN if self.overflow else _REMEDY.get(status, otherwise)
            if self.status == 429 and retry.kind == "no":
                remedy = "the account's quota is used up: raise it, or take another key"
            said = f"{where}: error {self.status}: {self.said}; {remedy.format(key=key)}"
        return ModelError(said, retry)


def words(body: object, otherwise: str) -> tuple[str, str]:
    """What an error's body points at, and what it says.

    OpenAI nests ``message``, ``param`` and ``code``; FastAPI sends ``detail``, a text or a list of ``loc`` and ``msg`` that may
    echo the whole request beside them.
    """
    if not isinstance(body, dict):
        text = str(body or otherwise)
        return text[:2000], text
    found = [body.get("param"), body.get("code"), body.get("type"), body.get("message"), body.get("error")]
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
        text = text.replace(key, HIDDEN)
    line = "".join(c if c.isprintable() else "?" for c in " ".join(without_credentials(text, error=True).split()))
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
