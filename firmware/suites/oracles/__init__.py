"""Oracles beside a test's own checks: one test run twice, in ways that its guest must not be able to tell apart."""
