"""Secrets that nobody gave to the run, known by their form: a deployment that fails may show any that it has.

The forms are those that the issuers of credentials made to be recognised; a word without one is no secret here. Pure.
"""

import re

_START = r"(?:(?<![A-Za-z0-9])|(?<=\\[nrt]))"
"""In front of what may as well be the end of a longer word: no letter or digit, but that of a line break's escape."""

_FORMS = re.compile(
    r"[sr]k_(?:live|test)_[A-Za-z0-9_-]{20,}"  # this API's own, and those of payment services
    r"|eyJ[\w-]{8,}\.eyJ[\w-]{8,}\.[\w-]{8,}"  # JSON Web Tokens
    r"|(?:AKIA|ASIA)[A-Z0-9]{16}(?![A-Z0-9])|AIza[\w-]{35}"
    r"|gh[pousr]_[A-Za-z0-9]{20,}|github_pat_\w{20,}|glpat-[\w-]{16,}"
    r"|xox[abeoprs]-[A-Za-z0-9-]{10,}"
    r"|pypi-[\w-]{16,}"
    rf"|{_START}(?:npm_|hf_)[A-Za-z0-9]{{30,}}"
    rf"|{_START}sk-(?:proj-|ant-)?[A-Za-z0-9_-]{{30,}}"
    rf"|{_START}SG\.[\w-]{{16,}}\.[\w-]{{16,}}"
    r"|-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]*PRIVATE KEY-----|\Z)"
)
_BEGINNINGS = (
    *("sk_live_", "sk_test_", "rk_live_", "rk_test_", "eyJ", "AKIA", "ASIA", "AIza", "github_pat_", "glpat-"),
    *("xox", "pypi-", "npm_", "hf_", "sk-", "SG.", "-----BEGIN", *(f"gh{kind}_" for kind in "pousr")),
)
"""How each of these begins: a text without any is not searched."""

_PASSWORD = re.compile(r"://[^\s/:@?#\"'<>\\]{1,200}:[^\s/@?#\"'<>\\]{1,200}(?=@)")
"""The user and password of a URL: `postgres://ada:secret@db.example`."""


def may_hold(text: str) -> bool:
    """Whether `masked` could change it: looked at faster than that."""
    return any(one in text for one in _BEGINNINGS) or ("@" in text and _PASSWORD.search(text) is not None)


def masked(text: str) -> str:
    """The text without what has the form of a secret."""
    if any(one in text for one in _BEGINNINGS):
        text = _FORMS.sub("[redacted]", text)
    return _PASSWORD.sub("://[redacted]", text) if "@" in text else text
