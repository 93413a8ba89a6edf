"""Faults of the kinds that survive in production: wrong for some value only, after some write, once in twenty times.

One module a subject. What they break stands with each, as with every other fault.
"""
