"""Links between operations: whoever follows one has to arrive."""

from collections.abc import Iterator

from entity_contract.references import Object, escaped, mapping
from entity_contract.rules.problem import Problem
from entity_contract.rules.view import answers, follow, operations, parameters


def links_lead_somewhere(document: Object) -> Iterator[Problem]:
    """A link names an operation that exists, and parameters that it has."""
    takes = {
        operation.name: {str(parameter.get("name")) for _, parameter in parameters(document, operation)}
        for operation in operations(document)
    }
    for operation in operations(document):
        for _, place, answer in answers(document, operation):
            for name in mapping(answer.get("links")):
                where, link = follow(document, f"{place}/links/{escaped(name)}")
                if "operationId" not in link:
                    continue
                called = str(link["operationId"])
                if called not in takes:
                    yield Problem(f"{where}/operationId", f"the link {name} leads to {called}, which is no operation")
                    continue
                for parameter in mapping(link.get("parameters")):
                    if parameter.rpartition(".")[2] not in takes[called]:
                        at = f"{where}/parameters/{escaped(parameter)}"
                        yield Problem(at, f"the link {name} sends {parameter}, which {called} does not take")


RULES = (links_lead_somewhere,)
