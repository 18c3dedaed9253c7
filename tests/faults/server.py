"""A fast OpenAI-compatible server that does wrong on purpose, with the standard library alone.

In a thread of this process (``with FaultServer(answer, plan) as server: server.url``); `faults.remote` runs it in its own.
A connection is a protocol and a request no task, so that the server takes little of the machine that a client is measured on.
"""

from __future__ import annotations

import asyncio
import json
import re
import socket
import struct
import threading
from collections.abc import Callable
from dataclasses import asdict, replace
from typing import Any, Self, cast

from faults.log import Entry
from faults.plan import CONTENT, Dice, Plan, digest
from faults.wire import Wire, completion, exhausted, overflow, refusal, shortened, spoilt, tokens, without

from tep_nb.model.simulated import SimulatedModel
from tep_nb.model.simulated.server import _RequestError, complete

__all__ = ["Answer", "FaultServer", "simulated", "words"]

Answer = Callable[[dict[str, Any]], "str | dict[str, Any]"]
"""The text that answers a body, or the whole completion."""

_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)


def simulated(seed: int = 0, **dials: Any) -> Answer:
    """The simulated model's answers, as its own server gives them; each is worked out once."""
    model = SimulatedModel(seed=seed, **dials)
    known: dict[str, dict[str, Any]] = {}

    def answer(body: dict[str, Any]) -> dict[str, Any]:
        name = digest(body)
        if name not in known:
            known[name] = complete(model, body)
        return known[name]

    return answer


def words(body: dict[str, Any]) -> dict[str, Any]:
    """One constant completion, for measuring all but the model."""
    return _CONSTANT


_CONSTANT = completion({"model": "words", "messages": [{"content": "word " * 150}]}, "constant", "one two three four " * 10)


