"""What is written down is read back."""

from __future__ import annotations

import json
import sqlite3
import types
import typing
from collections.abc import Mapping
from contextlib import closing
from dataclasses import MISSING, fields, is_dataclass, replace
from pathlib import Path
from typing import Any, Literal, get_args, get_origin, get_type_hints

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tep_nb.core import events as ev
from tep_nb.core.codec import decode, encode
from tep_nb.core.review import Decision, Evidence, Paid
from tep_nb.core.state import replay
from tep_nb.errors import JournalError
from tep_nb.journal import Journal

ASSETS = Path(__file__).parents[1] / "assets"
TEXT = st.text(st.characters(), max_size=8)  # lone surrogates and control characters too
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | TEXT,
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(TEXT, inner, max_size=2),
    max_leaves=4,
)


def values(hint: Any) -> st.SearchStrategy[Any]:
    """Values of a type hint, with all that an event may hold."""
    origin, arguments = get_origin(hint), get_args(hint)
    if origin in (typing.Union, types.UnionType):
        return st.one_of([st.none() if a is type(None) else values(a) for a in arguments])
    if origin is Literal:
        return st.sampled_from(arguments)
    if origin is tuple and arguments[-1] is Ellipsis:
        return st.lists(values(arguments[0]), max_size=2).map(tuple)
    if origin is tuple:
        return st.tuples(*map(values, arguments))
    if origin in (dict, Mapping):
        return st.dictionaries(values(arguments[0]), values(arguments[1]), max_size=2)
    if is_dataclass(hint):
        hints = get_type_hints(hint)
        return st.builds(hint, **{f.name: values(hints[f.name]) for f in fields(hint) if f.name != "at"})  # type: ignore[arg-type]
    plain = {
        int: st.integers(-(2**63), 2**63),
        float: st.floats(allow_nan=False, allow_infinity=False),
        bool: st.booleans(),
        str: TEXT,
    }
    return plain.get(hint, JSON)


@pytest.mark.parametrize("kind", ev.EVENTS.values(), ids=ev.EVENTS)
@given(data=st.data())
def test_events_round_trip(kind: type[ev.Event], data: st.DataObject) -> None:
    """Every event of every kind is read back from its JSON text as it was, and is written again byte for byte."""
    event = data.draw(values(kind))
    text = json.dumps(ev.to_json(event), ensure_ascii=True, sort_keys=True, allow_nan=False)
    back = ev.from_json(event.kind, event.v, "2026-01-01", json.loads(text))
    assert back == event
    assert back.at == "2026-01-01"
    assert json.dumps(ev.to_json(back), ensure_ascii=True, sort_keys=True) == text


def test_the_kinds_are_the_designs() -> None:
    """DESIGN section 4 names the facts; `settled` is the one that records which rule fired."""
    named = "started drafted proposed suggested assessed decided phase frozen evaluated budget rewound resumed stopped failed"
    assert set(ev.EVENTS) == {*named.split(), "settled"}


@pytest.mark.parametrize(("kind", "v"), [("nonsense", 1), ("decided", 3)])
def test_what_is_newer_is_refused(kind: str, v: int) -> None:
    """An unknown kind or a newer version says that the file is from a newer package and to update."""
    with pytest.raises(JournalError, match=rf"'{kind}' version {v} .*newer.*update"):
        ev.from_json(kind, v, "", {})


def test_a_damaged_body_is_named() -> None:
    """A missing field is an error of the journal that names the class."""
    with pytest.raises(JournalError, match="Decided cannot be read"):
        ev.from_json("decided", 1, "", {"decision": {"proposal": "x"}, "beyond": []})


def test_upgrades_run_in_order(monkeypatch: pytest.MonkeyPatch) -> None:
    """A body of version 1 passes every upgrade up to the version of its class."""
    monkeypatch.setattr(ev.Stopped, "v", 3)
    monkeypatch.setattr(
        ev, "UPGRADES", {("stopped", 1): lambda b: {"why": b["old"]}, ("stopped", 2): lambda b: {"reason": b["why"] + "!"}}
    )
    assert ev.from_json("stopped", 1, "", {"old": "so"}) == ev.Stopped(reason="so!")
    assert ev.from_json("stopped", 2, "", {"why": "so"}) == ev.Stopped(reason="so!")


def test_whole_numbers_stand_for_floats() -> None:
    """1 in a field of floats is read as 1.0, so that a replayed state prints as the live one."""
    found = Evidence("p", "t", "g", "metric", "proven", 0.0, 1.0, 1, 1, 0, None)
    assert repr(decode(Evidence, {**encode(found), "before": 0, "after": 1})) == repr(found)


@pytest.fixture(scope="module")
def stored() -> list[ev.Event]:
    with closing(Journal.read(ASSETS / "journal_v1.tep")) as journal:
        return journal.events()


def test_the_stored_journal_folds_as_it_did(stored: list[ev.Event]) -> None:
    """A journal of schema 1 gives the state that it gave when it was written, and has every kind of event."""
    assert {event.kind for event in stored} == set(ev.EVENTS)
    expected = json.loads((ASSETS / "journal_v1.json").read_text(encoding="utf-8"))
    assert json.loads(json.dumps(replay(stored).body())) == expected


def test_the_stored_journal_is_written_as_it_was(stored: list[ev.Event]) -> None:
    """Reading and writing each stored event changes nothing but defaults of fields that came later."""
    with closing(sqlite3.connect(ASSETS / "journal_v1.tep")) as connection:
        bodies = [json.loads(body) for (body,) in connection.execute("SELECT body FROM events ORDER BY seq")]
    for event, body in zip(stored, bodies, strict=True):
        new = ev.to_json(event)
        assert {name: new[name] for name in body} == body
        later = {f.name for f in fields(event) if f.default is not MISSING or f.default_factory is not MISSING}
        assert set(new) - set(body) <= later


def test_readable_without_the_package() -> None:
    """The tables and columns that pandas and the sqlite3 shell see are those of DESIGN section 9."""
    with closing(sqlite3.connect(ASSETS / "journal_v1.tep")) as connection:
        columns = {table: [row[1] for row in connection.execute(f"PRAGMA table_info({table})")] for table in ("events", "calls")}
    assert columns["events"] == ["seq", "kind", "v", "at", "body"]
    wanted = "key purpose step node row attempt outcome request reply usage at"
    assert set(wanted.split()) <= set(columns["calls"])


def test_events_of_the_first_version_are_read() -> None:
    """What evidence was paid for, and how long a proposal was before a person, came later: old events know neither."""
    found = Evidence("p", "t", "g", "metric", "proven", 0.0, 1.0, 1, 1, 0, None)
    old = {"evidence": encode(found), "proposal": "0.1.p.1"}
    assert ev.from_json("assessed", 1, "", old) == ev.Assessed(evidence=found, proposal="0.1.p.1", paid=None)
    decision = Decision("0.1.p.1", "skip", None, "ada")
    old = {"decision": encode(decision), "beyond": []}
    assert ev.from_json("decided", 1, "", old) == ev.Decided(decision=decision, seconds=None)


def test_what_evidence_cost_is_no_part_of_it() -> None:
    """The note beside the evidence is written with the event, not with the evidence, and no equality sees it."""
    found = Evidence("p", "t", "g", "metric", "proven", 0.0, 1.0, 1, 1, 0, None)
    paid = replace(found, paid=Paid(3, 120, None, 0.5))
    assert paid == found
    assert encode(paid) == encode(found)
    event = ev.Assessed(evidence=paid, paid=paid.paid)
    assert ev.from_json("assessed", 2, "", ev.to_json(event)) == event
