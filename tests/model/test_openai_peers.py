"""What real servers answer, word for word, and what becomes of it: llama.cpp, its Python server, transformers serve, LiteLLM."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tep_nb.errors import Retry
from tep_nb.method.forward import _usable
from tep_nb.method.reply import Fault as Unusable
from tep_nb.method.reply import read_object
from tep_nb.model.base import Message, Reply, Request
from tep_nb.model.openai_dialect import Dialect, Fault, words
from tep_nb.model.openai_reply import after, read, unread

REQUEST = Request((Message.of("user", "Score the two cats."),), schema={"type": "object"})
FORM = {"model": "tiny", "messages": [], "seed": 0, "temperature": 0.0, "response_format": {"type": "json_schema"}}
PLAIN = {"model": "tiny", "messages": [], "seed": 0, "temperature": 0.0}

GARBLED = {"code": 500, "message": "The model produced output that does not match the expected peg-native format"}
LITERAL = {
    "message": "1 validation error:\n  {'type': 'literal_error', 'loc': ('body', 'response_format', 'type'), "
    "'msg': \"Input should be 'text' or 'json_object'\", 'input': 'json_schema'}",
    "type": "internal_server_error",
}
LONG = {"code": 400, "message": "request (12011 tokens) exceeds the available context size (4096 tokens), try increasing it"}
NO_MODEL = {"message": "/chat/completions: Invalid model name passed in model=gpt. Call `/v1/models` to view available models"}
PINNED = {"detail": "Server is pinned to '/models/tiny'; requested 'gpt'."}
NO_DB = {"message": "No connected db.", "type": "no_db_connection", "param": None, "code": "400"}


def fault(status: int, body: dict[str, Any]) -> Fault:
    names, said = words(body, "")
    return Fault("status", status, names, said)


def completion(text: str, finish: str = "stop", tokens: int = 9, model: str = "tiny") -> bytes:
    choice = {"index": 0, "message": {"role": "assistant", "content": text}, "finish_reason": finish}
    usage = {"prompt_tokens": 12, "completion_tokens": tokens, "total_tokens": 12 + tokens}
    return json.dumps({"model": model, "choices": [choice], "usage": usage}).encode()


def test_a_500_for_what_the_model_wrote_is_a_reply_that_cannot_be_read() -> None:
    """llama.cpp's 500 for its own model's JSON is the same at every attempt: it is re-asked in words, at the cost of a reply."""
    assert fault(500, GARBLED).garbled
    assert not fault(500, {"message": "overloaded"}).garbled
    reply = unread(REQUEST, 64)
    assert (reply.text, reply.usage.completion_tokens, reply.usage.estimated) == ("", 64, True)
    found = _usable(reply, read_object, last=True)
    assert isinstance(found, Unusable)
    assert "its server could read" in found.text


def test_a_500_that_names_the_form_is_a_refusal_at_once() -> None:
    """llama-cpp-python refuses json_schema with a 500: one such answer is enough, and a bad moment is told from it."""
    dialect = Dialect()
    assert dialect.after(fault(500, {"message": "overloaded"}), FORM, 0).kind == "transient"
    assert dialect.rung == 0
    assert dialect.after(fault(500, LITERAL), FORM, 0) == Retry("reformat")
    assert dialect.rung == 1


@pytest.mark.parametrize(("status", "body"), [(400, LONG), (400, NO_MODEL), (400, PINNED), (400, NO_DB)])
def test_no_other_refusal_is_taken_for_one_of_the_form(status: int, body: dict[str, Any]) -> None:
    """What is said of the length, the model or the key neither gives a form up nor takes back what was learnt of it."""
    dialect = Dialect()
    assert dialect.after(fault(status, body), FORM, 0).kind == "no"
    assert dialect.rung == 0
    dialect.after(fault(500, LITERAL), FORM, 0)
    assert dialect.after(fault(status, body), PLAIN, 2).kind == "no"
    assert dialect.rung == 1


@pytest.mark.parametrize(
    ("body", "remedy"),
    [(NO_MODEL, "check the name of the model"), (PINNED, "check the name of the model"), (NO_DB, "is the key right?")],
)
def test_a_400_for_the_model_or_the_key_has_the_remedy_of_a_404_or_a_401(body: dict[str, Any], remedy: str) -> None:
    """Gateways and transformers answer 400 where OpenAI answers 404 and 401."""
    found = fault(400, body)
    assert remedy in str(found.error("gpt", "localhost/v1", "$KEY", 1.0, Retry()))
    assert (found.unknown, found.locked) == ("model" in remedy, "key" in remedy)


def test_a_form_is_heeded_where_the_reply_begins_with_a_brace() -> None:
    """Transformers ignores every form: prose, cut or whole, with a brace in it or none, says so; empty replies say nothing."""
    dialect = Dialect()
    for text, finish in [("", "stop"), ("no", "content_filter"), ("a {b", "length"), ("```json\n{}", "stop"), ("prose", "stop")]:
        assert dialect.rung == 0
        dialect.worked(0, text, finish)
    assert dialect.rung == 1
    assert "ignored" in dialect.sentences()[0]
    dialect.worked(1, ' \n{"cut', "length")
    assert dialect.proved == {1}


def test_another_model_and_a_full_context_are_named() -> None:
    """llama.cpp answers with what it has, whatever is asked for, and ends an answer where its context ends."""
    dialect = Dialect()
    read(completion("{}", model="tiny-2026-01-01"), REQUEST, dialect, "", {"model": "tiny", "max_tokens": 64})
    read(completion("{", "length", 64), REQUEST, dialect, "", {"model": "tiny", "max_tokens": 64})
    assert dialect.sentences() == []
    made = read(completion("{", "length", 1), REQUEST, dialect, "", {"model": "gpt-5", "max_tokens": 64})
    assert isinstance(made, Reply)
    assert dialect.sentences() == [
        "it answers as tiny",
        "its context of about 13 tokens ran full: an answer was cut short",
    ]


def test_a_gateway_hands_the_wait_on_under_a_name_of_its_own() -> None:
    """LiteLLM sends the provider's Retry-After as llm_provider-retry-after."""
    assert after({"llm_provider-retry-after": "3"}) == 3.0
    assert after({"llm_provider-retry-after": "3", "retry-after": "5"}) == 5.0
