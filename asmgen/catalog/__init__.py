"""What generators of programs need: instructions to enumerate and draw from, words and structures as values."""
