"""Words of KVM's face that both models know: capabilities, and what KVM_INTERRUPT asks for."""

from __future__ import annotations

from enum import Enum


class Capability(Enum):
    """Extensions that `check_extension` knows; the answer is 0 for "no", else how many or how much."""

    USER_MEMORY = "KVM_CAP_USER_MEMORY"
    NR_MEMSLOTS = "KVM_CAP_NR_MEMSLOTS"
    NR_VCPUS = "KVM_CAP_NR_VCPUS"
    MAX_VCPUS = "KVM_CAP_MAX_VCPUS"
    MP_STATE = "KVM_CAP_MP_STATE"
    READONLY_MEM = "KVM_CAP_READONLY_MEM"
    ONE_REG = "KVM_CAP_ONE_REG"
    SYNC_MMU = "KVM_CAP_SYNC_MMU"
    PPC_SEGSTATE = "KVM_CAP_PPC_SEGSTATE"
    PPC_UNSET_IRQ = "KVM_CAP_PPC_UNSET_IRQ"
    PPC_IRQ_LEVEL = "KVM_CAP_PPC_IRQ_LEVEL"
    PPC_SMT = "KVM_CAP_PPC_SMT"
    PPC_RMA = "KVM_CAP_PPC_RMA"
    PPC_HIOR = "KVM_CAP_PPC_HIOR"
    PPC_PAPR = "KVM_CAP_PPC_PAPR"
    PPC_ALLOC_HTAB = "KVM_CAP_PPC_ALLOC_HTAB"
    SPAPR_TCE = "KVM_CAP_SPAPR_TCE"
    IRQCHIP = "KVM_CAP_IRQCHIP"
    ARM_SET_DEVICE_ADDR = "KVM_CAP_ARM_SET_DEVICE_ADDR"
    ARM_PSCI = "KVM_CAP_ARM_PSCI"


class Interrupt(Enum):
    """KVM_INTERRUPT: a request that ends when it is taken, the end of a request, a line that stays up."""

    SET = -1
    UNSET = -2
    SET_LEVEL = -3
