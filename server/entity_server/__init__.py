"""The reference server: one reading of the contract, complete and plain.

Its anti-goals: it is no product to build on, it has no page for people, and it offers nothing that the contract does
not name. Layers, each importing only those below: commands, app, faults, http, store, domain; settings is a leaf.
"""
