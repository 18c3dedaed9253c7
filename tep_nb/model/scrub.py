"""What must not leave this machine with a text: credentials, absolute paths, names of its user and of itself.

A text of a person or a model is changed only where it surely holds one of these, because a replay reads it again. The words of an
error are read by people alone: there the least suspicion is enough (``error=True``).
"""

from __future__ import annotations

import getpass
import json
import os
import re
import socket
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

__all__ = ["HIDDEN", "RULES", "Scrubber", "without_credentials"]

HIDDEN = "(hidden)"
"""What stands in the place of a credential; paths and names become ``(path)``, ``(user)`` and ``(host)``."""

RULES = ("credentials", "absolute paths", "names of the user and the host")
"""What a `Scrubber` takes out, in words."""

_ESCAPED = r"(?<=\\[bfnrt])|(?<=\\u[\da-fA-F]{4})"  # behind an escape of JSON, whose last letter is none of the text
_BEGIN = rf"(?:(?<![\w-])(?!(?<=\\)[bfnrtu])|{_ESCAPED})"
_VALUE = r"[^\s\"'&,;<>\\(){}\[\]]"  # a value never reaches over a quote: JSON around it stays JSON
_NAMED = r"(?:(?:api|access|secret|private|account|auth)[ _-]?key|secret|token|passw(?:or)?d|passphrase|pwd)"
_PEM = re.compile(
    r"-----BEGIN [A-Z ]{0,40}PRIVATE KEY-----(?:[^\"-]{0,20000}-----END [A-Z ]{0,40}PRIVATE KEY-----|(?:[\w+/=\s]|\\[nr])*)"
)
_URL = re.compile(r"(?<=://)[^/\s\"'<>\\?#]*@")
_QUERY = re.compile(r"([?&](?:[\w.-]{0,40}(?:key|token|secret|signature|passw(?:or)?d)|sig)=)[^&\s\"'<>\\#]+", re.IGNORECASE)
_HEADER = re.compile(
    rf"{_BEGIN}(authorization[\"']?\s{{0,3}}[:=]\s{{0,3}}[\"']?(?:(?:bearer|basic|token)\s{{1,3}}|(?=[A-Za-z]*[\d_=+/~-]))"
    r"|bearer\s{1,3}(?=[A-Za-z.]*[\d_=+/~-])|basic\s{1,3}(?=[A-Za-z+/]*[\d=]))[\w.~+/=-]{6,}",
    re.IGNORECASE,
)
_ASSIGNED = re.compile(
    rf"({_NAMED}[\"']?\s{{0,3}}[:=]\s{{0,3}}[\"']?)(?=(?:(?!\d){_VALUE}){{0,80}}\d){_VALUE}{{8,}}", re.IGNORECASE
)
_ENVIRONMENT = re.compile(rf"((?<=[A-Z0-9])_(?:KEY|TOKEN|SECRET|PASSWORD)=[\"']?){_VALUE}{{6,}}")
_TOKEN = re.compile(
    rf"{_BEGIN}(?:(?:sk|rk)-[\w*.-]{{5,}}[\w*-]|pk-(?=[\w-]*\d)[\w*-]{{6,}}|[spr]k_(?:live|test)_\w{{8,}}"
    r"|(?:(?:gsk|hf|r8|gh[oprsu]|github_pat)_|(?:xai|glpat|nvapi|pplx|xox[a-z])-)(?=[\w-]*\d)[\w-]{10,}"
    r"|A[KS]IA[0-9A-Z]{16}|AIza[\w-]{30,}|ya29\.[\w-]{20,}|eyJ[\w-]{10,}\.[\w-]{8,}(?:\.[\w-]+)?)"
)
_STARTS = (
    "sk-", "rk-", "pk-", "k_live_", "k_test_", "gsk_", "hf_", "r8_", "gho_", "ghp_", "ghr_", "ghs_", "ghu_", "github_pat_",
    "xai-", "glpat-", "nvapi-", "pplx-", "xox", "AKIA", "ASIA", "AIza", "ya29", "eyJ",
)  # fmt: skip
_MIXED = re.compile(
    rf"(?:(?<![\w+/=])(?!(?<=\\)[bfnrtu])|{_ESCAPED})(?:[A-Za-z\d]{{32,}}(?!\w)|[A-Za-z\d+/]{{40,}}={{1,2}})"
)
_SUSPECT = re.compile(rf"{_BEGIN}(?:sk|pk|key|gsk|hf)[-_][\w*.-]{{6,}}|(?i:bearer)\s+\S+")
_ROUNDS = 9  # what was taken out may lay bare the beginning of something else
_WORDS = ("key", "secret", "token", "passw", "passphrase", "pwd", "authorization", "bearer", "basic")

