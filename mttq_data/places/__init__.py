"""Provinces, districts and communes: their codes, names and borders on any date."""
