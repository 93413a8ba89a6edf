"""Which tokens of a module can be changed, and into what. Pure: text in, changes out.

Comparisons, boolean and arithmetic operators, constants, conditions, a deleted `not`, return values, two arguments
swapped. Left out is what no client can see by its nature: docstrings, types, decorators, sentences for people.
"""

import ast
import re
from bisect import bisect_right
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import accumulate, pairwise

_COMPARED: Mapping[type[ast.cmpop], tuple[str, tuple[str, ...]]] = {
    ast.Eq: ("==", ("!=",)),
    ast.NotEq: ("!=", ("==",)),
    ast.Lt: ("<", ("<=", ">")),
    ast.LtE: ("<=", ("<", ">=")),
    ast.Gt: (">", (">=", "<")),
    ast.GtE: (">=", (">", "<=")),
    ast.Is: ("is", ("is not",)),
    ast.IsNot: ("is not", ("is",)),
    ast.In: ("in", ("not in",)),
    ast.NotIn: ("not in", ("in",)),
}
_COMPUTED: Mapping[type[ast.operator], tuple[str, str]] = {
    ast.Add: ("+", "-"),
    ast.Sub: ("-", "+"),
    ast.Mult: ("*", "//"),
    ast.FloorDiv: ("//", "*"),
    ast.Div: ("/", "*"),
    ast.Mod: ("%", "*"),
    ast.Pow: ("**", "*"),
    ast.BitOr: ("|", "&"),
    ast.BitAnd: ("&", "|"),
}
_NAMES: Mapping[str, str] = {"min": "max", "max": "min", "any": "all", "all": "any", "min_length": "max_length"}
_TYPED = frozenset({"Literal", "TypeVar", "NewType"})
_STATED = (ast.Compare, ast.BoolOp, ast.UnaryOp, ast.Constant)
"""Conditions that have changes of their own."""


@dataclass(frozen=True, slots=True)
class Change:
    """One change of a module: the bytes from `start` to `end` become `after`."""

    line: int
    start: int
    end: int
    before: str
    after: str

    def applied(self, source: str) -> str:
        """The module's text with the change in it."""
        whole = source.encode()
        return (whole[: self.start] + self.after.encode() + whole[self.end :]).decode()


def changes(source: str) -> list[Change]:
    """Every change of a module that parses still, in the order of the text."""
    found = {(one.start, one.end, one.after): one for one in _Changes(source).found()}
    statements = _statements(source)
    return [one for _, one in sorted(found.items()) if _parses(one, statements)]


@dataclass(frozen=True, slots=True)
class _Statement:
    """A statement that begins a line: the text of its lines, and at which byte that begins."""

    start: int
    text: bytes


def _statements(source: str) -> list[_Statement]:
    """Those of the module, and those in them, each behind what it is in."""
    lines = source.encode().splitlines(keepends=True)
    starts = [0, *accumulate(map(len, lines))]
    found = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.stmt):
            first = min(each.lineno for each in (node, *getattr(node, "decorator_list", ())))
            text = b"".join(lines[first - 1 : node.end_lineno])
            is_first = not lines[node.lineno - 1][: node.col_offset].strip()
            if is_first and not text.lstrip().startswith(b"elif"):
                found.append(_Statement(starts[first - 1], text))
    return sorted(found, key=lambda one: (one.start, -len(one.text)))


def _parses(change: Change, statements: list[_Statement]) -> bool:
    """Whether the innermost statement around the change parses with it: the module takes a hundred times as long."""
    before = bisect_right(statements, change.start, key=lambda each: each.start)
    around = next(one for one in reversed(statements[:before]) if one.start + len(one.text) >= change.end)
    start, end = change.start - around.start, change.end - around.start
    head = b"if True:\n" if around.text[:1].isspace() else b""
    try:
        ast.parse(head + around.text[:start] + change.after.encode() + around.text[end:])
    except SyntaxError:
        return False
    return True


