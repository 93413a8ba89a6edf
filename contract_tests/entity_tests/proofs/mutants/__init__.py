"""Mutants of the reference server: each is its source with one token changed, judged by the whole suite."""
