"""The generators of the suites that come with Trapline: each yields cases, made from the description alone."""
