"""Google Calendar as a source of calendars: read with a service account, changes alone where Google can say them."""
