"""The document: its rules, the faults planted for them, and the comparison of two releases."""
