@ T32: a list of one register is loaded and stored by the instruction for one, and low ones of the stack by POP.
        .syntax unified
        .thumb
        .irp    base, sp, r0, r9
        .irp    one, r4, r9, lr
        .irp    mode, , ia, fd, db, ea
        .ifnc   \base, \one
        ldm\mode \base!, {\one}
        .endif
        ldm\mode \base, {\one}
        .endr
        .irp    mode, db, fd
        .ifnc   \base, \one
        stm\mode \base!, {\one}
        .endif
        stm\mode \base, {\one}
        .endr
        stm     \base, {\one}
        stmea   \base, {\one}
        .endr
        .endr
        ldm     sp!, {r4, r5}
        ldmia   sp!, {r0-r7}
        ldmfd   sp!, {r1}
        ldm     sp!, {r4, pc}
        ldmfd   sp!, {r4-r7, lr}
        ldm     sp!, {pc}
        stmdb   sp!, {r4, r5}
        ldm     r4, {r4}
        it      eq
        ldmeq   sp!, {r4}
