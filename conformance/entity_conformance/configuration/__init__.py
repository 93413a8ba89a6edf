"""`conformance.toml`: found, read, checked, and written where a known failure is added to it.

It knows no command: which settings there are is handed in (`keys.Key`), and each is declared once, as an option.
"""
