"""What HSR, HPFAR and the description's own records say of an abort."""

from __future__ import annotations

from .....isa.engine.errors import GuestFault
from .....isa.model.items import Description
from ....core import Core
from .fields import Fields


class Syndromes:
    """What the aborts of one description are made of."""

    def __init__(self, description: Description) -> None:
        self.data = Fields(description, "iss_data_abort")
        self.record = Fields(description, "fault")
        self.found = Fields(description, "translation")
        self.ipa = Fields(description, "HPFAR")
        self.load = description.enums["access"].members["load"]
        self._kinds = description.enums["fault_kind"].members
        self._status: dict[int, str] = {}

    def kind(self, core: Core, status: int) -> str:
        """Which kind of fault a status of HSR tells of, in the description's names; "" for none that there is."""
        if not self._status:
            for name, number in self._kinds.items():
                for level in range(4):
                    record = self.record.of(KIND=number, LEVEL=level)
                    (found,) = core.call("long_status", record)
                    self._status.setdefault(found, name)
        return self._status.get(status, "")

    def missing(self, fault: GuestFault) -> int | None:
        """The intermediate physical address that an access found no stage 2 translation for; None for other faults."""
        if fault.interrupt not in ("data_abort", "prefetch_abort"):
            return None
        record = fault.arguments[0]
        is_missing = self.record.get(record, "KIND") == self._kinds["translation"]
        return self.record.get(record, "IPA") if is_missing and self.record.get(record, "STAGE2") else None