class FaultServer:
    """The server, in a thread of its own; a context manager.

    Parameters
    ----------
    answer : callable
        The model. What it raises becomes a 500 that names it.
    plan : Plan
        May be exchanged by `reset`.

    Attributes
    ----------
    log : list of Entry
        In the order in which the requests came.
    bodies : dict of str to dict
        The bodies by digest.
    """

    def __init__(self, answer: Answer, plan: Plan | None = None) -> None:
        self.answer = answer
        self.connections: set[_Connection] = set()
        self.reset(plan or Plan())
        self.port = 0
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None

    @property
    def url(self) -> str:
        """The base URL for clients."""
        return f"http://127.0.0.1:{self.port}/v1"

    def reset(self, plan: Plan) -> None:
        """Begin anew: another plan, an empty log, no body seen before."""
        self.plan = plan
        self.log: list[Entry] = []
        self.bodies: dict[str, dict[str, Any]] = {}
        self._dice = Dice(plan)
        self._room, self._filled = max(1.0, plan.per_second), 0.0

    def __enter__(self) -> Self:
        ready = threading.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self.serve(lambda _: ready.set())), daemon=True)
        self._thread.start()
        ready.wait()
        return self

    def __exit__(self, *failure: object) -> None:
        assert self._loop is not None
        assert self._thread is not None
        self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join()

    async def serve(self, say: Callable[[str], None], port: int = 0) -> None:
        """Listen until told to stop; ``say`` gets the base URL."""
        self._loop, self._stop = asyncio.get_running_loop(), asyncio.Event()
        listener = await self._loop.create_server(lambda: _Connection(self), "127.0.0.1", port, backlog=1024)
        self.port = listener.sockets[0].getsockname()[1]
        say(self.url)
        await self._stop.wait()
        listener.close()
        for connection in tuple(self.connections):
            connection.transport.abort()

    def respond(self, method: str, path: str, raw: bytes, now: float) -> tuple[Wire, Entry | None]:
        """What is sent for a request, and its entry in the log where it asks the model."""
        if path == "/control":
            return self._control(method, raw), None
        if method == "GET" and path == "/v1/models":
            return Wire.of(200, {"object": "list", "data": [{"id": "simulated", "object": "model"}]}), None
        if (method, path) != ("POST", "/v1/chat/completions"):
            return Wire.of(404, {"error": {"message": f"there is nothing at {method} {path}"}}), None
        body = json.loads(raw)
        name = digest(body)
        entry = Entry(name, 0, now)
        self.log.append(entry)
        self.bodies[name] = body
        return self._ask(body, entry), entry

    def _ask(self, body: dict[str, Any], entry: Entry) -> Wire:
        plan = self.plan
        if not self._admitted(entry.begun):
            entry.outcome = "limited"
            seconds = max(1, round((1 - self._room) / plan.per_second + 0.5))  # whole ones, as the header has them
            return spoilt("429", replace(plan, retry_after=seconds), {})
        wire = exhausted() if 0 < plan.quota < len(self.log) else refusal(plan, body)
        length = tokens(body) if plan.context else 0
        if wire is None and length > plan.context and plan.overflow != "silent":
            wire = overflow(plan, length)
        if wire is not None:
            entry.outcome = "refused"
            return wire
        fault, entry.sight = self._dice.throw(entry.digest)
        entry.outcome = fault or "ok"
        if length > plan.context:
            body = shortened(body, plan.context)
        if fault == "truncated":
            body = shortened(body, sum(len(message["content"].split()) for message in body["messages"]) // 2)
        if plan.json_schema == "ignored":
            body = without(body, "response_format")
        if fault in ("500", "502", "503", "drop", "reset") or fault.startswith("429"):
            return spoilt(fault, plan, {})
        return self._complete(fault, body, entry)

    def _complete(self, fault: str, body: dict[str, Any], entry: Entry) -> Wire:
        try:
            said = self.answer(body)
            done = completion(body, entry.digest, said) if isinstance(said, str) else said
        except _RequestError as refused:
            entry.outcome = "refused"
            return Wire.of(refused.status, refused.body)
        except Exception as error:
            entry.outcome = "error"
            return Wire.of(500, {"error": {"message": f"the answer failed: {type(error).__name__}: {error}"}})
        entry.prompt, entry.completion = done["usage"]["prompt_tokens"], done["usage"]["completion_tokens"]
        wire = spoilt(fault, self.plan, done) if fault else Wire.of(200, done)
        if fault in CONTENT and wire.body == Wire.of(200, done).body:
            entry.outcome = "ok"  # malformed JSON where there was none
        return wire

    def _admitted(self, now: float) -> bool:
        """Take one of the requests that a second has room for."""
        if not self.plan.per_second:
            return True
        most = max(1.0, self.plan.per_second)
        self._room = min(most, self._room + (now - self._filled) * self.plan.per_second)
        self._filled = now
        if self._room < 1:
            return False
        self._room -= 1
        return True

    def _control(self, method: str, raw: bytes) -> Wire:
        if method == "POST":
            self.reset(Plan(**json.loads(raw)))
        log = [{**asdict(entry), "ended": None if entry.ended == float("inf") else entry.ended} for entry in self.log]
        return Wire.of(200, {"log": log, "bodies": self.bodies})


class _Connection(asyncio.Protocol):
    """One client's connection: one request at a time, kept alive."""

    def __init__(self, server: FaultServer) -> None:
        self._server = server
        self._loop = asyncio.get_running_loop()
        self._data = b""
        self._entry: Entry | None = None
        self._timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast("asyncio.Transport", transport)
        self._server.connections.add(self)

    def connection_lost(self, error: Exception | None) -> None:
        self._server.connections.discard(self)
        if self._timer is not None:
            self._timer.cancel()
        if self._entry is not None:
            self._entry.ended, self._entry.gone = self._loop.time(), True

    def data_received(self, data: bytes) -> None:
        self._data += data
        if self._timer is None:
            self._next()

    def _next(self) -> None:
        head, end, rest = self._data.partition(b"\r\n\r\n")
        if not end:
            return
        found = _LENGTH.search(head)
        length = int(found[1]) if found else 0
        if len(rest) < length:
            return
        self._data = rest[length:]
        method, path, _ = head.split(b" ", 2)
        wire, self._entry = self._server.respond(method.decode(), path.decode(), rest[:length], self._loop.time())
        wait = wire.wait + (self._server.plan.latency if self._entry else 0)
        if wait:
            self._timer = self._loop.call_later(wait, self._send, wire)
        else:
            self._send(wire)

    def _send(self, wire: Wire) -> None:
        self._timer = None
        if self._entry is not None:
            self._entry.ended, self._entry = self._loop.time(), None
        if wire.breaks == "reset":
            once = struct.pack("ii", 1, 0)  # linger for 0 seconds: the peer gets a reset, not an end
            self.transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, once)
            self.transport.abort()
        elif wire.breaks:
            raw = wire.raw
            self.transport.write(raw[: len(raw) - len(wire.body) // 2 - 1] if wire.breaks == "middle" else b"")
            self.transport.close()
        else:
            self.transport.write(wire.raw)
            self._next()
