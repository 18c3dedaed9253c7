"""Scores, built-in metrics, metrics as functions of names."""

import functools
import json
import math
import operator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tep_nb.core.data import Row
from tep_nb.core.metric import Metric, Score, accuracy, as_score, contains, exact_match, f1, last_integer, resolve
from tep_nb.core.text import Prompt
from tep_nb.errors import JournalMismatch, MetricError

ROW = Row(3, {"question": "how many?", "level": 2}, "8")


def value(result):
    return as_score(result).value


@pytest.mark.parametrize(
    ("output", "target", "right"),
    [
        (" Paris\n", "paris", 1),
        ("STRASSE", "straße", 1),
        ("Paris.", "Paris", 0),
        ("", "", 1),
        ("8", 8, 1),
        ("8.0", 8, 1),
        (8, "8", 1),
        (8.0, "8", 1),
        ("8.0", "8", 0),
        ("eight", 8, 0),
        ("9007199254740993", 9007199254740992, 0),
        (True, "true", 1),
        ("1", True, 0),
        (None, "x", 0),
        ('{"a": [1]}', {"a": [1]}, 1),
        ("not json", [1], 0),
        ([1, 2], [1, 2], 1),
        ([1, 2], [2, 1], 0),
    ],
)
def test_exact_match(output, target, right):
    """Text is stripped and case-folded; numbers are compared as numbers, JSON as JSON."""
    assert exact_match(output, target) == right


@pytest.mark.parametrize(
    ("output", "target", "right"),
    [
        ("I count 3 and 5, so the answer is 8.", "8", 1),
        ("The answer is 8.", 8, 1),
        ("8 of 9", 8, 0),
        ("**8**", 8.0, 1),
        ("Total: 1,200", "1200", 1),
        ("1200", "1,200", 1),
        ("7, 8", 8, 1),
        ("3,4,8", 8, 1),
        ("it is -8", -8, 1),
        ("it is −8", "-8", 1),
        ("it is -8", 8, 0),
        ("range 3-8", 8, 1),
        ("step-8", 8, 1),
        ("8, about 3.5", 8, 1),
        ("8 and .5", 8, 1),
        ("v1.2.3", 3, 0),
        ("8 in plan_9 or x10", 8, 1),
        ("1,200.50 for 8", 8, 1),
        ("$1,200.50", 1, 0),
        ("008", "8", 1),
        ("eight", 8, 0),
        ("", 8, 0),
        (8, 8, 1),
        (8.0, "8", 1),
        ([1, 8], 8, 1),
        (None, 8, 0),
        ("9" * 5000, "9" * 5000, 1),
    ],
)
def test_last_integer(output, target, right):
    """The last integer written in digits counts, parts of words and of decimal numbers do not."""
    assert value(last_integer(output, target)) == right


def test_last_integer_has_its_pinned_contract():
    """The sentence that models read is the one the simulated model knows."""
    assert resolve("last_integer").doc == (
        "The last integer of the answer, written in digits, is compared with the reference; "
        "the answer should end with the final number."
    )


@pytest.mark.parametrize(("output", "target", "right"), [("It is PARIS.", " paris ", 1), ("Rome", "Paris", 0), ([1, 8], 8, 1)])
def test_contains(output, target, right):
    """The stripped, case-folded reference must stand in the answer."""
    assert value(contains(output, target)) == right


@pytest.mark.parametrize(
    ("output", "target", "score"),
    [
        ("The cat sat on a mat!", "cat sat on mat", 1.0),
        ("Anthem", "them", 0.0),
        ("red cat", "cat", 2 / 3),
        ("cat cat dog", "cat dog dog", 2 / 3),
        ("Yes.", "yes", 1.0),
        ("yes it is", "yes", 0.0),
        ("no", "no answer", 0.0),
        ("noanswer", "cat", 0.0),
        ("", "cat", 0.0),
        ("the", "a", 0.0),
        ("U.S.A.", "usa", 1.0),
        (8, "8", 1.0),
    ],
)
def test_f1_is_hotpotqas(output, target, score):
    """Lower case, no punctuation, no whole-word articles; yes, no and noanswer match whole; else F1 of token multisets."""
    assert f1(output, target) == pytest.approx(score)


@given(st.text(), st.text())
def test_f1_does_not_care_which_side_is_which(one, other):
    """F1 is symmetric and within 0 to 1."""
    assert f1(one, other) == f1(other, one)
    assert 0 <= f1(one, other) <= 1


