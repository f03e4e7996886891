"""Taking events out of the trail: as CSV and JSON Lines with a manifest that shows that they are whole."""
