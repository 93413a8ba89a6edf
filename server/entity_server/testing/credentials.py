"""The credentials of the demo's users, by the names that a test has for them."""

from collections.abc import Mapping

_NAMES = {
    "api_key": "apiKey",
    "read_key": "readKey",
    "write_key": "writeKey",
    "delete_key": "deleteKey",
    "other_api_key": "otherApiKey",
    "expired_key": "expiredKey",
    "session_token": "sessionToken",
}


def named(written: Mapping[str, str]) -> dict[str, str]:
    """Those of a credentials file. All are the first user's but `other_api_key`, which is another's."""
    return {name: written[member] for name, member in _NAMES.items()}
