"""Registers of coprocessors 14 and 15 by number, as two public sources know them for a Cortex-A15.

Facts of the processor's manual (ARM DDI 0438, 4.2 and 10.3, with what DDI 0406C adds: ThumbEE, Jazelle, WFAR), and of
QEMU's target/arm, measured in Hyp mode of `virt,virtualization=on` by a guest that tries every number. A number is
pCOPROCESSOR.opc1.CRn.CRm.opc2, or, for a pair of core registers, pCOPROCESSOR.opc1.CRm.
"""

from __future__ import annotations

from typing import Final

_READ_WRITE: Final = """
p15.2.c0.c0.0:CSSELR p15.4.c0.c0.0:VPIDR p15.4.c0.c0.5:VMPIDR p15.0.c1.c0.0:SCTLR p15.0.c1.c0.1:ACTLR
p15.0.c1.c0.2:CPACR p15.4.c1.c0.0:HSCTLR p15.4.c1.c0.1:HACTLR p15.4.c1.c1.0:HCR p15.4.c1.c1.1:HDCR
p15.4.c1.c1.2:HCPTR p15.4.c1.c1.3:HSTR p15.4.c1.c1.7:HACR p15.0.c2.c0.0:TTBR0 p15.0.c2.c0.1:TTBR1
p15.0.c2.c0.2:TTBCR p15.4.c2.c0.2:HTCR p15.4.c2.c1.2:VTCR p15.0.c3.c0.0:DACR p15.0.c5.c0.0:DFSR p15.0.c5.c0.1:IFSR
p15.0.c5.c1.0:ADFSR p15.0.c5.c1.1:AIFSR p15.4.c5.c1.0:HADFSR p15.4.c5.c1.1:HAIFSR p15.4.c5.c2.0:HSR
p15.0.c6.c0.0:DFAR p15.0.c6.c0.1:WFAR p15.0.c6.c0.2:IFAR p15.4.c6.c0.0:HDFAR p15.4.c6.c0.2:HIFAR p15.4.c6.c0.4:HPFAR
p15.0.c7.c4.0:PAR p15.1.c9.c0.2:L2CTLR p15.1.c9.c0.3:L2ECTLR p15.0.c9.c12.0:PMCR p15.0.c9.c12.1:PMCNTENSET
p15.0.c9.c12.2:PMCNTENCLR p15.0.c9.c12.3:PMOVSR p15.0.c9.c12.5:PMSELR p15.0.c9.c13.0:PMCCNTR
p15.0.c9.c13.1:PMXEVTYPER p15.0.c9.c13.2:PMXEVCNTR p15.0.c9.c14.0:PMUSERENR p15.0.c9.c14.1:PMINTENSET
p15.0.c9.c14.2:PMINTENCLR p15.0.c9.c14.3:PMOVSSET p15.0.c10.c2.0:MAIR0 p15.0.c10.c2.1:MAIR1 p15.0.c10.c3.0:AMAIR0
p15.0.c10.c3.1:AMAIR1 p15.4.c10.c2.0:HMAIR0 p15.4.c10.c2.1:HMAIR1 p15.4.c10.c3.0:HAMAIR0 p15.4.c10.c3.1:HAMAIR1
p15.0.c12.c0.0:VBAR p15.4.c12.c0.0:HVBAR p15.0.c13.c0.0:FCSEIDR p15.0.c13.c0.1:CONTEXTIDR p15.0.c13.c0.2:TPIDRURW
p15.0.c13.c0.3:TPIDRURO p15.0.c13.c0.4:TPIDRPRW p15.4.c13.c0.2:HTPIDR p15.0.c14.c1.0:CNTKCTL
p15.0.c14.c2.0:CNTP_TVAL p15.0.c14.c2.1:CNTP_CTL p15.0.c14.c3.0:CNTV_TVAL p15.0.c14.c3.1:CNTV_CTL
p15.4.c14.c1.0:CNTHCTL p15.4.c14.c2.0:CNTHP_TVAL p15.4.c14.c2.1:CNTHP_CTL p15.0.c15.c0.0:IL1Data0
p15.0.c15.c0.1:IL1Data1 p15.0.c15.c0.2:IL1Data2 p15.0.c15.c1.0:DL1Data0 p15.0.c15.c1.1:DL1Data1
p15.0.c15.c1.2:DL1Data2 p15.0.c15.c1.3:DL1Data3 p15.1.c15.c0.0:L2ACTLR p15.1.c15.c0.3:L2PFR p15.0.c2:TTBR0
p15.1.c2:TTBR1 p15.4.c2:HTTBR p15.6.c2:VTTBR p15.0.c7:PAR p15.2.c14:CNTP_CVAL p15.3.c14:CNTV_CVAL p15.4.c14:CNTVOFF
p15.6.c14:CNTHP_CVAL p15.0.c15:CPUMERRSR p15.1.c15:L2MERRSR p14.0.c0.c5.0:DBGDTRTXint/DBGDTRRXint
p14.0.c0.c6.0:DBGWFAR p14.0.c0.c7.0:DBGVCR p14.0.c0.c0.2:DBGDTRRXext p14.0.c0.c2.2:DBGDSCRext
p14.0.c0.c3.2:DBGDTRTXext p14.0.c0.c0.4:DBGBVR0 p14.0.c0.c1.4:DBGBVR1 p14.0.c0.c2.4:DBGBVR2 p14.0.c0.c3.4:DBGBVR3
p14.0.c0.c4.4:DBGBVR4 p14.0.c0.c5.4:DBGBVR5 p14.0.c0.c0.5:DBGBCR0 p14.0.c0.c1.5:DBGBCR1 p14.0.c0.c2.5:DBGBCR2
p14.0.c0.c3.5:DBGBCR3 p14.0.c0.c4.5:DBGBCR4 p14.0.c0.c5.5:DBGBCR5 p14.0.c0.c0.6:DBGWVR0 p14.0.c0.c1.6:DBGWVR1
p14.0.c0.c2.6:DBGWVR2 p14.0.c0.c3.6:DBGWVR3 p14.0.c0.c0.7:DBGWCR0 p14.0.c0.c1.7:DBGWCR1 p14.0.c0.c2.7:DBGWCR2
p14.0.c0.c3.7:DBGWCR3 p14.0.c1.c4.1:DBGBXVR4 p14.0.c1.c5.1:DBGBXVR5 p14.0.c1.c3.4:DBGOSDLR p14.0.c1.c4.4:DBGPRCR
p14.0.c7.c8.6:DBGCLAIMSET p14.0.c7.c9.6:DBGCLAIMCLR p14.6.c0.c0.0:TEECR p14.6.c1.c0.0:TEEHBR p14.7.c1.c0.0:JOSCR
p14.7.c2.c0.0:JMCR
"""
_READ_ONLY: Final = """
p15.0.c0.c0.0:MIDR p15.0.c0.c0.1:CTR p15.0.c0.c0.2:TCMTR p15.0.c0.c0.3:TLBTR p15.0.c0.c0.4:MIDR p15.0.c0.c0.5:MPIDR
p15.0.c0.c0.6:REVIDR p15.0.c0.c0.7:MIDR p15.0.c0.c1.0:ID_PFR0 p15.0.c0.c1.1:ID_PFR1 p15.0.c0.c1.2:ID_DFR0
p15.0.c0.c1.3:ID_AFR0 p15.0.c0.c1.4:ID_MMFR0 p15.0.c0.c1.5:ID_MMFR1 p15.0.c0.c1.6:ID_MMFR2 p15.0.c0.c1.7:ID_MMFR3
p15.0.c0.c2.0:ID_ISAR0 p15.0.c0.c2.1:ID_ISAR1 p15.0.c0.c2.2:ID_ISAR2 p15.0.c0.c2.3:ID_ISAR3 p15.0.c0.c2.4:ID_ISAR4
p15.0.c0.c2.5:ID_ISAR5 p15.1.c0.c0.0:CCSIDR p15.1.c0.c0.1:CLIDR p15.1.c0.c0.7:AIDR p15.0.c1.c1.2:NSACR
p15.0.c9.c12.6:PMCEID0 p15.0.c9.c12.7:PMCEID1 p15.0.c12.c1.0:ISR p15.0.c14.c0.0:CNTFRQ p15.4.c15.c0.0:CBAR
p15.0.c14:CNTPCT p15.1.c14:CNTVCT p14.0.c0.c0.0:DBGDIDR p14.0.c0.c1.0:DBGDSCRint p14.0.c1.c0.0:DBGDRAR
p14.0.c1.c1.4:DBGOSLSR p14.0.c2.c0.0:DBGDSAR p14.0.c7.c0.7:DBGDEVID2 p14.0.c7.c1.7:DBGDEVID1 p14.0.c7.c2.7:DBGDEVID
p14.0.c7.c14.6:DBGAUTHSTATUS p14.0.c1:DBGDRAR p14.0.c2:DBGDSAR p14.7.c0.c0.0:JIDR
"""
_WRITE_ONLY: Final = """
p15.0.c7.c0.4:NOP p15.0.c7.c1.0:ICIALLUIS p15.0.c7.c1.6:BPIALLIS p15.0.c7.c5.0:ICIALLU p15.0.c7.c5.1:ICIMVAU
p15.0.c7.c5.4:CP15ISB p15.0.c7.c5.6:BPIALL p15.0.c7.c5.7:BPIMVA p15.0.c7.c6.1:DCIMVAC p15.0.c7.c6.2:DCISW
p15.0.c7.c8.0:ATS1CPR p15.0.c7.c8.1:ATS1CPW p15.0.c7.c8.2:ATS1CUR p15.0.c7.c8.3:ATS1CUW p15.0.c7.c8.4:ATS12NSOPR
p15.0.c7.c8.5:ATS12NSOPW p15.0.c7.c8.6:ATS12NSOUR p15.0.c7.c8.7:ATS12NSOUW p15.0.c7.c10.1:DCCMVAC
p15.0.c7.c10.2:DCCSW p15.0.c7.c10.4:CP15DSB p15.0.c7.c10.5:CP15DMB p15.0.c7.c11.1:DCCMVAU p15.0.c7.c14.1:DCCIMVAC
p15.0.c7.c14.2:DCCISW p15.4.c7.c8.0:ATS1HR p15.4.c7.c8.1:ATS1HW p15.0.c8.c3.0:TLBIALLIS p15.0.c8.c3.1:TLBIMVAIS
p15.0.c8.c3.2:TLBIASIDIS p15.0.c8.c3.3:TLBIMVAAIS p15.0.c8.c5.0:ITLBIALL p15.0.c8.c5.1:ITLBIMVA
p15.0.c8.c5.2:ITLBIASID p15.0.c8.c6.0:DTLBIALL p15.0.c8.c6.1:DTLBIMVA p15.0.c8.c6.2:DTLBIASID p15.0.c8.c7.0:TLBIALL
p15.0.c8.c7.1:TLBIMVA p15.0.c8.c7.2:TLBIASID p15.0.c8.c7.3:TLBIMVAA p15.4.c8.c3.0:TLBIALLHIS
p15.4.c8.c3.1:TLBIMVAHIS p15.4.c8.c3.4:TLBIALLNSNHIS p15.4.c8.c7.0:TLBIALLH p15.4.c8.c7.1:TLBIMVAH
p15.4.c8.c7.4:TLBIALLNSNH p15.0.c9.c12.4:PMSWINC p15.0.c15.c4.0:RAMINDEX p14.0.c1.c0.4:DBGOSLAR
"""
_OF_SECURE_STATE: Final = """
p15.0.c1.c1.0:SCR p15.0.c1.c1.1:SDER p15.0.c12.c0.1:MVBAR
"""
_QEMU: Final = """
p14.0.c0.c0.0 p14.0.c0.c0.4 p14.0.c0.c0.5 p14.0.c0.c0.6 p14.0.c0.c0.7 p14.0.c0.c1.0 p14.0.c0.c1.4 p14.0.c0.c1.5
p14.0.c0.c1.6 p14.0.c0.c1.7 p14.0.c0.c2.0 p14.0.c0.c2.2 p14.0.c0.c2.4 p14.0.c0.c2.5 p14.0.c0.c2.6 p14.0.c0.c2.7
p14.0.c0.c3.4 p14.0.c0.c3.5 p14.0.c0.c3.6 p14.0.c0.c3.7 p14.0.c0.c4.4 p14.0.c0.c4.5 p14.0.c0.c5.4 p14.0.c0.c5.5
p14.0.c0.c7.0 p14.0.c1.c0.0 p14.0.c1.c0.4 p14.0.c1.c1.4 p14.0.c1.c3.4 p14.0.c2.c0.0 p14.0.c7.c0.0 p14.0.c7.c0.1
p14.0.c7.c0.2 p14.6.c0.c0.0 p14.6.c1.c0.0 p14.7.c0.c0.0 p14.7.c1.c0.0 p14.7.c2.c0.0 p15.0.c0.c0.0 p15.0.c0.c0.1
p15.0.c0.c0.2 p15.0.c0.c0.3 p15.0.c0.c0.4 p15.0.c0.c0.5 p15.0.c0.c0.6 p15.0.c0.c0.7 p15.0.c0.c1.0 p15.0.c0.c1.1
p15.0.c0.c1.2 p15.0.c0.c1.3 p15.0.c0.c1.4 p15.0.c0.c1.5 p15.0.c0.c1.6 p15.0.c0.c1.7 p15.0.c0.c2.0 p15.0.c0.c2.1
p15.0.c0.c2.2 p15.0.c0.c2.3 p15.0.c0.c2.4 p15.0.c0.c2.5 p15.0.c0.c2.6 p15.0.c0.c2.7 p15.0.c0.c3.0 p15.0.c0.c3.1
p15.0.c0.c3.2 p15.0.c0.c3.3 p15.0.c0.c3.4 p15.0.c0.c3.5 p15.0.c0.c3.6 p15.0.c0.c3.7 p15.0.c0.c4.0 p15.0.c0.c4.1
p15.0.c0.c4.2 p15.0.c0.c4.3 p15.0.c0.c4.4 p15.0.c0.c4.5 p15.0.c0.c4.6 p15.0.c0.c4.7 p15.0.c0.c5.0 p15.0.c0.c5.1
p15.0.c0.c5.2 p15.0.c0.c5.3 p15.0.c0.c5.4 p15.0.c0.c5.5 p15.0.c0.c5.6 p15.0.c0.c5.7 p15.0.c0.c6.0 p15.0.c0.c6.1
p15.0.c0.c6.2 p15.0.c0.c6.3 p15.0.c0.c6.4 p15.0.c0.c6.5 p15.0.c0.c6.6 p15.0.c0.c6.7 p15.0.c0.c7.0 p15.0.c0.c7.1
p15.0.c0.c7.2 p15.0.c0.c7.3 p15.0.c0.c7.4 p15.0.c0.c7.5 p15.0.c0.c7.6 p15.0.c0.c7.7 p15.0.c1.c0.0 p15.0.c1.c0.1
p15.0.c1.c0.2 p15.0.c2.c0.0 p15.0.c2.c0.1 p15.0.c2.c0.2 p15.0.c3.c0.0 p15.0.c5.c0.0 p15.0.c5.c0.1 p15.0.c5.c1.0
p15.0.c5.c1.1 p15.0.c6.c0.0 p15.0.c6.c0.1 p15.0.c6.c0.2 p15.0.c7.c0.4 p15.0.c7.c1.0 p15.0.c7.c1.6 p15.0.c7.c4.0
p15.0.c7.c5.0 p15.0.c7.c5.1 p15.0.c7.c5.4 p15.0.c7.c5.6 p15.0.c7.c5.7 p15.0.c7.c6.1 p15.0.c7.c6.2 p15.0.c7.c8.0
p15.0.c7.c8.1 p15.0.c7.c8.2 p15.0.c7.c8.3 p15.0.c7.c8.4 p15.0.c7.c8.5 p15.0.c7.c8.6 p15.0.c7.c8.7 p15.0.c7.c10.1
p15.0.c7.c10.2 p15.0.c7.c10.4 p15.0.c7.c10.5 p15.0.c7.c11.1 p15.0.c7.c14.1 p15.0.c7.c14.2 p15.0.c8.c3.0
p15.0.c8.c3.1 p15.0.c8.c3.2 p15.0.c8.c3.3 p15.0.c8.c5.0 p15.0.c8.c5.1 p15.0.c8.c5.2 p15.0.c8.c6.0 p15.0.c8.c6.1
p15.0.c8.c6.2 p15.0.c8.c7.0 p15.0.c8.c7.1 p15.0.c8.c7.2 p15.0.c8.c7.3 p15.0.c9.c12.0 p15.0.c9.c12.1 p15.0.c9.c12.2
p15.0.c9.c12.3 p15.0.c9.c12.4 p15.0.c9.c12.5 p15.0.c9.c13.0 p15.0.c9.c13.1 p15.0.c9.c13.2 p15.0.c9.c14.0
p15.0.c9.c14.1 p15.0.c9.c14.2 p15.0.c9.c14.3 p15.0.c10.c2.0 p15.0.c10.c2.1 p15.0.c10.c3.0 p15.0.c10.c3.1
p15.0.c12.c0.0 p15.0.c12.c1.0 p15.0.c13.c0.0 p15.0.c13.c0.1 p15.0.c13.c0.2 p15.0.c13.c0.3 p15.0.c13.c0.4
p15.0.c14.c0.0 p15.0.c14.c1.0 p15.0.c14.c2.0 p15.0.c14.c2.1 p15.0.c14.c3.0 p15.0.c14.c3.1 p15.0.c14.c8.0
p15.0.c14.c8.1 p15.0.c14.c8.2 p15.0.c14.c8.3 p15.0.c14.c8.4 p15.0.c14.c8.5 p15.0.c14.c12.0 p15.0.c14.c12.1
p15.0.c14.c12.2 p15.0.c14.c12.3 p15.0.c14.c12.4 p15.0.c14.c12.5 p15.0.c14.c15.7 p15.0.c15.c0.0 p15.0.c15.c0.1
p15.0.c15.c0.2 p15.0.c15.c1.0 p15.0.c15.c1.1 p15.0.c15.c1.2 p15.0.c15.c1.3 p15.0.c15.c4.0 p15.1.c0.c0.0
p15.1.c0.c0.1 p15.1.c0.c0.7 p15.1.c9.c0.2 p15.1.c9.c0.3 p15.1.c15.c0.0 p15.1.c15.c0.3 p15.2.c0.c0.0 p15.4.c0.c0.0
p15.4.c0.c0.5 p15.4.c1.c0.0 p15.4.c1.c0.1 p15.4.c1.c1.0 p15.4.c1.c1.1 p15.4.c1.c1.2 p15.4.c1.c1.3 p15.4.c1.c1.7
p15.4.c2.c0.2 p15.4.c2.c1.2 p15.4.c5.c1.0 p15.4.c5.c1.1 p15.4.c5.c2.0 p15.4.c6.c0.0 p15.4.c6.c0.2 p15.4.c6.c0.4
p15.4.c7.c8.0 p15.4.c7.c8.1 p15.4.c8.c3.0 p15.4.c8.c3.1 p15.4.c8.c3.4 p15.4.c8.c7.0 p15.4.c8.c7.1 p15.4.c8.c7.4
p15.4.c10.c2.0 p15.4.c10.c2.1 p15.4.c10.c3.0 p15.4.c10.c3.1 p15.4.c12.c0.0 p15.4.c13.c0.2 p15.4.c14.c1.0
p15.4.c14.c2.0 p15.4.c14.c2.1 p15.4.c15.c0.0 p14.0.c1 p14.0.c2 p15.0.c2 p15.0.c7 p15.0.c14 p15.1.c2 p15.1.c14
p15.2.c14 p15.3.c14 p15.4.c2 p15.4.c14 p15.6.c2 p15.6.c14
"""
BLANKET: Final = {
    "p15.*.c3.*.*": "QEMU has DACR under every number of c3",
    "p15.0.c7.*.*": "QEMU takes every number of c7 that it does not know for an operation of ARMv6 that does nothing",
    "p15.*.c10.*.*": "QEMU has registers of TLB lockdown, of ARMv6, that do nothing",
    "p15.*.c15.*.*": "QEMU has zeros under every number of c15",
}
"""What QEMU takes for defined beside its list, whatever the number, and why that tells nothing."""


def _read(text: str) -> dict[str, str]:
    return dict(entry.split(":") for entry in text.split())


RIGHTS: Final = {
    number: rights
    for rights, text in (("RW", _READ_WRITE), ("RO", _READ_ONLY), ("WO", _WRITE_ONLY), ("", _OF_SECURE_STATE))
    for number in _read(text)
}
"""By number, what Non-secure software may do, by the manual."""
MANUAL: Final = _read(_READ_WRITE) | _read(_READ_ONLY) | _read(_WRITE_ONLY) | _read(_OF_SECURE_STATE)
QEMU: Final = frozenset(_QEMU.split())
