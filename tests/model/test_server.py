"""Rules of the simulated model's server."""

import asyncio
import http.client
import json
import os
import queue
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import tep_nb as tep
from tep_nb.errors import ConfigError, ModelError
from tep_nb.model.base import Message, Reply, Request
from tep_nb.model.openai import OpenAIModel
from tep_nb.model.simulated import SimulatedModel
from tep_nb.model.simulated.server import Server
from tep_nb.task import object_counting

SCHEMA = {
    "type": "object",
    "properties": {"plan": {"type": "string"}, "keywords": {"type": "string"}},
    "required": ["plan", "keywords"],
    "additionalProperties": False,
}


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with Server(0, SimulatedModel(seed=0, context=3000)) as made:
        thread = threading.Thread(target=made.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield made
        made.shutdown()
        thread.join()


def call(server: Server, method: str, path: str, body: Any = None, headers: dict[str, str] | None = None) -> tuple[int, Any]:
    connection = http.client.HTTPConnection("127.0.0.1", server.server_address[1], timeout=20)
    raw = body if isinstance(body, bytes) or body is None else json.dumps(body).encode()
    connection.request(method, path, raw, headers or {})
    answer = connection.getresponse()
    found = answer.status, json.loads(answer.read())
    connection.close()
    return found


def chat(**more: Any) -> dict[str, Any]:
    return {"model": "simulated", "messages": [{"role": "user", "content": "Count the cats.\n\nI have two cats."}], **more}


def requests() -> list[Request]:
    """Requests of all kinds on real-looking questions: plain, hot, in several messages, with a schema, cut."""
    found = []
    for index, row in enumerate(object_counting.generate(12, seed=5)):
        text = f"Count the things. Write each amount in digits.\n\nQuestion: {row['question']}"
        found += [
            Request((Message.of("user", text),)),
            Request((Message.of("system", "List the things."), Message.of("user", row["question"])), temperature=0.9, seed=index),
            Request((Message.of("user", text),), schema=SCHEMA),
            Request((Message.of("user", f"{text} \U0001f408\u202e{{}}"),), max_tokens=3, seed=2**31 - 1),
        ]
    return found


async def over_http(url: str, asked: list[Request]) -> list[Reply]:
    model = OpenAIModel("simulated", url, key=lambda: "none")
    try:
        return list(await asyncio.gather(*(model.complete(request) for request in asked)))
    finally:
        await model.aclose()


def test_another_process_answers_the_same_and_ctrl_c_ends_it() -> None:
    """Text, usage and finish of each reply are the in-process model's; the printed URL is right; SIGINT is a clean end."""
    code = "from tep_nb.model.simulated.server import serve; serve(0, seed=4)"
    environment = {**os.environ, "PYTHONUNBUFFERED": "1", "PYTHONHASHSEED": "77"}
    process = subprocess.Popen(
        [sys.executable, "-c", code], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment
    )
    try:
        assert process.stdout is not None
        lines: queue.Queue[str] = queue.Queue()
        threading.Thread(target=lambda: [lines.put(line) for line in process.stdout or ()], daemon=True).start()
        line = lines.get(timeout=60)
        url = next(word for word in line.split() if word.startswith("http://127.0.0.1:"))
        assert "simulated" in line
        asked = requests()
        served = asyncio.run(over_http(url, asked))
        model = SimulatedModel(seed=4)
        assert served == [asyncio.run(model.complete(request)) for request in asked]
        assert len({reply.text for reply in served}) > 10
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=60) == 0
        assert lines.get(timeout=20) == "stopped\n"
        assert process.stderr is not None
        assert process.stderr.read() == ""
    finally:
        process.kill()
        process.wait()


def test_the_models_are_listed(server: Server) -> None:
    """A client finds the one model by list and by name."""
    assert call(server, "GET", "/v1/models")[1]["data"][0]["id"] == "simulated"
    assert call(server, "GET", "/v1/models/simulated")[1]["object"] == "model"
    assert call(server, "GET", "/v1/files")[0] == 404


def test_a_completion_has_openais_shape(server: Server) -> None:
    """One choice, a reason, and usage that adds up; the same body gets the same text."""
    status, body = call(server, "POST", "/v1/chat/completions", chat(temperature=0.5, seed=3))
    again = call(server, "POST", "/v1/chat/completions", chat(temperature=0.5, seed=3))[1]
    choice = body["choices"][0]
    assert (status, body["object"]) == (200, "chat.completion")
    assert (choice["finish_reason"], choice["message"]["role"]) == ("stop", "assistant")
    assert body["usage"]["total_tokens"] == body["usage"]["prompt_tokens"] + body["usage"]["completion_tokens"] > 0
    assert again["choices"] == body["choices"]


