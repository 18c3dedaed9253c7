"""What is taken out of a text before it leaves the machine, and what is not."""

from __future__ import annotations

import getpass
import json
import socket
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tep_nb.model.scrub import HIDDEN, Scrubber, without_credentials

SCRUB = Scrubber(["my own secret"], ["/work/proj/x", "/Users/Ann Smith", "/nfs9/y"], ["mathilda", "root", "io"], ["box17.corp"])
JWT = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.abc-DEF_123"
PEM = "-----BEGIN RSA PRIVATE KEY-----\nMIIEow\nIBAAK=\n-----END RSA PRIVATE KEY-----"


@pytest.mark.parametrize(
    ("text", "clean"),
    [
        ("the key sk-proj-abcdef012345, please", "the key (hidden), please"),
        ("sk-canary-secret.", "(hidden)."),
        ("masked: sk-abc***wxyz", "masked: (hidden)"),
        ("pk-lf-0123456789abcdef gsk_abcdefghij0123456789 hf_abcdefghij0123456789", "(hidden) (hidden) (hidden)"),
        ("ghp_abcdefghij0123456789 github_pat_11ABCDEFG_abcdefghij xoxb-123456789012-abc", "(hidden) (hidden) (hidden)"),
        ("AKIAIOSFODNN7EXAMPLE AIzaSyA1234567890abcdefghijklmnopqrstuv", "(hidden) (hidden)"),
        (f"jwt {JWT}", "jwt (hidden)"),
        (f"a\n{PEM}\nb", "a\n(hidden)\nb"),
        ("aB3" * 12, HIDDEN),
        ("Authorization: Bearer abcdef", "Authorization: Bearer (hidden)"),
        ("authorization: Basic dXNlcjpwYXNz", "authorization: Basic (hidden)"),
        ("with bearer abc.def.123", "with bearer (hidden)"),
        ("https://bob:p@ss@host/x?api_key=abc&y=1", "https://(hidden)@host/x?api_key=(hidden)&y=1"),
        ("https://h.org/x?sig=abc%2F&se=2", "https://h.org/x?sig=(hidden)&se=2"),
        ("password: hunter2x9; token=abcd1234", "password: (hidden); token=(hidden)"),
        ("OPENAI_API_KEY=whatever", "OPENAI_API_KEY=(hidden)"),
        ('{"password": "hunter2x9", "x": 1}', '{"password": "(hidden)", "x": 1}'),
        ("this is my own secret!", "this is (hidden)!"),
        ("in /home/ann/x/data.csv, /home/ann and /tmp/pytest-of-ann/run.tep.", "in (path)/data.csv, (path) and (path)/run.tep."),
        ("file:///srv9/deep/notes.txt", "file://(path)/notes.txt"),
        (r"C:\Users\ann\doc.txt and C:\\Users\\ann\\doc.txt", "(path)/doc.txt and (path)/doc.txt"),
        ("/Users/Ann Smith/proj/a.csv, /work/proj/x", "(path)/proj/a.csv, (path)"),
        ("/nfs9/other/run.tep", "(path)/run.tep"),
        ("mathilda@box17.corp", "(user)@(host)"),
        ("/home/ann/sk-abcdef012345/x.txt", "(path)/x.txt"),
    ],
)
def test_what_is_hidden(text: str, clean: str) -> None:
    """Credentials by their look, paths but for their last part, and known names; in the words of an error as well."""
    assert SCRUB.text(text) == clean
    assert SCRUB.text(text, error=True).replace("Bearer (hidden)", HIDDEN) == clean.replace("bearer ", "").replace("Bearer ", "")


@pytest.mark.parametrize(
    "text",
    [
        "key_findings and key-value-store, hf_hub_download, task-based, risk-averse, sk-learn",
        "Authorization: approved. The bearer of news. Basic arithmetic needs 12 things.",
        "password: required; token: identifier; max_tokens: 4096; Secret: none",
        "0123456789abcdef0123456789abcdef " + "3" * 40 + " " + "ACGT" * 20 + " Donaudampfschifffahrtsgesellschaftskapitaen",
        "and/or 1/2/3 GET /api/users/7 </plan></answer> https://example.org/home/ann/x a ~/x ./data/x.csv",
        "#!/usr/bin/env python\n2>/dev/null /bin/sh",
        r'{"note": "A:\nyes\nB:\nno\nC:\nmaybe"} \\alpha\\beta $\frac{1}{2}$ \\hline\n',
        "root, io, Mathilda and mathildas",
        "What is 3 + 4? It is 7.\u2028\x1b[2J\ud800",
    ],
)
def test_what_is_left(text: str) -> None:
    """Prose, data, code, routes and relative paths stay as they are: a replay reads them again."""
    assert SCRUB.text(text) == text


def test_an_error_is_scrubbed_at_the_least_suspicion() -> None:
    """Hosts, inner addresses, any path and anything like a key; localhost and public names stay."""
    said = "m at gpu17:8000/v1: http://10.1.2.3:80/x http://box/y lab.internal:9/v1 key_abcdef bearer foo /a/x/y \\\\srv\\all\\f"
    seen = "m at (host):8000/v1: http://(host):80/x http://(host)/y (host):9/v1 (hidden) (hidden) (path)/y (path)/f"
    assert SCRUB.text(said, error=True) == seen
    left = "api.openai.com/v1: error 500 at localhost:8000/v1, line 3:14, 127.0.0.1:80"
    assert SCRUB.text(left, error=True) == left


