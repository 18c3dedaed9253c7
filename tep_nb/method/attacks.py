"""Patterns of text that attacks its reader, for `tep_nb.method.injection`: they are matched against folded text (our choice)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

__all__ = ["PATTERNS"]


def _gap(words: int) -> str:
    """Up to so many words between two, within one sentence."""
    return rf"(?:[^\w.!?]+\w+){{0,{words}}}?[^\w.!?]+"


def _any(*parts: str) -> str:
    return f"(?:{'|'.join(parts)})"


_IGNORE = _any(
    "ignor(?:e|ing)", "disregard(?:ing)?", "forget", "overrid(?:e|ing)", "overrule", "bypass", "violate", "circumvent",
    "pay no attention to",
)  # fmt: skip
_UNDO = _any(
    _IGNORE, "skip", "drop", "discard", "dismiss", "delete", "erase", "abandon", "neglect", "cancel", "set aside",
    "stop (?:following|obeying)", "no longer (?:follow|obey)", "(?:do not|don'?t|never) (?:follow|obey|heed)",
)  # fmt: skip
_EARLIER = _any(
    "previous", "prior", "above", "earlier", "preceding", "foregoing", "former", "original", "initial", "existing", "your",
    "system", "hidden",
)  # fmt: skip
_RULES = _any(
    "instructions?", "guidelines?", "directives?", "rules", "restrictions?", "commands", "safeguards?", "polic(?:y|ies)",
    "constraints",
)  # fmt: skip
_TOLD = _any(_RULES, "prompts?", "directions?", "orders", "context", "messages?", "training", "programming")
_ALL = r"(?:everything|all|anything|whatever|what)\W+(?:that\W+)?"
_PRECAUTION = r"(?!\s+(?:in|inside|within|from|of|on|contained|embedded|found|which|that (?!came|were|you|i\b)|written))"
_HIDDEN_TEXT = _any(
    r"(?:system|developer|hidden|secret|initial|original|internal) (?:prompt|instructions?|message|rules|configuration)",
    r"(?:your|above|previous|these|earlier) (?:(?:full|exact|own|complete|entire) )*(?:instructions|prompt|guidelines|rules)",
    "api[ _-]?keys?", "passwords?", "credentials?", "(?:secret|private|access|ssh) (?:key|token)s?", r"env(?:ironment)? var\w*",
    r"everything above", r"(?:text|words) above", r"chat history", r"conversation so far",
    "your configuration",
)  # fmt: skip
_SHOW = _any(
    "reveal", "print", "show", "display", "output", "repeat", "leak", "disclose", "dump", "expose", "tell", "write out", "return",
    "include", "recite", "share", "copy", "echo", "spell out", "give", "list", "append", "translate", r"summari[sz]e", "encode",
    "quote", "put", "say",
)  # fmt: skip
_SEND = _any("send", "e-?mail", "post", "upload", "forward", "transmit", "exfiltrate", "submit", "mail", "leak", "report", "sync")
_AWAY = _any(
    r"\w@\w", r"\bwebhook", r"\bhttp", r"\bwww\b", r"\battacker\b",
    r"\b(?:this|the|following|my|our|external|remote) (?:\w+ )?(?:url|address|server|endpoint|site|e-?mail|inbox|channel|link)\b",
)  # fmt: skip
_PEOPLE = r"(?:the |any |a )?(?:user|person|reviewer|anyone|anybody|human|operator|developer|analyst|owner)s?\b"
_CHECKS = _any(
    "safety", "filters?", "guards?", "guardrails", "checks", "moderation", "restrictions?", "safeguards?", "protections?",
    "polic(?:y|ies)",
)  # fmt: skip
_MARK = _any("give", "rate", "score", "grade", "award", "mark", "judge", "label", "classify")
_MADE = _any("prompt", "answer", "output", "edit", "response", "text", "one", "case")
_BEST = _any(
    "10/10", "10 out of 10", "(?:a|an|of) 10", "100 ?%", "perfect", "full marks", "as (?:correct|right|proven|safe)",
    r"(?:top|highest|maximum|best) (?:possible )?(?:score|mark|grade|rating)",
)  # fmt: skip

_WHOM = rf"(?:itself|always|(?:this|every|your own|any)(?: {_MADE})?|the {_MADE})"
_PASSED = _any("proven", "safe", "approved", "accepted", "reviewed", "perfect", "correct", "right")

# Where "do not" stands before one of these, it is a precaution.
_GUARDED: Mapping[str, tuple[str, ...]] = {
    "sets instructions aside": (
        rf"\b{_UNDO}{_gap(3)}{_EARLIER}{_gap(2)}{_TOLD}\b",
        rf"\b{_IGNORE}\b(?:[^\w.!?]+(?:all|any|every|of|the|these|those|other|such))*[^\w.!?]+{_RULES}\b{_PRECAUTION}",
        rf"\b{_IGNORE}\W+{_ALL}(?:above|before|came before|said so far)\b(?!\s+(?:the|a|an|each|every)\b)",
        rf"\b{_IGNORE}\W+{_ALL}(?:was|has been|i|we|they) (?:said|told|written)\b",
        rf"\b{_IGNORE}\W+{_ALL}you (?:were|have been|know|learn\w*)\b",
    ),
    "gives its reader another part to play": (
        (r"\byou(?: are|'re) (?:now|no longer)\b"
        r"(?! (?:given|asked|shown|ready|looking|provided|reading|presented|needed|to)\b)"),
        r"\bfrom now on,? (?:you\b|ignore|act|respond|pretend|your|answer|always|do\b|never|say)",
        r"\b(?:act|behave|respond|speak|answer) (?:as|like) if you (?:(?:had|have|know|knew) no|(?:were|are) (?:not|no|free))\b",
        (r"\b(?:act|behave|respond|speak|answer) (?:as|like) (?:an? )?(?:\w+ )?"
        r"(?:unrestricted|unfiltered|uncensored|jailbroken|evil|malicious|dan\b|root\b|admin)"),
        r"\bpretend (?:that )?(?:you are|you're|to be|you have|there are no)\b",
        r"\b(?:developer|debug|god|sudo|admin(?:istrator)?|maintenance|jailbreak|unrestricted|dan|root|override) mode\b",
        r"\b(?:as|be|are) (?:the )?(?:root|super ?user|admin(?:istrator)?) (?:user\b|you\b|and\b)",
        r"\bjailbr(?:eak|oken)\w*|\bdo anything now\b",
        r"\byour (?:new|real|true|actual) (?:role|task|goal|purpose|objective|job|identity|mission|name)\b",
    ),
    "asks for what should not be told": (
        rf"\b{_SHOW}\b{_gap(5)}{_HIDDEN_TEXT}\b",
        r"\bwhat (?:you|have you) (?:were|have been|been|are) (?:instructed|told|ordered|prompted|programmed)\b",
        rf"\bwhat (?:is|are|was|were) (?:your|the) {_HIDDEN_TEXT}\b",
    ),
    "asks to send something away": (rf"\b{_SEND}\b[^.!?\n]{{0,60}}?\b(?:to|at|via|into)\b[^.!?\n]{{0,30}}?{_AWAY}",),
    "asks to switch checks off": (
        (r"\b(?:disable|turn off|switch off|bypass|remove|evade|suspend|override)\b"
        rf"(?:[^\w.!?]+(?:all|any|the|your|every|safety|content|its))*[^\w.!?]+{_CHECKS}\b"),
        rf"\b{_CHECKS}{_gap(3)}(?:off|disabled|suspended|lifted|removed)\b",
        r"\bthere (?:are|is) no (?:restrictions?|limits?|rules|guidelines|filters?)\b",
        r"\bwithout (?:any )?(?:restrictions|rules|guidelines|filters|filtering|censorship|safeguards|moderation)\b",
        r"\b(?:no|free of) (?:\w+ )?(?:restrictions|guidelines|filters) (?:apply|anymore|any more|now|for you)\b",
    ),
    "asks to run something": (
        (r"\b(?:run|execute|eval(?:uate)?|invoke|call)\W+(?:this|the following|these|the next)\W+(?:\w+\W+){0,2}?"
        r"(?:commands?|code|scripts?|shell|program|tool|function)\b"),
        r"\brm -rf?\b|\b(?:curl|wget)\s+\S|\bsudo\s+\w+|\bdrop table\b",
        r"\b(?:os\.system|subprocess|eval|exec|__import__)\s*[(.]|<\s*(?:script|iframe|img|svg|object|embed)\b",
    ),
    "asks its judge for a verdict": (
        rf"\b{_MARK}\b[^.!?\n]{{0,30}}?\b{_WHOM}\b[^.!?\n]{{0,25}}?\b{_BEST}",
        rf"\bthis (?:prompt|edit|change|proposal|answer|output|response) (?:is|was|has been) (?:\w+ )?{_PASSED}\b",
        r"\b(?:approve|accept)\W+(?:this|every|all|any)\W+(?:\w+\W+)?(?:edits?|proposals?|changes?|prompts?|requests?)\b",
    ),
}
_PLAIN: Mapping[str, tuple[str, ...]] = {
    "sets instructions aside": (
        r"\b(?:new|updated|real|actual) (?:system )?(?:instructions?|prompt|orders|directives?)\s*[:=]",
        rf"\b{_TOLD}{_gap(7)}(?:void|cancell?ed|revoked|invalid|obsolete|out of date|no longer (?:appl\w+|hold))\b",
        r"\b(?:everything|all) (?:said|told|written)? ?(?:so far|above|before)\b[^.!?\n]{0,20}\b(?:cancell?ed|void|invalid)\b",
        rf"\bopposite of {_gap(4)}{_TOLD}\b",
        rf"\binstead of {_gap(2)}(?:instructions|rules) {_gap(1)}(?:above|before|given)\b",
    ),
    "looks like the marker of another speaker": (
        r"<\|[^|<>\n]{1,40}\|>|\[/?inst\]|<</?sys>>|<(?:start|end)_of_turn>|</?s>|\[/?(?:system|assistant|user|developer)\]",
        (r"^[ \t>*#_\[(-]*(?:system|assistant|developer|human|user)"
        r"(?: (?:prompt|message|note|instructions?|update|override))?[\])*_ \t]*:"),
        r"^#{1,6} *(?:instruction|response) *:|\{\{[#~/]? ?(?:system|user|assistant)~?\}\}|\{\{~?[#/](?:system|user|assistant)",
        r"\bend of (?:the )?(?:system |user )?(?:prompt|instructions|input)\b",
        r"\b(?:new|next) (?:prompt|instructions) (?:begin|start)s?\b",
        r"</?(?:system|assistant|developer|human|tool_call|function_call)\b[^<>\n]{0,60}>",
        r"\b(?:begin|end|start) (?:of )?(?:the )?(?:system|hidden|secret|new|developer) (?:prompt|instructions?|message)\b",
    ),
    "holds an address": (
        r"\b(?:https?|ftp|wss?|file|ssh)://[^\s<>\"')\]]+|\bhxxps?\b[^\s]{0,60}|\bwww\.[\w.-]+\.\w{2,}",
        r"\b(?:data|javascript|vbscript):[^\s]{4,80}|!\[[^\]\n]{0,80}\]\(",
        r"[\w.+-]{1,64}@[\w-]{1,64}(?:\.[\w-]{1,64})+|\b\d{1,3}(?:\.\d{1,3}){3}\b",
    ),
    "asks to keep something from a person": (
        (r"\b(?:do not|don'?t|never|without)(?:\W+(?:ever|to))?\W+"
        rf"(?:(?:tell|inform|warn|alert|notify)(?:ing)?|notifying|let)\W+{_PEOPLE}"),
        r"\b(?:do not|don'?t|never)\W+(?:mention|reveal|show|discuss)\W+th(?:is|ese) (?:instruction|message|rule|note|line)",
        rf"\b{_PEOPLE} (?:(?:need|must|should|does|will) not|cannot|won't|never)(?: need to)? (?:know|see|learn|notice)\b",
        r"\b(?:hide|conceal|keep)\W+(?:this|it|these)\b[^.!?\n]{0,30}?\b(?:from|secret|hidden|between us)\b",
    ),
}


def _compiled() -> Iterator[tuple[str, re.Pattern[str], bool]]:
    for table, guarded in ((_GUARDED, True), (_PLAIN, False)):
        for what, patterns in table.items():
            yield from ((what, re.compile(pattern, re.MULTILINE), guarded) for pattern in patterns)


PATTERNS = tuple(_compiled())
"""What the text does, the pattern, and whether a negation before it makes a precaution of it."""
