"""The page that tells an incident from its first sign to what was learned, in one story."""
