"""The page on which one writes why an incident happened, from a template."""
