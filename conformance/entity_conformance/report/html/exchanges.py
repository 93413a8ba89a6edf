"""One exchange as it was recorded: the request, the answer, and the line that sends it again. Pure."""

import json
import re

from entity_conformance.deployment.exchange import Exchange, Headers
from entity_conformance.report.curl import curl
from entity_conformance.report.html.markup import Html, el, join, lines
from entity_conformance.report.text import count, duration

_LONGEST_BODY = 4_000
_LONGEST_COMMAND = 8_000
_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"?|[{}\[\],:]|[^\s{}\[\],:"]+')
_STEP = "  "


def command(exchange: Exchange) -> Html:
    """The curl line, where it is one that a person would paste."""
    line = curl(exchange)
    if len(line) > _LONGEST_COMMAND:
        return el("p", f"The curl line has {count(len(line), 'character')}: the JSON report holds it.", class_="note")
    return el("div", el("pre", el("code", lines(line)), class_="curl", tabindex=0, aria_label="curl"), class_="line")


def whole(exchange: Exchange) -> Html:
    """Request and answer with their headers and bodies, as HTTP writes them."""
    asked = _message(f"{exchange.method} {exchange.url}", exchange.request_headers, exchange.request_body)
    answer: Html
    if exchange.status is None:
        answer = lines(f"no answer: {exchange.error or 'no reason recorded'}")
    else:
        first = f"{exchange.status} after {duration(exchange.seconds)}"
        answer = _message(first, exchange.response_headers, exchange.response_body)
        answer = join(answer, lines(f"\n\n{exchange.error}")) if exchange.error else answer
    return el("div", _half("request", asked), _half("answer", answer), class_="exchange")


def _half(name: str, content: Html) -> Html:
    return el("div", el("h5", name), el("pre", content, tabindex=0, aria_label=name))


def _message(first: str, headers: Headers, body: str | None) -> Html:
    head = "".join(f"\n{name}: {value}" for name, value in headers)
    return join(el("b", lines(first)), lines(head), lines("\n\n" + readable(body)) if body else None)


def readable(body: str) -> str:
    """A body's beginning; JSON is indented, and nothing of it is changed besides."""
    told = _indented(body[: 2 * _LONGEST_BODY]) if _is_json(body) else body
    if len(body) <= _LONGEST_BODY and len(told) <= _LONGEST_BODY:
        return told
    return f"{told[:_LONGEST_BODY]}\n… ({count(len(body), 'character')} in all: the JSON report holds them)"


def _is_json(body: str) -> bool:
    """Whether a body is an object or a list that can be parsed."""
    try:
        return body.lstrip()[:1] in {"{", "["} and json.loads(body) is not None
    except (ValueError, RecursionError):
        return False


def _indented(text: str) -> str:
    """JSON, whole or cut, a member a line. The text of its values stays as it came."""
    written, depth, parts = list[str](), 0, _TOKEN.findall(text)
    for at, part in enumerate(parts):
        following = parts[at + 1] if at + 1 < len(parts) else ""
        if part in "{[" and following not in {"}", "]"}:
            depth += 1
            written += [part, "\n", _STEP * min(depth, 20)]
        elif part in "}]" and parts[at - 1] not in {"{", "["}:
            depth -= 1
            written += ["\n", _STEP * max(min(depth, 20), 0), part]
        elif part == ",":
            written += [part, "\n", _STEP * min(depth, 20)]
        else:
            written.append(": " if part == ":" else part)
    return "".join(written)
