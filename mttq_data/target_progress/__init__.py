"""Whether the committee is on the way to its targets."""
