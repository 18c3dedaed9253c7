"""The simulated model as an OpenAI-compatible server, with the standard library alone.

So that the real client path, and other libraries, can be run against the same world. A request is answered as in process, byte
for byte: the reply is a function of what the body says.
"""

from __future__ import annotations

import json
import socketserver
import sys
import time
from collections.abc import Callable, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, cast

from tep_nb.core.text import digest
from tep_nb.errors import ConfigError, ModelError
from tep_nb.model.base import Message, Request
from tep_nb.model.simulated.model import SimulatedModel

__all__ = ["Server", "serve"]

_LARGEST = 32 * 2**20  # bytes of a body
_IDLE = 300.0  # seconds until an idle connection is closed
_ROLES = {"system": "system", "developer": "system", "user": "user", "assistant": "assistant"}


def serve(port: int, seed: int = 0, host: str = "127.0.0.1", say: Callable[[str], None] = print) -> None:
    """Serve a simulated model until Ctrl-C.

    Parameters
    ----------
    port : int
        0 to 65535; 0 takes a free one.
    seed : int
        Of the model.
    host : str
        The address to listen on; only this machine reaches the default.
    say : callable
        Gets one line with the base URL once requests are taken, and one at the end.

    Raises
    ------
    ConfigError
        The address cannot be used.
    """
    with Server(port, SimulatedModel(seed=seed), host) as server:
        try:
            say(f"simulated model (seed {seed}) at {server.url}   no key is needed; Ctrl-C stops it")
            server.serve_forever(poll_interval=0.1)
        except KeyboardInterrupt:
            say("stopped")


class Server(ThreadingHTTPServer):
    """The server of one simulated model; a context manager.

    Raises
    ------
    ConfigError
        The address cannot be used.
    """

    daemon_threads = True
    allow_reuse_address = True
    request_queue_size = 256  # a step opens as many connections at once as calls are in flight

    def __init__(self, port: int, model: SimulatedModel, host: str = "127.0.0.1") -> None:
        self.model = model
        if not 0 <= port <= 65535:
            raise ConfigError(f"port {port} is outside 0 to 65535; 0 takes a free one")
        try:
            super().__init__((host, port), _Handler)
        except OSError as error:
            why = error.strerror or error
            raise ConfigError(f"cannot listen on {host}:{port} ({why}): take another port (0 for a free one) or host") from None

    def server_bind(self) -> None:
        """Bind without asking a name server who we are, which http.server would."""
        socketserver.TCPServer.server_bind(self)
        self.server_name, self.server_port = str(self.server_address[0]), int(self.server_address[1])

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing where a client went away, which is its right."""
        if not isinstance(sys.exc_info()[1], ConnectionError | TimeoutError):
            super().handle_error(request, client_address)

    @property
    def url(self) -> str:
        """The base URL for clients."""
        host, port = self.server_address[:2]
        return f"http://{host if isinstance(host, str) else host.decode()}:{port}/v1"


class _RequestError(Exception):
    """A request that cannot be answered, in OpenAI's terms."""

    def __init__(self, status: int, message: str, param: str | None = None, code: str | None = None) -> None:
        super().__init__(message)
        self.status = status
        kind = "invalid_request_error" if status < 500 else "server_error"
        self.body = {"error": {"message": message, "type": kind, "param": param, "code": code}}


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_version = "tep-nb"
    sys_version = ""
    timeout = _IDLE
    # Headers and body leave in one packet: in two, each reply would wait for the peer's delayed acknowledgement.
    wbufsize = -1
    disable_nagle_algorithm = True

    @property
    def _model(self) -> SimulatedModel:
        return cast("Server", self.server).model

    def do_GET(self) -> None:
        card = {"id": self._model.name, "object": "model", "created": 0, "owned_by": "tep-nb"}
        path = self._path()
        if path == "/models":
            self._send(200, {"object": "list", "data": [card]})
        elif path == f"/models/{self._model.name}":
            self._send(200, card)
        elif path in ("", "/health"):
            self._send(200, {"status": "ok", "model": self._model.name})
        else:
            self._refuse(_RequestError(404, f"there is nothing at {self.path}: GET /v1/models, POST /v1/chat/completions"))

    def do_POST(self) -> None:
        try:
            body = self._body()
            if self._path() != "/chat/completions":
                raise _RequestError(404, f"there is nothing at {self.path}: GET /v1/models, POST /v1/chat/completions")
            answer = complete(self._model, body)
        except _RequestError as refused:
            self._refuse(refused)
        except Exception as error:  # noqa: BLE001  a fault of ours is an answer too: a client would wait for it
            self._refuse(_RequestError(500, f"the simulated model failed: {type(error).__name__}: {error}"))
        else:
            self._send(200, answer)

    def _path(self) -> str:
        path = self.path.partition("?")[0].rstrip("/")
        return path.removeprefix("/v1")

    def _body(self) -> Any:
        length = self.headers.get("Content-Length", "")
        if not length.isdecimal() or int(length) > _LARGEST:
            self.close_connection = True  # what follows cannot be told from the next request
            status = 413 if length.isdecimal() else 411
            raise _RequestError(status, f"the request needs a Content-Length of at most {_LARGEST} bytes")
        try:
            return json.loads(self.rfile.read(int(length)))
        except (ValueError, RecursionError) as error:
            raise _RequestError(400, f"the body is no JSON: {error}") from None

    def _refuse(self, refused: _RequestError) -> None:
        self._send(refused.status, refused.body)

    def _send(self, status: int, body: Mapping[str, Any]) -> None:
        raw = json.dumps(body, ensure_ascii=True).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(raw)))
        if self.close_connection:
            self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(raw)
        self.wfile.flush()

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  the name that http.server gives it
        """Say nothing: a step makes hundreds of requests."""


