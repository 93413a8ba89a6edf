"""What the API means, as pure code.

No input or output, no clock, no framework, no status code. `now` and ids are arguments; a refusal is a problem
by name (`problems`), and the contract's catalogue knows its number. Imports nothing but `contract`.
"""
