"""`python -m entity_tests.properties [URL]`: the property tests for people who do not run pytest.

Charter: reads the environment and the command line, prints, and ends with the verdict's exit code.
"""

import os
import sys
from collections.abc import Mapping, Sequence

from entity_conformance.deployment.settings import Misuse
from entity_contract import ContractError, load

from entity_tests.properties.run import run
from entity_tests.properties.settings import PREFIX, VARIABLES, LiveSettings, from_environment
from entity_tests.properties.summary import summary
from entity_tests.properties.verdict import MEANINGS

USAGE = 2


def main(arguments: Sequence[str], environment: Mapping[str, str]) -> int:
    """Run and print; returns the exit code."""
    if arguments and arguments[0] in ("-h", "--help"):
        print(usage())  # noqa: T201
        return 0
    try:
        settings, contract = _settings(arguments, environment), load()
        outcome = run(settings, contract, say=lambda text: print(text, file=sys.stderr, flush=True))  # noqa: T201
    except (Misuse, ContractError) as error:
        print(" ".join(str(error).split()), file=sys.stderr)  # noqa: T201
        return USAGE
    print(summary(outcome), end="")  # noqa: T201
    return outcome.verdict.exit_code


def _settings(arguments: Sequence[str], environment: Mapping[str, str]) -> LiveSettings:
    if len(arguments) > 1 or (arguments and arguments[0].startswith("-")):
        raise Misuse(f"not understood: {' '.join(arguments)}", hint="--help tells what there is")
    settings = from_environment({**environment, **{f"{PREFIX}URL": url for url in arguments}})
    if settings is None:
        raise Misuse("no URL was given", hint=f"give it as the argument or as {PREFIX}URL")
    if settings.api_key is None and settings.session is None:
        raise Misuse("no credential was given", hint=f"set {PREFIX}API_KEY or {PREFIX}SESSION")
    return settings


def usage() -> str:
    """What `--help` prints."""
    variables = "\n".join(f"  {PREFIX + name:<28} {text}" for name, text in VARIABLES.items())
    codes = "\n".join(f"  {code:>3}  {meaning}" for code, meaning in MEANINGS.items())
    return f"python -m entity_tests.properties [URL]\n\nVariables:\n{variables}\n\nExit codes:\n{codes}"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:], os.environ))
