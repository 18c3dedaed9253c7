"""The leak guard: quotations of rows and answers in inserted text."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

import tep_nb as tep
from tep_nb.method.leak import RUN, leaks

QUESTION = "I have two apples, a violin and three ripe bananas in one bag"
TRAIN = [{"question": QUESTION, "target": "train answer"}, *({"question": f"row {n}", "target": str(n)} for n in range(30))]
VALIDATION = [
    {"question": "what", "target": "Reykjavik"},
    {"question": "why", "target": "42"},
    {"question": "who", "target": "yes"},
]
TEST = [{"question": "where", "target": "the red house"}]
DATA = tep.Dataset(TRAIN, VALIDATION, TEST)
PROMPT = tep.Prompt("Count the things. {{question}}")


def found(text: str, **more: bool) -> tuple[str, ...]:
    return leaks(PROMPT, f"Count the things. {text} {{{{question}}}}", DATA, **more)


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("As in: I have two apples, a violin and more.", "quotes a row"),
        ("as in: i HAVE two   apples , a violin and", "quotes a row"),
        ("I have two apples, a piano and more.", ""),
        ("Say reykjavik when asked.", "holds an answer"),
        ("Reykjavikers count too.", ""),
        ("It was the red house.", "holds an answer"),
        ("Say 42 or yes.", ""),
        ("The train answer is not told.", ""),
        ("Count each thing once, and name the total as a number at the end.", ""),
    ],
)
def test_what_leaks(text: str, kind: str) -> None:
    """A run of 8 tokens of any row, whole tokens, case folded; an answer of validation or test of 4 characters or more."""
    warnings = found(text)
    assert len(warnings) == bool(kind)
    assert all(kind in warning and warning.startswith("leak: ") for warning in warnings)


def test_train_answers_only_where_they_are_shown() -> None:
    """With signal_targets="sink" the targets of train rows are answers too."""
    assert not found("The train answer is it.")
    assert "'train answer'" in found("The train answer is it.", train_answers=True)[0]


def test_demonstrations_may_quote_train_rows() -> None:
    """A method that declares demonstrations may quote train rows, and no others."""
    assert not found("I have two apples, a violin and three.", quotes=False)
    assert found("Say reykjavik.", quotes=False)


def test_what_the_old_prompt_holds_leaks_nothing() -> None:
    """Text that stood there before is no leak, even when it moves; only inserted text is looked at."""
    before = tep.Prompt(f"{QUESTION} Reykjavik. {{{{question}}}}")
    assert not leaks(before, f"Do it. {QUESTION} Reykjavik. {{{{question}}}}", DATA)
    assert not leaks(before, f"Reykjavik! {QUESTION} {{{{question}}}} Reykjavik", DATA)


def test_common_knowledge_is_no_leak() -> None:
    """What stands in a twentieth of the rows or more is no secret; a single row always is one."""
    common = [{"question": f"Please read the text below and answer it in full {n}", "target": "maybe"} for n in range(20)]
    data = tep.Dataset(common[:10], common[10:])
    text = "Please read the text below and answer it in full. maybe. {{question}}"
    assert not leaks(PROMPT, text, data)
    rare = tep.Dataset(common[:1], TEST)
    assert leaks(PROMPT, text, rare)


def test_a_long_reference_is_part_of_its_row() -> None:
    """Eight tokens out of a long reference are a quotation, though the whole answer is not there."""
    data = tep.Dataset(TRAIN, [{"question": "q", "target": "one small step for a man and one giant leap for mankind"}])
    assert "quotes a row" in leaks(PROMPT, "Say small step for a man and one giant. {{question}}", data)[0]


@given(st.integers(0, 14), st.integers(1, 14), st.sampled_from(TRAIN + VALIDATION))
def test_every_run_is_found(start: int, length: int, row: dict[str, str]) -> None:
    """Whatever part of a row is inserted, it leaks exactly where it has eight tokens or more."""
    from tep_nb.core.text import tokens

    part = tokens(row["question"])[start : start + length]
    assert bool(found(" ".join(part))) is (len(part) >= RUN)


def test_a_pasted_page_is_searched_as_well() -> None:
    """A long insertion is compared by one walk through the rows, with the result of the short way."""
    page = " ".join(f"word{n}" for n in range(2000))
    assert not found(page)
    assert "quotes a row" in found(f"{page} {QUESTION} {page}")[0]
    common = [{"question": f"Please read the text below and answer it in full {n}", "target": "1"} for n in range(20)]
    assert not leaks(PROMPT, f"{page} Please read the text below and answer it in full. {{{{question}}}}", tep.Dataset(common))
