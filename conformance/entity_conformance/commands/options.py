"""The options that commands share, each with its twin in the environment: `--api-key` is CONFORMANCE_API_KEY.

Each is a key of `conformance.toml` too, unless it is about one call only. `run`, `properties` and `model` take the same
options; `doctor` and `cleanup` take those that say where, as whom and how to ask.
"""

import os
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any, get_args

import click
import entity_contract as contracts
from click.core import ParameterSource

from entity_conformance.commands import completing, configured
from entity_conformance.commands.driver import Job
from entity_conformance.commands.twins import AnyNumber, Lines, Number, Seconds, declare, together, twin
from entity_conformance.deployment import settings
from entity_conformance.deployment.credentials import CREDENTIALS, Given
from entity_conformance.deployment.journal import default_folder
from entity_conformance.deployment.settings import (
    GENERATED,
    MOST_AT_ONCE,
    SMOKE,
    THOROUGH,
    Allowance,
    Misuse,
    Settings,
    Tls,
)
from entity_conformance.deployment.spelling import KEYS_PATH
from entity_conformance.report.formats import FORMATS, Destination
from entity_conformance.suite import frozen

_WEIGHTS = {ParameterSource.COMMANDLINE: 3, ParameterSource.ENVIRONMENT: 2, ParameterSource.DEFAULT_MAP: 1}
_FILE = click.Path(path_type=Path)
_WHERE = "https://host, https://host/api or https://host/api/v1."

