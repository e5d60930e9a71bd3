"""Which stops the client wants to see: not those at breakpoints whose conditions are all false."""

from __future__ import annotations

from ..agent import AgentError, RegisterReader, Surroundings
from ..errors import MemoryFault, TargetError
from ..execution import ThreadId
from ..session import Session


def condition_holds(session: Session, thread: ThreadId) -> bool:
    """Whether one of the conditions of the breakpoint at pc holds, or there are none."""
    if not session.inserted.evaluates:
        return True
    pc = session.description.by_name.get("pc")
    if pc is None:
        return True
    address = _register_value(session, thread, pc.number)
    conditions = session.inserted.conditions_at(thread.pid, address)
    if not conditions:
        return True
    around = Surroundings(
        lambda number: _reader(session, thread, number),
        lambda where, size: _memory_value(session, thread, where, size),
    )
    try:
        return any(condition.bind(around)() for condition in conditions)
    except (AgentError, TargetError):
        # As gdbserver does: a condition that cannot be evaluated stops, and GDB says why.
        return True


def _reader(session: Session, thread: ThreadId, number: int) -> RegisterReader:
    return lambda: _register_value(session, thread, number)


def _register_value(session: Session, thread: ThreadId, number: int) -> int:
    """A register as an unsigned integer. Raises AgentError for one that is not described."""
    if number not in session.description.by_number:
        raise AgentError(f"the condition reads register {number}, which does not exist")
    value = session.target.read_register(thread, number)
    return int.from_bytes(value, session.description.byte_order)


def _memory_value(session: Session, thread: ThreadId, address: int, size: int) -> int:
    """`size` bytes of memory as an unsigned integer. Raises MemoryFault."""
    data = session.target.read_memory(thread, address, size)
    if len(data) < size:
        raise MemoryFault(address + len(data), "unreadable")
    return int.from_bytes(data, session.description.byte_order)
