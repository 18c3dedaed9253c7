"""The bytes of every answer, good and bad, as servers in the field write them; pure but for the clock in a date."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from email.utils import formatdate
from http import HTTPStatus
from typing import Any, Literal

from faults.plan import Plan

from tep_nb.core.text import count_tokens

__all__ = ["Wire", "completion", "exhausted", "overflow", "refusal", "shortened", "spoilt", "tokens", "without"]

_PAGE = "<html>\n<head><title>{0}</title></head>\n<body><center><h1>{0}</h1></center><hr><center>nginx</center></body>\n</html>\n"


@dataclass(frozen=True, slots=True)
class Wire:
    """One answer: what is sent, after how long beyond the latency, and where the connection breaks."""

    status: int
    body: bytes
    headers: tuple[tuple[str, str], ...] = ()
    wait: float = 0.0
    breaks: Literal["", "before", "reset", "middle"] = ""

    @classmethod
    def of(cls, status: int, body: Any, **headers: str) -> Wire:
        """JSON with this status; underscores in the names of headers are hyphens."""
        return cls(status, json.dumps(body).encode(), tuple((name.replace("_", "-"), said) for name, said in headers.items()))

    @classmethod
    def page(cls, status: int, title: str) -> Wire:
        """What a proxy in front of the server says in HTML."""
        return cls(status, _PAGE.format(title).encode(), (("Content-Type", "text/html"),))

    @property
    def raw(self) -> bytes:
        """Headers and body as one piece."""
        given = dict(self.headers)
        given.setdefault("Content-Type", "application/json")
        lines = "".join(f"{name}: {said}\r\n" for name, said in given.items())
        head = f"HTTP/1.1 {self.status} {HTTPStatus(self.status).phrase}\r\n{lines}Content-Length: {len(self.body)}\r\n\r\n"
        return head.encode() + self.body


def tokens(body: Mapping[str, Any]) -> int:
    """Words and punctuation marks of a request's messages."""
    return sum(count_tokens(_text(message)) for message in body.get("messages") or ())


def _text(message: Any) -> str:
    content = message.get("content") if isinstance(message, dict) else None
    return content if isinstance(content, str) else ""


def completion(body: Mapping[str, Any], name: str, text: str) -> dict[str, Any]:
    """A chat completion with this text and an honest count."""
    counts = {"prompt_tokens": tokens(body), "completion_tokens": count_tokens(text)}
    return {
        "id": f"chatcmpl-{name}",
        "object": "chat.completion",
        "created": int(time.time()),
        "model": body.get("model"),
        "choices": [{"index": 0, "message": {"role": "assistant", "content": text}, "logprobs": None, "finish_reason": "stop"}],
        "usage": {**counts, "total_tokens": sum(counts.values())},
    }


def without(body: Mapping[str, Any], name: str) -> dict[str, Any]:
    """The body less one field."""
    return {key: value for key, value in body.items() if key != name}


def shortened(body: Mapping[str, Any], most: int) -> dict[str, Any]:
    """The body with the front of its messages dropped, the last ``most`` words kept."""
    kept: list[Any] = []
    for message in reversed(body["messages"]):
        words = _text(message).split()
        text = " ".join(words[max(0, len(words) - most) :])
        kept.insert(0, {**message, "content": text})
        most = max(0, most - len(words))
    return {**body, "messages": kept}


def _error(status: int, message: str, param: str | None = None, code: str | None = None) -> Wire:
    kind = "invalid_request_error" if status < 500 else "server_error"
    return Wire.of(status, {"error": {"message": message, "type": kind, "param": param, "code": code}})


def refusal(plan: Plan, body: Mapping[str, Any]) -> Wire | None:
    """What this server says to a field that it does not take, None where it takes them all."""
    form = (body.get("response_format") or {}).get("type")
    if form == "json_schema" and plan.json_schema == "400":
        return _error(400, "Invalid parameter: 'response_format' of type 'json_schema' is not supported.", "response_format")
    if form == "json_schema" and plan.json_schema == "500":
        return _error(500, "Internal Server Error")
    if form == "json_object" and "json_object" in plan.refused:
        return Wire.of(400, {"error": "'response_format.type' must be 'json_schema' or 'text'"})
    if "max_tokens" in body and "max_tokens" in plan.refused:
        said = "Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead."
        return _error(400, said, "max_tokens", "unsupported_parameter")
    if "temperature" in body and "temperature" in plan.refused:
        said = f"Unsupported value: 'temperature' does not support {body['temperature']} with this model. Only 1 is supported."
        return _error(400, said, "temperature", "unsupported_value")
    if "seed" in body and "seed" in plan.refused:
        return _error(400, "Unrecognized request argument supplied: seed")
    return None


