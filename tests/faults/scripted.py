"""The scripted world of the tests as a server's answer: small texts, known rounds, and every critic has a wish."""

from __future__ import annotations

import json
from typing import Any

import scripts

import tep_nb as tep

__all__ = ["answer"]


def answer(body: dict[str, Any]) -> str:
    """What the role says that the wanted form gives away."""
    form = json.dumps(body.get("response_format", {}))
    request = tep.Request(tuple(tep.Message.of(message["role"], message["content"]) for message in body["messages"]))
    if '"scores"' in form:
        return scripts.critic(request)
    return scripts.editor(request) if '"held_back"' in form else scripts.actor(request)
