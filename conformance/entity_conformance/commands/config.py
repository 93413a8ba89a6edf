"""`conformance config`: the settings that would hold, and where each comes from. Nothing is sent."""

import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

import click
from click.core import ParameterSource

from entity_conformance.commands import configured, options
from entity_conformance.commands.twins import KEYS, Configured
from entity_conformance.configuration.keys import Key
from entity_conformance.configuration.reading import Configuration
from entity_conformance.configuration.schema import schema
from entity_conformance.deployment.exchange import Redactor
from entity_conformance.report.text import visible

_MASK = "***"


class _Config(Configured):
    """`--schema` holds whatever the file says: who wants it may have a file that cannot be read."""

    def completed(self, ctx: click.Context, given: Mapping[str, Any]) -> None:
        """Raises Misuse for a file that cannot be followed."""
        if not given.get("schema"):
            super().completed(ctx, given)


def _write_schema(context: click.Context, _: click.Parameter, is_wanted: bool) -> None:  # noqa: FBT001  # click's own
    if is_wanted and not context.resilient_parsing:
        click.echo(json.dumps(schema(KEYS), indent=2))
        context.exit()


@click.command(cls=_Config)
@click.argument("url", envvar="CONFORMANCE_URL", metavar="[URL]", required=False)
@options.told
@options.extent
@click.option(
    "--schema",
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=_write_schema,
    help="Write the JSON Schema of conformance.toml instead.",
)
def command(**given: Any) -> None:  # noqa: ANN401  # click's own
    """Write a line for each setting to standard output. Raises Misuse for settings that cannot be followed."""
    values = dict(given)
    url = given.pop("url") or "http://localhost"
    options.job(url, **given)
    found = configured.configuration()
    rows = [*_rows(click.get_current_context(), values, found), *_waivers(found)]
    widths = [max(len(row[column]) for row in rows) for column in (0, 1)]
    profile = f", profile {found.profile}" if found is not None and found.profile is not None else ""
    click.echo(f"file: {found.told}{profile}" if found is not None else "file: none (conformance.toml, --config)")
    for name, value, source in rows:
        click.echo(f"{name.ljust(widths[0])}  {value.ljust(min(widths[1], 40))}  {source}")


def _rows(
    context: click.Context, values: dict[str, Any], found: Configuration | None
) -> Iterator[tuple[str, str, str]]:
    variables = {option.name: option for option in context.command.params}
    for parameter, key in KEYS.items():
        source = context.get_parameter_source(parameter)
        name = f"credentials.{key.name}" if key.form == "credential" else key.name
        stated = found.stated.get(parameter) if found is not None else None
        match source:
            case ParameterSource.COMMANDLINE:
                origin = "the command line"
            case ParameterSource.ENVIRONMENT:
                origin = str(variables[parameter].envvar)
            case ParameterSource.DEFAULT_MAP if found is not None and stated is not None:
                origin = found.where(stated) + (f" [profile.{stated.profile}]" if stated.profile else "")
            case _:
                origin = "default"
        written = stated.written if source is ParameterSource.DEFAULT_MAP and stated is not None else None
        yield name, visible(_shown(key, values[parameter], written)), visible(origin)


def _shown(key: Key, value: object, written: object) -> str:
    """A value as it may be told: of a secret the variable that holds it, else nothing of it."""
    if value is None or value == ():
        return "not given"
    if key.form == "credential":
        return str(written) if written is not None else _MASK
    texts = [str(one) for one in value] if isinstance(value, tuple | list) else [_word(value)]
    if key.holds_secrets:
        texts = [f"{text.partition(':')[0]}: {_MASK}" for text in texts]
    return Redactor().answer(", ".join(texts))


def _word(value: object) -> str:
    match value:
        case bool():
            return "true" if value else "false"
        case float():
            return f"{value:g}"
        case _:
            return str(value)


def _waivers(found: Configuration | None) -> Iterator[tuple[str, str, str]]:
    today = datetime.now(UTC).date()
    for place, one in found.waivers if found is not None else ():
        until = f"expired on {one.expires}" if today > one.expires else f"until {one.expires}"
        entity = f" [{one.entity}]" if one.entity else ""
        yield "waiver", visible(f"{one.requirement}{entity}, {until}: {one.reason}"), visible(found.at(place))  # type: ignore[union-attr]