class _Changes:
    def __init__(self, source: str) -> None:
        self._bytes = source.encode()
        self._tree = ast.parse(source)
        lines = self._bytes.split(b"\n")
        self._offsets = [0]
        for line in lines:
            self._offsets.append(self._offsets[-1] + len(line) + 1)
        self._skipped = set(_left_out(self._tree))

    def found(self) -> Iterator[Change]:
        for node in ast.walk(self._tree):
            if id(node) not in self._skipped:
                yield from self._of(node)

    def _of(self, node: ast.AST) -> Iterator[Change]:  # noqa: C901, PLR0912 - one for each kind of node
        match node:
            case ast.Compare():
                for (left, right), operator in zip(pairwise((node.left, *node.comparators)), node.ops, strict=True):
                    token, others = _COMPARED[type(operator)]
                    for other in others:
                        yield from self._between(left, right, token, other)
            case ast.BoolOp():
                token, other = ("and", "or") if isinstance(node.op, ast.And) else ("or", "and")
                for left, right in pairwise(node.values):
                    yield from self._between(left, right, token, other)
            case ast.BinOp() if type(node.op) in _COMPUTED:
                yield from self._between(node.left, node.right, *_COMPUTED[type(node.op)])
            case ast.AugAssign() if type(node.op) in _COMPUTED:
                yield from self._between(node.target, node.value, *_COMPUTED[type(node.op)])
            case ast.UnaryOp(op=ast.Not()):
                start = self._start(node)
                yield self._change(start, start + len("not "), "")
            case ast.UnaryOp(op=ast.USub()):
                start = self._start(node)
                yield self._change(start, start + 1, "")
            case ast.Constant():
                for after in _other_constants(node.value):
                    yield self._change(self._start(node), self._end(node), after)
            case ast.Return(value=ast.expr() as value) if not isinstance(value, ast.Constant):
                yield self._change(self._start(value), self._end(value), "None")
            case ast.Call():
                yield from self._of_call(node)
            case ast.If(test=test) | ast.IfExp(test=test) | ast.While(test=test) if not isinstance(test, _STATED):
                yield self._change(self._start(test), self._end(test), f"not ({ast.unparse(test)})")
            case ast.Break():
                yield self._change(self._start(node), self._end(node), "continue")
            case ast.Continue():
                yield self._change(self._start(node), self._end(node), "break")

    def _of_call(self, node: ast.Call) -> Iterator[Change]:
        match node.func:
            case ast.Name(id=name) if name in _NAMES:
                yield self._change(self._start(node.func), self._end(node.func), _NAMES[name])
        if len(node.args) > 1 and not any(isinstance(one, ast.Starred) for one in node.args):
            one, other = node.args[:2]
            start, end = self._start(one), self._end(other)
            mine, theirs = self._bytes[start : self._end(one)], self._bytes[self._start(other) : end]
            gap = self._bytes[self._end(one) : self._start(other)]
            if mine != theirs:
                yield self._change(start, end, (theirs + gap + mine).decode())

    def _between(self, left: ast.AST, right: ast.AST, token: str, other: str) -> Iterator[Change]:
        start, end = self._end(left), self._start(right)
        spelled = re.escape(token) if not token[0].isalpha() else r"\b" + token.replace(" ", r"\s+") + r"\b"
        match = re.search(spelled.encode(), self._bytes[start:end])
        if match is not None:
            yield self._change(start + match.start(), start + match.end(), other)

    def _change(self, start: int, end: int, after: str) -> Change:
        line = self._bytes.count(b"\n", 0, start) + 1
        return Change(line, start, end, self._bytes[start:end].decode(), after)

    def _start(self, node: ast.AST) -> int:
        assert isinstance(node, ast.expr | ast.stmt)
        return self._offsets[node.lineno - 1] + node.col_offset

    def _end(self, node: ast.AST) -> int:
        assert isinstance(node, ast.expr | ast.stmt)
        assert node.end_lineno is not None
        assert node.end_col_offset is not None
        return self._offsets[node.end_lineno - 1] + node.end_col_offset


def _other_constants(value: object) -> tuple[str, ...]:
    match value:
        case bool():
            return (str(not value),)
        case int():
            return (str(value + 1), str(value - 1)) if value > 0 else (str(value + 1),)
        case float():
            return (repr(value * 2 + 1),)
        case "":
            return ('"x"',)
        case str() if not re.search(r"\s", value):
            return ('""',)
        case _:
            return ()


def _left_out(tree: ast.AST) -> Iterator[int]:
    """What no client can see by its nature, with all that is inside."""
    for node in ast.walk(tree):
        for part in _parts_left_out(node):
            yield from (id(inner) for inner in ast.walk(part))


def _parts_left_out(node: ast.AST) -> Iterator[ast.AST]:
    match node:
        case ast.Expr(value=ast.Constant()):
            yield node
        case ast.FunctionDef() | ast.AsyncFunctionDef():
            yield from node.decorator_list
            yield from (node.returns,) if node.returns else ()
        case ast.ClassDef():
            yield from (*node.decorator_list, *node.bases)
        case ast.arg(annotation=ast.expr() as annotation) | ast.AnnAssign(annotation=annotation):
            yield annotation
        case ast.Subscript(value=ast.Name(id=name)) if name in _TYPED or name[:1].isupper():
            yield node
        case ast.Call(func=ast.Name(id=name), args=[first, *_]) if name in {"cast", *_TYPED}:
            yield first
        case ast.Call(func=ast.Attribute(value=ast.Name(id="log"))):
            yield node
        case ast.Assert() | ast.JoinedStr():
            yield node
