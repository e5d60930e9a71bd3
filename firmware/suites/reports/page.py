"""A run as one HTML page that needs nothing else: results, differences, coverage, search, what has changed."""

from __future__ import annotations

import html
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from ....isa.engine.coverage import statement_lines
from ..reach.collecting import kept_reach
from ..reach.told import covered, spans
from ..running.results import Result, Status, failed_steps
from .coverage import Coverage, coverage_of
from .outcome import Reported
from .pictures import page_table_picture, timeline_picture
from .routing import routing_of
from .timeline import Timeline
from .walks import Walked, walks_picture

_STYLE: Final = (Path(__file__).with_name("page.css")).read_text
_SCRIPT: Final = (Path(__file__).with_name("page.js")).read_text


def page(
    runs: Sequence[Reported],
    before: Sequence[Reported] = (),
    timelines: Sequence[Timeline] = (),
    walks: Sequence[Walked] = (),
) -> str:
    """The page. `before` are earlier runs of the same suites: what has changed since is listed first. `timelines` and
    `walks` are those of tests that have some."""
    parts = [_head(runs), _changes(runs, before)] if before else [_head(runs)]
    pictures: dict[tuple[str, str], str] = {}
    for one in timelines:
        if one.moments:
            shown = f"{timeline_picture(one)}{page_table_picture(one)}"
            pictures[one.suite, one.test] = f"<details><summary>events</summary>{shown}</details>"
    for each in walks:
        key = each.suite, each.test
        shown = f"<details><summary>page walks</summary>{walks_picture(each)}</details>"
        pictures[key] = pictures.get(key, "") + shown
    parts += [_suite(run, pictures) for run in runs]
    body = "\n".join(parts)
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{_e(', '.join(run.record.suite for run in runs))}</title>\n<style>{_STYLE()}</style></head>\n"
        f"<body>\n{body}\n<script>{_SCRIPT()}</script></body></html>\n"
    )


def _head(runs: Sequence[Reported]) -> str:
    rows = []
    statuses = [one for one in Status if any(run.counts[one] for run in runs)]
    for run in runs:
        cells = "".join(f'<td class="n {one.value}">{run.counts[one]}</td>' for one in statuses)
        missing = f"<td class=n>{run.not_run}</td>"
        rate = len(run.results) / run.record.seconds if run.record.seconds else 0.0
        rows.append(
            f'<tr><td><a href="#{_e(run.record.suite)}">{_e(run.record.suite)}</a></td><td>{_e(run.record.target)}</td>'
            f"<td class=n>{len(run.record.tests)}</td>{cells}{missing}<td class=n>{rate:.0f}</td></tr>"
        )
    heads = "".join(f"<th>{one.value}</th>" for one in statuses)
    return (
        '<header><h1>Test suites</h1><div class="tools"><input id="search" type="search" '
        'placeholder="Search tests, steps, rules" aria-label="Search"><select id="status" aria-label="Status">'
        '<option value="">every status</option>'
        + "".join(f"<option>{one.value}</option>" for one in statuses)
        + '</select><button id="theme" type="button">Dark or light</button></div></header>'
        f"<table><thead><tr><th>suite<th>target<th>tests{heads}<th>not run<th>tests/s</tr></thead>"
        f"<tbody>{''.join(rows)}</tbody></table>"
    )


def _suite(run: Reported, pictures: Mapping[tuple[str, str], str]) -> str:
    manifest = run.suite.manifest
    name = run.record.suite
    rows = "\n".join(_row(run, one, pictures.get((name, one.test), "")) for one in run.results)
    left = "".join(f"<li><b>{_e(one.name)}</b> {_e(one.title)}: {_e(one.reason)}" for one in manifest.left_out)
    return (
        f'<section id="{_e(run.record.suite)}"><h2>{_e(run.record.suite)}</h2><p>{_e(manifest.title)}</p>'
        f"<p class=small>seed {manifest.seed}, core {_e(manifest.core)}, description {_e(manifest.description[:16])}, "
        f"target {_e(run.record.target)}, {run.record.seconds:.1f} s</p>"
        f"{_coverage(coverage_of(run))}{_routing(run)}{_reached(run)}"
        f"<table class=results><thead><tr><th>test<th>status<th>about</tr></thead><tbody>{rows}</tbody></table>"
        + (f"<details><summary>{len(manifest.left_out)} left out</summary><ul>{left}</ul></details>" if left else "")
        + "</section>"
    )


def _row(run: Reported, one: Result, pictures: str) -> str:
    about = _e(run.title(one.test))
    if one.note:
        about += f"<br><span class=small>{_e(one.note)}</span>"
    if one.status is not Status.PASS:
        about += f"<details><summary>what came</summary>{_differences(one)}<pre>{_e(one.run.console)}</pre></details>"
    about += pictures
    return (
        f'<tr data-status="{one.status.value}"><td>{_e(one.test)}</td>'
        f'<td class="{one.status.value}">{one.status.value}</td><td>{about}</td></tr>'
    )


