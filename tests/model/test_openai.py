"""Rules of the model behind an OpenAI-compatible server, against servers on this machine."""

import asyncio
import gc
import json
import logging
import ssl
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from tep_nb.errors import BadReply, ConfigError, MissingKey, ModelError
from tep_nb.model.base import Closable, Message, Reply, Request
from tep_nb.model.openai import OpenAIModel, _trust

CANARY = "sk-canary-0123456789abcdef"
SCHEMA = {"type": "object", "properties": {"score": {"type": "number"}}, "required": ["score"], "additionalProperties": False}
ASK = Request((Message.of("system", "Count."), Message.of("user", "Two cats?")), temperature=0.7, seed=11)
JSON = Request((Message.of("user", "Score it."),), schema=SCHEMA)

Answer = tuple[int, Any]


def completion(text: str | None = "2", **more: Any) -> dict[str, Any]:
    usage = {"prompt_tokens": 7, "completion_tokens": 3, "total_tokens": 10}
    choice = {"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": text}}
    return {"id": "c", "object": "chat.completion", "created": 1, "model": "tiny", "choices": [choice], "usage": usage, **more}


def refusal(message: str, param: str | None = None, code: str | None = None) -> dict[str, Any]:
    return {"error": {"message": message, "type": "invalid_request_error", "param": param, "code": code}}


class Server(ThreadingHTTPServer):
    """Answers each request with ``answer(body)`` and keeps what it was asked."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.answer: Callable[[dict[str, Any]], Answer] = lambda body: (200, completion())
        self.asked: list[dict[str, Any]] = []
        self.keys: list[str] = []
        self.closed = threading.Event()
        self.opened = 0
        self.hold = threading.Event()
        self.hold.set()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/v1"


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: Server

    def setup(self) -> None:
        super().setup()
        self.server.opened += 1

    def finish(self) -> None:
        super().finish()
        self.server.closed.set()

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.asked.append(body)
        self.server.keys.append(self.headers.get("Authorization", ""))
        self.server.hold.wait(20)
        status, answer = self.server.answer(body)
        raw = answer if isinstance(answer, bytes) else json.dumps(answer).encode()
        self.send_response(status)
        self.send_header("Content-Type", "text/html" if raw.startswith(b"<") else "application/json")
        self.send_header("Content-Length", str(len(raw)))
        self.end_headers()
        self.wfile.write(raw)

    def log_message(self, *args: object) -> None:
        pass


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    monkeypatch.delenv("OPENAI_BASE_URL", raising=False)
    made = Server()
    thread = threading.Thread(target=made.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    yield made
    made.hold.set()
    made.shutdown()
    made.server_close()
    thread.join()


def ask(model: OpenAIModel, *requests: Request, again: tuple[str, ...] = ("reformat",)) -> list[Reply]:
    async def one(request: Request) -> Reply:
        while True:  # as the Runtime does: another spelling is another attempt
            try:
                return await model.complete(request)
            except ModelError as error:
                if error.retry.kind not in again:
                    raise

    async def run() -> list[Reply]:
        try:
            return [await one(request) for request in requests]
        finally:
            await model.aclose()

    return asyncio.run(run())


def test_a_request_is_sent_as_it_is(server: Server) -> None:
    """Model, messages, temperature, seed and nothing that was not asked for; the reply comes back with the server's usage."""
    model = OpenAIModel("tiny", server.url)
    reply = ask(model, ASK)[0]
    messages = [{"role": "system", "content": "Count."}, {"role": "user", "content": "Two cats?"}]
    assert server.asked == [{"model": "tiny", "messages": messages, "temperature": 0.7, "seed": 11}]
    assert (reply.text, reply.finish) == ("2", "stop")
    assert (reply.usage.prompt_tokens, reply.usage.completion_tokens, reply.usage.estimated) == (7, 3, False)
    assert isinstance(model, Closable)


