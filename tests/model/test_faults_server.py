"""The fault server does what it says, seen through a plain HTTP client."""

from __future__ import annotations

import http.client
import json
import math
import socket
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from email.utils import parsedate_to_datetime
from typing import Any, NamedTuple

import pytest
from faults.log import Entry, levels, longest_chain, most_at_once, rounds
from faults.plan import CONTENT, COUNTS, FAULTS, GROUPS, TRANSPORT, Dice, Plan, digest
from faults.remote import Remote
from faults.server import FaultServer, simulated

TEXT = '{"scores": {"clear": 7, "full": 2.5}, "suggestions": [], "content": true}'
ALWAYS = 10**9


class Seen(NamedTuple):
    """What a client got; a status of 0 is none, and ``text`` then names how the connection ended."""

    status: int
    headers: dict[str, str]
    text: str

    @property
    def json(self) -> Any:
        return json.loads(self.text)

    @property
    def content(self) -> Any:
        return self.json["choices"][0]["message"]["content"]


def asks(text: str = "Two cats?", **more: Any) -> dict[str, Any]:
    return {"model": "simulated", "messages": [{"role": "user", "content": text}], **more}


def send(server: FaultServer, body: Any, path: str = "/v1/chat/completions", method: str = "POST") -> Seen:
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=60)
    try:
        connection.request(method, path, json.dumps(body))
        answer = connection.getresponse()
        headers = {name.lower(): said for name, said in answer.getheaders()}
        return Seen(answer.status, headers, answer.read().decode())
    except (ConnectionError, http.client.IncompleteRead) as error:
        return Seen(0, {}, type(error).__name__)
    finally:
        connection.close()


@pytest.fixture
def server() -> Iterator[FaultServer]:
    with FaultServer(lambda body: TEXT) as made:
        yield made


def always(fault: str, **more: Any) -> Plan:
    return Plan({fault: 1.0}, most_running=ALWAYS, **more)


def test_without_a_plan_all_is_well(server: FaultServer) -> None:
    """A completion with the answer's text and an honest count; the log has it; a model is listed; the rest is a 404."""
    seen = send(server, asks())
    assert (seen.status, seen.content, seen.json["usage"]["prompt_tokens"]) == (200, TEXT, 3)
    (entry,) = server.log
    assert (entry.outcome, entry.sight, entry.tokens) == ("ok", 0, seen.json["usage"]["total_tokens"])
    assert server.bodies == {digest(asks()): asks()}
    assert send(server, None, "/v1/models", "GET").json["data"][0]["id"] == "simulated"
    assert [send(server, {}, path).status for path in ("/v1/completions", "/")] == [404, 404]
    assert len(server.log) == 1


def not_json(seen: Seen) -> bool:
    try:
        json.loads(seen.text)
    except ValueError:
        return seen.status == 200
    return False


def limited(name: str | None) -> Callable[[Seen], bool]:
    def check(seen: Seen) -> bool:
        found = {key for key in seen.headers if key.startswith("retry-after")}
        return seen.status == 429 and found == ({name} if name else set()) and "rate_limit" in seen.json["error"]["code"]

    return check


def unread(seen: Seen) -> bool:
    """The text is no longer the JSON that it was."""
    return seen.status == 200 and seen.content != TEXT


