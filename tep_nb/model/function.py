"""A plain or asynchronous function as a model."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Callable
from functools import partial
from typing import Any

from tep_nb.core.kinds import a, check, check_text
from tep_nb.core.node import source_version
from tep_nb.core.text import count_tokens
from tep_nb.errors import ModelError, Retry
from tep_nb.model.base import Reply, Request, Usage
from tep_nb.model.limits import Limits

__all__ = ["FunctionModel"]

_SAMPLING = ("temperature", "schema", "seed", "max_tokens")


class FunctionModel:
    """A model made of ``fn(messages, **sampling)``, plain or ``async``.

    Parameters
    ----------
    fn : callable
        Gets the messages as a list of ``{"role": …, "content": …}`` and, of temperature, schema, seed and max_tokens, those
        that it has parameters for; returns the text (or a `Reply`). A plain function runs on a worker thread.
    name : str, optional
        By default the function's name. With a digest of the function's source behind it, it is part of the key of every
        recorded call: a function that was edited is asked anew. What it closes over is not in the digest; change the name where
        that changes the answers. Without a source to be read, the name stands alone.
    limits : Limits, optional
        What stands behind it allows and charges. A ``TimeoutError`` or ``ConnectionError`` of the function is taken for a bad
        moment, and it is called again; a `ModelError` of its own says with ``retry`` whether it should be.

    Raises
    ------
    ModelError
        The function's parameters cannot be read, or it takes no messages.
    """

    timeout: float | None = None
    max_tokens: int | None = None

    def __init__(self, fn: Callable[..., Any], name: str | None = None, limits: Limits | None = None) -> None:
        if not callable(fn):
            raise TypeError(f"a model is made of a function, not of {a(fn)}: write def fn(messages, **sampling)")
        check_text("the name of a model", name, optional=True)
        check("limits of a model", limits, (Limits, type(None)), "Limits", "write limits=Limits(concurrency=8), or leave it away")
        self.limits = limits or Limits()
        self._fn = fn
        self._name = str(name or getattr(_function(fn), "__name__", type(fn).__name__))
        version = source_version(_function(fn))
        self._key = f"{self._name}@{version[:8]}" if version else self._name
        try:
            parameters = list(inspect.signature(fn).parameters.values())
        except (TypeError, ValueError):
            raise ModelError(f"the parameters of {self._name} cannot be read: wrap it in def f(messages, **sampling)") from None
        if not parameters or parameters[0].kind is inspect.Parameter.VAR_KEYWORD:
            raise ModelError(f"{self._name} takes no messages: write def {self._name}(messages, **sampling)")
        takes_all = any(p.kind is inspect.Parameter.VAR_KEYWORD for p in parameters)
        names = {p.name for p in parameters[1:]}
        self._passes = tuple(name for name in _SAMPLING if takes_all or name in names)
        needed = {p.name for p in parameters[1:] if p.default is p.empty and p.kind in (p.POSITIONAL_OR_KEYWORD, p.KEYWORD_ONLY)}
        if odd := sorted(needed - set(_SAMPLING)):
            raise ModelError(f"{self._name} needs {odd[0]!r}, which no request has: it gets messages and {', '.join(_SAMPLING)}")

    @property
    def name(self) -> str:
        """The function's name and the digest of its source, as in ``editor@3f2a91bc``."""
        return self._key

    def __repr__(self) -> str:
        return f"FunctionModel({self._key})"

    async def complete(self, request: Request) -> Reply:
        """Call the function.

        Raises
        ------
        ModelError
            It raised, or returned something that is no text.
        """
        messages = [{"role": message.role, "content": message.text} for message in request.messages]
        sampling = {name: value for name, value in request.body().items() if name in self._passes}
        said: Any
        try:
            if inspect.iscoroutinefunction(self._fn):
                said = await self._fn(messages, **sampling)
            else:
                said = await asyncio.to_thread(self._fn, messages, **sampling)
                said = await said if inspect.isawaitable(said) else said
        except ModelError:
            raise
        except Exception as error:
            line = (str(error).strip().splitlines() or ["no message"])[-1]
            passing = isinstance(error, TimeoutError | ConnectionError)
            retry = Retry("transient", lost=True) if passing else Retry()
            raise ModelError(f"model {self._name} raised {type(error).__name__}: {line[:300]}", retry) from error
        if isinstance(said, Reply):
            return said
        if not isinstance(said, str):
            raise ModelError(f"model {self._name} returned a {type(said).__name__}: return the text")
        return Reply(said, Usage(count_tokens(request.text), count_tokens(said), estimated=True))


def _function(fn: Callable[..., Any]) -> Any:
    """Find what holds the name and the source: behind a partial its function, behind an object its class."""
    while isinstance(fn, partial):
        fn = fn.func
    return fn if inspect.isroutine(fn) else type(fn)
