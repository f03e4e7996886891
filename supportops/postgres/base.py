"""Django's PostgreSQL engine, on the embedded server: ENGINE = "supportops.postgres"."""

from collections.abc import Iterable
from typing import Any

from django.db.backends.postgresql import client

from apps.trail.engine import base
from supportops.postgres.binaries import program
from supportops.postgres.cluster import ensure_running


class DatabaseClient(client.DatabaseClient):
    """`manage.py dbshell`, with the psql that came with the server."""

    @classmethod
    def settings_to_cmd_args_env(
        cls, settings_dict: dict[str, Any], parameters: Iterable[str]
    ) -> tuple[list[str], dict[str, str] | None]:
        arguments, environment = super().settings_to_cmd_args_env(settings_dict, parameters)
        return [str(program("psql")), *arguments[1:]], environment

    def runshell(self, parameters: Iterable[str]) -> None:
        ensure_running()
        super().runshell(parameters)


class DatabaseWrapper(base.DatabaseWrapper):
    """Connects as Django's does, to a server that is started by the first connection and not before."""

    client_class = DatabaseClient

    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        ensure_running()
        return super().get_new_connection(conn_params)
