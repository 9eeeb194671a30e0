"""Terms, years and results set against each other, with the facts of other years."""
