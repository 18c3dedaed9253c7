# ruff: noqa: E501  an idiom or a concept a line: a table is read by its rows
"""What words of an instruction mean: idioms, and concepts with the words that name them."""

from __future__ import annotations

import re

from tep_nb.model.simulated.text import Pattern, words

__all__ = ["CONCEPTS", "IDIOMS", "NEGATORS", "WISH_VERBS", "stem"]

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


IDIOMS: tuple[tuple[Pattern, str], ...] = tuple(
    (Pattern(pattern, re.IGNORECASE), instead)
    for pattern, instead in (
        (r"[’‘]", "'"),
        (r"\b(ca|wo)n't\b", "can not"),
        (r"^\W*(?:instead of|rather than|in place of|in lieu of) ([^,;.!?]*?),? ((?:please )?(?:use|write|give|put|say|print|state|show|list|keep)\b[^,;.!?]*)", r"\2 , not \1"),
        (r"n't\b|n’t\b", " not"),
        (r"\b(?:\w+|\d+)[- ]years?[- ]old(?:s|er)?\b", " "),
        (r"\b(?:\w+|\d+) (?:years?|minutes?|seconds|hours?|days|questions|points|stars|percent|dollars|colleagues|people|readers)\b", " "),
        (r"\b(?:previous|preceding|prior|earlier|next|following|this|that|first|former|other) (?:agent's )?step\b", " "),
        (r"\bkeep(?:s|ing)? ((?:\w+ ){1,5}?)to (?:your|him|her|it)sel(?:f|ves)\b", r"omit \1"),
        (r"\b(out )?(?:of|from|in|into|toward|towards) (?:the |your |this |that |our )(?:count|tally|total|sum|reckoning|consideration)\b(?! (?:at|of|as))", r"\1_incount"),
        (r"\b(?:does|do|must|should|shall) not count\b(?! (?:\w|_))|\b(?:does|do|must|should|shall) not count (?=either|at all|here|then|toward|as one|for)", "must omit"),
        (r"\bask(?:s|ed|ing)? (?:about|for|after)\b", "_asked"),
        (r"\b(?:interested in|concerned with|looking for|calls? for|curious about|is after|wants to know)\b(?: about)?", "_asked"),
        (r"\b(?:gets?|with|as|for|to|is|are|worth|score) (?:a )?(?:zero|nought|0)\b", "omit"),
        (r"\b(?:is|are|counts? as|considered|will be|would be|be) (?:a |an )?(?:\w+ )?(?:wrong|incorrect|invalid|useless|unacceptable|mistakes?|errors?|no good|not acceptable|worthless|no use)\b", "forbidden"),
        (r"\bmakes? (?:the |your |an? |every )?\w+ (?:wrong|useless|worthless|invalid|unusable|incorrect)\b", "forbidden"),
        (r"^\W*without (?:the |any |its |their )?([^,;.!?]*), [^,;.!?]* forbidden\b", r"provide \1"),
        (r"\b(?:incomplete|partial|gappy)\b[^,;.!]*?\b(?:fine|ok|okay|enough|sufficient|acceptable|welcome|suffices?|will do)\b", "few enough"),
        (r"\b(?:incomplete|partial|gappy)\b([^,;.!]*?)\bforbidden\b", r"complete \1 required"),
        (r"\b(?:an? |any |the |mere |bare )?\w+ (?:with no|without(?: an?y?)?) ([^,.;!?]*?) forbidden\b", r"provide \1"),
        (r"\b(?:lacks?|lacking|devoid of)\b", "omit"),
        (r"\b(?:set|sets|spell|spells|write|writes|lay|lays|put|puts|written|laid) (?:it |this )?(?:out|down) (the |your |a |each |every |all )?(sum|addition|calculation|arithmetic|steps?|reasoning|derivation)\b", r"show \1calculation"),
        (r"\b(sum|addition) (is|must be|should be|to be) (?:set|spelled|written|laid|shown)\b(?: out| down)?(?: in full)?", r"calculation must be shown"),
        (r"\b(item|number|summand|figure|term|piece|part) by \1\b", "_stepwise"),
        (r"\b(?:beware of|look out for|watch out for|watch for|be wary of|mind the|be on (?:the|your) (?:lookout|guard) (?:for|against))\b", "_beware"),
        (r"\boff[ -](?:category|topic|kind|type)\b", "other things"),
        (r"\b(?:adds?|contributes?|adding|contributing) (?:nothing|zero|0) to (?:the |your )?(?:\w+ )?(?:count|tally|total|sum|result|answer)\b", "omit"),
        (r"\b(?:sum|addition|additions|figures|numbers) (?:that |which )?you (?:did|made|make|do|used?|added|add|summed)\b", "calculation"),
        (r"\b(?:let|allow|help) (?:us|me|him|her|them|the \w+|people|others)(?: to)? see\b", "show"),
        (r"\b(?:must|should|shall|needs? to|ought to|will) (?:all |also |each )?be (?:there|present|included|found|in (?:the|your) (?:final )?(?:list|result|output|answer|reply|response))\b", "must appear"),
        (r"\b(?:long|short|complicated|complex|nested|convoluted|run-on|passive|lengthy|simple|plain)(?: \w+)? (?:sentences|words|texts|phrases|paragraphs)\b", "style"),
        (r"\b(?:everything|anything|whatever|all)(?: that| which)? the (?:question|text|sentence) (?:names?|mentions?|lists?|contains?)\b", "all items"),
        (r"[\"'“]?(?:\betc\b\.?|\band so (?:on|forth)\b|\band the like\b)[\"'”]?", "stop"),
        (r"\b(?:focus|concentrate|zero in|home in)(?:es|ed|ing|s)? (?:only |solely |just |entirely )?on\b", "_focus"),
        (r"\b(?:walk|talk|take|lead|guide) (?:me|us|him|her|them|the \w+|people|others) through\b", "show _stepwise"),
        (r"\b(?:work|think|reason|go) (?:it |this |the (?:problem|task|question|sum|calculation) )?through(?: the (?:problem|task|question|sum|calculation))?\b(?! the (?:list|sentence|text|items|things))", "_stepwise"),
        (r"\b(?:sum|addition|arithmetic) in full\b", "calculation"),
        (r"\b(?:at most|no more than|not more than|up to|a maximum of)\b", "_atmost"),
        (r"\b(total|number|result|answer)((?: \w+){0,4}?) before (?:the |any |all |your )?(?:explanations?|remarks?|comments?|reasoning|rest|calculation)\b", r"begin with the \1"),
        (r"\bonly (?:answer|reply|respond) (?=if|when|once|after)", " "),
        (r"\b(?:explain |define |avoid )?(?:difficult|technical|hard|unknown|unusual|foreign|rare) (?:words|terms|concepts|expressions)\b|\bexplain (?:jargon|terms)\b", "style"),
        (r"\bclos(?:e|es|ed|ing)((?: \w+){0,3}?) (?:with|on|by)\b", r"finish \1 with"),
        (r"\bhead ?counts?\b", "amount"),
        (r"\bif,? and only if,?", "only if"),
        (r"\bexactly (the|those) (items|things|objects|ones)\b", r"only \1 \2"),
        (r"\b(?:is|are) (?:taken over|carried over|adopted|copied over|transferred|decisive|binding|authoritative)\b", "must be kept"),
        (r"\brun(?:s|ning)? out of\b", "_untilend"),
        (r"\b(?<!that )(?<!which )(is|are) (?:wanted|desired|called for|welcome)\b", "must be"),
        (r"\b(?:finish|end|close|conclude)(?: \w+)? with (?:a |an |some )?(?:\w+ )?(remark|comment|explanation|note|joke|question|greeting|farewell)s?\b", r"add a \1"),
        (r"\beven (?:if|when|where|though) [^,;.!]*", " "),
        (r"\bas (?:often|many times|frequently) as\b", "_howmany"),
        (r"\b(?:does|do) not matter (?:what|which|whether|about)\b", "_regardless"),
        (r"\b(?:write|writing|writes) out (?:the |your |any |all )?(?=numbers?\b|total|figure|result|counts?\b)", "_words "),
        (r"\b(?:has|have|had) to\b", "must"),
        (r"\b(?:ignore|disregard|forget(?: about)?|never mind|do not mind|pay no attention to|do not care about) (?:the |their |its |any )?(?:category|categories|kinds?|types?|class|classes|sorts?|groups?)\b(?! (?:other|not|that|which|beyond|outside|but))", "_regardless kind"),
        (r"\b(kind|category|type|class|sort|group)\b([\w ]*?) (?:is|are) (?:unimportant|irrelevant|immaterial|of no \w+)\b", r"_regardless \1"),
        (r"\b(kind|category|type|class|sort|group)\b([\w ]*?) (?:does|do|must|should) not matter\b", r"_regardless \1"),
        (r"\b(?:(?:is|are) (?:unimportant|irrelevant|immaterial|of no \w+)|(?:does|do) not matter|makes? no difference)\b(?! (?:and|to the question))", "omit"),
        (r"\bpay(?:ing)? no (?:attention|heed) to\b|\bturn a blind eye to\b|\bnever mind\b|\bdo not (?:mind|care about|bother (?:with|about))\b", "ignore"),
        (r"\b(?:once|when|as soon as) (?:you|the reply|it|the answer) (?:have |has )?(?:given|stated|said|written|named|reached|printed|told|gives?|states?|name|reach)\b", "after"),
        (r"\b(think|reason|deliberate|talk|calculate|comput|count|add|work)(?:e|s|ing)?((?: \w+){0,4}?) (?:out loud|aloud)\b", r"\1 _stepwise \2"),
        (r"\b(?:in|with|as|using|into|of) (?:\w+ )?(?:full|complete|whole|entire|proper) sentences?\b", "in prose"),
        (r"\b(?:from )?a (?:to|through|till|until) z\b|\ba-z\b", "_alphabet"),
        (r"\bafter (?:the |your |stating the |giving the )?(?:final |grand |overall )?(total|number|result|sum|answer|figure)\b", r"_aftertotal after the \1"),
        (r"\b(?:in|of|has|have|takes?) (?:two|three|four|five|several|many|some|\d+) steps\b", " "),
        (r"\b(?:as |only |just |as just |as only )(?:one|a single|a singleton|1)\b(?: (?:one|piece|unit|item|of (?:each|it|them)))?(?! (?:line|row|word|sentence|number|space|integer|list|per))", "_asone"),
        (r"\b(?:left|leave|go|goes|remain|remains|stay|stays) un(?:counted|mentioned|listed|considered|noticed)\b", "omit"),
        (r"\bred herrings?\b", "distractor"),
        (r"\b(?:strike|strikes|struck|stricken|knock|knocked|kick|kicked|toss|tossed|take|taken) ((?:\w+ ){0,4}?)(?:off|out)\b", r"omit \1"),
        (r"\b(?:put|jot|note)(?:s|ted)? (?:it |them |this |that )?down\b", "show"),
        (r"\b(?:items?|things?|ones?|objects?|whatever|what)(?: that| which)?(?: is| are| stands?| comes?)? (?:in the tail|at the (?:far )?end|towards the end) of the (?:sentence|question|list|text)\b", "_lastitem"),
        (r"\bcannot\b", "can not"),
        (r"\bnot (only|just|merely)\b(?=.*\b(?:but|also|too|as well)\b)", ""),
        (r"\b(?:not|never)\b([^.,;]*?)\b(?:anything|any \w+) (?:but|except|other than|beyond)\b", r"\1 only"),
        (r"\breasoning question\b|\bavoid (?:repeat|unnecessary|redundan)\w*[^.;]*", " "),
        (r"\bwhether or not\b", "_regardless"),
        (r"\b(?:slip|slips|slipping|fall|falls|falling) (?:through|by|away)(?: the \w+)?\b|\b(?:get|gets|go|goes|getting) (?:lost|missing)\b", "omit"),
        (r"\bgiv(?:e|ing) up\b|\bend(?:s|ing)? (?:your|the) (?:list|enumeration)\b", "stop"),
        (r"\bnon[- ]?(?:members?|matching|relevant|fitting)\b", "other things"),
        (r"\b(?:add|write|say|put|append) (?:no|nothing) (?:more|further|else)\b", "stop"),
        (r"\b(?:whole|entire|complete) (?:answer|reply|response|output) (?:is|are|must be|should be|consists of)\b", "answer _onlythis"),
        (r"\bexcept(?: for)?\b|\bapart from\b|\bother than\b", "_except"),
        (r"\b(list|name|include|mention|give|take|write|count) (all|everything)\b(?=\s*[,.;!]|$)", r"\1 all items"),
        (r"\b(?:rather than|instead of|in place of|in lieu of|as opposed to)\b", " , not "),
        (r"\bby no means\b", "not"),
        (r"\b(?:no matter|regardless of) how (?:many|long|large)[\w ]*|\bhowever (?:many|long|numerous)[\w ]*", " "),
        (r"\bhow (?:many|much|often|numerous|frequently)\b", "_howmany"),
        (r"\bstep[ -]by[ -]step\b|\b(?:one|a) step at a time\b|\bstep after step\b|\bin steps\b", "_stepwise"),
        (r"\bfigur(?:e|ing) (?:it |this )?out\b", "think"),
        (r"\b(?:spell|spelt|write|written|writing)(?:s|ed|ing)? ((?:\w+ ){0,4}?)out in full\b", r"_words \1"),
        (r"\b(?:spell|spelt)(?:s|ed|ing)? ((?:\w+ ){0,4}?)out\b", r"_words \1"),
        (r"\b(?:write|written|writing) ((?:the \w+ )|it |them )?out (?:as|in|with) (?:words?|letters?|full)\b", r"_words \1"),
        (r"\b(?:in|as|with|using|into|by) (?:a |number |plain |full |english )?(?:words?|letters)\b(?! order)", "_inwords"),
        (r"\b(?:number|numeral|numeric)[ -]words?\b|\bwords? for numbers?\b", "_numword"),
        (r"\b(?:leave|leaves|leaving|left) ((?:[\w'\"]+ ){0,5}?)(?:out|aside|off|behind|unmentioned|unlisted|away)\b", r"omit \1"),
        (r"\b(?:throw|cast|weed|filter|sift|screen|strip|cross|rule|cut|sort|drop|pass|set|put|get)(?:s|ing|t?ed)? ((?:\w+ ){0,4}?)(?:away|out|off|over|aside|rid of)\b", r"omit \1"),
        (r"\b(?:keep(?:s|ing)?|kept) ((?:[\w'\"]+ ){0,5}?)(?:out|away|off)\b", r"omit \1"),
        (r"\bleave (?:them|it|those|these) (?:be|alone)\b|\b(?:is|are) noise\b", "omit"),
        (r"\bfooled\b|\bmisled\b|\bdistracted\b|\btricked\b", "include"),
        (r"\bstrangers?\b", "intruder"),
        (r"\b(?:run|carry|go|keep|continu\w*|press|read) (?:on|going|through)\b", "_goon"),
        (r"\b(?:right |all the way |up )?(?:until|till|to|through to) the (?:very )?(?:end|last|final)\b", "_untilend"),
        (r"\b(?:cut|break|trail) (?:it |the list |things )?(?:short|off)\b", "stop"),
        (r"\b(several|many|multiple|all|everything|two|words|items|list|tally|them|it)\b([^.]*?) (?:on|in|into|onto) (?:one|a single|the same|one single) (?:line|row)\b", r"\1\2 _oneline"),
        (r"\b(?:one|a|an|each|every|single|separate|new|own|fresh|different|individual|distinct)(?: \w+)? (?:line|row|bullet)s?(?: of its own)?\b", "_perline"),
        (r"\b(?:separate|individual|new|distinct|different|their own) (?:lines|rows|bullets)\b", "_perline"),
        (r"\bline[ -]by[ -]line\b|\bper (?:line|row)\b|\bline ?breaks?\b|\bnew ?lines?\b|\blines? to itself\b", "_perline"),
        (r"\b(?:underneath|below|beneath|under) (?:one another|each other|the other)\b|\bbullet(?:ed|s| points?| list)?\b", "_perline"),
        (r"\bbullet\b", "_perline"),
        (r"\bnothing (?:else|more|besides|but|other|further|additional)\b|\bno (?:extra|additional|other|further|more|surrounding) (?:text|words?|content|output|information)\b", "_onlythis"),
        (r"\banything (?:else|besides|but|other|further|beyond|extra|more)\b", "anything _extra"),
        (r"\b(?:at|in|to|towards?) the (?:very )?(?:end|bottom|close|tail)\b", "_atend"),
        (r"\b(?:very )?(?:last|final|closing) (?:line|statement|thing|word|token|sentence|position|place|element|part|item you write|words|characters?)\b", "_atend"),
        (r"\b(?:come|comes|coming|go|goes|stand|stands|put|placed?|written|appears?|mentioned|stated|given)((?: \w+){0,2}) last\b", r"\1 _atend"),
        (r"\blast of all\b|\bas the last\b|\blast[.!]?$", "_atend"),
        (r"\bwrap(?:s|ping)? up\b|\bround(?:s|ing)? off\b|\bsign(?:s|ing)? off\b|\bclose with\b", "finish"),
        (r"\b(?:them|these|those|they) (?:all|both)\b|\ball of (?:them|it|these|those)\b|\bevery one of them\b|\beach one\b", "all items"),
        (r"\b(?:los|omitt|dropp|skipp|leav|forgett|miss|ignor)ing\b([^.,;]*?)\b(?:would|will|is|makes?|ruins?|spoils?|leads?|could)\b[^.,;]*\b(?:ruin|spoil|harm|wrong|mistake|error|useless|bad|fatal|break|unacceptable|worthless|problem)\w*", r"do not omit \1"),
        (r"\b(?:incomplete|partial|gappy)\b(?=.*\b(?:useless|wrong|bad|unacceptable|not|never|no|worthless|forbidden)\b)", "complete"),
        (r"\bseveral (?:of|pieces)\b", "_several"),
        (r"\bin front of\b", "before"),
        (r"\b(?:make|be) (?:absolutely )?(?:sure|certain)\b|\bsee to it\b|\btake care\b|\bremember to\b|\bdon't forget to\b|\bdo not forget to\b", "ensure"),
        (r"\b(?:do not|never) forget\b(?= (?:the|any|a|an|one|some)\b)", "not omit"),
        (r"\b(?:being |are |is |was |were )?asked (?:for|about|of)\b|\bquestion(?: is| was)?(?: really| actually| truly)? (?:asks?|about|wants?|concerns?|requests?|inquires?|targets?)(?: for| about)?\b", "_asked"),
        (r"\bquestion (?:names?|mentions?|lists?|contains?)\b", "question _mentioned"),
        (r"\bin question\b|\binquired? (?:about|after)\b|\basked[ -]for\b|\bthe question's\b|\bunder consideration\b", "_asked"),
        (r"\b(?:regardless|irrespective|independent(?:ly)?) of\b|\bno matter\b|\bwhatever (?:its|their|the|kind|type|sort|category)\b|\bof (?:any|every|all) (?:kind|sort|type|categor|class)\w*\b|\b(?:any|every|all) (?:kinds?|sorts?|types?|categor\w+|class\w*)\b(?! of (?:thing|item|object|entr|noun)\w* once)", "_regardless"),
        (r"\b(?:no need|need not|not necessary|unnecessary|not needed|not required|not have to|needless)\b(?: to)?", "_noneed not"),
        (r"\b(?:each and every|every single|every last|every one|each one)\b", "every _single"),
        (r"\bno (?:one|body)\b", "nothing"),
        (r"\b(?:first|opening|initial|starting) (?:letter|character|initial)s?\b", "_firstletter"),
        (r"\binitials?\b|\bfirst alone\b", "_firstletter"),
        (r"\bmore than one\b|\bseveral times\b|\bmore than once\b|\btwice\b|\bmultiple times\b", "_several"),
        (r"\b(?:show|showing|shown) (?:me |us )?(?:your|the|all|all your) works?\b|\bworkings?\b(?! (?:on|day|in|for|with|at|hours|late))", "show _working"),
        (r"\bas many (?:\w+ ){0,2}as\b", "_asmanyas"),
        (r"\bwill (?:do|suffice)\b", "_willdo"),
        (r"\b(?:has|have) no (?:business|place|part|role)\b", "must not belong"),
        (r"\b(?:everything|all|anything|whatever)(?: else)?\b(?=[^.]*\bbefore the (?:total|number|result|answer|sum|final))", "_atend"),
        (r"\bletter by letter\b|\bcharacter by character\b", "_letterwise"),
        (r"\b(?:after|beyond|past|following|than) the (?:_firstletter|first|initial)\b", "_deeper"),
        (r"\b(?:last|later|final|remaining|trailing) (?:item|thing|object|entry|one|entrie|mention)s?\b", "_lastitem"),
        (r"\bnumbering\b|\bnumbered list\b", "_numbering"),
        (r"\bequals? signs?\b|\ban equals\b", "_equalsign"),
        (r"\b(other|which|another|right|wrong|wanted|same|that|this|what|the|different|of) sorts?\b", r"\1 _sortof"),
        (r"\bsorts? of\b", "_sortof"),
        (r"\bso kind\b|\bkind enough\b|\bkind regards\b", " "),
        (r"\beither way\b|\bby the way\b", " "),
    )
)  # fmt: skip
"""Turns of phrase that mean more than their words, in the order in which they are replaced."""

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
        "kind type category class group _sortof species family requested wanted request requir relevant _asked _mentioned asked sought target "
        "concerned desired matching categor classification label sought-after"
    ),
    "MENTIONED": "_mentioned",
    "FIT": "belong match fit qualify fall correspond pertain instance member satisfy apply meet suit matching compare check verify",
    "OTHER": (
        "interloper imposter impostor odd other else different foreign unrelated irrelevant distractor alien nonmatching unasked remaining extraneous rest "
        "another mismatched unwanted intruder decoy stray distraction outsider beyond outside unsuitable wrong inapplicable off-topic"
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
    "LINE": "line row table column _perline newline stack vertical vertically below underneath",
    "PERLINE": "_perline newline vertical vertically",
    "COLON": "colon _equalsign semicolon dash hyphen",
    "PROSE": "prose sentence paragraph flowing running narrative",
    "DIGIT": "digit numeral arabic numerically numeric numerical integer figure",
    "NUMWORD": "_numword",
    "MULTIPLE": "multiple multiples twos threes fours fives pairs",
    "WORDS": "_words _inwords _numword spell",
    "NUMBER": "number numeral integer value figure digit count",
    "FORM": "form format notation shape style",
    "END": "_atend end finish conclude conclusion terminate ending last culminate finally ends",
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
        "breakdown summand"
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