@pytest.mark.parametrize(
    ("output", "target", "right"),
    [
        ("Answer: yes", "yes", 1),
        ("Answer: no. Wait.\nAnswer: Yes", "YES ", 1),
        ("Answer: yes, though maybe no", "yes", 1),
        ("**Answer:** **maybe**", "maybe", 1),
        ("The diagnosis is not known", "no", 0),
        ("I think no, or rather maybe", "maybe", 1),
        ("Answer: diagnosis; yes", "yes", 1),
        ("", "no", 0),
        (None, "no", 0),
    ],
)
def test_accuracy_takes_the_last_label_named(output, target, right):
    """The last `Answer: label` counts, else the last whole word that is a label, else it is wrong."""
    assert value(accuracy("yes,no,maybe")(output, target)) == right


def test_labels_of_several_words():
    """The longer of two labels that begin alike is the one named."""
    labels = accuracy(["support", "support in part"])
    assert labels("Answer: support in part", "support in part") == 1
    assert labels("Answer: support", "support in part") == 0


@pytest.mark.parametrize("labels", ["", "yes,", ["yes", "YES"], ["a,b"], []])
def test_labels_that_cannot_be_told_apart_are_refused(labels):
    """Labels are different words without commas."""
    with pytest.raises(MetricError, match="labels"):
        accuracy(labels)


@pytest.mark.parametrize(
    ("metric", "target"), [(last_integer, "eight"), (contains, " "), (accuracy("yes,no"), "unknown"), (accuracy("yes,no"), None)]
)
def test_a_reference_that_nothing_can_match_scores_0_and_says_why(metric, target):
    """One odd row does not stop an evaluation; its note names the reference."""
    score = metric("anything", target)
    assert score.value == 0
    assert "reference" in score.note


@given(st.text(), st.text() | st.integers() | st.floats() | st.none() | st.lists(st.integers()))
def test_built_ins_take_any_text(output, target):
    """No output and no reference makes a built-in fail."""
    for name in ("exact_match", "last_integer", "contains", "f1", "accuracy:yes,no"):
        assert 0 <= as_score(resolve(name).fn(output, target)).value <= 1


@pytest.mark.parametrize(("given", "read"), [(True, 1.0), (0, 0.0), (0.25, 0.25), (1, 1.0), (Score(0.5, "half"), 0.5)])
def test_scores_are_numbers_from_0_to_1(given, read):
    """Numbers, bools and Scores are scores."""
    assert as_score(given).value == read


@pytest.mark.parametrize("given", [math.nan, math.inf, -0.1, 1.01, 87, 10**400, None, "1", [1], (0.5, "note"), object()])
def test_anything_else_is_no_score(given):
    """The message names the metric, shows the value and the remedy."""
    with pytest.raises(MetricError, match=r"metric 'own' returned .*(scale|return)"):
        as_score(given, "metric 'own'")


def test_numpys_numbers_are_scores():
    """Numbers of numpy, float32 and bool among them, count like Python's, an array does not."""
    np = pytest.importorskip("numpy")
    assert as_score(np.float32(0.5)).value == 0.5
    assert as_score(np.bool_(True)).value == 1.0
    with pytest.raises(MetricError):
        as_score(np.array([0.1, 0.2]))


@pytest.mark.parametrize("number", [math.nan, 2, -1])
def test_a_score_is_within_its_range(number):
    """Score checks its value when it is made."""
    with pytest.raises(MetricError, match="0 to 1"):
        Score(number)


def test_a_score_of_another_type_is_a_type_error():
    """A text is no value and a number no note."""
    with pytest.raises(TypeError):
        Score("1")
    with pytest.raises(TypeError):
        Score(1, 2)


def test_a_function_names_what_it_reads():
    """Parameters without a default are names; options, *args and **kwargs get nothing."""

    def near(answer, target, row, level, scale=2, *more, **rest):
        """Says how near it is.

        And more.
        """
        return 1.0

    metric = resolve(near)
    assert (metric.name, metric.doc, metric.kind) == ("near", "Says how near it is.", "function")
    assert metric.needs == ("answer", "target", "row", "level")
    assert metric.arguments(ROW, {"answer": "8!"}, "answer") == {
        "answer": "8!",
        "target": "8",
        "row": {"question": "how many?", "level": 2},
        "level": 2,
    }


def test_output_is_the_graphs_output_and_row_a_copy():
    """`output` is the value of the output field; what a metric does to `row` stays there."""
    metric = resolve(lambda output, row: 1.0)
    given = metric.arguments(ROW, {"answer": [1]}, "answer")
    assert given["output"] == [1]
    given["row"].clear()
    assert ROW.fields
    with pytest.raises(MetricError, match="'answer', which has no value on row 3"):
        metric.arguments(ROW, {}, "answer")


