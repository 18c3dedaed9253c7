"""OpenAI and every server that speaks its chat completions: the only file that imports openai.

One HTTP request a call. Asking again, after a 429 or in another spelling, is the Runtime's, where attempts are budgeted, recorded
and shown; what was learnt of the server's dialect is remembered here. The reply's bytes are read here and not by the SDK: that
costs a third less, and a broken body is a value.
"""

from __future__ import annotations

import asyncio
import json
import logging
import os
import socket
import ssl
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from tep_nb.core.kinds import check, check_text
from tep_nb.core.text import digest
from tep_nb.errors import ConfigError, MissingKey, ModelError, Retry
from tep_nb.model.base import Reply, Request
from tep_nb.model.limits import Limits
from tep_nb.model.openai_dialect import RUNGS, Dialect, Fault, clean, strict, words
from tep_nb.model.openai_reply import after, chain, model_names, read, unread

if TYPE_CHECKING:
    import openai

__all__ = ["OpenAIModel"]

_LOG = logging.getLogger(__name__)
_OPENAI = "https://api.openai.com/v1"
_ASIDE = 5.0  # seconds for a question beside the work


class OpenAIModel:
    """A model behind an OpenAI-compatible server.

    Parameters
    ----------
    name : str
        The model's name at the server.
    base_url : str, optional
        Where ``/chat/completions`` follows, as in ``http://localhost:8000/v1``; by default ``$OPENAI_BASE_URL``, else OpenAI's.
    key_env : str
        The environment variable that holds the key. With a base URL and no key, ``none`` is sent.
    key : callable, optional
        Returns the key, in place of the environment; never the key itself. Called when a client is made.
    timeout : float
        Seconds that one attempt may take, above 0. A reply that is far slower than all others of its kind is given up earlier,
        see `Throttle.patience`.
    max_tokens : int, optional
        The longest answer, in the server's tokens, where a request does not say; at least 1.
    extra : mapping, optional
        Further fields of the request's body. Together with ``max_tokens`` it becomes part of the model's recorded name,
        because it changes the answers.
    limits : Limits, optional
        What the server allows and charges.

    Raises
    ------
    ConfigError
        A setting outside its range.
    """

    def __init__(
        self,
        name: str,
        base_url: str | None = None,
        key_env: str = "OPENAI_API_KEY",
        key: Callable[[], str] | None = None,
        timeout: float = 120.0,
        max_tokens: int | None = None,
        extra: Mapping[str, Any] | None = None,
        limits: Limits | None = None,
    ) -> None:
        check_text("the name of a model", name)
        if key is not None and not callable(key):
            raise TypeError("key is a function that returns the key, never the key itself: key=lambda: getpass.getpass()")
        if not name.strip():
            raise ConfigError("the model has no name: give the name that the server knows it by")
        check_text("the base URL of a model", base_url, optional=True)
        if base_url is not None and urlsplit(base_url).scheme not in ("http", "https"):
            raise ConfigError(f"the base URL {clean(base_url)!r} is none: write it as in http://localhost:8000/v1")
        if base_url is not None and "@" in urlsplit(base_url).netloc:
            raise ConfigError(f"the base URL {clean(base_url)!r} holds credentials: give a key by key_env= or key= instead")
        if not timeout > 0:
            raise ConfigError(f"timeout {timeout} is not above 0: give the seconds that one attempt may take, 120 by default")
        if max_tokens is not None and max_tokens < 1:
            raise ConfigError(f"max_tokens {max_tokens} is below 1: give the longest answer in tokens, or leave it away")
        self._model = name
        self._base_url = base_url
        self._key_env = key_env
        self._key = None if key is None else _Keeper(key)
        check("limits of a model", limits, (Limits, type(None)), "Limits", "write limits=Limits(concurrency=8), or leave it away")
        self.timeout: float | None = float(timeout)
        self.max_tokens = max_tokens
        self.limits = limits or Limits()
        self._extra = dict(extra or {})
        self._dialect = Dialect()
        self._told: list[str] = []
        self._clients: dict[int, tuple[asyncio.AbstractEventLoop, openai.AsyncOpenAI]] = {}

    @property
    def name(self) -> str:
        """The model's name; with a digest of what else changes its answers, where something does."""
        options = {"max_tokens": self.max_tokens, **self._extra} if self.max_tokens else self._extra
        return f"{self._model}+{digest(options)[:8]}" if options else self._model

    @property
    def server(self) -> str:
        """Where requests go."""
        parts = urlsplit(self._base_url or os.environ.get("OPENAI_BASE_URL") or _OPENAI)
        return f"{parts.hostname}{f':{parts.port}' if parts.port else ''}{parts.path}"

    @property
    def learnt(self) -> tuple[str, ...]:
        """What this server's dialect turned out to be, a sentence each."""
        return tuple(f"{self.server}: {sentence}" for sentence in self._dialect.sentences())

    def __repr__(self) -> str:
        return f"OpenAIModel({self.name!r}, server={self.server!r})"

    async def complete(self, request: Request) -> Reply:
        """Answer one request with one HTTP request.

        Raises
        ------
        MissingKey
            No key, and the server is OpenAI's own.
        BadReply
            The server answered, but not with a chat completion.
        ModelError
            Anything else; the message names the server and a remedy, and holds no key. Its ``retry`` says whether asking again
            may help.
        """
        client = await self._client()
        rung = self._dialect.rung if request.schema is not None else None
        body = self._body(request, rung)
        outcome = await self._ask(client, body, request)
        retry = self._dialect.after(outcome, body, rung) if isinstance(outcome, Fault) else Retry()
        if isinstance(outcome, Reply):
            self._dialect.worked(rung, outcome.text, outcome.finish)
        if news := [sentence for sentence in self.learnt if sentence not in self._told]:
            self._told += news  # others in flight learn the same
            _LOG.warning("%s", "; ".join(news))
        if isinstance(outcome, Reply):
            return outcome
        if outcome.locked and self._key is not None:
            self._key.forget()
        if outcome.unknown:
            outcome = replace(outcome, said=f"{outcome.said} {await self._others(client)}".rstrip())
        raise outcome.error(self._model, self.server, self._source, self.timeout or 0.0, retry)

    async def _ask(self, client: openai.AsyncOpenAI, body: dict[str, Any], request: Request) -> Reply | Fault:
        """One request; its raw answer, which may hold the key, is gone when this returns."""
        raw = await self._send(client, client.post("/chat/completions", cast_to=bytes, body=body))
        outcome = raw if isinstance(raw, Fault) else read(raw, request, self._dialect, client.api_key, body)
        if isinstance(outcome, Fault) and outcome.garbled:
            self._dialect.garbled = True
            return unread(request, self.max_tokens)
        return outcome

    async def _others(self, client: openai.AsyncOpenAI) -> str:
        """What the server has in place of a model that it does not know, where it says so."""
        raw = await self._send(client, client.with_options(timeout=_ASIDE).get("/models", cast_to=bytes))
        names = [] if isinstance(raw, Fault) else model_names(raw)
        return clean(f"(it has {', '.join(names)})", client.api_key) if names else ""

    async def ready(self) -> None:
        """Make the running loop's client, which imports the SDK; `complete` does so where it is not done yet.

        Raises
        ------
        MissingKey
            No key, and the server is OpenAI's own.
        """
        await self._client()

    async def aclose(self) -> None:
        """Close the running loop's client; the next `complete` makes another."""
        _, client = self._clients.pop(id(asyncio.get_running_loop()), (None, None))
        if client is not None:
            await client.close()

    async def _client(self) -> openai.AsyncOpenAI:
        loop = asyncio.get_running_loop()
        known = self._clients.get(id(loop))
        if known is not None and known[0] is loop:
            return known[1]
        orphans = [self._clients.pop(key)[1] for key, (other, _) in list(self._clients.items()) if other.is_closed()]
        client = self._connect()
        self._clients[id(loop)] = (loop, client)
        for orphan in orphans:
            # Its sockets went with its loop; what counts is that it knows, or its __del__ closes file numbers of this loop.
            with suppress(RuntimeError, OSError):
                await orphan.close()
        return client

    def _connect(self) -> openai.AsyncOpenAI:
        import openai

        url = self._base_url or os.environ.get("OPENAI_BASE_URL")
        if not url and not self._read_key():  # the key stands in no variable here: a traceback may show them all
            raise MissingKey(
                f"no API key for {self._model}: ${self._key_env} is not set; in a cell: "
                f"import os, getpass; os.environ[{self._key_env!r}] = getpass.getpass()"
            )
        # aiohttp takes about a third less processor time a call than the SDK's own transport (measured by tests/bench/door.py).
        try:
            transport = openai.DefaultAioHttpClient(timeout=self.timeout, verify=_trust(url or _OPENAI))
        except RuntimeError:  # what the SDK raises without its extra
            raise ModelError("the openai package lacks its extra aiohttp: pip install 'openai[aiohttp]'") from None
        given: dict[str, Any] = {"timeout": self.timeout, "max_retries": 0, "http_client": transport}
        return openai.AsyncOpenAI(api_key=self._read_key() or "none", base_url=url or _OPENAI, **given)

    def _read_key(self) -> str:
        """Read the key; a fault is raised from where no variable holds it."""
        key, fault = "", ""
        try:
            key = os.environ.get(self._key_env, "").strip() if self._key is None else self._key.read().strip()
        except Exception as error:  # noqa: BLE001  the analyst's function may raise anything, and its message may hold the key
            fault = f"the function given as key= failed with {type(error).__name__}: it should return the key as a str"
        if not (key.isascii() and key.isprintable() and " " not in key):
            key, fault = "", f"the key from {self._source} has characters that no key has: copy it again, on one line"
        if fault:
            raise ModelError(fault)
        return key

    @property
    def _source(self) -> str:
        return f"${self._key_env}" if self._key is None else "the function given as key="

    def _body(self, request: Request, rung: int | None) -> dict[str, Any]:
        messages = [{"role": message.role, "content": message.text} for message in request.messages]
        length = request.max_tokens or self.max_tokens
        body: dict[str, Any] = {"model": self._model, "messages": messages}
        body |= {"temperature": request.temperature, "seed": request.seed}
        if length is not None:
            body[self._dialect.length] = length
        if rung is not None and RUNGS[rung] == "json_schema":
            form = {"name": "reply", "schema": request.schema, "strict": strict(request.schema)}
            body["response_format"] = {"type": "json_schema", "json_schema": form}
        elif rung is not None:
            # Without the schema as a field the model has to be told it, or it cannot know which keys are wanted.
            shape = json.dumps(request.schema, ensure_ascii=False, separators=(",", ":"))
            messages[-1]["content"] += f"\n\nReply with one JSON object and nothing else. Its JSON schema: {shape}"
            if RUNGS[rung] == "json_object":
                body["response_format"] = {"type": "json_object"}
        for name in self._dialect.refused:
            body.pop(name, None)
        return {**body, **self._extra}

    async def _send(self, client: openai.AsyncOpenAI, request: Awaitable[bytes]) -> bytes | Fault:
        """Make one request; what goes wrong is a value, because the SDK's errors hold the headers, and the key in them."""
        import openai

        try:
            return await request
        except (openai.OpenAIError, TimeoutError, ValueError, RuntimeError, OSError) as error:
            return _fault(error, client.api_key)
        except asyncio.CancelledError:
            pass  # another one is raised below: this one's traceback leads through frames that hold the headers
        raise asyncio.CancelledError


