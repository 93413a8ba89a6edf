"""The operations of a contract, compiled at start-up: one reading of each request, one judgement of each answer.

    query    arguments -> typed values, or a problem that names every bad parameter
    body     JSON object -> typed values, or a problem that names every bad field
    answers  status, headers and body -> how they depart from the contract

No Sanic here, and no openapi-core. The contract's schemas judge bounds, enums and formats; what they cannot say (which
filter an entity has, which text can be stored) is read by the domain, in the same pass.
"""

from entity_server.http.operations.answers import Violation
from entity_server.http.operations.compiled import CompiledContract, CompiledOperation, compile_contract
from entity_server.http.operations.unserved import UnservedContract

__all__ = ["CompiledContract", "CompiledOperation", "UnservedContract", "Violation", "compile_contract"]
