"""Where in its text a part of a document stands."""

from functools import cached_property

import yaml

from entity_contract.parsing import FAST_LOADER
from entity_contract.references import tokens


class Lines:
    """The lines of a document's text by JSON pointer. The text is read again when the first one is asked for."""

    def __init__(self, text: str) -> None:
        self._text = text

    def of(self, place: str) -> int:
        """The line of what stands at a pointer, from 1; where nothing does, that of what would hold it."""
        node, line = self._root, 1
        for token in tokens(place):
            if isinstance(node, yaml.MappingNode):
                pair = next(((key, value) for key, value in node.value if key.value == token), None)
                if pair is None:
                    break
                line, node = pair[0].start_mark.line + 1, pair[1]
            elif isinstance(node, yaml.SequenceNode) and token.isdigit() and int(token) < len(node.value):
                node = node.value[int(token)]
                line = node.start_mark.line + 1
            else:
                break
        return line

    @cached_property
    def _root(self) -> yaml.Node | None:
        return yaml.compose(self._text, Loader=FAST_LOADER)
