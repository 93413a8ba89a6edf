"""`reference-server run`: serve the API."""

import logging
import os
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any

import click
from click.core import ParameterSource

from entity_server.commands.ending import announce, complete, one_line, readable
from entity_server.commands.options import Command, Count, Port, option
from entity_server.settings import (
    AI_KEY,
    AI_MODEL,
    AI_TIMEOUT,
    DEFAULT_DATABASE,
    DEMO_CREDENTIALS,
    KEY_LIMIT,
    SESSION_LIMIT,
    Settings,
)

_DATABASES = "sqlite://PATH, sqlite://:memory: or postgres://USER:PASSWORD@HOST:PORT/NAME"
_TEXT_INDEX = (
    "Keep an index by which searches and $contains find words of three characters and more; a start without this "
    "option drops it."
)
_WORKERS = "Server processes; more than one need PostgreSQL and --redis."
_CREDENTIALS = f"File for the base URL and credentials; with --demo or --control-port {DEMO_CREDENTIALS} by default."
_PER_KEY = "How often an API key may ask: 1000/hour, 100/15m, 5/30s."
_REDIS = (
    "redis://:PASSWORD@HOST:PORT/NUMBER, where rate limits are counted together with other servers; a deployment has "
    "a NUMBER of its own."
)
_AI_URL = (
    f"Generate text by the endpoint at this URL, such as https://api.openai.com/v1; its key is taken from {AI_KEY}. "
    "Without one, a local generator repeats the prompt."
)
_METRICS = (
    "Count and time what is asked, for Prometheus: GET .../control/v1/metrics on the control port, which with "
    "--workers or --redis is for metrics alone."
)
_PER_USER = "How often the sessions of one user may ask."
_CORS = "Let pages on this origin call, such as http://localhost:3000; may be repeated; * for any, without cookies."
_CONTROL_PORT = (
    "A port for tests, by which they reset, seed, and disturb the server; 0 takes a free one. Its URL and its token "
    "are in the credentials file. Without this option there is none."
)
_CONTROL_HOST = "Address of the control port; not the loopback one where tests run in other containers."
_ACCESS_LOG = "A line for each request, on stderr; without a form, or on a terminal: console."
_TLS = "Serve HTTPS, with a certificate made for this start; the credentials file tells whom to trust, as `ca`."
_TLS_CERT = "Serve HTTPS with this certificate, in PEM."
_SIMULATE = "Let a request say how it is answered: Prefer: code=429, fault=ID, delay=MS, dribble, cut."
_CLIENT_REPORT = "Write there, at the end, what the requests tell about the clients that sent them."
_STRICT_CLIENTS = "Exit 1 at the end if a client did something that the contract forbids, and say what."
_CHOICES = (
    "Behave otherwise where the rulings leave it open: `other` takes the first other alternative everywhere, `random` "
    "draws once, and L2=capped,... names them, also behind `other,`. `reference-server variants` lists them."
)
_VARIANT = "One other behaviour that is allowed, such as extra-members or links-are-absolute; may be repeated."
_SEED = "What `--choices random` draws from, to have the same server again."
_FAULT = "Be wrong on purpose; may be repeated. `reference-server faults` lists the ways."


def _limit(_: click.Context, __: click.Parameter, value: str) -> str:
    from entity_server.domain.limits import RateLimit  # noqa: PLC0415 - `--help` must be quick

    try:
        RateLimit.parse(value)
    except ValueError as error:
        raise click.BadParameter(str(error)) from error
    return value


def _access_log(_: click.Context, __: click.Parameter, value: str | None) -> str:
    return value or ("console" if sys.stderr.isatty() else "off")


def _origins(_: click.Context, __: click.Parameter, values: tuple[str, ...]) -> tuple[str, ...]:
    if not values:
        return ()
    from entity_server.http.cors import ANY, origin  # noqa: PLC0415 - `--help` must be quick

    try:
        origins = tuple(dict.fromkeys(origin(value) for value in values))
    except ValueError as error:
        raise click.BadParameter(str(error)) from error
    if ANY in origins and len(origins) > 1:
        raise click.BadParameter("* is every origin, without credentials; give it alone, or name the origins")
    return origins


def _place(_: click.Context, __: click.Parameter, value: Path | None) -> Path | None:
    """A dash is standard output, as elsewhere."""
    return Path("/dev/stdout") if value == Path("-") else value


