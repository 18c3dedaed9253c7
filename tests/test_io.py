"""Tables in."""

import datetime
import json
import math
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tep_nb.core.data import Dataset
from tep_nb.errors import DataError
from tep_nb.io import load_dataset, parse_split

ROWS = [{"question": f"q{i}", "target": str(i)} for i in range(10)]


def ids(dataset):
    return [[row.id for row in dataset.part(part)] for part in ("train", "validation", "test")]


def in_order(dataset):
    return sorted(dataset.rows, key=lambda row: row.id)


def write(path, content):
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def refused(source, said, **more):
    """Each fault is one line that names the source."""
    with pytest.raises(DataError, match=said) as caught:
        load_dataset(source, **more)
    assert "\n" not in str(caught.value)


TWO = 'two, "lines"\r\nhere'
CSV = 'question,target\r\n"two, ""lines""\r\nhere",8\r\n\r\nnext,007\r\n'


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("t.csv", CSV),
        ("t.CSV", b"\xef\xbb\xbf" + CSV.encode()),
        ("t.tsv", CSV.replace("question,target", "question\ttarget").replace('",8', '"\t8').replace("next,", "next\t")),
        ("t.jsonl", '{"question": "two, \\"lines\\"\\r\\nhere", "target": "8"}\n\n{"question": "next", "target": "007"}'),
        ("t.json", json.dumps([{"question": TWO, "target": "8"}, {"question": "next", "target": "007"}])),
        ("t.json", json.dumps({"question": [TWO, "next"], "target": ["8", "007"]})),
        ("t.json", json.dumps({"examples": [{"input": TWO, "target": "8"}, {"input": "next", "target": "007"}]})),
    ],
)
def test_every_format_gives_the_same_rows(tmp_path, name, content):
    """Csv, tsv, jsonl and three shapes of json are read whole, quotes, line ends and a BOM included; text stays text."""
    first, second = in_order(load_dataset(write(tmp_path / name, content), split=(1, 1, 0)))
    assert (first.id, first.fields, first.target) == (0, {"question": TWO}, "8")
    assert (second.id, second.fields, second.target) == (1, {"question": "next"}, "007")


def test_a_path_may_be_a_text(tmp_path):
    """A str is a path, as a Path is."""
    path = write(tmp_path / "t.csv", "question,target\n1,2\n")
    assert load_dataset(str(path)) == load_dataset(path)


def test_big_bench_input_keeps_its_name_where_the_caller_names_it(tmp_path):
    """`input` becomes `question` only unless it is renamed by hand or `question` is there."""
    path = write(tmp_path / "t.json", json.dumps({"examples": [{"input": "x", "target": "y"}]}))
    assert load_dataset(path, rename={"text": "input"}).columns == ("text",)
    path = write(tmp_path / "u.json", json.dumps({"examples": [{"input": "x", "question": "q", "target": "y"}]}))
    assert load_dataset(path).columns == ("input", "question")


def test_long_cells_and_odd_line_ends_are_read_whole(tmp_path):
    """A cell of 200,000 characters and U+2028 in a cell are text, and the csv module's limit is put back."""
    import csv

    limit = csv.field_size_limit()
    text = "x" * 200_000 + "\u2028y"
    assert load_dataset(write(tmp_path / "t.csv", f"question,target\n{text},1\n")).train[0].fields["question"] == text
    line = json.dumps({"question": text, "target": 1}, ensure_ascii=False)
    assert load_dataset(write(tmp_path / "t.jsonl", line)).train[0].fields["question"] == text
    assert csv.field_size_limit() == limit


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("t.xlsx", "x", r"'\.xlsx': expected \.csv"),
        ("t", "x", "'no suffix'"),
        ("t.csv", "", "is empty"),
        ("t.csv", "question,target\n", "has no rows"),
        ("t.csv", ",target\n1,2\n", "column 1 of 2 has no name"),
        ("t.csv", "target,a,a\n1,2,3\n", "'a' twice"),
        ("t.csv", "a,target\n1,2\n1\n", "line 3: 1 cells, the header has 2"),
        ("t.csv", "a,target\n1,2,3\n", "line 2: 3 cells"),
        ("t.csv", 'a,target\n"1,2\n3,4\n', "t.csv, line 3: unexpected end of data; check the quotes"),
        ("t.csv", "a;target\n1;2\n", "one column, 'a;target': put commas"),
        ("t.tsv", "a,target\n1,2\n", "put tabs"),
        ("t.csv", b"a,target\n\xff,2\n", r"not UTF-8 \(byte 9\): save it as UTF-8"),
        ("t.csv", "a,target\n1,2\n".encode("utf-16"), "not UTF-8"),
        ("t.csv", "a,targets\n1,2\n", r"no target column 'target': did you mean 'targets'\? .*\['a', 'targets'\]"),
        ("t.json", "[{]", "not JSON: .* line 1, column 3"),
        ("t.json", '{"a": 1}', "holds no table: use a list of objects"),
        ("t.json", "[]", "has no rows"),
        ("t.json", "3", "holds no table"),
        ("t.json", "[1]", "row 0 is an int: expected an object"),
        ("t.json", '{"a": [1, 2], "target": [1]}', "different lengths"),
        ("t.json", '[{"a": 1, "a": 2, "target": 3}]', "the key 'a' stands twice"),
        ("t.json", '[{"": 1, "target": 3}]', "column without a name"),
        ("t.json", '[{"a": Infinity, "target": 3}]', "row 0, column 'a' is inf"),
        ("t.json", "[" * 100_000, "cannot be read"),
        ("t.jsonl", '{"target": 1}\nx\n', "t.jsonl, line 2 is not JSON"),
        ("t.jsonl", '{"a": 1, "target": 1}\n{"target": 1}\n', r"row 1 differs from row 0 in the columns \['a'\]"),
        ("t.parquet", "x", "cannot be read as parquet"),
        ("t.json", '[{"row": 1, "target": 3}]', "'row' has a name that metrics use"),
    ],
)
def test_a_file_that_cannot_be_read_whole_is_refused(tmp_path, name, content, said):
    """Nothing is half read: every fault names the file, the place and the remedy in one line."""
    refused(write(tmp_path / name, content), said)


