"""An exchange as a `curl` line that can be pasted into a shell to see the same again.

Pure. The line holds no secret: a credential is the environment variable that the runner itself would read it from; what
a run made for itself, and the values of `--header` and `--other-header` (`$HEADER_1`, `$OTHER_HEADER_1` and so on, in
the order given), are variables to be set by whoever sends the line. Quoting is that of POSIX, for every shell; text
that does not print is spelled by `printf`.
"""

import re
from collections.abc import Iterable

from entity_conformance.deployment.credentials import (
    BY_NAME,
    CREDENTIALS,
    MADE_KEY_VARIABLE,
    SECURE_SESSION_COOKIE,
    SESSION_COOKIE,
)
from entity_conformance.deployment.exchange import Exchange
from entity_conformance.report.text import OBEYED

_KEY_VARIABLES = {row.name: f"${row.variable}" for row in CREDENTIALS if row.kind == "key"}
_MADE_KEY = f"${MADE_KEY_VARIABLE}"

LONGEST_BODY = 4_000
"""A longer body is printed into curl: no argument may hold it. What one character fills is told by its length."""

_RUN = re.compile(r"([ -&(-\[\]-~])\1{499}")
"""The first of a run of one ASCII character, but for those that quotes or `tr` take for something else.

The length of the run is counted apart: a pattern without a bound takes eighty octets for each character of it.
"""

REDACTED = "[redacted]"
"""What stands in an exchange where a secret stood that nobody gave: a key that the run made, and revoked since."""

_SESSION_COOKIES = {SESSION_COOKIE, SECURE_SESSION_COOKIE}
_SESSION = f"${BY_NAME['session'].variable}"
_CURL_SENDS_ITS_OWN = {"accept-encoding", "connection", "content-length", "host", "transfer-encoding", "user-agent"}
_VARIABLE = re.compile(r"\$CONFORMANCE_[A-Z][A-Z0-9_]*|\$(?:OTHER_)?HEADER_[0-9]+")
_BARE = re.compile(r"[\w@%+=:,./-]+", re.ASCII)


def curl(exchange: Exchange) -> str:
    """One line that sends `exchange` again and shows status, headers and body of the answer."""
    words = ["curl", *_options(exchange), quoted(exchange.url)]
    for name, value in exchange.request_headers:
        if not _is_implied(name, value):
            words += ["-H", _header(name, value, exchange.credential)]
    body = exchange.request_body
    if not body:
        return " ".join(words)
    if not any(name.lower() == "content-type" for name, _ in exchange.request_headers):
        words += ["-H", "'Content-Type:'"]  # else curl adds a form's media type of its own accord
    if len(body) > LONGEST_BODY:
        source = _folded(body)
    elif body.isprintable():
        return " ".join([*words, "--data-raw", quoted(body)])
    else:
        source = _printf(body)
    return " ".join([source, "|", *words, "--data-binary", "@-"])


def variables(exchange: Exchange) -> tuple[str, ...]:
    """The environment variables that `curl(exchange)` reads."""
    return tuple(dict.fromkeys(match.removeprefix("$") for match in _VARIABLE.findall(_headers(exchange))))


def making(exchange: Exchange, of: Iterable[Exchange]) -> Exchange | None:
    """What makes a key like the one that the run made for `exchange`; None where it was sent with no such key.

    `of` are the exchanges of the run, its creations of keys among them.
    """
    if MADE_KEY_VARIABLE not in variables(exchange):
        return None
    made = [one for one in of if one.method == "POST" and one.status == 201 and '"scopes"' in (one.request_body or "")]
    alike = [one for one in made if f" {exchange.credential}" in (one.request_body or "")]
    return next(iter((*alike, *made)), None)


def quoted(text: str) -> str:
    """`text` as one word of a shell; what does not print is spelled as octets (a line feed at its end is lost)."""
    if _BARE.fullmatch(text):
        return text
    return _in_quotes(text) if text.isprintable() else f'"$({_printf(text)})"'


def _in_quotes(text: str) -> str:
    return _parted("'" + text.replace("'", "'\\''") + "'", "'")


