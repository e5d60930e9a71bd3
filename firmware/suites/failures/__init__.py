"""What becomes of a failure: a message that explains it, a capsule that has everything needed to see it again."""
