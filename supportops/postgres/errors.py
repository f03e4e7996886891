"""What can go wrong with the embedded PostgreSQL."""

import psycopg


class EmbeddedPostgresError(psycopg.OperationalError):
    """The embedded PostgreSQL cannot be had; the message is one sentence for the person at the terminal.

    An OperationalError, because to everything above it is a database that cannot be reached: Django turns it
    into its own OperationalError, and what copes with a database that is away copes with this.
    """