def test_a_base_url_without_a_key_sends_none(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    """Local servers ask for no key; where one is set, it is sent without the line break it was copied with."""
    ask(OpenAIModel("tiny", server.url), ASK)
    monkeypatch.setenv("MY_KEY", f"{CANARY}\n")
    ask(OpenAIModel("tiny", server.url, key_env="MY_KEY"), ASK)
    ask(OpenAIModel("tiny", server.url, key=lambda: "abc"), ASK)
    assert server.keys == ["Bearer none", f"Bearer {CANARY}", "Bearer abc"]


def test_a_missing_key_names_the_remedy(monkeypatch: pytest.MonkeyPatch) -> None:
    """OpenAI's own server needs a key: the one-line error shows how to give it without typing it into a cell."""
    monkeypatch.setenv("OPENAI_API_KEY", " ")
    monkeypatch.delenv("OPENAI_BASE_URL", raising=False)
    with pytest.raises(MissingKey, match=r"\$OPENAI_API_KEY is not set.*getpass\.getpass\(\)") as caught:
        ask(OpenAIModel("big"), ASK)
    assert "\n" not in str(caught.value)


def test_options_go_into_the_body_and_the_name(server: Server) -> None:
    """What changes answers is sent, and told apart in the record by the model's name; a request's own length goes first."""
    model = OpenAIModel("tiny", server.url, max_tokens=50, extra={"reasoning_effort": "low"})
    ask(model, ASK, Request(ASK.messages, max_tokens=9))
    assert [body["max_tokens"] for body in server.asked] == [50, 9]
    assert [body["reasoning_effort"] for body in server.asked] == ["low", "low"]
    assert [body["model"] for body in server.asked] == ["tiny", "tiny"]
    names = {OpenAIModel("tiny", max_tokens=n, extra=e).name for n in (None, 50, 60) for e in (None, {"a": 1})}
    assert len(names) == 6
    assert OpenAIModel("tiny", timeout=5, base_url="http://elsewhere/v1").name == "tiny"


def test_a_strict_schema_is_asked_for_strictly(server: Server) -> None:
    """A closed schema is sent as strict; one with an open object or an optional key is not."""
    loose = {"type": "object", "properties": {"score": {"type": "object", "properties": {"a": {}}}}, "required": ["score"]}
    ask(OpenAIModel("tiny", server.url), JSON, Request(JSON.messages, schema=loose))
    forms = [body["response_format"] for body in server.asked]
    assert [form["json_schema"]["strict"] for form in forms] == [True, False]
    assert forms[0]["json_schema"]["schema"] == SCHEMA


def kind(body: dict[str, Any]) -> str:
    return str(body.get("response_format", {}).get("type", "text"))


@pytest.mark.parametrize(
    ("refused", "status", "message", "seen"),
    [
        (("json_schema",), 400, "'response_format.type' must be 'json_object' or 'text'", ["json_schema", "json_object"]),
        (("json_schema",), 500, "Internal Server Error", [*["json_schema"] * 5, "json_object"]),
        (("json_schema", "json_object"), 422, "response_format: not allowed", ["json_schema", "json_object", "text"]),
    ],
)
def test_structured_output_steps_down_and_remembers(
    server: Server, refused: tuple[str, ...], status: int, message: str, seen: list[str]
) -> None:
    """A refused form is followed by the next, in words too; the second request begins where the first ended.

    A 500 may be a bad moment: only five of them, before the form ever worked, are taken for a refusal.
    """

    def answer(body: dict[str, Any]) -> Answer:
        return (status, refusal(message)) if kind(body) in refused else (200, completion('{"score": 3}'))

    server.answer = answer
    model = OpenAIModel("tiny", server.url)
    assert [reply.text for reply in ask(model, JSON, JSON, again=("reformat", "transient"))] == ['{"score": 3}'] * 2
    assert [kind(body) for body in server.asked] == [*seen, seen[-1]]
    assert json.dumps(SCHEMA, separators=(",", ":")) in server.asked[-1]["messages"][-1]["content"]
    assert any(seen[-1] in sentence for sentence in model.learnt)


def test_one_bad_moment_is_not_remembered_as_a_refusal(server: Server) -> None:
    """Once json_schema has worked, a 500 is the server's trouble and an error, and changes no later request."""
    replies = [(200, completion("{}")), (500, refusal("overloaded")), (200, completion("{}"))]
    server.answer = lambda body: replies[len(server.asked) - 1]
    model = OpenAIModel("tiny", server.url)
    ask(model, JSON)
    with pytest.raises(ModelError, match="error 500: overloaded"):
        ask(model, JSON)
    ask(model, JSON)
    assert [kind(body) for body in server.asked] == ["json_schema"] * 3
    assert model.learnt == ()


def test_bad_moments_of_many_calls_are_no_refusal(server: Server) -> None:
    """Before a form ever worked, each of many requests may meet four 500s, and plain ones too: no form is given up."""
    seen: Counter[str] = Counter()

    def answer(body: dict[str, Any]) -> Answer:
        seen[json.dumps(body)] += 1
        return (500, refusal("overloaded")) if seen[json.dumps(body)] <= 4 else (200, completion('{"score": 3}'))

    server.answer = answer
    model = OpenAIModel("tiny", server.url)
    many = [Request((Message.of("user", f"Score {n}."),), schema=SCHEMA if n % 2 else None) for n in range(12)]

    async def one(request: Request) -> None:
        for _ in range(4):
            with pytest.raises(ModelError) as caught:
                await model.complete(request)
            assert caught.value.retry.kind == "transient"
        await model.complete(request)

    async def all_at_once() -> None:
        await asyncio.gather(*map(one, many))
        await model.aclose()

    asyncio.run(all_at_once())
    assert Counter(kind(body) for body in server.asked) == {"json_schema": 30, "text": 30}
    assert model.learnt == ()


def test_a_form_that_others_found_refused_is_left_at_once(server: Server, caplog: pytest.LogCaptureFixture) -> None:
    """A call that was in flight in the old form asks in the new one, without a pause; the change is said once."""
    found_out = threading.Event()
    late = Request((Message.of("user", "Score it late."),), schema=SCHEMA)

    def answer(body: dict[str, Any]) -> Answer:
        if "late" in body["messages"][0]["content"]:
            found_out.wait(20)
        return (500, refusal("no")) if kind(body) == "json_schema" else (200, completion('{"score": 3}'))

    server.answer = answer
    model = OpenAIModel("tiny", server.url)

    async def run() -> None:
        flying = asyncio.ensure_future(model.complete(late))
        for expected in [*["transient"] * 4, "reformat"]:
            with pytest.raises(ModelError) as caught:
                await model.complete(JSON)
            assert caught.value.retry.kind == expected
        found_out.set()
        with pytest.raises(ModelError) as caught:
            await flying
        assert caught.value.retry.kind == "reformat"
        await model.complete(late)
        await model.aclose()

    with caplog.at_level(logging.WARNING):
        asyncio.run(run())
    said = f"{model.server}: JSON is asked for as json_object: the stricter forms are refused"
    assert [record.message for record in caplog.records] == [said]


def test_a_web_page_is_a_bad_moment_four_times(server: Server) -> None:
    """A proxy's page in place of the first answers is asked past; five times for one request, it is the wrong address."""
    server.answer = lambda body: (200, b"<html>Sign in</html>")
    model = OpenAIModel("tiny", server.url)
    kinds = []
    for _ in range(5):
        with pytest.raises(BadReply) as caught:
            ask(model, ASK)
        kinds.append(caught.value.retry.kind)
    assert kinds == [*["transient"] * 4, "no"]


def test_empty_replies_are_no_sign_of_a_form(server: Server) -> None:
    """A model that says nothing three times has not ignored the schema."""
    server.answer = lambda body: (200, completion("" if len(server.asked) <= 4 else '{"score": 3}'))
    model = OpenAIModel("tiny", server.url)
    ask(model, *[JSON] * 6)
    assert [kind(body) for body in server.asked] == ["json_schema"] * 6


def test_the_name_of_the_longest_answer_is_switched(server: Server, caplog: pytest.LogCaptureFixture) -> None:
    """The 400 that names max_completion_tokens changes the spelling for good, and is said."""

    def answer(body: dict[str, Any]) -> Answer:
        if "max_tokens" in body:
            return 400, refusal("Unsupported parameter: 'max_tokens'. Use 'max_completion_tokens' instead.", "max_tokens")
        return 200, completion()

    server.answer = answer
    with caplog.at_level(logging.WARNING):
        ask(OpenAIModel("tiny", server.url, max_tokens=5), ASK, ASK)
    assert [body.get("max_completion_tokens") for body in server.asked] == [None, 5, 5]
    assert caplog.text.count("max_completion_tokens") == 1


@pytest.mark.parametrize(
    ("name", "status", "body"),
    [
        ("temperature", 400, refusal("Unsupported value: 'temperature' does not support 0.7 with this model.", "temperature")),
        ("seed", 422, {"detail": [{"loc": ["body", "seed"], "msg": "Extra inputs", "input": {"temperature": 1}}]}),
    ],
)
def test_a_refused_setting_is_left_away_and_said(
    server: Server, caplog: pytest.LogCaptureFixture, name: str, status: int, body: dict[str, Any]
) -> None:
    """The setting that the 400 points at, and no other, is dropped once and for all."""
    server.answer = lambda asked: (status, body) if name in asked else (200, completion())
    model = OpenAIModel("tiny", server.url)
    with caplog.at_level(logging.WARNING):
        ask(model, ASK, ASK)
    other = {"temperature": "seed", "seed": "temperature"}[name]
    assert [(name in asked, other in asked) for asked in server.asked] == [(True, True), (False, True), (False, True)]
    assert caplog.text.count(f"{name} is not accepted") == 1
    assert [sentence for sentence in model.learnt if name in sentence]


@pytest.mark.parametrize(
    ("status", "body", "parts"),
    [
        (400, refusal("Please shorten it.", code="context_length_exceeded"), ["longer than the model"]),
        (400, refusal("the request exceeds the available context size (512 tokens)"), ["longer than the model"]),
        (401, refusal(f"Incorrect API key provided: {CANARY}."), ["error 401", "is the key right", "$OPENAI_API_KEY"]),
        (404, refusal("The model `tiny` does not exist"), ["error 404", "name of the model"]),
        (429, refusal("Rate limit reached"), ["error 429", "concurrency"]),
        (503, b"<html>upstream</html>", ["error 503", "upstream", "log"]),
        (400, refusal("x" * 5000), ["error 400", "xxx..."]),
        (200, b"<html>Welcome to nginx</html>", ["no chat completion", "Welcome to nginx", "/v1"]),
        (200, b'{"choices": [', ["JSON is broken"]),
        (200, {"error": {"message": "provider down"}}, ["without a choice", "provider down"]),
        (200, completion(choices=[]), ["without a choice"]),
    ],
)
def test_an_error_names_the_server_and_the_remedy(server: Server, status: int, body: Any, parts: list[str]) -> None:
    """One short line with model, server, what was said and what to do; a 200 that holds no completion is a bad reply."""
    server.answer = lambda asked: (status, body)
    with pytest.raises(BadReply if status == 200 else ModelError) as caught:
        ask(OpenAIModel("tiny", server.url), ASK)
    text = str(caught.value)
    for part in ["tiny", f"127.0.0.1:{server.server_address[1]}", *parts]:
        assert part in text
    assert "\n" not in text
    assert len(text) < 600
    assert len(server.asked) == 1


def test_no_server_and_no_reply_are_told_apart(server: Server) -> None:
    """A refused connection asks whether it runs; silence past the timeout names the seconds; a lone surrogate is the data's."""
    server.hold.clear()
    with pytest.raises(ModelError, match=r"no reply within 0\.2 s"):
        ask(OpenAIModel("tiny", server.url, timeout=0.2), ASK)
    server.hold.set()
    with pytest.raises(ModelError, match="lone surrogate"):
        ask(OpenAIModel("tiny", server.url), Request((Message.of("user", "a\ud800"),)))
    with pytest.raises(ModelError, match=r"no server answers at 127\.0\.0\.1:9/v1 .*is it running"):
        ask(OpenAIModel("tiny", "http://127.0.0.1:9/v1"), ASK)


@pytest.mark.parametrize(
    "usage", [None, {}, {"prompt_tokens": 0, "completion_tokens": 0}, {"prompt_tokens": "7", "completion_tokens": -1}]
)
def test_usage_that_is_missing_or_made_up_is_estimated(server: Server, usage: Any) -> None:
    """Then the words and marks of both sides are counted, and marked as an estimate."""
    server.answer = lambda body: (200, completion("There are two.", usage=usage))
    found = ask(OpenAIModel("tiny", server.url), ASK)[0].usage
    assert (found.prompt_tokens, found.completion_tokens, found.estimated) == (5, 4, True)


PROSE = "The committee discussed the results of the second experiment, and postponed its decision until next week. " * 20
TABLE = "| group | dose | weight |\n|------------------------|----------------|------------------|\n" * 20
DENSE = json.dumps({"scores": dict.fromkeys(["structural_clarity", "consistency"], 7.5), "suggestions": [{"about": "x"}] * 60})
LONG_WORDS = "internationalisation responsibilities"


@pytest.mark.parametrize(
    ("text", "honest", "share", "whole"),
    [
        (PROSE, 361, 1.0, True),  # 5.9 bytes a token, as GPT-4o's tokenizer counts
        (PROSE, 361, 0.6, False),
        (TABLE, 320, 1.0, True),  # a row of dashes is one token
        (TABLE, 320, 0.5, False),
        (DENSE, 388, 1.0, True),  # two or three marks are one token
        (DENSE, 388, 0.5, False),
        (LONG_WORDS, 3, 1.0, True),
    ],
)
def test_a_request_that_was_cut_without_a_word(server: Server, text: str, honest: int, share: float, whole: bool) -> None:
    """A count that no tokenizer gives for the whole of a long request is an overflow; every honest count is believed."""
    usage = {"prompt_tokens": int(honest * share), "completion_tokens": 2}
    server.answer = lambda body: (200, completion(usage=usage))
    model = OpenAIModel("tiny", server.url)
    asked = Request((Message.of("user", text),))
    if whole:
        assert ask(model, asked)[0].usage.prompt_tokens == honest
    else:
        with pytest.raises(ModelError, match=r"read \d+ of about \d+ tokens .*longer than the model's") as caught:
            ask(model, asked)
        assert caught.value.retry.kind == "no"
    assert model.learnt == ()


def test_an_empty_and_a_cut_reply_are_values(server: Server) -> None:
    """No content is an empty text, a refusal is its words, and the reason why it ended is kept."""
    cut, refused, empty = completion("1, 2,"), completion(None), completion(None)
    cut["choices"][0]["finish_reason"] = "length"
    refused["choices"][0]["message"]["refusal"] = "I cannot."
    replies = [cut, refused, empty]
    server.answer = lambda body: (200, replies[len(server.asked) - 1])
    found = ask(OpenAIModel("tiny", server.url), ASK, ASK, ASK)
    assert [(reply.text, reply.finish) for reply in found] == [("1, 2,", "length"), ("I cannot.", "content_filter"), ("", "stop")]


def test_whom_a_client_trusts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Behind a plain address nobody, so that a redirect to another is refused; else, and by a proxy, whom the SDK trusts."""
    for name in ("http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
    nobody = _trust("http://localhost:8000/v1")
    assert isinstance(nobody, ssl.SSLContext)
    assert (nobody.verify_mode, nobody.check_hostname, nobody.get_ca_certs()) == (ssl.CERT_REQUIRED, True, [])
    assert _trust("https://localhost:8000/v1") is True
    monkeypatch.setenv("http_proxy", "https://proxy:3128")
    assert _trust("http://localhost:8000/v1") is True


def test_a_client_lives_in_one_loop(server: Server) -> None:
    """The same model answers in a second loop after the first ended, closed or not, and in two loops of two threads."""
    model = OpenAIModel("tiny", server.url)
    assert asyncio.run(model.complete(ASK)).text == "2"  # left open, its loop is gone
    assert [reply.text for reply in ask(model, ASK, ASK)] == ["2", "2"]
    found: list[str] = []
    threads = [threading.Thread(target=lambda: found.append(ask(model, ASK)[0].text)) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == ["2", "2"]
    gc.collect()


def test_a_verb_shares_one_client_and_closes_it(server: Server) -> None:
    """Sequential calls of a loop use one connection, and aclose ends it while the loop runs; the next call opens another."""
    model = OpenAIModel("tiny", server.url)

    async def run() -> None:
        await model.complete(ASK)
        await model.complete(ASK)
        assert server.opened == 1
        await model.aclose()
        assert await asyncio.to_thread(server.closed.wait, 20)
        await model.complete(ASK)
        assert server.opened == 2
        await model.aclose()
        await model.aclose()

    asyncio.run(run())


def test_a_key_function_is_asked_once_and_again_after_a_401(server: Server) -> None:
    """A typed key is not asked for at every step; a refused one is asked for anew."""
    given = iter(["old-key", "new-key"])
    server.answer = lambda body: (401, refusal("expired")) if server.keys[-1] == "Bearer old-key" else (200, completion())
    model = OpenAIModel("tiny", server.url, key=lambda: next(given))
    with pytest.raises(ModelError, match=r"error 401.*the function given as key="):
        ask(model, ASK)
    ask(model, ASK)
    ask(model, ASK)
    assert server.keys == ["Bearer old-key", "Bearer new-key", "Bearer new-key"]


def test_no_key_shows_anywhere(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    """Not in repr, vars, errors and their context; not even when the server sends the key back."""
    monkeypatch.setenv("OPENAI_API_KEY", CANARY)
    server.answer = lambda body: (400, refusal(f"bad header Bearer {CANARY} or {CANARY[3:]}"))
    for model in (OpenAIModel("tiny", server.url), OpenAIModel("tiny", server.url, key=partial(str, CANARY))):
        with pytest.raises(ModelError) as caught:
            asyncio.run(model.complete(ASK))  # not closed: the client is still there to be shown
        shown = " ".join([repr(model), str(model), repr(vars(model)), model.server, repr(caught.value), str(model.learnt)])
        assert CANARY not in shown
        assert caught.value.__context__ is None
        assert caught.value.__cause__ is None


@pytest.mark.parametrize("key", [lambda: f"{CANARY} x", lambda: {}[CANARY], lambda: f"{CANARY}ä", lambda: [CANARY]])
def test_a_key_that_cannot_be_is_not_sent_and_not_shown(server: Server, key: Callable[[], Any]) -> None:
    """A key with spaces or letters that no header takes, and a function that fails, are errors without the key."""
    with pytest.raises(ModelError) as caught:
        ask(OpenAIModel("tiny", server.url, key=key), ASK)
    error: BaseException | None = caught.value
    while error is not None:
        assert CANARY not in repr(error)
        error = error.__context__
    assert server.asked == []


@pytest.mark.parametrize(
    ("settings", "error", "part"),
    [
        ({"name": " "}, ConfigError, "no name"),
        ({"name": 3}, TypeError, "str"),
        ({"name": "m", "base_url": f"ftp://u:{CANARY}@h"}, ConfigError, "http://localhost"),
        ({"name": "m", "base_url": f"http://u:{CANARY}@h/v1"}, ConfigError, "holds credentials"),
        ({"name": "m", "key": CANARY}, TypeError, "getpass"),
        ({"name": "m", "timeout": 0}, ConfigError, "above 0"),
        ({"name": "m", "max_tokens": 0}, ConfigError, "below 1"),
    ],
)
def test_a_wrong_setting_is_said_at_once(settings: dict[str, Any], error: type[Exception], part: str) -> None:
    """Settings are checked when the model is made, and a key among them is not repeated."""
    with pytest.raises(error, match=part) as caught:
        OpenAIModel(**settings)
    assert CANARY not in str(caught.value)


def test_a_base_url_of_another_type_is_refused() -> None:
    """One line that names it, as for the name."""
    for wrong in ({"name": 3}, {"name": "gpt", "base_url": 3}):
        with pytest.raises(TypeError, match="of a model is a str, not an int: write it in quotes"):
            OpenAIModel(**wrong)  # type: ignore[arg-type]
