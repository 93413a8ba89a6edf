"""What had to come and what came, of one thing that is wrong with an answer. Pure.

`what differs: must be this, and is that` is how a difference is put; the shorter ways are known here too.
"""

import re

_SAID = re.compile(r"(?P<what>.*?): must be (?P<expected>.*?)(?:, and is (?P<actual>.*))?", re.DOTALL)
_HELD = re.compile(r"(?P<what>.*?) must (?:be|hold) (?P<expected>.*?), and (?:is|holds) (?P<actual>.*)", re.DOTALL)
_REQUIRED = re.compile(r"(?P<at>.*): '(?P<name>\w+)' is a required property, and is (?P<value>.*)", re.DOTALL)
_MISSING = re.compile(r"(?P<what>.*) (?:is|are) missing")
_KIND = re.compile(r"(?P<what>.*?)(?:: it must be| is not| is no) (?P<kind>.*)")
_STATUS = re.compile(r"the status must be (?P<expected>.*)")
_HOW = re.compile(
    r" (?:differs|is missing|is not (?:true|false)|is none of the allowed values"
    r"|holds (?:more|fewer|other) records|holds a record twice.*|is in another order)$"
)


def told(wrong: str) -> tuple[str, str | None]:
    """What had to come, and what came; None where only the whole answer tells that."""
    if found := _SAID.fullmatch(wrong) or _HELD.fullmatch(wrong):
        what = _HOW.sub("", found["what"])
        return f"{what} {found['expected']}", None if found["actual"] is None else f"{what} {found['actual']}"
    if found := _REQUIRED.fullmatch(wrong):
        return f"{found['at']}.{found['name']} {found['value']}", f"no {found['name']}"
    if found := _MISSING.fullmatch(wrong):
        return found["what"], f"no {found['what'].replace(', ', ', no ')}"
    if found := _STATUS.fullmatch(wrong):
        return f"status {found['expected']}", None
    if found := _KIND.fullmatch(wrong):
        return f"{found['what']}: {found['kind']}", None
    return wrong, None
