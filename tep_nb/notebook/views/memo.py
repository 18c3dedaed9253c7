"""Remember what was made of values that never change."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable
from functools import wraps
from typing import Any, ParamSpec, TypeVar

__all__ = ["by_identity"]

P = ParamSpec("P")
T = TypeVar("T")


def by_identity(size: int) -> Callable[[Callable[P, T]], Callable[P, T]]:
    """Remember the last ``size`` results of a pure function by which objects it was given: parts of states are kept.

    Comparing the parts by value would cost as much as drawing them. Named arguments are no part of the key: of the state that is
    given by name, only what is also given by place may be looked at.
    """

    def wrap(make: Callable[P, T]) -> Callable[P, T]:
        kept: OrderedDict[tuple[int, ...], tuple[tuple[Any, ...], T]] = OrderedDict()
        guard = threading.Lock()

        @wraps(make)
        def made(*args: P.args, **kwargs: P.kwargs) -> T:
            key = tuple(map(id, args))
            with guard:
                if key in kept:
                    kept.move_to_end(key)
                    return kept[key][1]
            found = make(*args, **kwargs)
            with guard:
                kept[key] = args, found  # the arguments are held, so that no other object gets one of their identities
                while len(kept) > size:
                    kept.popitem(last=False)
            return found

        return made

    return wrap