def test_parts_and_the_developer_role_are_read_as_text(server: Server) -> None:
    """What newer clients send in place of a system message and a plain string means the same."""
    plain = [{"role": "system", "content": "Count the cats."}, {"role": "user", "content": "I have two cats."}]
    parts = [
        {"role": "developer", "content": [{"type": "text", "text": "Count the "}, {"type": "text", "text": "cats."}]},
        {"role": "user", "content": [{"type": "text", "text": "I have two cats."}]},
    ]
    one, other = (call(server, "POST", "/v1/chat/completions", chat(messages=m))[1] for m in (plain, parts))
    assert (one["choices"], one["id"]) == (other["choices"], other["id"])


def test_json_comes_when_it_is_asked_for(server: Server) -> None:
    """A schema gives one object with its keys, a length cuts, under either name."""
    form = {"type": "json_schema", "json_schema": {"name": "x", "schema": SCHEMA}}
    text = call(server, "POST", "/v1/chat/completions", chat(response_format=form))[1]["choices"][0]["message"]["content"]
    assert set(json.loads(text)) == {"plan", "keywords"}
    for name in ("max_tokens", "max_completion_tokens"):
        body = call(server, "POST", "/v1/chat/completions", chat(**{name: 1}))[1]
        assert body["choices"][0]["finish_reason"] == "length"


def test_an_overlong_request_is_a_context_error(server: Server) -> None:
    """More than the context is a 400 that clients know as such, and OpenAIModel names the remedy."""
    long = "word " * 4000
    status, body = call(server, "POST", "/v1/chat/completions", chat(messages=[{"role": "user", "content": long}]))
    assert (status, body["error"]["code"]) == (400, "context_length_exceeded")
    with pytest.raises(ModelError, match="longer than the model's context"):
        asyncio.run(over_http(server.url, [Request((Message.of("user", long),))]))


@pytest.mark.parametrize(
    ("body", "status", "param"),
    [
        (b"{", 400, None),
        ([], 400, None),
        ({"messages": []}, 404, "model"),
        (chat(model="gpt-5"), 404, "model"),
        (chat(messages=[]), 400, "messages"),
        (chat(messages=["hi"]), 400, "messages[0].role"),
        (chat(messages=[{"role": "tool", "content": "x"}]), 400, "messages[0].role"),
        (chat(messages=[{"role": "user", "content": [{"type": "image_url"}]}]), 400, "messages[0].content"),
        (chat(messages=[{"role": "user", "content": None}]), 400, "messages[0].content"),
        (chat(temperature=2.5), 400, "temperature"),
        (chat(temperature=float("nan")), 400, "temperature"),
        (chat(temperature="hot"), 400, "temperature"),
        (chat(seed=True), 400, "seed"),
        (chat(seed=0.5), 400, "seed"),
        (chat(max_tokens=0), 400, "max_tokens"),
        (chat(n=2), 400, "n"),
        (chat(stream=True), 400, "stream"),
        (chat(response_format={"type": "xml"}), 400, "response_format"),
        (chat(response_format={"type": "json_schema"}), 400, "response_format"),
    ],
)
def test_a_wrong_body_is_refused_in_openais_shape(server: Server, body: Any, status: int, param: str | None) -> None:
    """The status, and an error with message, type and the parameter at fault; the server lives on."""
    found, answer = call(server, "POST", "/v1/chat/completions", body)
    assert (found, answer["error"]["param"]) == (status, param)
    assert answer["error"]["type"] == "invalid_request_error"
    assert answer["error"]["message"]
    assert call(server, "GET", "/health")[0] == 200


def test_a_body_without_a_length_is_refused(server: Server) -> None:
    """A chunked or endless body is answered and the connection closed."""
    assert call(server, "POST", "/v1/chat/completions", b"", {"Content-Length": "nine"})[0] == 411
    assert call(server, "POST", "/v1/chat/completions", b"", {"Content-Length": str(2**40)})[0] == 413


def test_the_server_listens_on_this_machine_only(server: Server) -> None:
    """The default address is loopback; a used and an impossible port are ConfigErrors with a remedy."""
    assert server.server_address[0] == "127.0.0.1"
    with pytest.raises(ConfigError, match="take another port"):
        Server(server.server_address[1], SimulatedModel())
    with pytest.raises(ConfigError, match="0 to 65535"):
        Server(70000, SimulatedModel())


def test_a_session_over_http_is_the_session_in_process(server: Server, tmp_path: Path) -> None:
    """Same seed, same decider: the folded state is the same byte for byte, after as many calls."""
    questions = object_counting.generate(24, seed=1)
    data = tep.Dataset(questions[:8], questions[8:16], questions[16:])
    method = tep.TEP(seed=3, free_cap=2, nudged_cap=1, minibatch=2)
    found = []
    for name, model in (("in", server.model), ("over", OpenAIModel("simulated", server.url))):
        with tep.Session.start(
            tmp_path / f"{name}.tep", object_counting.graph(), data, metric="last_integer", objective=object_counting.objective,
            model=model, method=method,
        ) as session:  # fmt: skip
            asyncio.run(session.run(tep.deciders.approve_all))
            found.append((json.dumps(session.state.body(), sort_keys=True), session.usage.calls))
            assert session.state.phase == "done"
            assert session.state.reviewed
    assert found[0] == found[1]
