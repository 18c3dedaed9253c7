"""Prompts: placeholders, parts, differences, bound."""

import random
import re

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from scripts import calls_of

from tep_nb.core.node import Agent
from tep_nb.core.text import SPLIT, Bound, Prompt, beginning, count_tokens, digest, show, tokens
from tep_nb.errors import PromptError

PIECES = ["{{a}}", "{{b}}", "Answer:", "say so", "x", " ", " ", "\n", SPLIT, "{", "}", "{{", "}}", "a", "Ans", "wer", ":", "-"]
ATOMS = ["{{a}}", "{{b}}", "Answer:", "say so", "one", "two", "three", "four.", "\n", "five"]
HOSTILE = ["<img src=x onerror=f()>", "\u202egnp.exe", "\u200b", "\x1b[31mred", "\ud800", "{{a}}", "{0.__class__}", "%s $x", "\0"]
texts = st.lists(st.sampled_from(PIECES), max_size=30).map("".join)
any_text = st.text() | texts | st.sampled_from(HOSTILE)


def prompt(text: str, protect: tuple[str, ...] = ()) -> Prompt:
    try:
        return Prompt(text, protect)
    except PromptError:
        assume(False)
        raise


def test_placeholders_are_names_in_double_braces_in_order_and_once():
    """Only {{name}} without spaces is a placeholder; any other brace is text."""
    text = 'Use {{b}} and {{a}}, {{b}} again; {"k": {"n": 1}} {{ c }} {{1d}} {{e-f}} {g} {{}}'
    assert Prompt(text).placeholders == ("b", "a")


def test_render_leaves_other_braces_alone():
    """Braces that are no placeholder come through as they are."""
    assert Prompt('{"k": {"n": {{n}}}} {x}').render({"n": 3}) == '{"k": {"n": 3}} {x}'


@given(any_text, any_text)
def test_render_is_a_single_pass(one, other):
    """What stands inside a value is never looked at again."""
    assert Prompt("1 {{a}} 2 {{b}} 3 {{a}}").render({"a": one, "b": other}) == f"1 {one} 2 {other} 3 {one}"


@pytest.mark.parametrize(
    ("value", "shown"),
    [("as {{it}} is", "as {{it}} is"), (3, "3"), (None, "null"), (True, "true"), ({"a": ["ü"]}, '{\n  "a": [\n    "ü"\n  ]\n}')],
)
def test_values_that_are_no_text_are_indented_json(value, shown):
    """A string is put in as it is, anything else as indented JSON with its own letters."""
    assert show(value) == shown
    assert Prompt("v {{v}}").render({"v": value}) == f"v {shown}"


@pytest.mark.parametrize(("fields", "named"), [({}, "{{a}}"), ({"a": "1", "zz": "2"}, "{{zz}}")])
def test_missing_and_unknown_fields_are_named(fields, named):
    """A field too few or too many is an error that names it."""
    with pytest.raises(PromptError, match=named):
        Prompt("{{a}}").render(fields)
    with pytest.raises(PromptError, match=named):
        Prompt("{{a}}").render_parts(fields)


def test_the_line_splits_system_from_user():
    """Above the line is the system message, below the user message, and values cannot add a line."""
    split = Prompt(f"Be {{{{a}}}}.\n{SPLIT}  \nDo {{{{b}}}}.\n")
    assert split.parts == ("Be {{a}}.", "Do {{b}}.")
    assert split.render_parts({"a": f"x\n{SPLIT}\ny", "b": "z"}) == (f"Be x\n{SPLIT}\ny.", "Do z.")
    assert Prompt("Do {{b}}").parts == (None, "Do {{b}}")
    assert Prompt(f"in a line {SPLIT} it is text").parts[0] is None
    assert Prompt(f"a\r\n{SPLIT}\r\nb").parts == ("a", "b")


@pytest.mark.parametrize(
    ("text", "protect", "said"),
    [
        ("", (), "empty"),
        (" \n\t", (), "empty"),
        (f"a\n{SPLIT}\nb\n{SPLIT}\nc", (), "more than once"),
        ("a", ("b",), "'b' does not stand"),
        ("a", ("",), "does not stand"),
    ],
)
def test_a_prompt_that_cannot_be_is_refused(text, protect, said):
    """An empty prompt, two splitting lines and a protected text that is not there are errors."""
    with pytest.raises(PromptError, match=said):
        Prompt(text, protect)


