"""The embedded PostgreSQL: started on first use, shared by every process, stopped with its last user."""
