"""A model without a network: a small symbolic reader that plays every role from nothing but the request's text."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping, Sequence
from typing import Any

from tep_nb.core.kinds import check, check_text, check_whole
from tep_nb.errors import ConfigError, ModelError
from tep_nb.model.base import Reply, Request, Usage
from tep_nb.model.simulated.actor import Dials, act
from tep_nb.model.simulated.critic import criticise
from tep_nb.model.simulated.editor import edit
from tep_nb.model.simulated.judge import judge
from tep_nb.model.simulated.text import open_letter, tokens

__all__ = ["SimulatedModel"]


class SimulatedModel:
    """Plays actor, critic, editor and judge; the same request always gets the same reply.

    It knows how to count things and to sort words, and shows a competence only where the prompt asks for it. A reply is a
    function of the messages' text, the schema, the temperature, the draw number and the settings below: it sees no graph, no
    role, no name and no reference answer. What it shows says nothing about language models.

    Parameters
    ----------
    seed : int
        Another seed is another world: other slips, other wordings.
    name : str
        Part of the key of every recorded call.
    attention : float
        Tokens at which an instruction is followed half of the time: 1 / (1 + (length / attention) ** 2).
    context : int
        Tokens that a request may have; more is a `ModelError`, as with a server.
    gain : float
        Tokens that a critic writes beyond its points for each token of data that it reads.
    latency : float
        Seconds that a reply takes.
    slip : float
        Share of instructions that are not followed at temperature 1; it grows with the temperature from 0.
    wrong, vague, malformed : float
        Shares of critiques that ask for something harmful, name nothing, or are cut off.
    verbose : float
        Share of first edits that are much longer than they need to be.
    leak : float
        Share of edits that quote a question, where a critique quotes one.

    Raises
    ------
    ConfigError
        A setting outside its range.
    """

    def __init__(
        self,
        seed: int = 0,
        name: str = "simulated",
        *,
        attention: float = 1500.0,
        context: int = 8192,
        gain: float = 0.0,
        latency: float = 0.0,
        slip: float = 0.08,
        wrong: float = 0.06,
        vague: float = 0.04,
        malformed: float = 0.02,
        verbose: float = 0.15,
        leak: float = 0.3,
    ) -> None:
        check_whole("the seed of SimulatedModel", seed)
        check_text("the name of SimulatedModel", name)
        for label, value in {"attention": attention, "context": context, "gain": gain, "latency": latency}.items():
            check(f"{label} of SimulatedModel", value, (int, float), "a number", "write it as in 1500")
        shares = {"slip": slip, "wrong": wrong, "vague": vague, "malformed": malformed, "verbose": verbose, "leak": leak}
        for label, value in shares.items():
            check(f"{label} of SimulatedModel", value, (int, float), "a number", "write it as in 0.1")
            if not 0 <= value <= 1:
                raise ConfigError(f"SimulatedModel: {label} {value} is no share: give a number from 0 to 1")
        if attention <= 0 or context <= 0:
            raise ConfigError("SimulatedModel: attention and context are lengths in tokens: give numbers above 0")
        if latency < 0 or gain < 0:
            raise ConfigError("SimulatedModel: latency and gain cannot be negative")
        self._name = name
        self.latency = latency
        self.dials = Dials(seed, attention, context, gain, slip, wrong, vague, malformed, verbose, leak)

    @property
    def name(self) -> str:
        """The model's name."""
        return self._name

    def __repr__(self) -> str:
        return f"SimulatedModel(seed={self.dials.seed}, name={self._name!r})"

    async def complete(self, request: Request) -> Reply:
        """Answer a request, after the latency.

        Raises
        ------
        ModelError
            The request is longer than the context.
        """
        if self.latency:
            await asyncio.sleep(self.latency)
        return self.answer(request)

    def answer(self, request: Request) -> Reply:
        """Answer a request at once: what `complete` and a server call.

        Raises
        ------
        ModelError
            The request is longer than the context.
        """
        length = sum(tokens(message.text) for message in request.messages)
        if length > self.dials.context:
            raise ModelError(
                f"the request has {length} tokens, the context of {self._name!r} holds {self.dials.context}: "
                "shorten the prompt or its inputs"
            )
        text = self._reply(request, length)
        finish = "stop"
        if request.max_tokens is not None and tokens(text) > request.max_tokens:
            text, finish = _cut(text, request.max_tokens), "length"
        return Reply(text, Usage(length, tokens(text)), finish)

    def _reply(self, request: Request, length: int) -> str:
        """Who is asked is read from the headings of the first message."""
        first = request.messages[0].text if request.messages else ""
        again = [message.text for message in request.messages[1:] if message.role == "user"]
        asked = any(message.role == "assistant" for message in request.messages)
        letter = open_letter(first) if "\n# Reply\n" in first else None
        if letter is not None and "Rubric" in letter.prose:
            return criticise(letter, len(again) if asked else 0, request.seed, self.dials)
        if letter is not None and "Agent" in letter.prose and any("critiques" in name.lower() for name in letter.prose):
            return edit(letter, "\n".join(again) if asked else "", request.seed, self.dials)
        if letter is not None and "Instruction" in letter.prose and '"score"' in letter.prose["Reply"]:
            return judge(letter)
        text = "\n".join(message.text for message in request.messages if message.role != "assistant")
        answer = act(text, length, request.temperature, request.seed, self.dials)
        keys = _keys(request.schema)
        return json.dumps(dict.fromkeys(keys, answer), ensure_ascii=False) if keys else answer


def _keys(schema: Mapping[str, Any] | None) -> Sequence[str]:
    """The keys that a JSON reply must have."""
    if schema is None:
        return ()
    required = schema.get("required") or schema.get("properties") or ()
    return [str(key) for key in required]


def _cut(text: str, most: int) -> str:
    """The first tokens of a text, as a server cuts it."""
    words = text.split(" ")
    while words and tokens(" ".join(words)) > most:
        words.pop()
    return " ".join(words)
