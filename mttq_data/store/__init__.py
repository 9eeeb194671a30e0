"""Returns kept with their revisions in one SQLite file."""
