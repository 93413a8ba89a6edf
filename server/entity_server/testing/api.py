"""The server of a test in a process of its own: what `running` and the fixture `v1_api` give."""

from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from functools import partial

from entity_server.testing.control_client import ControlClient, ControlConnection, documented_operations
from entity_server.testing.stand_in import StandIn


class Api(StandIn):
    """A server at a socket, with a control port beside it. With `--tls` clients trust `ca`, a file."""

    def __init__(self, written: Mapping[str, str], control: ControlClient) -> None:
        self.ca = written.get("ca")
        self.control_url, self.control_token = written["controlUrl"], written["controlToken"]
        super().__init__(written, control, partial(documented_operations, written["baseUrl"], ca=self.ca))

    @classmethod
    @contextmanager
    def at(cls, written: Mapping[str, str]) -> Iterator["Api"]:
        """The server that wrote this credentials file, for as long as the block lasts."""
        with closing(ControlConnection(written["controlUrl"], written["controlToken"])) as connection:
            yield cls(written, ControlClient(connection.send))
