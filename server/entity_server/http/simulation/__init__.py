"""Answers on demand: what the contract documents for an operation, without anything having happened.

    examples      the example of a documented body: the contract's own, or one made from its schema
    documented    the whole answer of an operation and a status: that body, and headers that go with it

Both are pure. Nobody imports this package on the way of an ordinary request.
"""

from entity_server.http.simulation.documented import Undocumented, documented_answer

__all__ = ["Undocumented", "documented_answer"]
