"""The tables of a run as files: CSV, workbooks and their description."""
