"""What a model is: something that completes a Request with a Reply."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol, get_args, runtime_checkable

from tep_nb.core.kinds import a, check, check_text, check_whole
from tep_nb.errors import ConfigError

__all__ = ["Closable", "Message", "Model", "Models", "Part", "Reply", "Request", "Role", "Usage", "check_model"]

Role = Literal["actor", "critic", "editor", "judge"]


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a message; ``text`` is the only kind today."""

    text: str
    kind: Literal["text"] = "text"

    def __post_init__(self) -> None:
        check_text("the text of a message", self.text)


@dataclass(frozen=True, slots=True)
class Message:
    """One chat message."""

    role: Literal["system", "user", "assistant"]
    content: tuple[Part, ...]

    def __post_init__(self) -> None:
        check_text("role of a Message", self.role)
        fine = isinstance(self.content, tuple) and all(isinstance(part, Part) for part in self.content)
        if not fine:
            raise TypeError(f"content of a Message is a tuple of Part, not {a(self.content)}: write Message.of(role, text)")

    @classmethod
    def of(cls, role: Literal["system", "user", "assistant"], text: str) -> Message:
        """Make a message of one text part."""
        return cls(role, (Part(text),))

    @property
    def text(self) -> str:
        """All text of the message."""
        return "".join(part.text for part in self.content)


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens of one call; ``estimated`` when the server did not count them."""

    prompt_tokens: int = 0
    completion_tokens: int = 0
    estimated: bool = False

    def __post_init__(self) -> None:
        for name in ("prompt_tokens", "completion_tokens"):
            check_whole(f"{name} of a Usage", getattr(self, name))
            if getattr(self, name) < 0:
                raise ConfigError(f"{name} of a Usage is {getattr(self, name)}: tokens are 0 or more")
        check("estimated of a Usage", self.estimated, bool, "True or False", "write estimated=True, or leave it away")

    @property
    def tokens(self) -> int:
        """Prompt and completion together."""
        return self.prompt_tokens + self.completion_tokens

    def body(self) -> dict[str, Any]:
        """The usage as JSON: what is recorded."""
        return {"prompt_tokens": self.prompt_tokens, "completion_tokens": self.completion_tokens, "estimated": self.estimated}


@dataclass(frozen=True, slots=True)
class Request:
    """Everything that changes an answer, and the role it is asked in.

    Parameters
    ----------
    messages : tuple of Message
    temperature : float
        0 to 2.
    schema : mapping or None
        A JSON schema when one JSON object is wanted.
    seed : int
        The draw number: 0 for what is asked at temperature 0, 0 to 2**31 - 1.
    max_tokens : int or None
    role : {"actor", "critic", "editor", "judge"}
        Who is asked. Chooses the model; neither sent nor part of the key.
    """

    messages: tuple[Message, ...]
    temperature: float = 0.0
    schema: Mapping[str, Any] | None = None
    seed: int = 0
    max_tokens: int | None = None
    role: Role = field(default="actor", compare=False)

    def __post_init__(self) -> None:
        if not isinstance(self.messages, tuple) or not all(isinstance(message, Message) for message in self.messages):
            raise TypeError(
                f"messages of a Request are a tuple of Message, not {a(self.messages)}: write (Message.of(role, text), …)"
            )
        check("temperature of a Request", self.temperature, (int, float), "a number from 0 to 2", "write temperature=0.5")
        check("schema of a Request", self.schema, (Mapping, type(None)), "a JSON schema (a dict)", "leave it away for none")
        check_whole("seed of a Request", self.seed)
        check("max_tokens of a Request", self.max_tokens, (int, type(None)), "a whole number", "leave it away for no limit")
        if self.role not in get_args(Role):
            raise ConfigError(f"role {self.role!r} of a Request is not known: use one of {', '.join(get_args(Role))}")

    @property
    def text(self) -> str:
        """The text of all messages, in order."""
        return "\n".join(message.text for message in self.messages)

    def body(self) -> dict[str, Any]:
        """The request as JSON: what is recorded and what the key is made of."""
        return {
            "messages": [{"role": message.role, "content": message.text} for message in self.messages],
            "temperature": self.temperature,
            "schema": self.schema,
            "seed": self.seed,
            "max_tokens": self.max_tokens,
        }

    def json(self) -> str:
        """`body` as it is written down."""
        return json.dumps(self.body(), sort_keys=True, ensure_ascii=True)

    def key(self, model: str, text: str = "") -> str:
        """Digest of the model's name and all that changes the answer (not the URL).

        Parameters
        ----------
        model : str
        text : str, optional
            `json` of this request, where it is there already.
        """
        return hashlib.sha256(f"[{json.dumps(model)}, {text or self.json()}]".encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Reply:
    """What a model answered."""

    text: str
    usage: Usage = Usage()
    finish: str = "stop"

    def __post_init__(self) -> None:
        check_text("text of a Reply", self.text)
        check("usage of a Reply", self.usage, Usage, "a Usage", "write Usage(prompt_tokens, completion_tokens), or leave it away")
        check_text("finish of a Reply", self.finish)


class Model(Protocol):
    """Anything that completes."""

    @property
    def name(self) -> str:
        """Name of the model: part of the key of every call."""
        ...

    async def complete(self, request: Request) -> Reply:
        """Answer one request; raise ``ModelError`` when that cannot be done."""
        ...


@runtime_checkable
class Closable(Protocol):
    """A model that holds something bound to the running event loop."""

    async def aclose(self) -> None:
        """Let go of it; the next ``complete`` makes it anew."""
        ...


def check_model(role: str, model: Any) -> None:
    """Refuse what cannot complete.

    Raises
    ------
    TypeError
        It has no name, or no ``complete``.
    """
    if not isinstance(getattr(model, "name", None), str) or not callable(getattr(model, "complete", None)):
        raise TypeError(f"the {role} is {a(model)}, not a model: it needs a name and async complete(request)")


@dataclass(frozen=True, slots=True, init=False)
class Models:
    """Who plays which role; ``critic`` defaults to ``actor``, and so on down the line.

    Parameters
    ----------
    actor : Model
    critic, editor, judge : Model, optional
        ``critic`` defaults to ``actor``, ``editor`` and ``judge`` to ``critic``.
    named : mapping of str to Model
        Models that single agents ask for by name (``Agent(model="small")``).
    """

    actor: Model
    critic: Model
    editor: Model
    judge: Model
    named: Mapping[str, Model]

    def __init__(
        self,
        actor: Model,
        critic: Model | None = None,
        editor: Model | None = None,
        judge: Model | None = None,
        named: Mapping[str, Model] | None = None,
    ) -> None:
        check("named of Models", named, (Mapping, type(None)), "a mapping of name to model", 'write named={"small": model}')
        for name in named or {}:
            check_text("a name in Models(named=…)", name)
        given = {"actor": actor, "critic": critic, "editor": editor, "judge": judge, **(named or {})}
        for role, model in given.items():
            if model is not None or role not in ("critic", "editor", "judge"):
                check_model(role, model)
        critic = actor if critic is None else critic
        object.__setattr__(self, "actor", actor)
        object.__setattr__(self, "critic", critic)
        object.__setattr__(self, "editor", critic if editor is None else editor)
        object.__setattr__(self, "judge", critic if judge is None else judge)
        object.__setattr__(self, "named", dict(named or {}))

    def of(self, role: Role, name: str | None = None) -> Model:
        """The model for a role, or the named one where an agent asks for it."""
        if name is not None:
            return self.named[name]
        return {"actor": self.actor, "critic": self.critic, "editor": self.editor, "judge": self.judge}[role]
