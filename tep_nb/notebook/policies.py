"""Policies as a notebook and ``tep-nb run`` take them: nobody sits at a terminal there, so `console` is not on offer."""

from __future__ import annotations

from tep_nb import deciders
from tep_nb.errors import ConfigError
from tep_nb.notebook.options import nearest

__all__ = ["read_policy"]

_NAMES = tuple(name for name in (*deciders.POLICIES, "approve_if") if name != "console")


def read_policy(text: str, refusal: str) -> deciders.Policy:
    """Read a POLICY.

    Parameters
    ----------
    text : str
    refusal : str
        What to say of ``console``.

    Raises
    ------
    ConfigError
        No such policy, the closest; or one that asks a person.
    """
    name, colon, arguments = text.strip().partition(":")
    if name not in (*_NAMES, "console"):
        known = f"{', '.join(_NAMES[:-1])} or {_NAMES[-1]}:proven"
        raise ConfigError(f"policy {name!r} is not known: {nearest(name, _NAMES)}use {known}")
    if name == "approve_if" and colon and not arguments.strip():
        raise ConfigError("approve_if: says no condition: write approve_if:proven, or approve_if:no-worse,gain=0.02,reject")
    found = deciders.parse(text)
    if isinstance(found, deciders.Console):
        raise ConfigError(refusal)
    return found
