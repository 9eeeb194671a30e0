"""Observations added up over areas and time, and who has sent what."""
