"""The issues of requests: made once in the tracker, spoken on, and listened to."""
