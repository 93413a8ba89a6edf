"""Elements of HTML. What is given as text is escaped; only what was made here is markup. Pure."""

from collections.abc import Iterable
from html import escape

from entity_conformance.report.text import visible


class Html(str):
    """Text that is HTML already."""

    __slots__ = ()


Child = Html | str | None | Iterable["Html | str | None"]

_EMPTY = frozenset({"input", "meta", "link", "rect", "path", "line", "circle"})


def el(name: str, /, *children: Child, **attributes: str | float | bool | None) -> Html:
    """An element. `class_` is the attribute `class`, `aria_label` is `aria-label`; None and False leave one out."""
    written = "".join(_attribute(key, value) for key, value in attributes.items())
    if name in _EMPTY:
        return Html(f"<{name}{written}>" if name in {"input", "meta", "link"} else f"<{name}{written}/>")
    return Html(f"<{name}{written}>{join(*children)}</{name}>")


def join(*children: Child) -> Html:
    """Several pieces, one behind the other."""
    return Html("".join(_pieces(children)))


def lines(text: str) -> Html:
    """A text of several lines for `pre`: every line is kept, and what does not print is spelled out."""
    return Html("\n".join(escape(visible(line.replace("\t", "    "))) for line in text.split("\n")))


def _pieces(children: Iterable[Child]) -> Iterable[str]:
    for child in children:
        match child:
            case None:
                pass
            case Html():
                yield child
            case str():
                yield escape(visible(child))
            case _:
                yield from _pieces(child)


def _attribute(key: str, value: str | float | bool | None) -> str:  # noqa: FBT001  # an attribute is there or is not
    name = key.rstrip("_").replace("_", "-")
    if value is None or value is False:
        return ""
    if value is True:
        return f" {name}"
    said = f"{value:g}" if isinstance(value, float) else str(value)
    return f' {name}="{escape(visible(said))}"'
