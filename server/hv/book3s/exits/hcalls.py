"""Hypervisor calls that the kernel handles: H_PROD, H_CONFER, H_REGISTER_VPA, and what real mode leaves of H_CEDE.

Linux, arch/powerpc/kvm/book3s_hv.c (kvmppc_pseries_do_hcall, do_h_register_vpa). Numbers, levels and return codes are
the description's; the functions here go by the calls' names. The calls of real mode run in the engine; what is too
hard for it comes here.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import msgspec

from .....isa.model.items import Description
from ...exits import Exit, Interrupted, MpState
from ..thread.thread import Book3sThread
from ..thread.vpa import VpaFunction

_EVERYBODY: Final = (1 << 64) - 1
"""H_CONFER's target -1: whoever is there."""


class Handled(msgspec.Struct, frozen=True):
    """The call has been answered with `code` (unsigned); `leave`, if the run ends with it."""

    code: int
    leave: Exit | None = None


Handler = Callable[[Book3sThread, tuple[int, ...]], Handled]
"""Performs a call of a vcpu, given its arguments."""


def kernel_hcalls(description: Description) -> dict[int, Handler]:
    """The calls that the kernel performs, by number; all others are user space's."""
    calls = description.hypercalls.values()
    return {call.number: _HANDLERS[call.name] for call in calls if call.abi == "papr" and call.name in _HANDLERS}


def _code(vcpu: Book3sThread, name: str) -> int:
    return vcpu.return_codes[name]


def _cede(vcpu: Book3sThread, arguments: tuple[int, ...]) -> Handled:
    return Handled(_code(vcpu, "H_SUCCESS"), vcpu.cede())


def _prod(vcpu: Book3sThread, arguments: tuple[int, ...]) -> Handled:
    target = vcpu.vm.vcpu(arguments[0])
    if target is None:
        return Handled(_code(vcpu, "H_PARAMETER"))
    # The original of the time read from the caller whether the target is asleep; a caller never is.
    asleep = vcpu.ceded if vcpu.vm.options.prod_tests_caller else target.ceded
    if asleep:
        target.end_cede("prod")
        target.mp_state = MpState.RUNNABLE
        target.counted.halt_wakeup += 1
        target.core.on_input()
    else:
        target.prod()
    return Handled(_code(vcpu, "H_SUCCESS"))


def _confer(vcpu: Book3sThread, arguments: tuple[int, ...]) -> Handled:
    if arguments[0] != _EVERYBODY and vcpu.vm.vcpu(arguments[0]) is None:
        return Handled(_code(vcpu, "H_PARAMETER"))
    # The scheduler's fixed order gives the rest of the quantum to whoever comes next.
    return Handled(_code(vcpu, "H_SUCCESS"), Interrupted(yielded=True))


def _register_vpa(vcpu: Book3sThread, arguments: tuple[int, ...]) -> Handled:
    flags, number, address = arguments[:3]
    target = vcpu.vm.vcpu(number)
    function = VpaFunction.of_flags(vcpu.core.description, flags)
    if target is None or function is None:
        return Handled(_code(vcpu, "H_PARAMETER"))
    answer = target.areas.register(function, address)
    if target is vcpu:
        # The call itself leaves the partition and comes back: what is pending takes effect there.
        vcpu.areas.set_running(False)
        vcpu.areas.set_running(True)
    return Handled(_code(vcpu, answer))


_HANDLERS: Final[dict[str, Handler]] = {
    "H_CEDE": _cede,
    "H_PROD": _prod,
    "H_CONFER": _confer,
    "H_REGISTER_VPA": _register_vpa,
}
