"""A model that says what it was told to say; for tests."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from tep_nb.core.kinds import a, check, check_text
from tep_nb.core.text import count_tokens
from tep_nb.errors import ModelError
from tep_nb.model.base import Reply, Request, Usage

__all__ = ["ScriptedModel"]

_REMEDY = 'write it as in ScriptedModel(["first reply", "second reply"])'
Script = Sequence[str | Reply] | Mapping[str, Sequence[str | Reply]] | Callable[[Request], str | Reply]


class ScriptedModel:
    """Replies from a list, a list by role, or a function.

    Parameters
    ----------
    script : sequence of str or Reply; mapping of role to such a sequence; or function Request -> str or Reply
        Roles are ``actor``, ``critic``, ``editor`` and ``judge``. Lists are used up in the order of the calls.
    name : str

    Attributes
    ----------
    requests : list of Request
        Every request it has seen.
    """

    def __init__(self, script: Script, name: str = "scripted") -> None:
        check_text("the name of a ScriptedModel", name)
        self.name = name
        self.requests: list[Request] = []
        self._function = script if callable(script) else None
        self._lists: dict[str, deque[str | Reply]] | None = None
        self._list: deque[str | Reply] = deque()
        if isinstance(script, Mapping):
            if odd := sorted(set(script) - {"actor", "critic", "editor", "judge"}):
                raise ModelError(f"a script has no role {odd[0]!r}: roles are actor, critic, editor and judge")
            self._lists = {role: _deque(replies) for role, replies in script.items()}
        elif not callable(script):
            if isinstance(script, str):
                raise TypeError("a script is a list of replies, a dict of such lists, or a function, not one str")
            self._list = _deque(script)

    async def complete(self, request: Request) -> Reply:
        """The next reply of the script.

        Raises
        ------
        ModelError
            The script has no reply left for this role.
        """
        self.requests.append(request)
        if self._function is not None:
            return _reply(self._function(request), request)
        replies = self._list if self._lists is None else self._lists.get(request.role, deque())
        if not replies:
            raise ModelError(
                f"the script of model {self.name!r} has no reply left for the {request.role} "
                f"(request {len(self.requests)}): add one"
            )
        return _reply(replies.popleft(), request)


def _deque(script: Any) -> deque[str | Reply]:
    if isinstance(script, str | bytes) or not isinstance(script, Iterable):
        raise TypeError(f"a script is a list of replies, a dict of such lists, or a function, not {a(script)}: {_REMEDY}")
    found = deque(script)
    for said in found:
        _check(said)
    return found


def _check(said: Any) -> None:
    check("a scripted reply", said, (str, Reply), "a str or a Reply", _REMEDY)


def _reply(said: str | Reply, request: Request) -> Reply:
    if isinstance(said, Reply):
        return said
    _check(said)
    return Reply(said, Usage(count_tokens(request.text), count_tokens(said), estimated=True))
