# ruff: noqa: E501  a concept a line: a table is read by its rows
"""What words of an instruction mean: concepts with the words that name them."""

from __future__ import annotations

from tep_nb.model.simulated.text import Pattern, words

__all__ = ["CONCEPTS", "NEGATORS", "WISH_VERBS", "stem"]

_VOWEL = Pattern(r"[aeiouy]")


def stem(word: str) -> str:
    """Cut common endings, the same for the dictionary and for what is read: it need not be a word."""
    if word.startswith("_") or len(word) < 4:
        return word
    for ending, instead in (("ies", "y"), ("ied", "y"), ("ing", ""), ("ed", ""), ("es", ""), ("s", ""), ("ly", "")):
        if word.endswith(ending) and not word.endswith(("ss", "us", "is")):
            cut = word[: len(word) - len(ending)] + instead
            if len(cut) > 2 and _VOWEL.search(cut):
                word = cut
                break
    if len(word) > 3 and word[-1] == word[-2] and word[-1] not in "eo":
        word = word[:-1]
    return word[:-1] if len(word) > 3 and word.endswith("e") else word


NEGATORS = words("not no never without avoid avoids avoiding neither nor refrain non nix zero")

_WORDS: dict[str, str] = {
    "AMOUNT": (
        "amount quantity number count figure numeral multiplicity multiple multiples frequency occurrence "
        "plural numeric numerical quantifier cardinality _howmany _several magnitude quantify quantified numbered"
    ),
    "KEEP": (
        "keep retain preserve maintain include carry copy note record state give write put mention add report list specify show "
        "indicate mark attach annotate supply provide name repeat reflect hold take transfer pass conserve register jot go with "
        "together along alongside beside next belong visible appear accompany follow precede append capture transcribe document "
        "express display quote contain remain stay have has track bring deliver enter say tell know see care matter important "
        "relevant needed essential crucial there travel before behind set present pair match equip label combine respect pay attention kept mind multiply consult mirror restore recover reinstate reconstruct agree coincide consistent precedence prevail faithful faithfully survive"
    ),
    "LISTV": "list name mention write extract enumerate note record include cover take give put report collect find copy identify capture appear contain return catch present",
    "ITEM": (
        "thing item object entry noun element article name piece product possession fruit animal instrument vegetable good "
        "something mention possession"
    ),
    "EACH": "each every per apiece respective respectively individual corresponding its their",
    "ALL": "all every everything each whole entire entirety complete completely full exhaustive comprehensive complet completeness entir exhaustiv",
    "COMPLETE": "whole entire entirety complete completely exhaustive exhaustively comprehensive completeness full fully entirely _asmanyas gap",
    "COMPLETELIST": "_completelist",
    "ALLITEMS": "_allitems",
    "SINGLE": "_single",
    "BEWARE": "_beware",
    "ASONE": "_asone singleton",
    "AFTERTOTAL": "_aftertotal",
    "MATH": "math maths mathematics",
    "USE": "use take adopt",
    "WHY": "why",
    "OMIT": (
        "omit drop skip lose loses lost losing forget forgot forgotten ignore discard exclude miss missing overlook neglect disregard "
        "remove delete eliminate reject strip absent erase dismiss skipping disappear vanish suppress filter overlooked unmentioned "
        "hide conceal hidden sacrifice exempt excluded shed swallow discount omission"
    ),
    "STOP": "stop halt quit early premature abbreviate shorten truncate summarise summarize limit cap",
    "GOON": "_goon continue continu",
    "UNTIL": "_untilend until till",
    "HANDFUL": "few couple handful selection sample",
    "FEW": "few some couple main main first sample selection partial part handful",
    "ENOUGH": "_willdo enough suffice sufficient fine okay ok may can acceptable optional",
    "KIND": (
        "kind type category class group _sortof species family requested wanted queried request requir relevant _asked _mentioned asked sought target "
        "concerned desired matching categor classification label sought-after"
    ),
    "MENTIONED": "_mentioned",
    "FIT": "belong match fit qualify fall correspond pertain instance member satisfy apply meet suit matching compare check verify",
    "OTHER": (
        "interloper imposter impostor odd other else different foreign unrelated irrelevant distractor alien nonmatching unasked remaining extraneous rest "
        "another mismatched unwanted intruder decoy stray misleading deceptive bogus spurious superfluous distraction outsider beyond outside unsuitable wrong inapplicable off-topic"
    ),
    "COUNTED": "_incount",
    "COUNTV": "_incount count tally consider include add list reckon keep belong place room regard enter report",
    "ATMOST": "_atmost",
    "ONLY": "_focus only just solely exclusively merely alone purely restrict limit confine stick adhere simply sole exclusive narrow strictly",
    "REGARDLESS": "_regardless anyway regardless indiscriminately",
    "EVERYTHING": "everything anything",
    "LASTITEM": "_lastitem",
    "ONELINE": "_oneline",
    "QUESTION": "question text instruction task prompt",
    "BUSINESS": "business place",
    "LINE": "line row _perline newline stack vertical vertically below underneath",
    "PERLINE": "_perline newline vertical vertically",
    "COLON": "colon _equalsign semicolon dash hyphen",
    "PROSE": "prose sentence paragraph flowing running narrative",
    "SENTENCES": "_sentences",
    "DIGIT": "digit numeral arabic numerically numeric numerical integer figure",
    "NUMWORD": "_numword",
    "MULTIPLE": "multiple multiples twos threes fours fives pairs",
    "WORDS": "_words _inwords _numword spell",
    "NUMBER": "number numeral integer value figure digit count",
    "FORM": "form format notation shape style",
    "END": "_atend end finish conclude conclusion terminate ending last culminate _finally ends",
    "TOTAL": "total number sum result answer count figure value integer it numeral solution outcome amount grand",
    "SUM": "total sum final overall solution outcome grand",
    "AFTER": "after behind following afterwards beyond follow",
    "NOTHING": "nothing none anything",
    "BEGIN": "begin start first opening beginning top outset",
    "ADD": "add append introduce remark explain continue comment write more put something",
    "TRAIL": "stop stopping done finished finish halt silent end",
    "WORKING": (
        "_working _stepwise reasoning reason explain explanation calculation calculate derive derivation intermediate justify "
        "justification arithmetic thought steps addition computation rationale subtotal proof demonstrate logic "
        "breakdown summand argue argument substantiate"
    ),
    "SHOW": "show write give lay explain describe detail present include reveal think walk provide make demonstrate justify spell",
    "THINK": "think reason work let deliberate",
    "LETTER": "_deeper letter character alphabetical alphabetic _firstletter spelling position",
    "DEEPER": (
        "_deeper second third next subsequent following further later whole entire all tie same beyond deeper rest remaining every full share "
        "identical equal differ until complete past each"
    ),
    "ALPHABET": "_alphabet alphabet alphabetical alphabetic abc",
    "WORD": "word",
    "CASE": "case capital capitalise capitalize lowercase uppercase bold italic quote",
    "WHOLE": "whole entire full complete",
    "COMPARE": "compare sort order arrange rank consider look go",
    "FIRSTLETTER": "_firstletter",
    "DICTIONARY": "dictionary lexicographic lexicographical lexicographically lexicon telephone encyclopedia lexical full strict strictly proper true",
    "LEXICAL": "_letterwise lexicographic lexicographical lexicographically lexical dictionary",
    "SPACE": "space blank whitespace spaced",
    "COMMA": "comma semicolon _numbering punctuation newline",
    "SEPARATE": "separate separator between delimit delimiter divide part join single one put split set apart",
    "TEXT": (
        "introduction intro introduce comment explanation preamble text remark commentary pleasantry sentence prose greeting note annotation "
        "decoration framing phrase heading label title embellishment chatter prefix suffix lead-in _extra padding preface"
    ),
    "BARE": "_onlythis bare alone only just solely nothing merely exclusively purely raw plain",
    "NAMES": "name noun",
    "ONCE": "once",
    "EXCEPT": "_except",
    "LISTING": "list word answer output reply result sequence",
}

