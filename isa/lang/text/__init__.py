"""Text to tree: the grammar, what is kept of parsed files, families written out, `use` and `extend` followed."""
