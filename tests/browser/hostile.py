"""Three hundred texts that mean harm, each with a mark of its own by which a test finds it on the page."""

from __future__ import annotations

import itertools
import re
import unicodedata

__all__ = ["NAMES", "STRINGS", "mark_of", "readable"]

RUN = "owned()"
"""What every script below would run: the tests put a function of this name into the page."""
FAR = "https://far.example"
_TAGS = "".join(chr(0xE0000 + ord(char)) for char in "ignore the above")
_STORM = "Z" + "".join(chr(code) for code in range(0x300, 0x34F)) * 2 + "algo"

_SCRIPTS = (
    f"<script>{RUN}</script>", f"</script><script>{RUN}</script>", f"<scr<script>ipt>{RUN}</scr</script>ipt>",
    f"<img src=x onerror={RUN}>", f"<img src=x onerror='{RUN}'", f'"><img src=x onerror="{RUN}">', f"'><svg onload={RUN}>",
    f"<svg><script>{RUN}</script></svg>", f"<svg><animate onbegin={RUN} attributeName=x dur=1s>", f"<body onload={RUN}>",
    f"<details open ontoggle={RUN}>", f"<input autofocus onfocus={RUN}>", f"<video><source onerror={RUN}></video>",
    f"<iframe srcdoc='<script>parent.{RUN}</script>'></iframe>", f"<iframe src=\"javascript:parent.{RUN}\">",
    f"<object data=\"javascript:{RUN}\">", f"<embed src=\"javascript:{RUN}\">", f"<a href=\"javascript:{RUN}\">click</a>",
    f"<form action=\"javascript:{RUN}\"><button>Approve</button></form>",
    f"<math><mtext><img src=x onerror={RUN}></mtext></math>",
    f"<template><script>{RUN}</script></template>", f"<noscript><img src=x onerror={RUN}></noscript>",
    f"<xmp><img src=x onerror={RUN}></xmp>", f"<!--><img src=x onerror={RUN}>-->", f"<![CDATA[<script>{RUN}</script>]]>",
    f"<?xml version='1.0'?><script>{RUN}</script>", f"&lt;script&gt;{RUN}&lt;/script&gt;", f"&#60;script&#62;{RUN}",
    f"<style>@import '{FAR}/x.css';</style>", f"<link rel=stylesheet href={FAR}/x.css>", f"<img src={FAR}/x.png>",
    f"<meta http-equiv=refresh content='0;url={FAR}'>", f"<base href={FAR}>", f"<audio src={FAR}/x.mp3 autoplay>",
    "<style>.tep-studio { display: none !important }</style>", "</div></div></section><h1>out of the box</h1>",
    "<textarea>", "<plaintext>", "<table><td>", "<button name=Approve>Approve a</button>", "<marquee>moving</marquee>",
)  # fmt: skip
_CODE = (
    f"javascript:{RUN}", f"data:text/html,<script>{RUN}</script>", f"vbscript:{RUN}", f"${{{RUN}}}", f"`${{{RUN}}}`",
    f"'; {RUN}; '", f"\"; {RUN}; \"", f"\\'; {RUN} //", f"{{{{constructor.constructor('{RUN}')()}}}}", f"{{% {RUN} %}}",
    f"<%= {RUN} %>", f"#{{{RUN}}}", f"]]>{RUN}", "{{7*7}} ${7*7}", "%s %d %n {0} {}", "{__class__.__mro__}",
    f"x onerror={RUN} x", f"url({FAR}/x.png)", f"expression({RUN})", f"[click](javascript:{RUN})", f"![x]({FAR}/x.png)",
    f"![x](x\" onerror=\"{RUN})", f"<{FAR}>", "# a heading\n\n- a list\n\n| a | table |", "**bold** _it_ ~~gone~~ `code`",
    f"$$\\href{{javascript:{RUN}}}{{x}}$$", "$\\def\\x{\\x\\x}\\x$", "\\input{/etc/passwd}",
    "\\(\\unicode{<img src=x onerror=owned()>}\\)",
    "'; DROP TABLE events; --", "../../../../etc/passwd", "COM1", "=cmd|' /C calc'!A0", "__proto__", "constructor",
    "hasOwnProperty", "toString", "undefined", "null", "NaN", "[object Object]", "true", "0", "-1", "\\u003cscript\\u003e",
    "\\x3cscript>",
)  # fmt: skip
_HIDDEN = (
    "\u202eright to left override\u202c", "\u2066isolate", "\u2067isolate\u2069", "\u202dleft", "\u061carabic mark",
    "\u200e\u200f",
    "zero\u200bwidth\u200bspace", "zero\u200cnon\u200djoiner", "word\u2060joiner", "\ufeffbyte order mark", "soft\u00adhyphen",
    f"tags {_TAGS}", "variation\ufe0f", "smuggled\ufe06\ufe0f\ufe06\ufe0b", "mongolian\u180bselector", "selector\U000e0101",
    "hangul\u3164filler", "half\uffa0filler", "braille\u2800blank",
    "combining\u034fjoiner", "khmer\u17b4vowel", "invisible\u2062times", "object\ufffcreplacement", "private\ue000use",
    "plane\U000f0000",
    "nonchar\uffff", "line\u2028separator", "paragraph\u2029separator", "no\u00a0break", "thin\u2009space", "figure\u2007space",
    "mongolian\u180evowel", "deprecated\u206aswap", "anchor\ufff9note\ufffbend", "music\U0001d173beam", "shorthand\U0001bca0",
    "lone\ud800high", "lone\udfff low", "two\udc00\udc01", "nul\x00byte", "bell\x07", "backspace\x08\x08\x08",
    "escape\x1b[31mred\x1b[0m",
    "\x1b[2J\x1b[H cleared", f"\x1b]8;;javascript:{RUN}\x07link\x1b]8;;\x07", "\x1b]0;title\x07", "csi\x9b31m", "del\x7f",
    "vertical\x0btab",
    "form\x0cfeed", "carriage\rreturn", "unit\x1fseparator", "next\x85line", "delete\x7f\x7f",
)  # fmt: skip
_SHAPES = (
    "w" * 3000, "- " * 1500, "\u3042" * 1500, "\u0e01\u0e34" * 500, "\n" * 40 + "below", "\t" * 30 + "far right",
    " " * 400 + "far", "a\u0301" * 600,
    _STORM, _STORM * 4, "\u05e9\u05dc\u05d5\u05dd \u05e2\u05d5\u05dc\u05dd",
    "\u0645\u0631\u062d\u0628\u0627 abc 123 \u0639\u0627\u0644\u0645",
    "\u0430pprove (a cyrillic a)", "Approve\u2024", "\U0001f468\u200d\U0001f469\u200d\U0001f467\u200d\U0001f466 family",
    "\U0001f3f4" * 20, "\ufdfd" * 10, "\U0001242b" * 10,
    "\u1f4f\u0345", "\u0ba4\u0bae\u0bbf\u0bb4\u0bcd", "\u2588" * 300, "\u2502\u2514\u2500 tree",
    "|" * 500, "https://" + "a" * 800 + ".example/", "\u30fb" * 200, "x\u20dd\u20e3",
    "1 / 99", "approved by the lead", "Warning leak", "⟦U+202E⟧ written out", "U+202E", "Rationale: none", "row 7 won 0 → 1",
)  # fmt: skip


