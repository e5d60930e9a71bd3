"""Outside input enters through the recorded door alone, and a record reproduces it."""

import os
import pty
import termios
from fractions import Fraction

import pytest

from trapline.server.machine.clock import GuestClock
from trapline.server.machine.console import MAXIMUM_INPUT, Console
from trapline.server.machine.door import MAXIMUM_WAITING, DoorEntry, DoorError, RecordedDoor
from trapline.server.machine.events import EventStream, OutsideInput
from trapline.server.machine.terminal import LEAVE, Typed, bound_terminal


class Setup:
    """A clock, a stream, a door and a console, as a machine has them."""

    def __init__(self, replay: list[DoorEntry] | None = None) -> None:
        self.clock = GuestClock(Fraction(1))
        self.events = EventStream()
        self.door = RecordedDoor(self.clock, self.events, replay)
        self.console = Console("console", self.door)
        self.output = b""
        self.console.add_sink(self.collect)

    def collect(self, data: bytes) -> None:
        """Keeps what the guest printed."""
        self.output += data


def test_input_waits_until_the_machine_opens_its_door() -> None:
    """Typed bytes are not there before `open`, then they are, stamped with guest time, and an event."""
    machine = Setup()
    seen: list[OutsideInput] = []
    machine.events.subscribe(OutsideInput, seen.append)
    calls: list[int] = []
    machine.console.on_input(lambda: calls.append(machine.console.waiting))
    machine.console.type(b"ls\n")
    assert machine.console.take(10) == b""
    machine.clock.advance(1000)
    assert machine.door.open() == 1
    assert calls == [3]
    assert (machine.console.take(2), machine.console.take(5), machine.console.take(5)) == (b"ls", b"\n", b"")
    assert machine.door.record == (DoorEntry(1000, "console", b"ls\n"),)
    assert seen == [OutsideInput(1000, None, "console", b"ls\n")]


def test_a_record_gives_the_same_input_at_the_same_time() -> None:
    """A replaying machine hands over the entries when due, and drops what is typed meanwhile."""
    entries = [DoorEntry(10, "console", b"a"), DoorEntry(10, "console", b"b"), DoorEntry(25, "console", b"c")]
    machine = Setup(entries)
    machine.console.type(b"ignored")
    assert machine.door.next_time == 10
    assert machine.door.open() == 0
    machine.clock.advance(10)
    assert machine.door.open() == 2
    assert machine.console.take(9) == b"ab"
    assert machine.door.next_time == 25
    machine.clock.advance(15)
    machine.door.open()
    assert machine.console.take(9) == b"c"
    assert machine.door.record == tuple(entries)
    assert machine.door.next_time is None


def test_a_run_that_misses_recorded_input_is_stopped() -> None:
    """Going past an entry's time, or lacking its receiver, shows that this is another run."""
    machine = Setup([DoorEntry(10, "console", b"a")])
    machine.clock.advance(11)
    with pytest.raises(DoorError, match="for time 10, now is 11"):
        machine.door.open()
    with pytest.raises(DoorError, match="comes after time 9"):
        Setup([DoorEntry(9, "console", b"a"), DoorEntry(3, "console", b"b")])


def test_input_is_bounded_on_both_sides_of_the_door() -> None:
    """Too much in front of the door is refused; what the guest does not read is lost and counted."""
    machine = Setup()
    with pytest.raises(DoorError, match="0 bytes of input wait"):
        machine.console.type(bytes(MAXIMUM_WAITING + 1))
    machine.console.type(bytes(MAXIMUM_INPUT + 5))
    machine.door.open()
    assert (machine.console.waiting, machine.console.lost) == (MAXIMUM_INPUT, 5)


def test_unknown_sources_and_second_receivers_are_refused() -> None:
    """The messages name the source and those that are connected."""
    machine = Setup()
    with pytest.raises(DoorError, match="connected sources: console"):
        machine.door.submit("keyboard", b"x")
    with pytest.raises(DoorError, match="'console' already has a receiver"):
        Console("console", machine.door)


def test_a_pipe_is_read_to_its_end_and_output_is_complete() -> None:
    """Without a tty every byte is input, Ctrl-] too, and the end is reported once for all."""
    machine = Setup()
    input_read, input_write = os.pipe()
    output_read, output_write = os.pipe()
    with bound_terminal(machine.console, input_read, output_write) as terminal:
        assert terminal.poll() is Typed.NOTHING
        os.write(input_write, b"a\x1db")
        os.close(input_write)
        assert terminal.poll(1) is Typed.INPUT
        assert terminal.poll(1) is Typed.CLOSED
        assert terminal.poll(1) is Typed.CLOSED
        machine.console.write(b"hello")
    machine.console.write(b"not shown")
    os.close(output_write)
    assert os.read(output_read, 100) == b"hello"
    machine.door.open()
    assert machine.console.take(9) == b"a\x1db"
    assert machine.output == b"hellonot shown"
    os.close(input_read)
    os.close(output_read)


def test_a_terminal_is_raw_only_while_it_is_bound() -> None:
    """Echo and line mode are off inside and back outside, even after an error; Ctrl-] leaves."""
    machine = Setup()
    leader, follower = pty.openpty()
    before = termios.tcgetattr(follower)
    with pytest.raises(RuntimeError), bound_terminal(machine.console, follower, follower) as terminal:
        assert not termios.tcgetattr(follower)[3] & (termios.ECHO | termios.ICANON | termios.ISIG)
        os.write(leader, b"\x03x" + bytes([LEAVE]) + b"rest")
        assert terminal.poll(5) is Typed.LEAVE
        raise RuntimeError
    assert termios.tcgetattr(follower) == before
    machine.door.open()
    assert machine.console.take(9) == b"\x03x"
    os.close(leader)
    os.close(follower)
