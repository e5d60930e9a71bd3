"""What was made of single items, kept from run to run: an edit costs what it changes, not the whole description."""