def test_a_prompt_of_another_type_is_a_type_error():
    """Python types that cannot be meant are TypeErrors, one str as the protected spans among them."""
    with pytest.raises(TypeError, match="str, not an int"):
        Prompt(3)
    with pytest.raises(TypeError, match="protect"):
        Prompt("Answer:", "Answer:")


def test_tokens_are_words_and_marks_and_a_placeholder_is_one():
    """Words and punctuation marks count one each, and so does a placeholder."""
    assert tokens("Don't use {{the_plan}}!  ok") == ["Don", "'", "t", "use", "{{the_plan}}", "!", "ok"]
    assert count_tokens(" \n") == 0


ENDLESS = [
    ("a" * 32, 1), ("a" * 33, 2), ("x " + "é" * 96 + "!", 5), (" " * 31, 0), ("\n" * 64, 2), ("{{" + "a" * 99 + "}}", 1),
    ("界" * 200_000, 6250),
]  # fmt: skip


@pytest.mark.parametrize(("text", "count"), ENDLESS)
def test_a_word_without_an_end_counts_by_its_length(text, count):
    """Each 32 characters of a word, or of white space in a row, count one: a page is never one word, a placeholder always is."""
    assert count_tokens(text) == count
    assert count_tokens(beginning(text, count)) == count
    assert beginning(text, 0) == ""


@given(texts)
def test_words_of_an_ordinary_length_count_one_each(text):
    """The length of a text is the number of its tokens where no word is longer than 32 characters; its beginning is its own."""
    assume(not re.search(r"\w{33}|\s{32}", text))
    assert count_tokens(text) == len(tokens(text))
    assert text.startswith(beginning(text, 5))
    assert count_tokens(beginning(text, 5)) == min(5, count_tokens(text))


def test_one_endless_word_is_within_no_bound():
    """An edit that adds 200 kB in one word oversteps size, growth and length."""
    before = Prompt("Count the items in {{question}}.")
    found = overstepped(Bound(), before, before.text + " " + "a" * 200_000, count_tokens(before.text))
    assert [fault.split(" 6")[0] for fault in found] == ["the edit changes", "the prompt grows by", "the prompt has"]


def test_the_digest_depends_on_the_text_alone():
    """Equal texts have equal digests, other texts others, lone surrogates included."""
    assert Prompt("a b", ("b",)).digest == Prompt("a b").digest == digest("a b")
    assert len({Prompt(text).digest for text in ["a b", "a  b", "a b\n", "\ud800"]}) == 4


@given(any_text, any_text)
def test_taking_the_whole_difference_gives_the_other_text(one, other):
    """before.take(before.diff(after)) == after, for all texts, and taking nothing changes nothing."""
    before = prompt(one)
    hunks = before.diff(other)
    assert before.take(hunks) == other
    assert before.take(()) == one
    assert [hunk.number for hunk in hunks] == list(range(1, len(hunks) + 1))


@given(st.lists(st.sampled_from(ATOMS), min_size=8, max_size=40), st.data())
def test_any_subset_of_hunks_keeps_placeholders_and_spans(atoms, data):
    """Where the whole edit is allowed, so is each choice among its hunks."""
    before = prompt(" ".join(atoms), tuple({"Answer:", "say so"} & set(atoms)))
    moved = list(atoms)
    for _ in range(data.draw(st.integers(1, 5))):
        i, j = data.draw(st.tuples(*[st.integers(0, len(atoms) - 1)] * 2))
        moved[i], moved[j] = moved[j], moved[i]
        moved.insert(j, "new")
    after = " ".join(moved)
    assert not before.faults(after)
    hunks = before.diff(after)
    chosen = data.draw(st.sets(st.sampled_from(hunks))) if hunks else set()
    assert not before.faults(before.take(chosen))


@settings(suppress_health_check=list(HealthCheck))
@given(st.lists(st.sampled_from(PIECES), min_size=6, max_size=30), st.data())
def test_any_subset_of_hunks_keeps_what_is_put_together_from_pieces(pieces, data):
    """The rule holds when placeholders, spans and the line come about and vanish by what is beside them."""
    moved = list(pieces)
    for _ in range(data.draw(st.integers(1, 4))):
        i, j = data.draw(st.tuples(*[st.integers(0, len(pieces) - 1)] * 2))
        moved[i], moved[j] = moved[j], moved[i]
    span = "".join(pieces[1:4])
    before = prompt("".join(pieces), (span,) if span.strip() else ())
    assume(not before.faults("".join(moved)))
    hunks = before.diff("".join(moved))
    chosen = data.draw(st.sets(st.sampled_from(hunks))) if hunks else set()
    assert not [fault for fault in before.faults(before.take(chosen)) if "empty" not in fault]


