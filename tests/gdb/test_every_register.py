"""Claims about all registers that gdb is shown, on every machine."""

import re

import pytest

from trapline.server.rsp.errors import TargetError
from trapline.server.target import MachineTarget

from .conftest import RunGdb
from .machines import EVERY, Board, serve, target

pytestmark = pytest.mark.gdb


@EVERY
def test_gdb_knows_each_register_once(run_gdb: RunGdb, board: Board) -> None:
    """No name and no number twice in what gdb has understood; and it reads each."""
    with serve(board) as server:
        output = run_gdb(server, "maint print xml-tdesc", "echo \\nregisters\\n", "info all-registers")
    assert output.errors == []
    described, shown = output.text.split("\nregisters\n")
    names = re.findall(r'<reg name="([^"]+)"', described)
    numbers = re.findall(r'<reg [^>]*regnum="(\d+)"', described)
    assert len(names) > 200
    assert len(set(names)) == len(names) == len(set(numbers))
    # gdb shows the upper halves of VSX registers as parts of vs0 and so on.
    named = {name for name in names if not re.fullmatch(r"vs\d+h", name)}
    missing = {name for name in named if not re.search(rf"^{re.escape(name)}\s", shown, re.MULTILINE)}
    assert missing == set()
    assert "<unavailable>" not in shown


@EVERY
def test_a_write_is_seen_or_refused(board: Board) -> None:
    """All bits the other way round: afterwards the core's state is another one, or there was an error that says why,
    and the state is as before."""
    made = target(board)
    thread = made.threads()[0].id
    description = made.describe()
    taken = refused = 0
    for number, register in description.by_number.items():
        here = made.timeline.mark()
        old, state = made.read_register(thread, number), _state(made)
        value = int.from_bytes(old, description.byte_order)
        turned = value ^ (1 << made._map.shown[number].width) - 1
        why = ""
        try:
            made.write_register(thread, number, turned.to_bytes(register.size, description.byte_order))
        except TargetError as error:
            why = str(error)
        assert (_state(made) == state) is bool(why), register.name
        taken, refused = taken + (not why), refused + bool(why)
        made.timeline.put_mark(here)
        made.timeline.return_to_present()
    assert taken > 190
    assert refused > 3


def _state(made: MachineTarget) -> bytes:
    return made.machine.vcpus[0].core.state.snapshot()
