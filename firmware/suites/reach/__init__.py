"""What a suite's tests reach: statements of the description, lines of the models; and more of what none does."""
