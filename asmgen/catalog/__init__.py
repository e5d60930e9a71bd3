"""What generators of programs and suites need: instructions to enumerate and to draw from, words and structures as values."""
