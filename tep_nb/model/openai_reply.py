"""What came back from an OpenAI-compatible server: bytes or an exception -> a Reply or a Fault."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Iterator, Mapping
from typing import Any

from tep_nb.core.text import count_tokens
from tep_nb.model.base import Reply, Request, Usage
from tep_nb.model.openai_dialect import Dialect, Fault, clean

__all__ = ["after", "chain", "model_names", "read", "unread"]

_SHORT = 256  # tokens; a request below is in no server's way
_FEW = 64  # tokens; no context is so short
_KEY = 8  # characters; a shorter one is a placeholder such as "none", and stands in honest text
_LIKELY = 5  # bytes of text that a token of prose holds; a count that fits it needs no closer look
# On the average of a long text no tokenizer has more bytes a token, or fewer tokens a word or mark. With the vocabularies of
# GPT-4 and GPT-4o abstracts have 4.6 bytes, a licence 5.0, a stiff sentence 5.9; dense JSON has 0.71 tokens (measured).
_BYTES, _MARKS = 7, 0.55
_ROW = re.compile(r"(\W)\1{2,}")


def read(raw: bytes, request: Request, dialect: Dialect, key: str, sent: Mapping[str, Any]) -> Reply | Fault:
    """The completion in a 200 to what was ``sent``, or why there is none; the dialect takes note of what is odd about it."""
    try:
        body = json.loads(raw)
    except (ValueError, RecursionError):
        text = raw[:2000].decode("utf-8", "replace").strip()
        if text.startswith("<"):
            return Fault("page", said=clean(text, key))
        return Fault("broken", said="its JSON is broken" if text.startswith(("{", "[")) else clean(text or "nothing", key))
    choices = body.get("choices") if isinstance(body, dict) else None
    choice = choices[0] if isinstance(choices, list) and choices else None
    message = choice.get("message") if isinstance(choice, dict) else None
    if not isinstance(choice, dict) or not isinstance(message, dict):
        inside = body.get("error") if isinstance(body, dict) else body
        said = f": {clean(json.dumps(inside, default=str), key)}" if inside else ""
        return Fault("broken", said=f"a completion without a choice{said}")
    text, finish = _content(message.get("content")), choice.get("finish_reason")
    if not text and isinstance(message.get("refusal"), str):
        text, finish = message["refusal"], "content_filter"
    if len(key) >= _KEY:  # a gateway that shows the headers it got would have the key written down with the reply
        text = text.replace(key, "(hidden)")
    usage = _usage(body.get("usage"), request, text, dialect)
    _note(body.get("model"), finish, usage, dialect, key, sent)
    return usage if isinstance(usage, Fault) else Reply(text, usage, finish if isinstance(finish, str) else "stop")


def unread(request: Request, longest: int | None) -> Reply:
    """A reply that the server could not parse and kept to itself: empty, at an estimate of all that it may have taken."""
    return Reply("", Usage(count_tokens(request.text), request.max_tokens or longest or 0, estimated=True), "garbled")


def _note(name: Any, finish: Any, usage: Usage | Fault, dialect: Dialect, key: str, sent: Mapping[str, Any]) -> None:
    """Take note of another model than the one asked for, and of an answer that was cut by the context and not by its limit."""
    if isinstance(name, str) and name.strip():
        asked, said = str(sent.get("model")).casefold(), name.casefold()
        if asked not in said and said not in asked:
            dialect.stands_in = clean(name, key)
    longest = sent.get(dialect.length)
    if finish != "length" or not isinstance(usage, Usage) or usage.estimated or not isinstance(longest, int):
        return
    if usage.completion_tokens < longest // 2:
        dialect.full = usage.tokens


def _content(content: Any) -> str:
    """A text, or the texts of a list of parts."""
    if isinstance(content, list):
        return "".join(part["text"] for part in content if isinstance(part, dict) and isinstance(part.get("text"), str))
    return content if isinstance(content, str) else ""


def _usage(counted: Any, request: Request, text: str, dialect: Dialect) -> Usage | Fault:
    """The server's count, which may be missing or made up; then our estimate, marked as one.

    A count that is far below the words of a long request means that the server dropped a part of it without a word.
    """
    prompt = counted.get("prompt_tokens") if isinstance(counted, dict) else None
    completion = counted.get("completion_tokens") if isinstance(counted, dict) else None
    if not (type(prompt) is type(completion) is int and (prompt > 0 or not request.text.strip()) and completion >= 0):
        dialect.counts = False
    elif dialect.counts:
        size = len(request.text.encode("utf-8", "surrogatepass"))
        if size / _LIKELY <= prompt <= 2 * size + 1000:
            return Usage(prompt, completion)
        expected = count_tokens(request.text)
        if (_least(request.text) if expected >= _SHORT else expected / 2) <= prompt <= 2 * size + 1000:
            return Usage(prompt, completion)
        if expected >= _SHORT and _FEW <= prompt < expected:
            said = f"the server read {prompt} of about {expected} tokens of the request and dropped the rest without a word"
            return Fault("truncated", said=said)
        dialect.counts = False
    return Usage(count_tokens(request.text), count_tokens(text), estimated=True)


def _least(text: str) -> float:
    """Tokens that a long text has at least, whatever the tokenizer; a row of dashes or spaces is few tokens."""
    text = _ROW.sub(r"\1\1", text)
    return max(len(text.encode("utf-8", "surrogatepass")) / _BYTES, _MARKS * count_tokens(text))


def chain(error: BaseException) -> Iterator[BaseException]:
    """An exception and what led to it, the first cause last."""
    one: BaseException | None = error
    for _ in range(20):
        if one is None:
            return
        yield one
        one = one.__cause__ or one.__context__


def after(headers: Mapping[str, str]) -> float | None:
    """Seconds that an answer asks to wait for: in milliseconds, in seconds, or until a date."""
    for name, unit in (("retry-after-ms", 1000.0), ("retry-after", 1.0), ("llm_provider-retry-after", 1.0)):
        said = headers.get(name, "")
        try:
            seconds = float(said) / unit
        except ValueError:
            continue
        if 0 <= seconds < float("inf"):
            return seconds
    import email.utils  # for a date alone, which few servers send

    try:
        return max(0.0, email.utils.parsedate_to_datetime(headers.get("retry-after", "")).timestamp() - time.time())
    except (ValueError, TypeError):
        return None


def model_names(raw: bytes) -> list[str]:
    """Names in a server's list of models, eight at most."""
    try:
        listed = json.loads(raw).get("data")
    except (ValueError, RecursionError, AttributeError):
        return []
    names = [one.get("id") for one in listed if isinstance(one, dict)] if isinstance(listed, list) else []
    return [name for name in names if isinstance(name, str)][:8]