target = click.argument("url", envvar="CONFORMANCE_URL", metavar="URL")
declare(click.Argument(["url"]), "text", settings.base_url, said=_WHERE)
configuration = together(
    twin(
        "--config", type=click.Path(), metavar="FILE",
        help="Where settings are; else conformance.toml here or in a folder above.",
    ),
    twin("--profile", metavar="NAME", help="Settings of [profile.NAME] in the file, over its others."),
)  # fmt: skip
credentials = together(
    *(
        twin(
            row.option, form="credential", check=partial(settings.secret, row.option), help=row.purpose,
            metavar="KEY" if row.kind == "key" else "TOKEN",
        )
        for row in CREDENTIALS
    )
)  # fmt: skip
connection = together(
    twin(
        "--header", "headers", form="pairs", joins=": ", check=settings.header, multiple=True, type=Lines(),
        metavar="'N: V'", help="Send with every request.",
    ),
    twin(
        "--other-header", "other_headers", form="pairs", joins=": ", check=settings.header, multiple=True,
        type=Lines(), metavar="'N: V'",
        help="Send with the other user's requests, in place of a --header of that name.",
    ),
    twin(
        "--keys-path", form="text", check=lambda text: settings.spelling(text, ()), default=KEYS_PATH,
        show_default=True, metavar="PATH", help="Where the API keys are, below /api/v1 or from /api/ on.",
    ),
    twin(
        "--scope", "scopes", form="pairs", joins="=", check=lambda text: settings.spelling(KEYS_PATH, [text]),
        multiple=True, metavar="SCOPE=NAME",
        help="What the deployment calls a scope of a key: read=tasks:read.",
    ),
    twin(
        "--timeout", form="seconds", type=Seconds(min=0, min_open=True), default=10.0, show_default=True,
        help="Seconds an answer may take.",
    ),
    twin(
        "--max-wait", form="seconds", type=Seconds(min=0), default=300.0, show_default=True,
        help="Seconds to wait for a rate limit to reset.",
    ),
    twin(
        "--wait", form="seconds", type=Seconds(min=0), default=0.0, show_default=True,
        help="Seconds that a deployment may take to start, until it answers.",
    ),
    twin(
        "--max-requests", form="whole", type=Number(min=1),
        help="Ask no more requests than this; cleaning up may take more."
        f" Without it properties and model ask {GENERATED}, run whatever its checks need.",
    ),
    twin("--contract", form="path", type=_FILE, help="The contract to check against, instead of the installed one."),
    twin(
        "--ca", form="path", type=_FILE, metavar="FILE", help="Trust these certificates, not the installed ones."
    ),
    twin("--client-cert", form="path", type=_FILE, metavar="FILE", help="Show this certificate to the deployment."),
    twin("--client-key", form="path", type=_FILE, metavar="FILE", help="The private key of --client-cert."),
    twin("--insecure", form="flag", is_flag=True, help="Believe any certificate; every report says so."),
)  # fmt: skip
selection = together(
    twin(
        "--entity", "entities", form="texts", multiple=True, metavar="NAME",
        help="Check only this entity; give it again for another.",
    ),
    twin(
        "--only", form="texts", multiple=True, metavar="GLOB", shell_complete=completing.requirements,
        help="Check these requirements or chapters only; `properties` takes operations too.",
    ),
    twin(
        "--skip", form="texts", multiple=True, metavar="GLOB", shell_complete=completing.requirements,
        help="Leave these out; the verdict names them.",
    ),
    twin("--skip-ai", form="flag", is_flag=True, help="Do not generate text."),
)  # fmt: skip
judgement = together(
    twin("--strict", form="flag", is_flag=True, help="A SHOULD that does not hold fails."),
    twin(
        "--requirements", form="text", check=frozen.named, metavar="VERSION",
        help="Score the requirements of this release: 0.1. What was added later is told as new.",
    ),
    twin("--require-full", form="flag", is_flag=True, help="Exit 3 unless everything could be tested."),
    twin("--strict-waivers", form="flag", is_flag=True, help="Exit 1 where a waiver is no longer needed."),
    twin("--update-waivers", is_flag=True, help="Write what fails into conformance.toml, as waived."),
    twin("--reason", metavar="TEXT", help="Why --update-waivers waives it."),
    twin("--expires", metavar="DATE", help="The last day on which --update-waivers waives it: 2026-12-31."),
    twin("--ticket", metavar="TEXT", help="Where it is followed, for --update-waivers."),
)  # fmt: skip
conduct = together(
    twin("--read-only", form="flag", is_flag=True, help="Create, change and delete nothing, on this machine either."),
    twin(
        "--allow-writes", form="flag", is_flag=True,
        help="Create, change and delete records on a host that is not this machine.",
    ),
    twin(
        "--allow", form="texts", multiple=True, type=click.Choice(get_args(Allowance)),
        help="Use up the limit of a key that is made for it, or the credits for text generation.",
    ),
    twin(
        "--sample", "samples", form="pairs", joins="=", check=settings.sample, multiple=True, type=Lines(),
        metavar="ENTITY.FIELD=VALUE",
        help="A value that the deployment takes for a field: products.sku=AB-12.",
    ),
    twin(
        "--settle", form="seconds", type=Seconds(min=0), default=0.0, show_default=True,
        help="Seconds until what was written is found, and a new key is known.",
    ),
    twin(
        "--concurrency", form="whole", type=Number(1, 64), default=4, show_default=True,
        help=f"Checks at a time; more than {MOST_AT_ONCE} are no faster, and taken for that.",
    ),
    twin(
        "--seed", form="whole", type=AnyNumber(), default=0, show_default=True,
        help="Repeat what is drawn by chance; texts are new in every run.",
    ),
    twin(
        "--max-time", form="seconds", type=Seconds(min=0, min_open=True), default=900.0, show_default=True,
        help="Seconds after which nothing more is asked; the run cleans up, and is inconclusive.",
    ),
)  # fmt: skip
reports = together(
    twin(
        "--report", "reports", form="pairs", joins="=", check=Destination.parse, multiple=True, type=Lines(),
        said="Reports, each FORMAT or FORMAT=PATH.", shell_complete=completing.formats,
        metavar="FORMAT[=PATH]", help=f"Write a report ({', '.join(FORMATS)}) to a file or to standard output.",
    ),
    twin("--verbose", form="flag", is_flag=True, help="Tell every finding whole, not the root causes alone."),
)  # fmt: skip

extent = together(
    twin("--plan", is_flag=True, help="Tell what the run would send and what it would leave out, and stop."),
    twin("--smoke", form="flag", is_flag=True, help=f"Judge what can be judged in {SMOKE} requests, on one entity."),
    twin(
        "--thorough", form="flag", is_flag=True,
        help=f"Ask more, then run properties and model too, in {THOROUGH:,} requests at most.",
    ),
)  # fmt: skip

resume = twin(
    "--resume",
    type=_FILE,
    metavar="REPORT.json",
    help="Go on where a run ended: judge what has no outcome in its JSON report.",
)
told = together(configuration, credentials, selection, judgement, conduct, connection, reports)
asking = together(target, told)
"""All that `run`, `properties` and `model` can be told."""


