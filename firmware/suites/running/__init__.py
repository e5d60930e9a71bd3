"""Runs built suites: targets, workers, the schedule, and results that survive whatever ends the runner."""