PIECES = [
    "sk-", "abcdef012345", "Bearer ", "token=", "://", "@", "/", "home", "tmp", "\\", "C:", "Users", '"', "'", " ", "\n",
    "(hidden)", "(path)", "(user)", "?api_key=", "&", "mathilda", "box17.corp", ".", ":8000/", "http", "password: ",
    "hunter2x9", "eyJ", "aB3" * 11, "-", "_", "=", "/work/proj/x", "my own secret", "OPENAI_API_KEY=", "authorization:",
    "\\n", "10.0.0.1", PEM[:31], PEM[-29:],
]  # fmt: skip
RUNS = ["a", "a-", "/a", "A_", "\\\\a", "a.", "1", "x=?", " bearer", "C:\\Users\\", "-----BEGIN ", "10.", "A_KEY="]


@given(st.lists(st.sampled_from(PIECES), max_size=12).map("".join), st.booleans())
def test_twice_is_once(text: str, error: bool) -> None:
    """A scrubbed text is left as it is: what a replay makes of scrubbed replies is found in its scrubbed form."""
    once = SCRUB.text(text, error=error)
    assert SCRUB.text(once, error=error) == once


@given(st.lists(st.lists(st.sampled_from(PIECES), max_size=8).map("".join), min_size=1, max_size=4))
def test_json_stays_json(texts: list[str]) -> None:
    """A reply that is JSON can still be read, with the same keys; nothing that was hidden in it shows."""
    whole = json.dumps({f"k{n}": text for n, text in enumerate(texts)})
    found = json.loads(SCRUB.text(whole))
    assert list(found) == [f"k{n}" for n in range(len(texts))]


def test_a_value_is_scrubbed_in_every_corner() -> None:
    """Keys, lists and nested objects; what is no text stays what it is."""
    value = {"sk-abcdef012345": [1, None, True, 0.5, {"x": ["mathilda"]}], "ok": "fine"}
    assert SCRUB.value(value) == {HIDDEN: [1, None, True, 0.5, {"x": ["(user)"]}], "ok": "fine"}


def test_here_knows_this_machine(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The credentials in the environment, the user, the host and its short name, home, working folder and given folders."""
    monkeypatch.setenv("SOME_TOKEN", "correct horse battery")
    monkeypatch.setenv("TOKENIZERS_PARALLELISM", "definitely-not")
    monkeypatch.setenv("SHORT_KEY", "abc")
    monkeypatch.setattr(getpass, "getuser", lambda: "mathilda")
    monkeypatch.setattr(socket, "gethostname", lambda: "box17.example.org")
    monkeypatch.setattr(Path, "home", lambda: Path("/strange/place"))
    scrub = Scrubber.here("/some where/else")
    text = "correct horse battery, definitely-not abc; mathilda on box17 (box17.example.org): /strange/place/a /some where/else/b"
    assert scrub.text(text) == "(hidden), definitely-not abc; (user) on (host) ((host)): (path)/a (path)/b"
    monkeypatch.setattr(getpass, "getuser", lambda: (_ for _ in ()).throw(KeyError("no entry")))
    assert Scrubber.here().text("mathilda") == "mathilda"


def test_credentials_alone() -> None:
    """What an error of a server goes through: credentials go, paths and names stay."""
    assert without_credentials("bad key sk-abcdef012345 in /home/ann/x of ann") == "bad key (hidden) in /home/ann/x of ann"
    assert without_credentials("Bearer x and key_abcdefgh", error=True) == "(hidden) and (hidden)"


def test_no_pattern_runs_wild() -> None:
    """Long runs of what the patterns look for are scrubbed too: in quadratic time this would not end before the time limit."""
    for piece in (*PIECES, *RUNS):
        text = SCRUB.text(piece * (50_000 // len(piece)), error=True)
        assert SCRUB.text(text, error=True) == text


SECRETS = [
    "sk-canary-0123456789", "pk-lf-0123456789abcdef", "hf_abcdefghij0123456789", "aB3" * 12, JWT, "AKIAIOSFODNN7EXAMPLE",
    "mathilda", "my own secret", "/home/ann/notes/x", "/work/proj/x",
]  # fmt: skip


@pytest.mark.parametrize("before", [" ", "\n", "\t", "\r\n", "é ", '"', "'", "(", "x: ", "Bearer ", "\\", "C:\\\\", ">"])
@pytest.mark.parametrize("secret", SECRETS)
def test_what_stands_around_a_secret_does_not_save_it(before: str, secret: str) -> None:
    """At the beginning of a line, behind a quote or an escape; plain, as JSON and as JSON within JSON."""
    text = f"a{before}{secret}\nb"
    for whole in (text, json.dumps({"k": text}), json.dumps({"k": text}, ensure_ascii=False), json.dumps(json.dumps([text]))):
        assert secret not in SCRUB.text(whole)
        assert secret not in SCRUB.text(whole, error=True)
    assert json.loads(SCRUB.text(json.dumps([text])))
