"""One tiny call that says whether a server answers, and what its dialect is."""

from __future__ import annotations

import time
from dataclasses import dataclass

from tep_nb.errors import ModelError
from tep_nb.model.base import Message, Reply, Request, Usage
from tep_nb.model.openai import OpenAIModel

__all__ = ["Probe", "probe_server"]

_SCHEMA = {"type": "object", "properties": {"ok": {"type": "boolean"}}, "required": ["ok"], "additionalProperties": False}
_ASK = Request((Message.of("user", 'Reply with the JSON object {"ok": true}.'),), schema=_SCHEMA, max_tokens=64)
_ATTEMPTS = 12  # one, and one more for each spelling that may be refused


@dataclass(frozen=True, slots=True)
class Probe:
    """What a server answered to a first request.

    Attributes
    ----------
    seconds : float
        Of the attempt that was answered.
    attempts : int
    usage : Usage
    learnt : tuple of str
        How it differs from OpenAI's own server, a sentence each.
    """

    seconds: float
    attempts: int
    usage: Usage
    learnt: tuple[str, ...]


async def probe_server(model: OpenAIModel) -> Probe:
    """Ask for a JSON object of one key, in as many spellings as it takes; nothing is recorded.

    Raises
    ------
    ModelError
        The server does not answer, at the first attempt; the message names the remedy.
    """
    try:
        await model.ready()  # the first import of the SDK is none of the server's time
        for attempt in range(1, _ATTEMPTS + 1):
            begun = time.monotonic()
            try:
                reply: Reply = await model.complete(_ASK)
            except ModelError as error:
                if error.retry.kind != "reformat" or attempt == _ATTEMPTS:
                    raise
            else:
                return Probe(time.monotonic() - begun, attempt, reply.usage, model.learnt)
    finally:
        await model.aclose()
    raise AssertionError("the loop returns or raises")
