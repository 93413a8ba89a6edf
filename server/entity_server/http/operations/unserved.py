"""What is wrong with a contract that is good OpenAPI, and yet asks for something that this server does not have."""


class UnservedContract(Exception):  # noqa: N818 - named for what is wrong
    """The contract cannot be served; the message says where in it, and why."""