def test_a_missing_file_gets_the_closest_name(tmp_path):
    """A misspelt name is helped with, a strange one told where paths start."""
    write(tmp_path / "questions.csv", CSV)
    refused(tmp_path / "question.csv", r"no file .*question\.csv: did you mean 'questions\.csv'\?")
    refused(tmp_path / "nowhere" / "x.csv", "paths start in the folder")


def test_a_message_names_a_file_from_the_current_folder(tmp_path, monkeypatch):
    """What is shown of a path is what lies below the folder of the notebook, or below home."""
    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / "work").mkdir()
    monkeypatch.chdir(tmp_path / "work")
    for source, said in (
        (tmp_path / "work" / "x.csv", "there is no file x.csv: paths start in the folder 'work'"),
        ("~/x.csv", "there is no file ~/x.csv: paths start in the folder 'work'"),
        ("y.csv", "there is no file y.csv: paths start in the folder 'work'"),
    ):
        with pytest.raises(DataError) as caught:
            load_dataset(source)
        assert str(caught.value) == said


def test_renaming_columns():
    """New names come first: {new: old}; two columns cannot get one name and an unknown one is named."""
    rows = [{"Q": "x", "label": "y", "extra": 1}]
    data = load_dataset(rows, target="gold", rename={"question": "Q", "gold": "label"})
    assert (data.columns, data.target, data.train[0].target) == (("question", "extra"), "gold", "y")
    assert load_dataset(rows, target="Q", rename={"Q": "label", "label": "Q"}).train[0].target == "y"
    refused(rows, "no column 'q' to call 'question'", rename={"question": "q"})
    refused(rows, "two columns one name", rename={"extra": "Q"}, target="label")


def test_a_dataset_is_no_source():
    """What is a Dataset already is used as it is."""
    refused(Dataset([{"target": 1}]), "was given a Dataset: use it")


@pytest.mark.parametrize("source", [3, None, b"x", {"target": 1}.items()])
def test_another_type_is_a_type_error(source):
    """What is neither path, list nor frame is a TypeError."""
    with pytest.raises(TypeError, match="comes from a path"):
        load_dataset(source)


@given(st.integers(1, 300), st.tuples(*[st.integers(0, 100)] * 2).filter(lambda s: sum(s) <= 100 and s[0] > 0), st.integers())
def test_shares_lose_no_row(n, shares, seed):
    """Shares of any number of rows add up to all of them, each once, and train gets at least one."""
    split = (*shares, 100 - sum(shares))
    parts = ids(load_dataset([{"target": i} for i in range(n)], split=split, seed=seed))
    assert sorted(row for part in parts for row in part) == list(range(n))
    assert parts[0]
    for part, share in zip(parts, split, strict=True):
        assert abs(len(part) - n * share / 100) < 2
        assert share or not part


@given(st.tuples(st.integers(1, 10), st.integers(0, 10), st.integers(0, 10)))
def test_other_numbers_are_counts(split):
    """Numbers of rows are kept exactly, the rest is unused, and too many is an error."""
    if sum(split) > len(ROWS):
        refused(ROWS, f"asks for {sum(split)} rows, the list has 10", split=split)
    else:
        assert [len(part) for part in ids(load_dataset(ROWS, split=split))] == list(split)


def test_the_seed_decides_the_split():
    """The same seed gives the same parts, another one others; a row's values do not matter."""
    first = ids(load_dataset(ROWS, seed=1))
    assert first == ids(load_dataset([{"target": None}] * 10, seed=1)) != ids(load_dataset(ROWS, seed=2))
    assert [len(part) for part in first] == [2, 4, 4]


def test_rows_keep_the_values_of_their_position():
    """An id is the position in the source, so the row with it has that position's values."""
    assert all(row.target == str(row.id) for row in load_dataset(ROWS).rows)


