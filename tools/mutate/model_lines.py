"""Breakages of the Book3S HV model and of the machine around it."""

from __future__ import annotations

from typing import Final

from .breakage import Breakage, of_file

_HV: Final = "server/hv/book3s"

MODEL: Final[tuple[Breakage, ...]] = (
    of_file(
        f"{_HV}/thread/vpa.py",
        "power_areas",
        ('self._put("YIELD_COUNT", 1)', 'self._put("YIELD_COUNT", 0)'),
        ('self._put("STATUS", status | self._core.constant("VPA_SHARED_PROCESSOR"))', 'self._put("STATUS", status)'),
        (
            'self._put("YIELD_COUNT", self._field("YIELD_COUNT") + 1)',
            'self._put("YIELD_COUNT", self._field("YIELD_COUNT") + 2)',
        ),
        ('            "REASON": core.constant("DTL_DISPATCHED"),\n', ""),
        ('            "TIMEBASE": core.look("TB"),\n', ""),
        ("        self.log_index += 1\n        self._put", "        self._put"),
        ("place = log.used + self.log_index % (log.length // entry.size) * entry.size", "place = log.used"),
        (
            '        if not self.vpa.address:\n            return "H_RESOURCE"\n        if function is',
            "        if function is",
        ),
        (
            "if self.slb_shadow.address or self.dispatch_log.address:\n                    return",
            "if self.slb_shadow.address:\n                    return",
        ),
        ("if address == 0 or address % _ALIGNMENT:", "if address == 0:"),
        ("return length if length >= smallest else None", "return length"),
        ("VpaFunction.REGISTER_VPA: (2, self._vpa.size),", "VpaFunction.REGISTER_VPA: (4, self._vpa.size),"),
        (
            "return next((cls(name) for name, number in members.items() if number == code), None)",
            "return next((cls(name) for name, number in members.items() if number == code), cls.REGISTER_VPA)",
        ),
        ("code = flags >> place.low &", "code = flags >> place.low + 1 &"),
        (
            "area.used = area.address if area.address and self._is_there(area) else 0",
            "area.used = area.address or area.used",
        ),
    )
    + of_file(
        f"{_HV}/exits/hcalls.py",
        "power_threads",
        ("        target.prod()\n", "        pass\n"),
        ('        target.end_cede("prod")\n', ""),
        ("        target.mp_state = MpState.RUNNABLE\n", ""),
        (
            'if target is None:\n        return Handled(_code(vcpu, "H_PARAMETER"))',
            'if target is None:\n        return Handled(_code(vcpu, "H_SUCCESS"))',
        ),
        ("asleep = vcpu.ceded if vcpu.vm.options.prod_tests_caller else target.ceded", "asleep = vcpu.ceded"),
    )
    + of_file(
        f"{_HV}/exits/hcalls.py",
        "power_table",
        (
            "if arguments[0] != _EVERYBODY and vcpu.vm.vcpu(arguments[0]) is None:",
            "if vcpu.vm.vcpu(arguments[0]) is None:",
        ),
    )
    + of_file(
        f"{_HV}/thread/thread.py",
        "power_threads",
        ('        self.core.state.write("PRODDED", 1)\n', "        pass\n"),
        ("return Halt()\n\n    def prod", "return None\n\n    def prod"),
        (
            "        if self.external is not Interrupt.UNSET:\n            self.end_cede",
            "        if False:\n            self.end_cede",
        ),
        ("        elif self._decrementer() >> 31 == 1:\n", "        elif False:\n"),
        ("        self.ceded = False\n        if not self.quiet:", "        if not self.quiet:"),
    )
    + of_file(
        f"{_HV}/thread/external.py",
        "power_threads",
        ('        self.core.enter("partition_external")\n', '        self.core.enter("decrementer")\n'),
        ("        self._request_exit(request is not Interrupt.UNSET)\n", ""),
    )
    + of_file(
        f"{_HV}/exits/faults.py",
        "power_mmio",
        (
            "return OutsideMemory(found.address, page + (address & (size - 1)))",
            "return OutsideMemory(found.address, page)",
        ),
        ('if kept == kinds["none"]:', 'if kept != kinds["none"]:'),
        ("host.read_int(kept_at, 8, ", "host.read_int(kept_at + 8, 8, "),
    )
    + of_file(
        f"{_HV}/exits/faults.py",
        "power_pages",
        (
            'reflect(vcpu.core, Reflect(vcpu.core.constant("NO_EXECUTE"), answer.real), data)',
            'reflect(vcpu.core, Reflect(vcpu.core.constant("PROTECTION"), answer.real), data)',
        ),
    )
    + of_file(
        "server/boards/power/papr/calls.py",
        "power_exits",
        ('(self.code("H_FUNCTION"),) if handler is None', '(self.code("H_PARAMETER"),) if handler is None'),
    )
    + of_file(
        f"{_HV}/partition/tce.py",
        "power_tce",
        ('core.write("TCE_WINDOW", table.window_size, index)', 'core.write("TCE_WINDOW", table.entries, index)'),
    )
    + of_file(
        "server/boards/power/papr/xics.py",
        "power_threads",
        (
            "if one.mfrr < one.priority and one.mfrr < one.presented_priority:",
            "if one.mfrr < one.priority and one.mfrr > one.presented_priority:",
        ),
    )
    + of_file(
        "server/boards/power/papr/calls.py",
        "power_modes",
        ('        one.core.put_fields("LPCR", ILE=little)\n', "        pass\n"),
        ('zip(values, ("H_P3", "H_P4"), strict=True)', 'zip(values, ("H_P4", "H_P3"), strict=True)'),
        ('if not papr.is_valid("mode_flags", little):', "if False:"),
    )
    + of_file(
        "server/boards/power/papr/random_numbers.py",
        "power_modes",
        ("        self.drawn += 1\n", ""),
    )
)
