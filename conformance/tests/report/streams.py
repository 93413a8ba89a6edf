"""Streams for tests of what is drawn."""

import io


class Tty(io.StringIO):
    """A text in memory that says it is a terminal."""

    def isatty(self) -> bool:
        return True
