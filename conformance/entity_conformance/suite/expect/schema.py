"""The contract's verdict on an answer."""

from entity_contract import Contract

from entity_conformance.deployment.problems import Violation
from entity_conformance.deployment.reply import Reply


def schema(reply: Reply, contract: Contract, *, apart_from: str | None = None, headers: bool = False) -> None:
    """The answer is one that the contract documents: its status, its body to the last format, and with `headers` these.

    What stands in the body at a place that the pattern `apart_from` describes (`data.methods.0`) may be anything.
    """
    from entity_conformance.suite.expect import compiled  # noqa: PLC0415  # for those who judge an answer

    if compiled.agrees(reply, contract, headers=headers):
        return
    from entity_conformance.suite.expect import documented  # noqa: PLC0415  # see there

    path, reason = documented.differences(reply, contract, apart_from, headers=headers)
    if reason is not None:
        raise Violation(
            f"the answer does not agree with the contract: {reason}",
            expected=f"{reply.method} {path} as the contract documents it",
            actual=reply.came,
            exchange=reply.exchange,
        )