def test_a_span_that_two_changes_make_ties_them_together():
    """Neither change alone makes the span that a third one breaks: all three are one hunk."""
    before = Prompt("A m n B stands here, and then x m n y.", ("A m n B",))
    (hunk,) = before.diff("Q m n B stands here, and then A m n B.")
    assert len(hunk.changes) == 3


def test_a_placeholder_that_moves_is_one_hunk():
    """Removing {{q}} here and adding it there can only be taken together."""
    before = Prompt("First read {{q}} with great care. Then think about it for a long while and answer.")
    after = "First read with great care. Then think about it for a long while and answer {{q}}."
    (hunk,) = before.diff(after)
    assert len(hunk.changes) == 2
    assert before.take([hunk]) == after


def test_far_changes_are_hunks_of_their_own():
    """Independent changes can be taken one by one, and neighbours read as one."""
    before = Prompt("Read the question with care. Count every single item. Say the total.")
    hunks = before.diff("Read each question with care. Count every single item. Say the sum, in digits.")
    assert len(hunks) == 2
    assert before.take(hunks[:1]) == "Read each question with care. Count every single item. Say the total."
    assert [hunk.size for hunk in hunks] == [1, 4]


def test_changes_on_both_sides_of_the_splitting_line_are_independent():
    """The line itself does not tie the message above to the message below."""
    assert len(Prompt(f"Be good.\n{SPLIT}\nRead {{{{q}}}}").diff(f"Be nice.\n{SPLIT}\nCount {{{{q}}}}")) == 2


def test_hunks_of_another_text_are_refused():
    """A hunk is applied only to the text it was made from."""
    hunks = Prompt("one two three").diff("one 2 three")
    with pytest.raises(PromptError, match="another version"):
        Prompt("one three").take(hunks)


@pytest.mark.parametrize("line", ["word and ", "\n", "all work and no play\n"])
def test_differences_of_long_texts_are_quick(line):
    """A prompt of 200 kB is compared in a number of calls that is linear in its length, however repetitive it is."""
    before = Prompt("Start {{q}}. " + line * (200_000 // len(line)) + " the end")
    after = before.text.replace("Start", "Begin").replace("end", "finish") + line * 3000
    made: list[str] = []
    assert calls_of(lambda: made.append(before.take(before.diff(after)))) < len(after)
    assert made == [after]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "new text is empty"),
        (f"Do {{{{a}}}}.\n{SPLIT}\nAnswer: yes", r"\{\{b\}\} stands 0 times instead of 1"),
        (f"Do {{{{a}}}} {{{{a}}}}.\n{SPLIT}\nAnswer: {{{{b}}}}", r"\{\{a\}\} stands 2 times instead of 1"),
        (f"Do {{{{a}}}} {{{{c}}}}.\n{SPLIT}\nAnswer: {{{{b}}}}", r"\{\{c\}\} stands 1 times instead of 0"),
        (f"Do {{{{a}}}}.\n{SPLIT}\nReply: {{{{b}}}}", "'Answer:' stands 0 times"),
        ("Do {{a}}.\nAnswer: {{b}}", "must stay"),
        (f"Do {{{{a}}}}. {SPLIT} Answer: {{{{b}}}}", "must stay"),
    ],
)
def test_an_edit_keeps_placeholders_spans_and_the_line(text, said):
    """What an edit may not do is named, and `replaced` refuses it."""
    before = Prompt(f"Do {{{{a}}}}.\n{SPLIT}\nAnswer: {{{{b}}}}", ("Answer:",))
    assert not before.faults(before.text)
    with pytest.raises(PromptError, match=said):
        before.replaced(text)


def test_an_edit_may_not_split_a_prompt():
    """A splitting line cannot be added by an edit."""
    with pytest.raises(PromptError, match="has none"):
        Prompt("Do {{a}}").replaced(f"Do\n{SPLIT}\n{{{{a}}}}")


