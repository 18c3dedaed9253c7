"""How the simulated critic and editor word what they ask for."""

from __future__ import annotations

__all__ = ["FILLER", "HARM", "LAYOUT", "RATIONALE", "SAY", "VAGUE"]

SAY: dict[str, tuple[str, ...]] = {
    "+amounts": (
        "Keep the amount of every thing.",
        "State how many there are of each thing.",
        "Carry the amounts over: \"two violins\" stays \"two violins\".",
        "Put the quantity of each thing beside its name.",
        "Do not lose the number that stands before a thing.",
        "Write down every thing together with its quantity.",
    ),
    "-amounts": (
        "Be brief: name each thing once, without amounts.",
        "Give the bare names once each, without quantities.",
        "Leave the amounts out.",
    ),
    "+all": (
        "Leave none of the things out, however many there are.",
        "Go on to the last thing and skip none.",
        "Make the list complete: no thing may be missing.",
        "Do not stop early, and do not omit any thing.",
        "Include every single one.",
    ),
    "-all": ("The first few are enough.", "You may skip some of them."),
    "+kind": (
        "Include only things of the kind that the question asks for.",
        "Leave out things of any other kind than the one asked for.",
        "Ignore everything that does not belong to the category in question.",
        "Restrict yourself to things of the requested kind.",
        "Things of another kind do not count: drop them.",
    ),
    "-kind": ("Count everything, whatever its kind.",),
    "+digits": (
        "Write the number in digits.",
        "Use digits, not number words.",
        "Give the total as a numeral.",
        "Do not spell the number out: write digits.",
        "The number must be written in digits, e.g. 12.",
    ),
    "-digits": ("Spell the number out in words, which reads better.", "Write the number in words."),
    "+ending": (
        "End with the total.",
        "Let the total be the last thing that you write.",
        "Put the total at the very end, with nothing after it.",
        "Finish with the final number.",
        "Nothing may come after the total.",
    ),
    "-ending": ("Begin with the total and put the remarks after it.",),
    "+working": (
        "Show your working.",
        "Explain step by step how you get there.",
        "Show the calculation that leads to the result.",
        "Make the reasoning visible: show each step.",
    ),
    "-working": ("Do not show any working.",),
    "+letters": (
        "Compare whole words: where the first letters are the same, the next letter decides.",
        "Use full dictionary order, letter by letter.",
        "Look beyond the first letter: compare the second letter and those after it.",
        "Words that share a first letter are ordered by their second letter, and so on.",
    ),
    "-letters": ("Sort by the first letter only, to be quick.",),
    "+spaces": (
        "Separate the words by single spaces, without commas.",
        "Put one space between the words, and no commas.",
        "Join the words with spaces.",
    ),
    "-spaces": ("Separate the words with commas.",),
    "+bare": (
        "Write the words and nothing else.",
        "Give only the words, without any introduction or comment.",
        "Reply with just the words.",
        "Do not add any text around the words.",
    ),
    "-bare": ("Introduce the words with a friendly sentence.",),
}
"""Sentences for each wish."""

LAYOUT: dict[str, tuple[str, ...]] = {
    "\n": (
        "Write one line for each item, as `{form}`.",
        "Give every item a line of its own in the form `{form}`.",
        "Put each item on a separate line: `{form}`.",
    ),
    "; ": (
        "Write each item as `{form}` and separate the items by semicolons.",
        "Separate the items by semicolons and write each as `{form}`.",
    ),
    ", ": (
        "Write each item as `{form}` and separate the items by commas.",
        "Separate the items by commas and write each as `{form}`.",
    ),
}
"""Sentences for a layout, by what stands between its entries."""

RATIONALE: dict[str, str] = {
    "+amounts": "amounts get lost",
    "+all": "things are left out",
    "+kind": "things of other kinds get in",
    "+lines": "the layout is not what is expected",
    "+digits": "the number is not in digits",
    "+ending": "the output does not end with the total",
    "+working": "one cannot see how the result came about",
    "+letters": "words with the same first letter are out of order",
    "+spaces": "the words are not separated as expected",
    "+bare": "there is more than the words",
    "-amounts": "the output is long-winded",
    "-digits": "the number does not read well",
    "-letters": "sorting takes long",
    "-bare": "the tone is curt",
    "-all": "the list is long",
}
"""What is wrong, in a few words."""

HARM: dict[str, str] = {
    "list": "-amounts",
    "tally": "-amounts",
    "solve": "-amounts",
    "answer": "-digits",
    "read": "-all",
    "sort": "-letters",
    "reply": "-bare",
    "solve words": "-letters",
}
"""What a critic that errs asks for."""

VAGUE: tuple[tuple[str, str], ...] = (
    ("output", "Improve the overall quality."),
    ("", "Be clearer."),
    ("everything", "Try to do better next time."),
)
"""Suggestions that name nothing."""

FILLER: tuple[str, ...] = (
    ("Please take all the time that you need for this and work with great attention, because the people who read it rely on your "
    "conscientious help and will be grateful for the effort that you make here, today as on any other day."),
    ("As an experienced and attentive assistant, you are kindly invited to approach this with patience and a calm mind, since "
    "careful work has always been the mark of a real professional and is appreciated by everybody who depends on it later."),
)
"""What an editor that oversteps writes around a wish."""
