"""What is looked at when everything is declared: encodings, syntax, effects."""