def complete(model: SimulatedModel, body: Any) -> dict[str, Any]:
    """Answer the body of a chat completion with one; `_RequestError` in OpenAI's shape where that cannot be done."""
    request = _request(model, body)
    if model.latency:
        time.sleep(model.latency)
    try:
        reply = model.answer(request)
    except ModelError as error:
        raise _RequestError(400, f"{error} (maximum context length)", "messages", "context_length_exceeded") from None
    usage = reply.usage
    counts = {"prompt_tokens": usage.prompt_tokens, "completion_tokens": usage.completion_tokens, "total_tokens": usage.tokens}
    message = {"role": "assistant", "content": reply.text}
    return {
        "id": f"chatcmpl-{digest(request.body())}",
        "object": "chat.completion",
        "created": int(time.time()),
        "model": model.name,
        "choices": [{"index": 0, "message": message, "logprobs": None, "finish_reason": reply.finish}],
        "usage": counts,
    }


def _request(model: SimulatedModel, body: Any) -> Request:
    if not isinstance(body, dict):
        raise _RequestError(400, "the body is one JSON object with model and messages")
    if body.get("model") != model.name:
        message = f"there is no model {body.get('model')!r}: the server has {model.name!r}"
        raise _RequestError(404, message, "model", "model_not_found")
    if body.get("stream"):
        raise _RequestError(400, "streaming is not supported: leave stream away", "stream")
    if body.get("n") not in (None, 1):
        raise _RequestError(400, "one choice a request is given: leave n away", "n")
    messages = body.get("messages")
    if not isinstance(messages, list) or not messages:
        raise _RequestError(400, "messages is a list of at least one message", "messages")
    length = _number(body, "max_tokens", 1, 2**31, whole=True) or _number(body, "max_completion_tokens", 1, 2**31, whole=True)
    return Request(
        tuple(_message(message, f"messages[{index}]") for index, message in enumerate(messages)),
        temperature=float(_number(body, "temperature", 0, 2) or 0.0),
        schema=_schema(body.get("response_format")),
        seed=int(_number(body, "seed", -(2**63), 2**63, whole=True) or 0),
        max_tokens=None if length is None else int(length),
    )


def _message(message: Any, where: str) -> Message:
    role = message.get("role") if isinstance(message, dict) else None
    if role not in _ROLES:
        raise _RequestError(400, f"{where} needs a role: {', '.join(_ROLES)}", f"{where}.role")
    content = message.get("content")
    if isinstance(content, list):
        parts = [part.get("text") if isinstance(part, dict) and part.get("type") == "text" else None for part in content]
        content = None if None in parts else "".join(map(str, parts))
    if not isinstance(content, str):
        raise _RequestError(400, f"{where}.content is a text, or a list of parts of type text", f"{where}.content")
    return Message.of(cast("Any", _ROLES[role]), content)


def _schema(form: Any) -> Mapping[str, Any] | None:
    kind = form.get("type") if isinstance(form, dict) else form
    if kind in (None, "text"):
        return None
    if kind == "json_object":
        return {"type": "object"}
    inner = form.get("json_schema") if kind == "json_schema" else None
    schema = inner.get("schema") if isinstance(inner, dict) else None
    if not isinstance(schema, dict):
        raise _RequestError(400, "response_format is text, json_object, or json_schema with a schema", "response_format")
    return schema


def _number(body: Mapping[str, Any], name: str, low: float, high: float, whole: bool = False) -> int | float | None:
    value = body.get(name)
    if value is None:
        return None
    right = isinstance(value, int) or (isinstance(value, float) and not whole)
    if isinstance(value, bool) or not right or not low <= value <= high:
        raise _RequestError(400, f"{name} is a {'whole ' if whole else ''}number from {low} to {high}", name)
    return cast("int | float", value)
