"""The one error of this package."""


class DeclarationError(Exception):
    """The entity cannot be declared as it was asked for; the message is one line that says why, and what to do."""
