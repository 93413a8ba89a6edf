"""The files that the page is made of: Swagger UI's own in `swagger_ui/`, which nobody edits, and ours in `page/`.

They are package data, read once in a process; the browser gets nothing from anywhere else, and is told so.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from html import escape
from importlib.resources import files
from string import Template

_MEDIA_TYPES = {
    "js": "text/javascript; charset=utf-8",
    "css": "text/css; charset=utf-8",
    "png": "image/png",
}
_SWAGGER_UI = ("swagger-ui-bundle.js", "swagger-ui.css", "favicon-32x32.png")
_OURS = ("page.js", "page.css")
_POLICY = (  # Swagger UI draws its icons from data: URLs
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)


@dataclass(frozen=True, slots=True)
class File:
    """What is served: the bytes, their media type, and headers that go with them."""

    content: bytes
    media_type: str
    headers: Mapping[str, str] = field(default_factory=dict)


def page(title: str) -> File:
    """The page, for a contract of that title."""
    text = Template(_read("page", "index.html").decode()).substitute(title=escape(title))
    return File(text.encode(), "text/html; charset=utf-8", {"Content-Security-Policy": _POLICY})


def scripts_and_styles() -> dict[str, File]:
    """What the page loads, by name."""
    places = {**dict.fromkeys(_SWAGGER_UI, "swagger_ui"), **dict.fromkeys(_OURS, "page")}
    return {name: File(_read(folder, name), _MEDIA_TYPES[name.rpartition(".")[2]]) for name, folder in places.items()}


@cache
def _read(folder: str, name: str) -> bytes:
    return (files("entity_server.http.docs") / folder / name).read_bytes()
