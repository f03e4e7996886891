"""The final schedule as calendars one subscribes to, at secret addresses."""
