"""Bodies to typed code: widths checked, names resolved."""