def _parted(word: str, quote: str) -> str:
    """A quoted word in two, where a CI system would take what stands in it for a command: a shell joins them."""
    return OBEYED.sub(lambda found: f"{quote}{quote}{found.group()}", word)


def _printf(text: str) -> str:
    """The command that prints `text`, whatever it holds."""
    plain = text.replace("\\", "\\\\").replace("%", "%%")
    spelled = "".join(one if one.isprintable() else _in_octal(one) for one in plain)
    if spelled.startswith("-"):
        spelled = _in_octal("-") + spelled[1:]  # else it would be an option of printf
    return f"printf {_in_quotes(spelled)}"


def _folded(text: str) -> str:
    """The commands that print a long `text`, each run of one character by its length, as one group."""
    commands = list[str]()
    while run := _RUN.search(text):
        before, rest = text[: run.start()], text[run.start() :]
        text = rest.lstrip(run[1])
        commands += [_printf(before)] if before else []
        commands.append(f"head -c {len(rest) - len(text)} /dev/zero | tr '\\0' '{run[1]}'")
    commands += [_printf(text)] if text else []
    return f"{{ {'; '.join(commands)}; }}"


def _in_octal(character: str) -> str:
    """An escape takes at most three digits: a digit that follows stays itself."""
    return "".join(f"\\{octet:03o}" for octet in character.encode(errors="replace"))


def _options(exchange: Exchange) -> list[str]:
    if exchange.method == "HEAD":
        options = ["-I"]
    elif exchange.method == "GET" and not exchange.request_body:
        options = ["-i"]
    else:
        options = ["-i", "-X", quoted(exchange.method)]
    if any(character in exchange.url for character in "[]{}"):
        options.append("-g")
    if "/./" in exchange.url or "/../" in exchange.url:
        options.append("--path-as-is")
    return options


def _is_implied(name: str, value: str) -> bool:
    return name.lower() in _CURL_SENDS_ITS_OWN or (name.lower() == "accept" and value == "*/*")


def _headers(exchange: Exchange) -> str:
    return "\n".join(_header(name, value, exchange.credential) for name, value in exchange.request_headers)


def _header(name: str, value: str, credential: str) -> str:
    """A header as a quoted argument. Only a header's own variables are left for the shell to fill in."""
    kinds = credential.split("+")
    if not _VARIABLE.fullmatch(value):
        match name.lower():
            case "authorization":
                value = _key(value, kinds)
            case "cookie" if REDACTED in value or "session" in kinds:
                value = _session_cookie(value.partition("=")[0])
            case _:
                pass
    if value == "":
        return quoted(f"{name};")  # `Name:` would mean: do not send it
    line = f"{name}: {value}"
    return _expanding(line) if _VARIABLE.search(line) else quoted(line)


def _key(value: str, kinds: list[str]) -> str:
    """The value of Authorization. A key that is no secret (one that nobody ever had) is sent as it was."""
    held = [variable for name, variable in _KEY_VARIABLES.items() if name in kinds]
    if held and value.startswith("Bearer ") and REDACTED not in value:
        return f"Bearer {held[0]}"
    if value == REDACTED:  # an archive's header is redacted as a whole
        return f"Bearer {_MADE_KEY}"
    return value.replace(REDACTED, _MADE_KEY)


def _session_cookie(name: str) -> str:
    """A cookie of another name was given as NAME=TOKEN, so that the variable holds the whole pair."""
    return f"{name}={_SESSION}" if name in _SESSION_COOKIES else _SESSION


def _expanding(line: str) -> str:
    """`line` quoted so that the shell fills in the runner's own variables and touches nothing else."""
    parts = re.split(f"({_VARIABLE.pattern})", line)
    if not line.isprintable() or "!" in line:  # which a shell at a terminal looks up in its history
        return "".join(f'"{part}"' if place % 2 else quoted(part) for place, part in enumerate(parts) if part)
    escaped = [part if place % 2 else re.sub(r'([\\"$`])', r"\\\1", part) for place, part in enumerate(parts)]
    return _parted(f'"{"".join(escaped)}"', '"')