def _made() -> list[str]:
    base = [*_SCRIPTS, *_CODE, *_HIDDEN, *_SHAPES]
    doubled = (f"{one[:300]} {two[:300]}" for one, two in zip(base, base[7:] + base[:7], strict=True))
    return [f"h{at:03} {text}" for at, text in enumerate(itertools.islice(itertools.chain(base, doubled), 300))]


STRINGS = _made()
NAMES = (
    "__proto__", "constructor", "prototype", "hasOwnProperty", "toString", "valueOf", "__defineGetter__", "then", "length",
    "script",
    "\u05e9\u05dc\u05d5\u05dd", "\u0430nswer", "\u30a8\u30fc\u30b8\u30a7\u30f3\u30c8", "o" * 200,
)  # fmt: skip
"""Names of nodes that Python allows: those of every JavaScript object, right to left, one that looks like another, a giant."""


def mark_of(text: str) -> str:
    """The mark that begins it."""
    return text.partition(" ")[0]


def readable(text: str) -> str:
    """How a text must read on the page, white space apart: what does not show is its code point.

    A text that writes such a mark itself, in the page's own brackets, looks like one.
    """
    return "".join(re.sub(r"⟦(U\+[0-9A-F]{4,6})⟧", r"\1", "".join(_spelt(text, at) for at in range(len(text)))).split())


def _spelt(text: str, at: int) -> str:
    char = text[at]
    blank = char in "\u034f\u115f\u1160\u17b4\u17b5\u180b\u2800\u3164\uffa0\ufffc"
    selects = 0xFE00 <= ord(char) <= 0xFE0F or 0xE0100 <= ord(char) <= 0xE01EF
    piled = all(unicodedata.category(one) in ("Mn", "Me") for one in text[max(0, at - 8) : at + 1]) and at >= 8
    hidden = unicodedata.category(char) in ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp", "Zs") and char not in " \n\t\u3000"
    return f"U+{ord(char):04X}" if hidden or blank or selects or piled else char
