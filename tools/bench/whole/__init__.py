"""Whole processes: from the command to its end, as a person waits for them."""