def _trust(url: str) -> ssl.SSLContext | bool:
    """Whom to trust: for a plain address nobody, because to learn the authorities takes 25 to 40 ms at every verb (measured)."""
    from urllib.request import getproxies  # the SDK has imported it

    plain = urlsplit(url).scheme == "http" and not getproxies()
    return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT) if plain else True


def _fault(error: Exception, key: str) -> Fault:
    """What an exception of the SDK comes down to; nothing of it is kept."""
    import openai

    causes = list(chain(error))
    if any(isinstance(one, ConnectionRefusedError | socket.gaierror) for one in causes):
        return Fault("refused", said=clean(str(causes[-1]), key))
    if isinstance(error, openai.APIConnectionError | TimeoutError):  # its timeout is one too, and says so of a lost connection
        if any(type(one).__name__ in ("ReadTimeout", "WriteTimeout", "PoolTimeout", "TimeoutError") for one in causes):
            return Fault("timeout")
        return Fault("connection", said=clean(str(causes[-1]) or type(causes[-1]).__name__, key))
    if isinstance(error, openai.APIStatusError):
        names, said = words(error.body, str(error))
        hidden = names.replace(key, "(hidden)") if key else names
        return Fault("status", error.status_code, hidden, clean(said, key), after(error.response.headers))
    if isinstance(error, UnicodeError):
        return Fault("surrogate")
    if isinstance(error, json.JSONDecodeError):
        return Fault("broken", said="its JSON is broken")
    return Fault("other", said=clean(f"{type(error).__name__}: {error}", key))


class _Keeper:
    """Asks for a key once, not at every verb, and again after the server refused it; shows it to nobody."""

    __slots__ = ("_ask", "_kept")

    def __init__(self, ask: Callable[[], str]) -> None:
        self._ask = ask
        self._kept = ""

    def read(self) -> str:
        self._kept = self._kept or self._ask()
        return self._kept

    def forget(self) -> None:
        self._kept = ""