LOOKS: dict[str, Callable[[Seen], Any]] = {
    "429": limited("retry-after"),
    "429-date": limited("retry-after"),
    "429-ms": limited("retry-after-ms"),
    "429-bare": limited(None),
    "500": lambda seen: seen.status == 500 and "error" in seen.json,
    "502": lambda seen: seen.status == 502 and seen.text.startswith("<html>"),
    "503": lambda seen: seen.status == 503 and seen.text.startswith("<html>"),
    "drop": lambda seen: seen.text == "RemoteDisconnected",
    "reset": lambda seen: seen.text == "ConnectionResetError",
    "drop-body": lambda seen: seen.text == "IncompleteRead",
    "not-json": lambda seen: not_json(seen) and not seen.text.startswith(("{", "<")),
    "cut-json": lambda seen: not_json(seen) and seen.text.startswith("{"),
    "shape": lambda seen: seen.status == 200 and "choices" not in seen.json,
    "html": lambda seen: not_json(seen) and seen.text.startswith("<html>"),
    "hang": lambda seen: seen.content == TEXT,
    "empty": lambda seen: seen.content == "",
    "null": lambda seen: seen.content is None,
    "cut": lambda seen: unread(seen) and TEXT.startswith(seen.content),
    "prose": lambda seen: unread(seen) and f"```json\n{TEXT}\n```" in seen.content,
    "nan": lambda seen: unread(seen) and all(math.isnan(n) for n in json.loads(seen.content)["scores"].values()),
    "types": lambda seen: json.loads(seen.content) == {"scores": [], "suggestions": {"value": []}, "content": {"value": True}},
    "length": lambda seen: unread(seen) and seen.json["choices"][0]["finish_reason"] == "length",
    "no-usage": lambda seen: seen.content == TEXT and "usage" not in seen.json,
    "zero-usage": lambda seen: seen.content == TEXT and set(seen.json["usage"].values()) == {0},
    "made-up-usage": lambda seen: seen.content == TEXT and seen.json["usage"]["total_tokens"] == -1,
    "truncated": lambda seen: seen.content == TEXT and seen.json["usage"]["prompt_tokens"] == 2,  # cats and its mark
}


@pytest.mark.parametrize("fault", FAULTS)
def test_each_fault(server: FaultServer, fault: str) -> None:
    """A client sees each fault as it is described, the log names it, and the bill has what was answered, heard or not."""
    server.reset(always(fault, hang=0.01))
    seen = send(server, asks())
    assert LOOKS[fault](seen), seen
    (entry,) = server.log
    assert entry.outcome == fault
    early = fault.startswith("429") or fault in ("500", "502", "503", "drop", "reset")
    assert (entry.tokens == 0) == early


def test_every_fault_has_its_group_and_its_look() -> None:
    """Faults of transport, content and count are all there are, none twice; groups hold known ones."""
    assert sorted((*TRANSPORT, *CONTENT, *COUNTS)) == sorted(LOOKS)
    assert {member for members in GROUPS.values() for member in members} <= set(FAULTS)


def test_text_that_is_no_json_is_not_malformed(server: FaultServer) -> None:
    """What is called malformed is JSON; a plain answer passes, and the log says ok."""
    server.answer = lambda body: "There are two."
    server.reset(always("malformed"))
    assert send(server, asks()).content == "There are two."
    assert [entry.outcome for entry in server.log] == ["ok"]


def test_retry_after_in_all_its_forms(server: FaultServer) -> None:
    """Seconds, milliseconds or a date that is never earlier than the wait that is meant."""
    server.reset(always("429", retry_after=1.5))
    assert send(server, asks()).headers["retry-after"] == "1.5"
    server.reset(always("429-ms", retry_after=1.5))
    assert send(server, asks()).headers["retry-after-ms"] == "1500"
    server.reset(always("429-date", retry_after=1.5))
    before = time.time()
    assert parsedate_to_datetime(send(server, asks()).headers["retry-after"]).timestamp() >= before + 1.5


def fates(server: FaultServer, bodies: list[dict[str, Any]], at_once: int) -> dict[tuple[str, int], str]:
    """Outcome of each sight of each body; ``bodies`` are sent in this order, so many at once."""
    with ThreadPoolExecutor(at_once) as pool:
        list(pool.map(lambda body: send(server, body), bodies))
    return {(entry.digest, entry.sight): entry.outcome for entry in server.log}


MIXED = {"limits": 0.2, "500": 0.1, "drops": 0.1, "broken": 0.1, "empty": 0.1, "malformed": 0.2}


def test_a_fate_depends_on_what_is_asked_alone(server: FaultServer) -> None:
    """The n-th sight of a body meets the same fate in any order, alone or among others; another seed deals otherwise."""
    bodies = [asks(f"Question {i % 40}?") for i in range(120)]
    server.reset(Plan(MIXED, seed=1))
    first = fates(server, bodies, 1)
    assert len(first) == 120
    assert set(first.values()) > {"ok", "500", "empty"}
    server.reset(Plan(MIXED, seed=1))
    assert fates(server, sorted(bodies, key=digest), 8) == first
    server.reset(Plan(MIXED, seed=2))
    assert fates(server, bodies, 8) != first


