"""Operands' bits and texts: names, numbers, constants; fields of words, and the functions that code them."""
