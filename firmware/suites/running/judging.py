"""What a console says of a test, for targets of which nothing else is known."""

from __future__ import annotations


def judged(console: bytes, over: bool, status: int, seconds: float) -> tuple[str, str]:
    """Outcome and reason of a guest whose console is all that is known: what it said, then how its process ended.

    A test that has told everything and then does not end has passed: not every machine can be switched off.
    """
    from ....server.verdict import ConsoleVerdict, Outcome

    said = ConsoleVerdict()
    said.feed(console)
    verdict = said.at_power_off("it ended" if not over else "it said all, and did not end,")
    if over and verdict.outcome is not Outcome.PASSED:
        return "timeout", f"not over after {seconds:g} s; {verdict.reason}"
    if not over and status and verdict.outcome in (Outcome.PASSED, Outcome.SILENT):
        return "died", f"its process ended with status {status}"
    return verdict.outcome.name.lower(), verdict.reason
