"""YAML as OpenAPI reads it: keys are texts and stand once, dates are texts, `no` is no boolean (YAML 1.2)."""

import re
from typing import Any, ClassVar

import yaml
from yaml.constructor import ConstructorError

FAST_LOADER: type[yaml.SafeLoader] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
"""The loader in C where libyaml is there. It reads YAML 1.1, and silently keeps the last of two equal keys."""

_SCALARS = {
    "tag:yaml.org,2002:bool": (r"true|True|TRUE|false|False|FALSE", "tTfF"),
    "tag:yaml.org,2002:int": (r"[-+]?[0-9]+", "-+0123456789"),
    "tag:yaml.org,2002:float": (r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?", "-+.0123456789"),
    "tag:yaml.org,2002:null": (r"~|null|Null|NULL|", ["~", "n", "N", ""]),
    "tag:yaml.org,2002:merge": (r"<<", "<"),
}
"""What a plain text may be besides a text, and the letters that it begins with."""


class _Strict(FAST_LOADER):  # type: ignore[valid-type, misc]  # chosen at run time
    """A safe loader for documents that nobody has checked."""

    yaml_implicit_resolvers: ClassVar[dict[str, list[tuple[str, re.Pattern[str]]]]] = {}

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[str, Any]:  # noqa: FBT001, FBT002  # PyYAML's signature
        seen: set[str] = set()
        for key, _ in node.value:
            if not isinstance(key, yaml.ScalarNode):
                raise ConstructorError(None, None, "a key is no text", key.start_mark)
            if key.value in seen:
                raise ConstructorError(None, None, f"the key {key.value!r} stands twice", key.start_mark)
            seen.add(key.value)
        self.flatten_mapping(node)
        return {key.value: self.construct_object(value, deep=deep) for key, value in node.value}

    def construct_integer(self, node: yaml.ScalarNode) -> int:
        """A decimal number; YAML 1.1 has octal and sexagesimal ones too."""
        return int(node.value)


for _tag, (_expression, _first) in _SCALARS.items():
    _Strict.add_implicit_resolver(_tag, re.compile(rf"^(?:{_expression})$"), list(_first))
_Strict.add_constructor("tag:yaml.org,2002:int", _Strict.construct_integer)


def parsed(text: bytes | str) -> object:
    """The value of a YAML text. Raises YAMLError with the mark of the place, UnicodeDecodeError, RecursionError."""
    return yaml.load(text, Loader=_Strict)  # noqa: S506  # a subclass of the safe loader
