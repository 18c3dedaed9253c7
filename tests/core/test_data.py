"""Rows, datasets, JSON values."""

import json
import math
from collections import OrderedDict

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tep_nb.core.data import Dataset, Row, json_value
from tep_nb.errors import DataError

ROW = {"question": "how many?", "target": "8"}
values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


@given(values)
def test_json_values_stay_as_they_are(value):
    """A JSON value comes back equal and can be written as JSON."""
    assert json_value(value, "it") == value
    json.dumps(json_value(value, "it"), allow_nan=False)


def test_what_reads_as_json_becomes_json():
    """Tuples become lists, mappings dicts with text keys."""
    assert json_value(OrderedDict([(1, (2, 3))]), "it") == {"1": [2, 3]}


@pytest.mark.parametrize("value", [math.nan, math.inf, {1, 2}, b"x", object(), 1j])
def test_what_json_does_not_have_is_refused_with_its_place(value):
    """The message says where in the value the odd part stands."""
    with pytest.raises(DataError, match=r"it\.a\[1\]"):
        json_value({"a": [0, value]}, "it")


def test_ids_are_positions_of_the_parts_laid_end_to_end():
    """Row ids run on from train over validation to test, and the target is no field."""
    data = Dataset([ROW, ROW], [ROW], [ROW])
    assert [row.id for row in data.rows] == [0, 1, 2, 3]
    assert data.columns == ("question",)
    assert data.train[0] == Row(0, {"question": "how many?"}, "8")
    assert data.part("test")[0] is data.get(3)


def test_only_train_must_have_rows():
    """Validation and test may be empty."""
    assert Dataset([ROW]).validation == ()


def test_rows_with_ids_keep_them():
    """Rows that were read elsewhere keep their position in the source."""
    assert [row.id for row in Dataset([Row(7, {"q": "x"}, "y")], [Row(2, {"q": "x"}, "y")]).rows] == [7, 2]


@pytest.mark.parametrize(
    ("parts", "target", "said"),
    [
        (([],), "target", "train part is empty"),
        (([ROW, {"q": "x", "target": "8"}],), "target", r"row 1 .*\['q', 'question'\]"),
        (([ROW], [{"question": "x"}]), "target", "row 1 has no target column 'target'"),
        (([ROW],), "answer", r"no target column 'answer'.*\['question', 'target'\].*target="),
        (([{"q": math.nan, "target": 1}],), "target", "row 0, column 'q' is nan"),
        (([Row(1, {"q": "x"}, "y")], [Row(1, {"q": "x"}, "y")]), "target", "two rows have the id 1"),
        (([{"row": 1, "target": 2}],), "target", "'row' has a name that metrics use: rename"),
        (([{"output": 1, "target": 2}],), "target", "'output' has a name"),
        (([{"target": 1, "gold": 2}],), "gold", "'target' has a name"),
    ],
)
def test_a_table_that_cannot_be_used_is_refused(parts, target, said):
    """Each fault of a table is an error that names row, column and remedy in one line."""
    with pytest.raises(DataError, match=said) as caught:
        Dataset(*parts, target=target)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("part", ["rows", {"q": 1}, 3, ["text"], b"x"])
def test_what_is_no_sequence_of_mappings_is_a_type_error(part):
    """Another Python type than rows is a TypeError."""
    with pytest.raises(TypeError):
        Dataset(part)


def test_an_unknown_split_or_row_is_an_error():
    """The message names the splits, or the ids there are."""
    data = Dataset([ROW])
    with pytest.raises(DataError, match="train, validation or test"):
        data.part("dev")
    with pytest.raises(DataError, match="ids are 0 to 0"):
        data.get(5)


def test_the_target_column_may_have_any_name():
    """The target is taken out of the fields whatever it is called."""
    data = Dataset([{"q": "x", "answer": [1, 2]}], target="answer")
    assert data.train[0].target == [1, 2]
    assert data.columns == ("q",)
