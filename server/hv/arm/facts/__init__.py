"""What the description says of syndromes, registers and descriptors, by name; and what is counted."""
