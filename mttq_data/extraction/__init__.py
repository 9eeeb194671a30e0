"""From a text to its statistics: numerals, quantities, indicators, context."""
