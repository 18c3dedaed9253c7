"""ScriptedModel: what tests and documentation stand on."""

from __future__ import annotations

import pytest
from scripts import run

import tep_nb as tep
from tep_nb.errors import ModelError


def ask(model: tep.ScriptedModel, text: str = "x", role: str = "actor") -> str:
    return run(model.complete(tep.Request((tep.Message.of("user", text),), role=role))).text  # type: ignore[arg-type]


def test_a_list_is_used_up_in_order() -> None:
    """Replies come in the order of the calls; one more call says whose turn it was and that a reply is missing."""
    model = tep.ScriptedModel(["a", tep.Reply("b", finish="length")])
    assert [ask(model), ask(model, role="critic")] == ["a", "b"]
    with pytest.raises(ModelError, match=r"no reply left for the editor \(request 3\): add one"):
        ask(model, role="editor")


def test_a_dict_has_a_list_a_role() -> None:
    """Each role has its own list; a role without one has none left; an unknown role is refused."""
    model = tep.ScriptedModel({"critic": ["c"], "actor": ["a", "b"]})
    assert [ask(model), ask(model, role="critic"), ask(model)] == ["a", "c", "b"]
    with pytest.raises(ModelError, match="judge"):
        ask(model, role="judge")
    with pytest.raises(ModelError, match="'critik'"):
        tep.ScriptedModel({"critik": []})


def test_a_function_answers_the_request() -> None:
    """It gets the whole request; what it returns must be a str or a Reply."""
    model = tep.ScriptedModel(lambda request: request.text * 2, "double")
    assert (ask(model, "ab"), model.name) == ("abab", "double")
    with pytest.raises(TypeError, match="a scripted reply is a str or a Reply"):
        ask(tep.ScriptedModel(lambda request: 5))  # type: ignore[arg-type,return-value]


def test_one_str_is_no_script() -> None:
    """A str would be a list of letters: it is refused."""
    with pytest.raises(TypeError, match="not one str"):
        tep.ScriptedModel("abc")


def test_requests_are_kept_and_counted() -> None:
    """Every request is kept in order, and usage is counted in words and marks, as an estimate."""
    model = tep.ScriptedModel(["one two"])
    reply = run(model.complete(tep.Request((tep.Message.of("user", "say it, please"),))))
    assert [r.text for r in model.requests] == ["say it, please"]
    assert reply.usage == tep.Usage(4, 2, estimated=True)