def test_a_digest_is_of_the_json() -> None:
    """The order of keys makes no other body; a text, a number, a nested key does."""
    assert digest({"a": 1, "b": {"c": [2], "d": 3}}) == digest({"b": {"d": 3, "c": [2]}, "a": 1})
    others = [asks(), asks("Two cats"), asks(seed=1), asks(seed=2), asks(seed="1"), asks(a={"seed": 1})]
    assert len({digest(body) for body in others}) == len(others)


def test_faults_are_as_frequent_as_the_plan_says() -> None:
    """Each rate within four standard errors over 4000 bodies, members of a group in equal parts."""
    dice = Dice(Plan(MIXED, seed=3))
    seen = Counter(dice.throw(f"{i}")[0] for i in range(4000))
    members = {name: GROUPS.get(name, (name,)) for name in MIXED}
    expected = {member: rate / len(members[name]) for name, rate in MIXED.items() for member in members[name]}
    assert set(seen) == {*expected, ""}
    for name, rate in expected.items():
        assert abs(seen[name] / 4000 - rate) < 4 * math.sqrt(rate * (1 - rate) / 4000)


@pytest.mark.parametrize("most", [0, 1, 4])
def test_so_many_faults_in_a_row_and_no_more(server: FaultServer, most: int) -> None:
    """After the most that a plan allows one body is answered, whatever the rates; another body has its own count."""
    server.reset(Plan({"500": 0.5, "malformed": 0.5}, most_running=most))
    for _ in range(2 * (most + 1)):
        send(server, asks())
        send(server, asks("Three dogs?"))
    for body in (asks(), asks("Three dogs?")):
        outcomes = [entry.outcome == "ok" for entry in server.log if entry.digest == digest(body)]
        assert outcomes == [*[False] * most, True] * 2


def test_a_wrong_count_is_no_failure() -> None:
    """Faults of the count never end a run of failures and are not stopped by one: the reply itself is there."""
    dice = Dice(Plan({"no-usage": 1.0}, most_running=0))
    assert {dice.throw("x")[0] for _ in range(9)} == {"no-usage"}


def test_a_hang_holds_up_nobody_else(server: FaultServer) -> None:
    """Another request is answered meanwhile; a client that leaves is logged as gone, with what its answer had cost."""
    server.reset(Plan({"hang": 1.0}, most_running=1, hang=10_000))
    raw = json.dumps(asks()).encode()
    waiting = socket.create_connection(("127.0.0.1", server.port))
    waiting.sendall(b"POST /v1/chat/completions HTTP/1.1\r\nContent-Length: %d\r\n\r\n%s" % (len(raw), raw))
    while not server.log:  # until the request has arrived: each answer to another question is a turn of the server's loop
        send(server, None, "/v1/models", "GET")
    assert send(server, asks()).content == TEXT
    hanging, answered = server.log
    assert (hanging.outcome, hanging.ended, answered.outcome) == ("hang", math.inf, "ok")
    waiting.close()
    while not hanging.gone:
        send(server, None, "/v1/models", "GET")
    assert math.isfinite(hanging.ended)
    assert hanging.tokens == answered.tokens > 0


def test_a_hang_and_the_latency_take_their_time(server: FaultServer) -> None:
    """An answer leaves no earlier than latency and hang together after its request."""
    server.reset(always("hang", hang=0.03, latency=0.02))
    assert send(server, asks()).content == TEXT
    (entry,) = server.log
    assert entry.ended - entry.begun >= 0.049


def test_a_limit_of_requests_a_second(server: FaultServer) -> None:
    """What is over it gets a 429 that says when there is room again, counts as no sight of its body and is not answered."""
    server.reset(Plan(per_second=0.001))
    seen = [send(server, asks()) for _ in range(3)]
    assert [one.status for one in seen] == [200, 429, 429]
    assert all(900 <= float(one.headers["retry-after"]) <= 1000 for one in seen[1:])
    assert [(entry.outcome, entry.sight) for entry in server.log] == [("ok", 0), ("limited", 0), ("limited", 0)]
    assert [entry.tokens > 0 for entry in server.log] == [True, False, False]


