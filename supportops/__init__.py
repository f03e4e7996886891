"""The project: settings, the admin site, the table of scheduled jobs, and how the parts are wired."""