def test_a_replaced_prompt_keeps_its_protection():
    """The spans outlive an edit."""
    assert Prompt("Answer: {{a}}", ("Answer:",)).replaced("Say Answer: {{a}}").protect == ("Answer:",)


@pytest.mark.parametrize(
    ("length", "ratio", "most"), [(10, 1.0, 24), (100, 1.0, 30), (100, 0.5, 24), (1000, 0.5, 150), (1000, 0.01, 50)]
)
def test_the_bound_shrinks_with_beta_to_its_floor(length, ratio, most):
    """At most max(24, max(0.05, 0.30 beta/beta_0) * length) tokens are edited."""
    assert Bound().edited(length, ratio) == most


def overstepped(bound, before, text, baseline):
    """What an edit at the first beta oversteps, in words."""
    return tuple(str(limit) for limit in bound.limits(before, text, baseline, 1.0) if not limit.kept)


def test_the_bound_names_each_overstep():
    """Places, size, growth and drift are checked, each with its numbers."""
    before = Prompt(" ".join(f"w{i}" for i in range(100)))
    words = before.text.split()
    assert overstepped(Bound(), before, before.text, 100) == ()
    four = " ".join("new" if i in (5, 25, 45, 65) else word for i, word in enumerate(words))
    assert overstepped(Bound(), before, four, 100) == ("the edit changes 4 places, 3 are allowed",)
    large = " ".join(["new"] * 31 + words[31:])
    assert overstepped(Bound(), before, large, 100) == ("the edit changes 31 words and punctuation marks, 30 are allowed",)
    grown = before.text + " more" * 41
    (fault,) = overstepped(Bound(floor=99), before, grown, 100)
    assert fault == "the prompt grows by 41 words and punctuation marks, 40 are allowed"
    (fault,) = overstepped(Bound(floor=99, growth=99), before, grown, 60)
    assert fault == "the prompt has 141 words and punctuation marks, 140 are allowed"


@given(texts, texts)
def test_an_edit_of_nothing_is_within_every_bound(one, other):
    """An edit that changes nothing breaks no bound, and one that does counts its tokens."""
    before = prompt(one)
    assert overstepped(Bound(hunks=0, floor=0, share=0, least=0, growth=0), before, one, count_tokens(one)) == ()
    changed = sum(hunk.size for hunk in before.diff(other))
    over = overstepped(Bound(floor=0, share=0, least=0), before, other, 10**6)
    assert any("words and punctuation marks, 0 are allowed" in fault for fault in over) == (changed > 0)


def test_a_split_prompt_says_something_to_the_user() -> None:
    """Nothing below the splitting line is refused, in a prompt and in an edit; the line is no sentence of its own."""
    with pytest.raises(PromptError, match="nothing below the line"):
        Prompt("Be brief: {{a}}\n--- user ---\n \n")
    prompt = Prompt("Be brief.\n--- user ---\nRead it.\n{{a}}")
    assert any("would be empty" in fault for fault in prompt.faults("Be brief. Read it.\n{{a}}\n--- user ---\n"))
    assert prompt.faults("Be brief.\n--- user ---\nRead it well.\n{{a}}") == ()
    assert Agent("a", "--- user ---\nRead it. Then say what it is.\n{{a}}", output="b").role == "Read it."


@pytest.mark.parametrize("end", [" ", "\n"])
def test_a_long_prompt_that_is_changed_far_apart_has_small_hunks(end):
    """Texts too long for a whole comparison are cut where both have the same rare words, whether in lines or in one."""
    source = random.Random(0)
    words = [f"word{source.randrange(3000)}" for _ in range(30_000)]
    before = end.join(words)
    for at in (3, 15_000, 29_990):
        words[at] = f"changed{at}"
    after = end.join(words)
    hunks = Prompt(before).diff(after)
    assert [change.new for hunk in hunks for change in hunk.changes] == ["changed3", "changed15000", "changed29990"]
    assert Prompt(before).take(hunks) == after


def test_a_long_prompt_without_rare_words_is_still_turned_into_the_other():
    """Where nothing stands once there is nothing to cut at: the edit is one hunk, and right."""
    before, after = "plus minus " * 9_000, "minus " + "plus minus " * 8_999 + "plus"
    prompt = Prompt(before)
    assert prompt.take(prompt.diff(after)) == after
