"""Suites that others made: their files, how each is loaded, and what verdict each speaks."""