def settings_of(url: str, **options: Any) -> Settings:  # noqa: ANN401  # the command's options, by the names of Settings
    """The options as values. Raises Misuse for one that makes no sense."""
    settings.base_url(url)
    options.pop("config", None)
    options.pop("profile", None)
    values = {row.name: settings.secret(row.option, options.pop(row.name)) for row in CREDENTIALS}
    token, cookie = settings.session(values.pop("session"))
    if values["api_key"] is not None and values["api_key"] == values["other_api_key"]:
        raise Misuse("--api-key and --other-api-key are the same", hint="give the other user's key, or leave it out")
    if options.get("requirements") is not None:
        frozen.named(options["requirements"])
    for one, other in (("smoke", "thorough"), ("read_only", "allow_writes"), ("ca", "insecure")):
        options |= _one_of(one, other, options)
    tls = Tls(**{name: options.pop(name) for name in ("ca", "client_cert", "client_key", "insecure")})
    return Settings(
        url,
        Given(session=token, session_cookie=cookie, **values),
        headers=tuple(map(settings.header, options.pop("headers"))),
        other_headers=tuple(settings.header(text, "--other-header") for text in options.pop("other_headers")),
        spelling=settings.spelling(options.pop("keys_path"), options.pop("scopes")),
        samples=tuple(map(settings.sample, options.pop("samples", ()))),
        tls=tls,
        **options,
    )


def _one_of(one: str, other: str, options: Mapping[str, Any]) -> dict[str, Any]:
    """Which of two options that exclude each other holds: a flag before the environment, and that before the file."""
    if not (options.get(one) and options.get(other)):
        return {}
    context = click.get_current_context(silent=True)
    sources = [None if context is None else context.get_parameter_source(name) for name in (one, other)]
    weights = [0 if source is None else _WEIGHTS.get(source, 0) for source in sources]
    if weights[0] == weights[1]:
        names = " and ".join(f"--{name.replace('_', '-')}" for name in (one, other))
        raise Misuse(f"{names} exclude each other", hint="leave one of them out")
    loser = other if weights[0] > weights[1] else one
    return {loser: None if loser == "ca" else False}


def flags(*names: str) -> tuple[str, ...]:
    """Those of these options that stand on the command line itself: the environment and the file are for all runs."""
    context = click.get_current_context(silent=True)
    sources = {} if context is None else {name: context.get_parameter_source(name) for name in names}
    return tuple(name for name, source in sources.items() if source is ParameterSource.COMMANDLINE)


def destinations(reports: tuple[str, ...]) -> tuple[Destination, ...]:
    """Where the reports go; Markdown to a job's summary where GitHub Actions has one. Raises ReportError."""
    summary = os.environ.get("GITHUB_STEP_SUMMARY", "").strip()
    return Destination.parse_all(reports, summary=Path(summary) if summary else None)


def journals() -> Path:
    """The folder of the journals. Raises Misuse where it is set to nothing."""
    if not os.environ.get("CONFORMANCE_STATE_DIR", "set").strip():
        raise Misuse("CONFORMANCE_STATE_DIR is empty", hint="name a folder, or unset it")
    return default_folder(os.environ)


def job(  # noqa: PLR0913  # the options that are not the settings' own
    url: str,
    *,
    contract: Path | None,
    reports: tuple[str, ...],
    verbose: bool,
    update_waivers: bool = False,
    reason: str | None = None,
    expires: str | None = None,
    ticket: str | None = None,
    **options: Any,  # noqa: ANN401
) -> Job:
    """What `asking` was given, as a job. Raises Misuse, ContractError, ReportError."""
    found = configured.configuration()
    waivers = configured.waivers(found)
    new = None
    if update_waivers:
        if options.get("plan"):
            raise Misuse("--plan judges nothing that --update-waivers could write", hint="leave one of them out")
        new = configured.new_waiver(reason, expires, ticket)
    elif reason or expires or ticket:
        raise Misuse("--reason, --expires and --ticket are for --update-waivers", hint="give that too, or none")
    return Job(
        settings=settings_of(url, waivers=waivers, new_waiver=new, **options),
        contract=contracts.load(contract),
        journals=journals(),
        destinations=destinations(reports),
        verbose=verbose,
        waivers_into=configured.place(found) if update_waivers else None,
    )
