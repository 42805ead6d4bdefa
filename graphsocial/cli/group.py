"""The `graphsocial` command: errors as one line, interruptions as a promise to go on."""

from __future__ import annotations

from typing import Any

import click

from graphsocial.errors import GraphSocialError


class Commands(click.Group):
    """Shows graphsocial's own errors as one line instead of a traceback."""

    def invoke(self, context: click.Context) -> Any:
        """Runs a command; exit status 1 on an error, 130 when interrupted."""
        try:
            return super().invoke(context)
        except GraphSocialError as error:
            click.echo(f"error: {error}", err=True)
            context.exit(1)
        except OSError as error:
            click.echo(f"error: {error.strerror or error}{f': {error.filename}' if error.filename else ''}", err=True)
            context.exit(1)
        except KeyboardInterrupt:
            click.echo("interrupted; what was finished is kept, the same command goes on from there", err=True)
            context.exit(130)


@click.group(cls=Commands)
@click.version_option(package_name="graphsocial")
def main() -> None:
    """Time-honest multimodal learning on social graphs."""