def exhausted() -> Wire:
    """What is said to an account that is used up: the status of a rate limit, and no hope."""
    said = "You exceeded your current quota, please check your plan and billing details."
    found = {"message": said, "type": "insufficient_quota", "param": None, "code": "insufficient_quota"}
    return Wire.of(429, {"error": found})


def overflow(plan: Plan, length: int) -> Wire:
    """How a request of ``length`` tokens is refused; `silent` is no refusal and is not for this function."""
    said = f"This model's maximum context length is {plan.context} tokens. However, your messages resulted in {length} tokens."
    if plan.overflow == "openai":
        return _error(400, said, "messages", "context_length_exceeded")
    if plan.overflow == "vllm":
        return Wire.of(400, {"object": "error", "message": said, "type": "BadRequestError", "param": None, "code": 400})
    if plan.overflow == "llama.cpp":
        said = f"request ({length} tokens) exceeds the available context size ({plan.context} tokens), try increasing it"
        found = {"code": 400, "message": said, "type": "exceed_context_size_error"}
        return Wire.of(400, {"error": {**found, "n_prompt_tokens": length, "n_ctx": plan.context}})
    return Wire.of(500, {"error": {"code": 500, "message": "Context size has been exceeded.", "type": "server_error"}})


def spoilt(fault: str, plan: Plan, done: dict[str, Any]) -> Wire:
    """The answer that a fault makes of a good completion."""
    good = Wire.of(200, done)
    match fault:
        case "429" | "429-date" | "429-ms" | "429-bare":
            return _limited(fault, plan.retry_after)
        case "500":
            return _error(500, "The server had an error while processing your request.")
        case "502" | "503":
            return Wire.page(int(fault), f"{fault} {HTTPStatus(int(fault)).phrase}")
        case "drop":
            return replace(good, breaks="before")
        case "reset":
            return replace(good, breaks="reset")
        case "drop-body":
            return replace(good, breaks="middle")
        case "not-json":
            return replace(good, body=b"upstream connect error or disconnect/reset before headers")
        case "cut-json":
            return replace(good, body=good.body[: len(good.body) // 2])
        case "shape":
            return Wire.of(200, {"status": "ok", "result": None})
        case "html":
            return Wire.page(200, "Sign in")
        case "hang":
            return replace(good, wait=plan.hang)
        case "no-usage":
            return Wire.of(200, without(done, "usage"))
        case "zero-usage":
            return Wire.of(200, {**done, "usage": dict.fromkeys(done["usage"], 0)})
        case "made-up-usage":
            return Wire.of(200, {**done, "usage": {"prompt_tokens": 1, "completion_tokens": 987654, "total_tokens": -1}})
        case "truncated":
            return good  # what was answered, and counted, is half of the prompt
    return Wire.of(200, _reworded(fault, done))


def _limited(fault: str, seconds: float) -> Wire:
    wire = _error(429, "Rate limit reached for requests. Please try again later.", code="rate_limit_exceeded")
    spelt = {
        "429": ("Retry-After", f"{seconds:g}"),
        "429-date": ("Retry-After", formatdate(int(time.time() + seconds) + 1, usegmt=True)),  # whole seconds, never too early
        "429-ms": ("retry-after-ms", f"{seconds * 1000:g}"),
    }
    return replace(wire, headers=(spelt[fault],)) if fault in spelt else wire


def _reworded(fault: str, done: dict[str, Any]) -> dict[str, Any]:
    """The completion with another text."""
    choice = done["choices"][0]
    text, finish = choice["message"]["content"], choice["finish_reason"]
    found: str | None = text
    if fault == "empty":
        found = ""
    elif fault == "null":
        found = None
    elif fault == "length":
        found, finish = text[: len(text) // 2], "length"
    elif _is_object(text):
        found = _malformed(fault, text)
    return {**done, "choices": [{**choice, "message": {**choice["message"], "content": found}, "finish_reason": finish}]}


def _is_object(text: str) -> bool:
    try:
        return isinstance(json.loads(text), dict)
    except ValueError:
        return False


def _malformed(fault: str, text: str) -> str:
    if fault == "cut":
        return text[: len(text) // 2]
    if fault == "prose":
        return f"Sure! Here is the JSON {{as you asked}}:\n```json\n{text}\n```\nLet me know if you need more."
    if fault == "nan":
        return re.sub(r"(:\s*)-?\d+(?:\.\d+)?", r"\1NaN", text)
    wrong = {key: [] if isinstance(value, dict) else {"value": value} for key, value in json.loads(text).items()}
    return json.dumps(wrong)