def test_an_account_is_used_up(server: FaultServer) -> None:
    """After so many requests, whatever became of them, there is a 429 that names the quota and no time to wait for."""
    server.reset(Plan({"500": 1.0}, most_running=1, quota=2))
    seen = [send(server, asks()) for _ in range(4)]
    assert [one.status for one in seen] == [500, 200, 429, 429]
    assert {one.json["error"]["code"] for one in seen[2:]} == {"insufficient_quota"}
    assert not any(name.startswith("retry") for one in seen for name in one.headers)
    assert [(entry.outcome, entry.tokens > 0) for entry in server.log[1:]] == [("ok", True), *[("refused", False)] * 2]


FORM = {"response_format": {"type": "json_schema", "json_schema": {}}}
LOOSE = {"response_format": {"type": "json_object"}}


@pytest.mark.parametrize(
    ("plan", "body", "status", "part"),
    [
        (Plan(json_schema="400"), FORM, 400, "json_schema"),
        (Plan(json_schema="500"), FORM, 500, "Internal Server Error"),
        (Plan(json_schema="500"), LOOSE, 200, "scores"),
        (Plan(refused=("json_object",)), LOOSE, 400, "'json_schema' or 'text'"),
        (Plan(refused=("json_object",)), FORM, 200, "scores"),
        (Plan(refused=("max_tokens",)), {"max_tokens": 5}, 400, "max_completion_tokens"),
        (Plan(refused=("max_tokens",)), {"max_completion_tokens": 5}, 200, "scores"),
        (Plan(refused=("temperature",)), {"temperature": 0.5}, 400, "temperature"),
        (Plan(refused=("seed",)), {"seed": 1}, 400, "seed"),
    ],
)
def test_a_dialect_refuses_what_it_does_not_know(
    server: FaultServer, plan: Plan, body: dict[str, Any], status: int, part: str
) -> None:
    """Always, before any dice; the log says refused, and nothing is on the bill."""
    server.reset(plan)
    for _ in range(6):
        seen = send(server, asks(**body))
        assert seen.status == status
        assert part in seen.text
    assert {entry.outcome for entry in server.log} == {"ok" if status == 200 else "refused"}
    assert all((entry.tokens > 0) == (status == 200) for entry in server.log)


def test_a_schema_may_be_ignored(server: FaultServer) -> None:
    """Then the model behind is asked without it."""
    asked: list[Any] = []
    server.answer = lambda body: asked.append(body) or "two"
    server.reset(Plan(json_schema="ignored"))
    send(server, asks(**FORM))
    assert asked == [asks()]


LONG = "one two three four five six seven eight nine ten"


@pytest.mark.parametrize(
    ("spelling", "status", "part"),
    [
        ("openai", 400, '"code": "context_length_exceeded"'),
        ("vllm", 400, '"object": "error"'),
        ("llama.cpp", 400, "exceed_context_size_error"),
        ("llama.cpp-500", 500, "Context size has been exceeded."),
        ("silent", 200, "scores"),
    ],
)
def test_a_request_that_is_too_long(server: FaultServer, spelling: Any, status: int, part: str) -> None:
    """Each spelling of the refusal; silently, the model reads the end of it, and that is what is counted."""
    asked: list[Any] = []

    def answer(body: dict[str, Any]) -> str:
        asked.append(body["messages"][0]["content"])
        return TEXT

    server.answer = answer
    server.reset(Plan(context=4, overflow=spelling))
    seen = send(server, asks(LONG))
    assert seen.status == status
    assert part in (seen.content if status == 200 else seen.text)
    assert asked == (["seven eight nine ten"] if status == 200 else [])
    assert send(server, asks("one two three four")).status == 200
    if status == 200:
        assert seen.json["usage"]["prompt_tokens"] == 4