_ROOTS = (
    "home|Users|root|tmp|var|opt|usr|etc|mnt|media|srv|run|proc|private|Volumes|Library|work|workspaces?|data|scratch|content"
    "|kaggle|app|gpfs|lustre|nfs"
)
_STEP = r"(?:[\w.@+~%,=-]|\(hidden\))+"
_COMMON = re.compile(r"/(?:usr/)?s?bin/|/dev/|/proc/self/")  # the same everywhere: #!/usr/bin/env names no machine
_DRIVE = re.compile(
    rf"{_BEGIN}[A-Za-z]:(?P<s>\\\\|\\|/)"
    r"(?:Users|Documents and Settings|Windows|Program Files(?: \(x86\))?|ProgramData|Temp)(?:(?P=s)[^\\/:*?\"<>|\s]+)*"
)
_ROOT = rf"/(?:(?<![\w.)}}~$/]/)|{_ESCAPED.replace(')', '/)')})"
_ANY = re.compile(rf"{_ROOT}(?:{_STEP}/)+(?:{_STEP})?|\\\\[\w.-]{{2,}}(?:\\[\w$.-]+)+")
_HOST = re.compile(
    rf"(?:(?<![\w.-])|{_ESCAPED})(?:[\w-]{{1,63}}\.){{1,8}}(?:local|lan|internal|intranet|corp|home|localdomain)\b"
    r"|(?<![\d.])(?:10|172\.(?:1[6-9]|2\d|3[01])|192\.168)(?:\.\d{1,3}){2,3}\b"
    rf"|(?:(?<![\w.-])|{_ESCAPED})(?!localhost:)[A-Za-z][\w-]*(?=:\d{{2,5}}/)|(?<=://)(?!localhost\b)[A-Za-z][\w-]*(?=[:/\s]|$)"
)
_GENERIC = frozenset(
    ("root", "user", "users", "admin", "administrator", "guest", "nobody", "ubuntu", "debian", "centos", "fedora", "ec2-user",
     "jovyan", "runner", "vscode", "codespace", "test", "default", "host", "localhost", "docker", "hidden", "path")
)  # fmt: skip
"""Names that tell nobody apart, and our own words."""
_SECRET_NAME = re.compile(r"(?:^|_)(?:KEY|TOKEN|SECRET|PASSWORD|PASSWD|PASSPHRASE|CREDENTIALS?)(?:_|$)", re.IGNORECASE)


def without_credentials(text: str, *, error: bool = False) -> str:
    """Put ``(hidden)`` in the place of what looks like a credential; a second time changes nothing."""
    if "PRIVATE KEY" in text:
        text = _PEM.sub(HIDDEN, text)
    if "://" in text:
        text = _URL.sub(f"{HIDDEN}@", text)
    lower = text.lower()
    if any(word in lower for word in _WORDS):
        for pattern in (_QUERY, _HEADER, _ASSIGNED, _ENVIRONMENT):
            text = pattern.sub(rf"\1{HIDDEN}", text)
    elif "sig=" in lower:
        text = _QUERY.sub(rf"\1{HIDDEN}", text)
    if any(start in text for start in _STARTS):
        text = _TOKEN.sub(HIDDEN, text)
    text = _MIXED.sub(_unless_plain, text)
    return _SUSPECT.sub(HIDDEN, text) if error else text


def _unless_plain(match: re.Match[str]) -> str:
    """A long run of capitals, small letters and digits is a key; a hash, a sequence or a long word is not."""
    run = match[0]
    mixed = all(any(map(kind, run)) for kind in (str.islower, str.isupper, str.isdigit))
    return HIDDEN if mixed else run


