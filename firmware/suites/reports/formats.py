"""TAP 14, JUnit XML, JSON lines: a run for other programs."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from xml.etree import ElementTree

from ..running.results import Result, Status, failed_steps
from .outcome import Reported

_NOT_XML = re.compile("[^\t\n\r -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_OK = (Status.PASS, Status.SKIP, Status.FLAKY, Status.UNEXPECTED_PASS)
_TODO = (Status.EXPECTED_FAIL, Status.UNEXPECTED_PASS, Status.QUARANTINED)


def tap(runs: Iterable[Reported]) -> str:
    """TAP version 14: a test point for each test, expected failures as TODO."""
    lines: list[str] = []
    number = 0
    for run in runs:
        for one in run.results:
            number += 1
            lines.append(_point(number, run, one))
            if one.status not in (Status.PASS, Status.SKIP):
                lines += _diagnostic(one)
        for _ in range(run.not_run):
            number += 1
            lines.append(f"not ok {number} - {run.record.suite}: not run")
    return "\n".join(["TAP version 14", f"1..{number}", *lines]) + "\n"


def _point(number: int, run: Reported, one: Result) -> str:
    word = "ok" if one.status in _OK else "not ok"
    directive = ""
    if one.status is Status.SKIP:
        directive = f" # SKIP {_line(one.note)}"
    elif one.status in _TODO:
        directive = f" # TODO {_line(one.note)}"
    title = f"{run.record.suite}/{one.test}: {run.title(one.test)}".replace("\\", "\\\\").replace("#", "\\#")
    return f"{word} {number} - {title}{directive}"


def _diagnostic(one: Result) -> Iterator[str]:
    yield "  ---"
    yield f"  outcome: {one.run.outcome}"
    yield f"  reason: {json.dumps(_line(one.run.reason))}"
    for step in failed_steps(one.run.console):
        yield f"  step_{step.number}:"
        yield f"    title: {json.dumps(step.title)}"
        yield f"    rule: {json.dumps(step.rule)}"
        for word in step.differences:
            yield f"    {word.word}: {{expected: {word.expected:#x}, came: {word.came:#x}, mask: {word.mask:#x}}}"
    yield "  ..."


def junit(runs: Iterable[Reported]) -> str:
    """JUnit XML as CI systems read it: a testsuite for each suite."""
    top = ElementTree.Element("testsuites")
    for run in runs:
        counts = run.counts
        suite = ElementTree.SubElement(
            top,
            "testsuite",
            name=run.record.suite,
            tests=str(len(run.record.tests)),
            failures=str(counts[Status.FAIL]),
            errors=str(run.not_run),
            skipped=str(counts[Status.SKIP] + counts[Status.EXPECTED_FAIL] + counts[Status.QUARANTINED]),
            time=f"{run.record.seconds:.3f}",
        )
        for one in run.results:
            case = ElementTree.SubElement(
                suite, "testcase", classname=run.record.suite, name=one.test, time=f"{one.run.seconds:.4f}"
            )
            if one.status is Status.FAIL:
                failure = ElementTree.SubElement(
                    case, "failure", message=_xml(_line(one.run.reason)), type=one.run.outcome
                )
                failure.text = _xml(one.run.console)
            elif one.status in (Status.SKIP, Status.EXPECTED_FAIL, Status.QUARANTINED):
                ElementTree.SubElement(case, "skipped", message=_xml(f"{one.status.value}: {_line(one.note)}"))
        have = {one.test for one in run.results}
        for name in run.record.tests:
            if name not in have:
                case = ElementTree.SubElement(suite, "testcase", classname=run.record.suite, name=name)
                ElementTree.SubElement(case, "error", message="not run", type="not-run")
    ElementTree.indent(top)
    return '<?xml version="1.0" encoding="utf-8"?>\n' + ElementTree.tostring(top, encoding="unicode") + "\n"


def json_lines(runs: Iterable[Reported]) -> str:
    """One JSON object a line: `kind` is run or test."""
    lines = []
    for run in runs:
        record = run.record
        head = {
            "kind": "run",
            "suite": record.suite,
            "target": record.target,
            "description": record.description,
            "seed": run.suite.manifest.seed,
            "begun": record.begun,
            "ended": record.ended,
            "seconds": record.seconds,
            "tests": len(record.tests),
            "not_run": run.not_run,
            "counts": {status.value: run.counts[status] for status in Status},
        }
        lines.append(json.dumps(head))
        for one in run.results:
            steps = [
                {
                    "number": step.number,
                    "title": step.title,
                    "rule": step.rule,
                    "excluded": None if step.excluded is None else hex(step.excluded),
                    "differences": [
                        {
                            "word": word.word,
                            "expected": hex(word.expected),
                            "came": hex(word.came),
                            "mask": hex(word.mask),
                        }
                        for word in step.differences
                    ],
                }
                for step in failed_steps(one.run.console)
            ]
            lines.append(
                json.dumps(
                    {
                        "kind": "test",
                        "suite": record.suite,
                        "name": one.test,
                        "title": run.title(one.test),
                        "status": one.status.value,
                        "outcome": one.run.outcome,
                        "reason": one.run.reason,
                        "note": one.note,
                        "attempts": one.attempts,
                        "instructions": one.run.instructions,
                        "seconds": round(one.run.seconds, 6),
                        "failed_steps": steps,
                    }
                )
            )
    return "\n".join(lines) + "\n"


def _line(text: str) -> str:
    return text.splitlines()[0] if text else ""


def _xml(text: str) -> str:
    return _NOT_XML.sub("�", text)