def _differences(one: Result) -> str:
    steps = failed_steps(one.run.console)
    if not steps:
        return f"<p>{_e(one.run.outcome)}: {_e(one.run.reason)}</p>"
    parts = []
    for step in steps:
        rows = "".join(
            f"<tr><td>{_e(word.word)}<td><code>{word.expected:#x}</code><td><code>{word.came & word.mask:#x}</code>"
            f"<td><code>{word.mask:#x}</code></tr>"
            for word in step.differences
        )
        excluded = "" if step.excluded is None else f"<p>{step.excluded:#x} is no answer of this call.</p>"
        parts.append(
            f"<p>step {step.number}: {_e(step.title)}</p><table><tr><th>word<th>expected<th>came<th>mask</tr>{rows}"
            f"</table>{excluded}<p class=small>{_e(step.rule)}</p>"
        )
    return "".join(parts)


def _coverage(covered: Coverage) -> str:
    parts = []
    if covered.calls:
        codes = covered.codes
        head = "".join(f"<th>{_e(code)}</th>" for code in codes)
        rows = []
        for call, counts in covered.calls.items():
            cells = "".join(
                f'<td class="n {"has" if counts.get(code) else "none"}">{counts[code]}</td>'
                if code in counts
                else "<td class=n></td>"
                for code in codes
            )
            rows.append(f"<tr><td>{_e(call)}</td>{cells}</tr>")
        parts.append(
            f"<details open><summary>Calls and return codes: {covered.reached_codes} of {covered.all_codes} reached"
            f"</summary><table class=matrix><thead><tr><th>call{head}</tr></thead>"
            f"<tbody>{''.join(rows)}</tbody></table></details>"
        )
    if covered.instructions:
        names = " ".join(f"<code>{_e(one)}</code>" for one in covered.missing_instructions)
        parts.append(
            f"<details><summary>Instructions: {covered.reached_instructions} of {covered.instructions} executed"
            f"</summary><p>Not executed: {names or 'none'}</p></details>"
        )
    return "".join(parts)


def _routing(run: Reported) -> str:
    """Interrupts by where they came from and went to, and what translations came to."""
    manifest = run.suite.manifest
    if manifest.is_foreign:
        return ""
    from ....isa.lang.load import load_core

    found = routing_of(run, load_core(manifest.core))
    if not found.interrupts:
        return ""
    head = "".join(f"<th>{_e(route)}</th>" for route in found.routes)
    rows = "".join(
        f"<tr><td>{_e(name.replace('_', ' '))}</td>"
        + "".join(f'<td class="n{" has" * (route in counts)}">{counts.get(route, "")}</td>' for route in found.routes)
        + "</tr>"
        for name, counts in found.interrupts.items()
    )
    outcomes = "".join(f"<tr><td>{_e(text)}<td class=n>{count}</tr>" for text, count in found.translations.items())
    storage = f"<table><thead><tr><th>cause<th>times</tr></thead><tbody>{outcomes}</tbody></table>" if outcomes else ""
    return (
        f"<details class=routing><summary>Interrupts and routes: {len(found.interrupts)} came, "
        f"{len(found.translations)} causes of storage interrupts</summary>"
        f"<table class=matrix><thead><tr><th>interrupt{head}</tr></thead><tbody>{rows}</tbody></table>"
        f"{storage}</details>"
    )


def _reached(run: Reported) -> str:
    """Statements of the description, where `suite cover` has asked for them."""
    reach = kept_reach(run.suite)
    if reach is None:
        return ""
    from ....isa.lang.load import load_core

    description = load_core(run.suite.manifest.core)
    if description.fingerprint != reach.description:
        return ""
    every = statement_lines(description)
    rows = []
    for one in covered(reach, description):
        places = "; ".join(f"{file}:{spans(lines)}" for file, lines in one.missing.items())
        share = one.run / one.all
        rows.append(
            f"<tr><td>{one.kind}<td>{_e(one.name)}<td class=n>{one.run} of {one.all}"
            f'<td><meter min=0 max=1 value="{share:.3f}"></meter><td class=small>{_e(places)}</tr>'
        )
    ran = len(reach.lines & every)
    return (
        f"<details class=reach><summary>Statements of the description: {ran} of {len(every)} executed</summary>"
        "<table><thead><tr><th>what<th>name<th>statements<th><th>never executed</tr></thead>"
        f"<tbody>{''.join(rows)}</tbody></table></details>"
    )


def _changes(runs: Sequence[Reported], before: Sequence[Reported]) -> str:
    """Tests whose status is another one than in the earlier run of the same suite."""
    old = {run.record.suite: {one.test: one.status for one in run.results} for run in before}
    rows = []
    for run in runs:
        earlier = old.get(run.record.suite, {})
        for one in run.results:
            was = earlier.get(one.test)
            if was is not one.status:
                told = "new" if was is None else was.value
                rows.append(
                    f"<tr><td>{_e(run.record.suite)}/{_e(one.test)}<td>{told}<td class={one.status.value}>"
                    f"{one.status.value}<td>{_e(run.title(one.test))}</tr>"
                )
        have = {one.test for one in run.results}
        rows += [
            f"<tr><td>{_e(run.record.suite)}/{_e(name)}<td>{status.value}<td>gone<td></tr>"
            for name, status in earlier.items()
            if name not in have
        ]
    listed = "".join(rows) or "<tr><td colspan=4>nothing</tr>"
    return (
        '<section id="changes"><h2>Changes since the earlier run</h2><table><thead><tr><th>test<th>was<th>is<th>about'
        f"</tr></thead><tbody>{listed}</tbody></table></section>"
    )


def _e(text: str) -> str:
    return html.escape(text, quote=True)
