"""How the values that every request makes are declared: frozen for the type checker, and quick to make.

A frozen dataclass sets each of its fields by a function call. A request makes a dozen such values, which would be a
tenth of what it costs; so nothing but the type checker holds these frozen.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from dataclasses import dataclass as per_request
else:
    from dataclasses import dataclass
    from functools import partial

    def per_request(*, frozen: bool, slots: bool) -> partial:
        """A dataclass that compares and hashes as a frozen one does, and is not checked for being changed."""
        assert frozen
        return partial(dataclass, slots=slots, unsafe_hash=True)


__all__ = ["per_request"]