class Scrubber:
    """Takes credentials, paths and names out of texts and JSON values.

    Applying it twice is the same as once. But for the words of an error it never reaches over a quote, so that JSON within a text
    stays JSON.

    Parameters
    ----------
    secrets : iterable of str
        Credentials that are known, hidden wherever they stand.
    folders : iterable of str
        Folders of this machine, beside those that most machines have.
    users, hosts : iterable of str
        Names, hidden as whole words; names that many have (root, ubuntu, localhost, …) are left.
    """

    def __init__(
        self,
        secrets: Iterable[str] = (),
        folders: Iterable[str] = (),
        users: Iterable[str] = (),
        hosts: Iterable[str] = (),
    ) -> None:
        known = {form for secret in secrets if len(secret) >= 8 for form in (secret, _escaped(secret))}
        self._secrets = sorted(known, key=len, reverse=True)
        own = {form for folder in folders for form in (folder, _escaped(folder)) if len(Path(folder).parts) > 2}
        self._own = _either(own, r"(?![\w-])")
        tops = {re.escape(Path(folder).parts[1]) for folder in folders if len(Path(folder).parts) > 1 and folder.startswith("/")}
        roots = "|".join([*_ROOTS.split("|"), *sorted(tops)])
        self._path = re.compile(rf"{_ROOT}(?:{roots})(?:/{_STEP})+/?|(?<=file://)/(?:{_STEP}/)*{_STEP}")
        self._names = [(_named(users), "(user)"), (_named(hosts), "(host)")]

    @classmethod
    def here(cls, *folders: str | os.PathLike[str]) -> Scrubber:
        """Make one that knows this machine and user, the credentials in the environment, and these folders."""
        import tempfile  # seldom needed, and a tenth of the package's time of import with what it needs

        secrets = [value for name, value in os.environ.items() if _SECRET_NAME.search(name) and not value.isdigit()]
        own = [Path.home(), Path.cwd(), tempfile.gettempdir(), sys.prefix, *folders]
        host = socket.gethostname()
        return cls(secrets, [os.path.abspath(folder) for folder in own], [_user()], [host, host.partition(".")[0]])  # noqa: PTH100  links stay

    def text(self, text: str, *, error: bool = False) -> str:
        """Scrub a text; with ``error`` also what only might be a credential, a path or a host."""
        for _ in range(_ROUNDS):
            clean = self._once(text, error)
            if clean == text:
                break
            text = clean
        return text

    def _once(self, text: str, error: bool) -> str:
        for secret in self._secrets:
            text = text.replace(secret, HIDDEN)
        text = without_credentials(text, error=error)
        if "/" in text or "\\" in text:
            if self._own is not None:
                text = self._own.sub("(path)", text)
            text = _DRIVE.sub(_last, text)
            text = self._path.sub(_last, text)
            text = _ANY.sub(_last, text) if error else text
        text = _HOST.sub("(host)", text) if error else text
        for pattern, word in self._names:
            text = text if pattern is None else pattern.sub(word, text)
        return text

    def value(self, value: Any) -> Any:
        """Scrub every text in a JSON value, keys of objects too."""
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, dict):
            return {self.text(key): self.value(item) for key, item in value.items()}
        return [self.value(item) for item in value] if isinstance(value, list) else value


def _last(match: re.Match[str]) -> str:
    """A path becomes its last part; below the folder of all homes that is a user's name, and goes too."""
    path = match[0]
    if _COMMON.match(path):
        return path
    parts = [part for part in re.split(r"[/\\\\]+", path) if part]
    homes = parts[:2] if path[1] == ":" else parts[:1]
    return "(path)" if homes[-1] in ("home", "Users") and len(parts) <= len(homes) + 1 else f"(path)/{parts[-1]}"


def _either(texts: Iterable[str], behind: str, before: str = "") -> re.Pattern[str] | None:
    found = sorted(texts, key=len, reverse=True)  # the longest goes first: one may begin with another
    return re.compile(f"{before}(?:{'|'.join(map(re.escape, found))}){behind}") if found else None


def _named(names: Iterable[str]) -> re.Pattern[str] | None:
    telling = {name for name in names if len(name) > 2 and name.lower() not in _GENERIC}
    return _either(telling, r"(?!\w)", rf"(?:(?<!\w)|{_ESCAPED})")


def _escaped(text: str) -> str:
    """A text as it stands within JSON that is itself a text."""
    return json.dumps(text, ensure_ascii=False)[1:-1]


def _user() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError, ImportError):  # no variable and no entry, as in many containers
        return ""