@pytest.mark.parametrize(
    ("text", "split"),
    [
        ("20/40/40", (20, 40, 40)),
        (" 50/100/100 ", (50, 100, 100)),
        ("0.2/0.4/0.4", (0.2, 0.4, 0.4)),
        ("1/0/0", (1, 0, 0)),
    ],
)
def test_a_split_is_written_with_strokes(text, split):
    """Three numbers with strokes between them, whole or not."""
    assert parse_split(text) == split


@pytest.mark.parametrize("text", ["", "20/80", "1/2/3/4", "a/b/c", "-1/50/51", "0/50/50", "nan/1/1", "20,40,40", "0.0/0.5/0.5"])
def test_a_split_that_is_none_is_refused(text):
    """The message shows how splits are written."""
    with pytest.raises(DataError, match="20/40/40"):
        parse_split(text)


@pytest.mark.parametrize("split", [(0.5, 0.6, 0.1), (0.1, 0.1, 0.1)])
def test_fractions_that_do_not_sum_to_1_are_refused(split):
    """Fractions are shares of the whole."""
    refused(ROWS, "fractions sum to 1", split=split)


@pytest.mark.parametrize("split", [(20.0, 40.0, 40.0), (0.2, 0.4, 0.4), (20, 40, 40), (0.1 + 0.1, 0.1 + 0.3, 0.4)])
def test_percents_and_fractions_mean_the_same(split):
    """Floats that sum to 100, or to 1 but for rounding, are shares too."""
    assert ids(load_dataset(ROWS, split=split)) == ids(load_dataset(ROWS))


def frame(**columns):
    return pytest.importorskip("pandas").DataFrame(columns)


def test_a_frame_becomes_plain_json():
    """Numbers are Python's, missing values null, dates text, arrays lists, and the index is not a column."""
    np, pd = pytest.importorskip("numpy"), pytest.importorskip("pandas")
    table = frame(
        number=[1, 2],
        real=[0.5, math.nan],
        when=pd.to_datetime(["2026-11-20", None]),
        integer=pd.array([3, None], dtype="Int64"),
        items=[np.array([1, 2]), (np.float32(0.5), "x")],
        target=pd.Categorical(["a", "b"]),
    )
    table.index = ["x", "y"]
    one, two = in_order(load_dataset(table, split=(2, 0, 0)))
    assert one.fields == {"number": 1, "real": 0.5, "when": "2026-11-20T00:00:00", "integer": 3, "items": [1, 2]}
    assert two.fields == {"number": 2, "real": None, "when": None, "integer": None, "items": [0.5, "x"]}
    assert (one.target, type(one.fields["number"])) == ("a", int)
    json.dumps([one.fields, two.fields], allow_nan=False)


def test_dicts_may_hold_numpy_dates_and_nan():
    """A list of dicts is read with the same rules as a frame."""
    (row,) = load_dataset([{"day": datetime.date(2026, 11, 20), "x": math.nan, "y": {"z": (1, math.nan)}, "target": 1}]).rows
    assert row.fields == {"day": "2026-11-20", "x": None, "y": {"z": [1, None]}}


def test_a_frame_with_a_column_twice_is_refused():
    """Pandas allows it, a row could not."""
    table = frame(a=[1], target=[2])
    table.columns = ["target", "target"]
    refused(table, "'target' twice")


def test_parquet_needs_pandas(tmp_path, monkeypatch):
    """Parquet is read where pandas is, and the message says so where it is not."""
    pytest.importorskip("pyarrow")
    frame(question=["x"], target=[1]).to_parquet(tmp_path / "t.parquet")
    assert load_dataset(tmp_path / "t.parquet").train[0].target == 1
    monkeypatch.setitem(sys.modules, "pandas", None)
    refused(tmp_path / "t.parquet", "needs pandas and pyarrow: pip install")


def test_pandas_is_not_imported_for_other_files(tmp_path):
    """Reading a csv does not pay for pandas."""
    path = write(tmp_path / "t.csv", CSV)
    code = f"import sys, tep_nb.io as io; io.load_dataset({str(path)!r}, split=(1, 1, 0)); sys.exit('pandas' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


@pytest.mark.parametrize("name", ["nosuchvar", "folder/nosuchfile", "nosuch.csv", "nosuch.xlsx"])
def test_what_is_not_there_is_not_judged_by_its_suffix(name: str) -> None:
    """The first thing that is wrong is said first; a bare word may have been meant as a variable."""
    with pytest.raises(DataError, match=f"there is no file {name}") as caught:
        load_dataset(name)
    assert ("nor a variable of that name" in str(caught.value)) == (name == "nosuchvar")


@pytest.mark.parametrize("name", ["a\0b.csv", "\ud800.csv", "a" * 300 + ".csv"])
def test_a_name_that_no_file_can_have(name: str) -> None:
    """A DataError in printable characters."""
    with pytest.raises(DataError) as caught:
        load_dataset(name)
    assert str(caught.value).isprintable()


def test_a_folder_is_no_table(tmp_path: Path) -> None:
    """It is there, but holds no rows."""
    with pytest.raises(DataError, match="is a folder: name a file in it"):
        load_dataset(tmp_path)
