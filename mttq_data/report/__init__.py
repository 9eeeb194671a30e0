"""The committee's report as Word and Excel."""
