"""What names stand for: types, constants, signatures, built-ins, and the choice that a core makes."""
