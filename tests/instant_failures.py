"""Names each failure when it happens, not an hour later at the end: also where tests run in several processes."""

from __future__ import annotations

import pytest

_LONGEST = 160


class InstantFailures:
    """Prints a line for each report that failed, with the first words of why."""

    def __init__(self, terminal: pytest.TerminalReporter) -> None:
        self._terminal = terminal

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Called in the process that shows the results."""
        if not report.failed:
            return
        crash = getattr(report.longrepr, "reprcrash", None)
        reason = str(report.longrepr if crash is None else crash.message).strip().partition("\n")[0]
        when = "" if report.when == "call" else f" ({report.when})"
        self._terminal.ensure_newline()
        self._terminal.write_line(f"FAILED NOW {report.nodeid}{when}: {reason[:_LONGEST]}", red=True)


def install(config: pytest.Config) -> None:
    """For a run's main process; the others report to it."""
    terminal = config.pluginmanager.get_plugin("terminalreporter")
    if terminal is not None and not hasattr(config, "workerinput"):
        config.pluginmanager.register(InstantFailures(terminal), "instant-failures")
