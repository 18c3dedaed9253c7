"""The verb that says who answers."""

from __future__ import annotations

import os
import re
from typing import Any

from tep_nb.core.kinds import a
from tep_nb.errors import ModelError
from tep_nb.model.base import Model
from tep_nb.model.function import FunctionModel
from tep_nb.model.limits import Limits
from tep_nb.model.openai import OpenAIModel
from tep_nb.model.probe import Probe
from tep_nb.model.recorded import RecordedModel
from tep_nb.model.simulated import SimulatedModel
from tep_nb.notebook import show
from tep_nb.notebook.desk import Desk
from tep_nb.notebook.drafts import ROLES
from tep_nb.notebook.options import NO_KEYS, Call, nearest, secret, whole
from tep_nb.notebook.text import one_line

__all__ = ["model"]

_SERVER = ("base-url", "key-env", "timeout", "max-tokens", "no-check")
_LIMITS = {"concurrency": "concurrency", "rpm": "requests_per_minute", "tpm": "tokens_per_minute"}


def model(desk: Desk, call: Call) -> None:
    """``model simulated|openai:NAME|recorded:FILE|CALLABLE``."""
    name, role = str(call.arg()), call.option("for") or "actor"
    if secret(name) or secret(role) or secret(call.option("key-env") or ""):
        raise ModelError(NO_KEYS)
    head, colon, rest = name.partition(":")
    if head != "openai" and (odd := next((option for option in _SERVER if call.has(option)), None)):
        raise ModelError(f"--{odd} belongs to openai:NAME: a model of your own finds its server itself")
    note = ""
    if head == "recorded":
        _recorded(desk, rest, call)
        return
    if name == "simulated":
        if odd := next((option for option in (*_LIMITS, "price") if call.has(option)), None):
            raise ModelError(f"--{odd} belongs to a server or a function: the simulated model has no limits and costs nothing")
        made: Model = SimulatedModel(seed=0)
    elif head == "openai":
        if not colon or not rest:
            raise ModelError("openai needs the model's name: write %tep model openai:NAME")
        made, note = _openai(desk, rest, call)
    else:
        made = _own_model(desk, name, _limits(call))
    desk.bench.drafts.models[role] = made
    if role not in ROLES:
        note += f"; asked by agents with --model {role}"
    if desk.bench.session is not None:
        note += "; the running session goes on with its own until %tep resume FILE (evaluate --model takes this one)"
    desk.screen.say(f"{role}: {show.model_name(made.name)}{note}")


def _recorded(desk: Desk, file: str, call: Call) -> None:
    """Every model of a recorded session in its role; with ``--for`` the file's one model in this role."""
    if not file:
        raise ModelError("recorded needs a session's file, or exported calls: write %tep model recorded:run.tep")
    if odd := next(iter(set(call.options) - {"for"}), None):
        raise ModelError(f"--{odd} does not belong to recorded:FILE: a replay asks nobody")
    models = desk.bench.drafts.models
    if (role := call.option("for")) is not None:
        models[role] = RecordedModel(file)
        told = f"{role}: {show.model_name(models[role].name)}"
    else:
        team = RecordedModel.team(file)
        models |= {"actor": team.actor, "critic": team.critic, "editor": team.editor, "judge": team.judge, **team.named}
        told = "; ".join(f"{one}: {show.model_name(models[one].name)}" for one in (*ROLES, *team.named))
    desk.screen.say(f"{told}; answered from {one_line(file)}, and refused where it was not asked then; tools run")


def _openai(desk: Desk, name: str, call: Call) -> tuple[Model, str]:
    env = call.option("key-env") or "OPENAI_API_KEY"
    if not re.fullmatch(r"[A-Za-z_]\w*", env):
        raise ModelError(f"--key-env takes the name of an environment variable; {NO_KEYS}")
    base, length = call.option("base-url"), call.option("max-tokens")
    made = OpenAIModel(
        name,
        base_url=base,
        key_env=env,
        timeout=_number("--timeout", call.option("timeout") or "120"),
        max_tokens=None if length is None else whole("--max-tokens", length, 1),
        limits=_limits(call),
    )
    if not os.environ.get(env) and base is None and not os.environ.get("OPENAI_BASE_URL"):
        return made, f"; not checked: ${env} is not set yet: import os, getpass; os.environ[{env!r}] = getpass.getpass()"
    if call.has("no-check"):
        return made, "; not checked"
    return made, f"; {told(desk.do('probe', model=made), made)}"


def told(probe: Probe, model: OpenAIModel) -> str:
    """What a first call has shown."""
    attempts = "" if probe.attempts == 1 else f" at attempt {probe.attempts}"
    counts = "its own count of tokens" if not probe.usage.estimated else "no count of tokens"
    lines = [f"{one_line(model.server)} answered in {probe.seconds:.2f} s{attempts}, with {counts}"]
    lines += [one_line(sentence) for sentence in probe.learnt]
    return "\n  ".join(lines)


def _limits(call: Call) -> Limits:
    given: dict[str, Any] = {
        field: whole(f"--{option}", text, 1) for option, field in _LIMITS.items() if (text := call.option(option)) is not None
    }
    if (price := call.option("price")) is not None:
        prompt, sign, completion = price.partition("/")
        if not sign:
            raise ModelError(f"--price is {price!r}: expected IN/OUT for a million tokens, as in 0.4/1.6")
        given |= {"prompt_price": _number("--price", prompt), "completion_price": _number("--price", completion)}
    return Limits(**given)


def _number(option: str, text: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise ModelError(f"{option} is {text!r}: expected a number, as in 0.4") from None


def _own_model(desk: Desk, name: str, limits: Limits) -> Model:
    hidden = desk.ip.user_ns_hidden  # IPython's open, exit, …, unless they are names of the analyst's by now
    known = {k: v for k, v in desk.names.items() if k not in hidden or hidden[k] is not v}
    if name not in known:
        own = (k for k in known if not k.startswith("_"))
        near = nearest(name, ["simulated", "openai:NAME", *own], 0.7)
        raise ModelError(f"no model is called {name!r}: {near}use simulated, openai:NAME, or a variable with a model or function")
    found: Any = known[name]
    if isinstance(found, type):
        raise ModelError(f"{name} is a class: make an object of it first, as in {name.lower()} = {name}(), and name that")
    if hasattr(found, "complete") and isinstance(getattr(found, "name", None), str):
        if limits != Limits():
            raise ModelError(f"{name} is a model of its own: give it its limits when it is made, limits=tep_nb.Limits(…)")
        return found  # type: ignore[no-any-return]
    if not callable(found):
        raise ModelError(f"{name} is {a(found)}: expected a model, or a function of (messages, **sampling)")
    return FunctionModel(found, name, limits)
