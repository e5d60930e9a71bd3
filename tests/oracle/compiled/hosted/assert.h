/* Csmith includes it, and asserts nothing. */