def test_a_parameter_that_nobody_provides_is_named_before_any_call():
    """`check` and `arguments` raise the same error, with the names there are and the closest."""
    metric = resolve(lambda questions: 1.0)
    for call in (lambda: metric.check(["question", "level"], ["answer"]), lambda: metric.arguments(ROW, {"answer": 1}, "answer")):
        with pytest.raises(MetricError, match=r"'questions'.*did you mean 'question'.*answer, level, question"):
            call()
    metric.check(["questions"], [])
    resolve("f1").check([], [])


def test_an_own_function_has_the_digest_of_its_source_as_version():
    """Another body is another version, the same one the same."""

    def make(k):
        def same(output):
            return k

        return same

    def same(output):
        return 0.5

    assert resolve(make(1)).version == resolve(make(2)).version != resolve(same).version


def test_a_function_without_source_is_told_by_its_code():
    """Where no source exists the constants and instructions are the version."""

    def made(body):
        space = {}
        exec(f"def own(output): return {body}", space)
        return resolve(space["own"]).version

    assert made("0.5") == made("0.5")
    assert len({made("0.5"), made("0.25"), made("[1 for x in output]"), made("len(output)")}) == 4


class Near:
    """Near enough."""

    def __init__(self, reach=1):
        self.reach = reach

    def __call__(self, output, target):
        return abs(int(output) - int(target)) <= self.reach

    def method(self, output):
        """Takes the output alone."""
        return 1.0


def test_callable_objects_methods_and_partials_work():
    """What has a readable signature is a metric, without what is bound already."""
    near = resolve(Near(2))
    assert (near.name, near.doc, near.needs) == ("Near", "Near enough.", ("output", "target"))
    assert near.fn("10", "8") is True
    assert resolve(Near().method).needs == ("output",)
    assert resolve(functools.partial(exact_match, target="x")).needs == ("output",)


@pytest.mark.parametrize("metric", [operator.eq, max, lambda a, /: 1.0])
def test_a_function_that_cannot_be_called_by_name_is_refused(metric):
    """The remedy is a function of named parameters."""
    with pytest.raises(MetricError, match="wrap it"):
        resolve(metric)


@pytest.mark.parametrize("metric", [3, None, int, Near])
def test_what_is_no_function_is_a_type_error(metric):
    """Numbers and classes are no metrics."""
    with pytest.raises(TypeError, match="a metric is"):
        resolve(metric)


@pytest.mark.parametrize(("name", "said"), [("exact", "'exact_match'"), ("F1", "last_integer"), ("accuracy", "accuracy:yes,no")])
def test_an_unknown_name_gets_the_closest_and_the_list(name, said):
    """A misspelt built-in is an error that helps."""
    with pytest.raises(MetricError, match=said):
        resolve(name)


@pytest.mark.parametrize("name", ["exact_match", "last_integer", "contains", "f1", "accuracy:yes,no,maybe"])
def test_built_ins_come_back_from_their_spec(name):
    """A built-in is restored with its function, by name; passing the function is the same as naming it."""
    metric = resolve(name)
    again = Metric.from_spec(json.loads(json.dumps(metric.spec())))
    assert again == metric
    assert again.fn is not None
    assert resolve(metric.fn) == resolve(metric) == metric
    assert metric.doc.endswith(".")
    assert "\n" not in metric.doc


def test_an_own_function_must_be_bound_again_and_unchanged():
    """The spec keeps name and version; another function is refused with both."""

    def own(output):
        return 1.0

    def other(output):
        return 0.0

    restored = Metric.from_spec(json.loads(json.dumps(resolve(own).spec())))
    assert restored == resolve(own)
    assert restored.fn is None
    assert restored.bind(own).fn is own
    with pytest.raises(JournalMismatch, match=r"'other' \(\w+\) was passed, 'own' \(\w+\) is recorded"):
        restored.bind(other)
    with pytest.raises(JournalMismatch, match="'f1'"):
        restored.bind(f1)


def test_a_built_in_of_another_version_is_a_mismatch():
    """A file recorded with another meaning of a name is not scored with this one."""
    with pytest.raises(JournalMismatch, match="built-in 0"):
        Metric.from_spec({**resolve("f1").spec(), "version": "built-in 0"})


def test_a_judge_comes_back_from_its_prompt():
    """A judge needs no function."""
    judge = Metric("judge", "v", "Is it good?", ("output", "target"), prompt=Prompt("Is {{output}} like {{target}}?"))
    again = Metric.from_spec(json.loads(json.dumps(judge.spec())))
    assert again == judge
    assert again.kind == "judge"