@click.command(cls=Command)
@option("--host", default="127.0.0.1", show_default=True, help="Address to listen on; 0.0.0.0 for all.")
@option("--port", type=Port(0, 65535), default=5173, show_default=True, help="Port; 0 takes a free one.")
@option(
    "--database", default=DEFAULT_DATABASE, show_default=True, metavar="URL", help=f"{_DATABASES}; a new file is made."
)
@option("--text-index", is_flag=True, help=_TEXT_INDEX)
@option("--workers", type=Count(1, 64), default=1, show_default=True, metavar="N", help=_WORKERS)
@option(
    "--contract", type=click.Path(path_type=Path), help="An OpenAPI document to serve instead of the installed one."
)
@option("--demo", is_flag=True, help="Add two users with records, and new credentials for both; may be repeated.")
@option(
    "--credentials",
    type=click.Path(path_type=Path, dir_okay=False, allow_dash=True),
    callback=_place,
    help=_CREDENTIALS,
)
@option("--key-limit", default=KEY_LIMIT, show_default=True, callback=_limit, metavar="N/TIME", help=_PER_KEY)
@option("--session-limit", default=SESSION_LIMIT, show_default=True, callback=_limit, metavar="N/TIME", help=_PER_USER)
@option("--redis", metavar="URL", help=_REDIS)
@option("--ai-url", metavar="URL", help=_AI_URL)
@option("--ai-model", default=AI_MODEL, show_default=True, metavar="NAME", help="The model to ask --ai-url for.")
@option(
    "--ai-timeout",
    type=Count(1, 600),
    default=AI_TIMEOUT,
    show_default=True,
    metavar="SECONDS",
    help="How long --ai-url may take for a text, a second try included.",
)
@option("--cors", multiple=True, callback=_origins, metavar="ORIGIN", help=_CORS)
@option("--control-port", type=Port(0, 65535), help=_CONTROL_PORT)
@option("--control-host", default="127.0.0.1", show_default=True, help=_CONTROL_HOST)
@option("--tls", is_flag=True, help=_TLS)
@option("--tls-cert", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE", help=_TLS_CERT)
@option("--tls-key", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE", help="Its private key, in PEM.")
@option(
    "--access-log",
    type=click.Choice(("console", "json", "off")),
    is_flag=False,
    flag_value="console",
    callback=_access_log,
    help=_ACCESS_LOG,
)
@option("--choices", metavar="CHOICES", help=_CHOICES)
@option("--variant", "variants", multiple=True, metavar="NAME", help=_VARIANT)
@option("--seed", type=Count(0, 2**32 - 1), metavar="N", help=_SEED)
@option("--simulate", is_flag=True, help=_SIMULATE)
@option("--client-report", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE", help=_CLIENT_REPORT)
@option("--strict-clients", is_flag=True, help=_STRICT_CLIENTS)
@option("--metrics", is_flag=True, help=_METRICS)
@option("--fault", "faults", multiple=True, metavar="ID", help=_FAULT)
def run(**options: Any) -> int:  # noqa: ANN401 - click's own
    """Serve the API, and its documentation at /docs, until SIGTERM or Ctrl+C."""
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(levelname)s %(message)s")
    os.environ.setdefault(
        "SANIC_IGNORE_PRODUCTION_WARNING", "1"
    )  # said on a terminal, of a mode that is no option here
    settings = Settings(**options, ai_key=os.environ.get(AI_KEY, ""))
    _refuse_what_does_not_go_together(settings)
    if settings.workers > 1:
        from entity_server.workers import run_workers  # noqa: PLC0415 - `--help` must be quick

        with readable():
            run_workers(settings, announce, complete)
        return 0
    from entity_server.running import run as serve  # noqa: PLC0415 - likewise

    report = complete(serve(settings, say=announce))
    if report is None or not report.wrong or not settings.strict_clients:
        return 0
    for finding in report.wrong:
        with suppress(OSError):
            click.echo(one_line(finding.line), err=True)
    return 1


def _refuse_what_does_not_go_together(settings: Settings) -> None:
    many = settings.workers > 1
    controlled = settings.control_port is not None and not settings.metrics  # with metrics it is for them alone
    varied = "--variant" if settings.choices is None else "--choices"
    refused = (
        (
            many and (settings.choices is not None or settings.variants),
            f"{varied} is remembered by one process: it does not go with --workers",
        ),
        (
            settings.tls and (settings.tls_cert or settings.tls_key),
            "--tls makes a certificate: it does not go with --tls-cert and --tls-key",
        ),
        (
            settings.tls_key and not settings.tls_cert,
            "--tls-key is the key of a certificate: give that with --tls-cert",
        ),
        (
            many and settings.simulate,
            "--simulate makes one process wrong for a moment: it does not go with --workers",
        ),
        (
            many and settings.judges_clients,
            "the report on clients is one process's: it does not go with --workers",
        ),
        (
            settings.control_port is None and _is_on_the_command_line("control_host"),
            "--control-host is the address of the control port: it needs --control-port",
        ),
        (
            settings.ai_url is None and _is_on_the_command_line("ai_model", "ai_timeout"),
            "--ai-model and --ai-timeout are for the model that --ai-url names: give that too",
        ),
        (
            not settings.ai_model.strip(),
            "--ai-model names no model: give its name, or leave it out",
        ),
        (
            settings.metrics and settings.control_port is None,
            "--metrics are told at the control port: it needs --control-port",
        ),
        (
            many and controlled,
            "--control-port puts one process back to its seed: it does not go with --workers, but for --metrics",
        ),
        (
            settings.redis is not None and controlled,
            "--control-port puts limits back that one process counts: it does not go with --redis, but for --metrics",
        ),
    )
    for wrong, told in refused:
        if wrong:
            raise click.UsageError(told)


def _is_on_the_command_line(*names: str) -> bool:
    """Whether one of these was given for this start: a variable may be set for several, and be of no use to one."""
    context = click.get_current_context()
    return any(context.get_parameter_source(name) is ParameterSource.COMMANDLINE for name in names)
