"""Django's PostgreSQL engine, on which a statement can wait for the commit: ENGINE = "apps.trail.engine"."""