CONCEPTS: dict[str, tuple[str, ...]] = {}
for _concept, _names in _WORDS.items():
    for _name in _names.split():
        CONCEPTS[stem(_name)] = (*CONCEPTS.get(stem(_name), ()), *(() if _concept in CONCEPTS.get(stem(_name), ()) else (_concept,)))

WISH_VERBS = frozenset(
    stem(verb)
    for verb in words(
        "keep retain preserve maintain include carry copy note record state give write put mention add report list specify show "
        "indicate mark attach annotate supply provide name repeat reflect hold take transfer pass register jot append capture express "
        "display quote omit drop skip lose forget ignore discard exclude miss overlook neglect disregard remove delete eliminate reject "
        "strip use make ensure be do let go see look think count tally consider sort order arrange separate join delimit divide compare "
        "begin start end finish close conclude stop continue print return output reply answer respond say tell explain justify lay "
        "format present set place start spell convert avoid restrict limit confine filter check verify treat read cover follow pay try "
        "mind multiply weigh consult mirror adopt obey remember note leave hide conceal reproduce produce generate have bring attend apply respect honour honor turn render transform phrase "
        "pick choose select focus concentrate deliver provide compute calculate add sum combine pair break split go get work walk "
        "describe introduce detail enumerate extract identify quantify match double exempt send prefer hand fill ask request demand propose"
    )
)
"""Verbs that open an order."""