def test_a_model_that_fails_is_named(server: FaultServer) -> None:
    """What the answer raises is a 500 with its name, and no fault of the plan."""

    def answer(body: dict[str, Any]) -> str:
        raise LookupError("no such cat")

    server.answer = answer
    seen = send(server, asks())
    assert (seen.status, "LookupError: no such cat" in seen.text) == (500, True)
    assert [entry.outcome for entry in server.log] == ["error"]


def test_requests_share_a_connection_however_they_arrive(server: FaultServer) -> None:
    """Two requests in pieces of seven bytes over one connection are two answers, in order."""
    raws = [json.dumps(asks(text)).encode() for text in ("a", "b" * 50)]
    head = b"POST /v1/chat/completions HTTP/1.1\r\nHost: x\r\ncontent-length:%d\r\n\r\n"
    sent = b"".join(head % len(raw) + raw for raw in raws)
    with socket.create_connection(("127.0.0.1", server.port), timeout=60) as client:
        for at in range(0, len(sent), 7):
            client.sendall(sent[at : at + 7])
        got = b""
        while got.count(b'"total_tokens"') < 2:
            got += client.recv(4096)
    assert [entry.digest for entry in server.log] == [digest(json.loads(raw)) for raw in raws]


def test_the_simulated_answer_is_the_models(server: FaultServer) -> None:
    """The same body has the same completion, worked out once, with the model's own count."""
    server.answer = simulated(0)
    body = asks("Count the things.\n\nQuestion: I have a cat and two dogs. How many animals do I have?", temperature=0.5, seed=4)
    one, two = send(server, body), send(server, body)
    assert one.json["choices"] == two.json["choices"]
    assert one.json["usage"]["completion_tokens"] > 0
    bad = send(server, {"model": "simulated", "messages": "none"})
    assert bad.status == 400
    assert server.log[-1].outcome == "refused"


def test_a_plan_with_a_misspelt_fault_is_refused() -> None:
    """Names of faults are checked, and rates too."""
    with pytest.raises(ValueError, match="no such fault: 501; there are"):
        Plan({"501": 0.1})
    for rates in ({"500": -0.1}, {"500": 0.6, "empty": 0.6}):
        with pytest.raises(ValueError, match="at most 1"):
            Plan(rates)


def entries(*times: tuple[float, float]) -> list[Entry]:
    return [Entry("x", 0, begun, ended) for begun, ended in times]


@pytest.mark.parametrize(
    ("log", "depth", "waves", "peak"),
    [
        (entries(), 0, 0, 0),
        (entries((0, 1), (0, 2), (0.5, 1.5)), 1, 1, 3),
        (entries((0, 1), (1, 2), (2, 3)), 3, 3, 1),
        (entries((0, 1), (0, 5), (1, 2), (2, 3)), 3, 1, 2),
        (entries((3, 4), (0, 1), (1, 2)), 3, 3, 1),
        (entries((0, math.inf), (1, 2), (3, 4)), 2, 1, 2),
    ],
)
def test_what_follows_from_the_times(log: list[Entry], depth: int, waves: int, peak: int) -> None:
    """The longest chain of requests that waited for one another, how often none was in flight before, the most at once."""
    assert (longest_chain(log), rounds(log), most_at_once(log)) == (depth, waves, peak)
    assert max(levels(log), default=0) == depth


def test_a_server_in_another_process() -> None:
    """It answers by the plan that it is told, shows its log and bodies, and ends with its client."""
    with Remote("faults.server:simulated()", Plan({"500": 1.0}, most_running=1)) as remote:
        near = FaultServer(lambda body: TEXT)
        near.port = int(remote.url.rsplit(":", 1)[1].removesuffix("/v1"))
        assert [send(near, asks()).status for _ in range(2)] == [500, 200]
        assert [(entry.outcome, entry.sight) for entry in remote.log()] == [("500", 0), ("ok", 1)]
        assert remote.bodies() == {digest(asks()): asks()}
        remote.reset(Plan(refused=("seed",)))
        assert remote.log() == []
        assert send(near, asks(seed=1)).status == 400
    assert remote._process.returncode == 0
