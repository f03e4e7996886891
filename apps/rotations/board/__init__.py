"""The board: every rotation as a timeline and as a table, and the changes that are made from there."""
