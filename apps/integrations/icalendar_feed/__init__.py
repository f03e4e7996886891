"""Any iCalendar address as a source of calendars."""
