# Statements as firmwares write them.
        .section ".vectors","ax"
        . = 0
        .asciz "a name"
        #
        # Comments alone in a line.
        #
        .= 0x40
        mtsprg 0,0
        .irp i, 0x0080,0x00a0,0x00c0,0x00e0,0x0100,0x0120
        . = \i
        mtsprg 0,0 ; li 0,\i ; b handler
        .endr
        . = 0x200
handler:
        .irp i, 2,3,4,29,30
        std \i,\i*8(1)
        .endr           # behind the end
        mfcr 0 ;    std 0,0x100(1)
        mfdar 0 ;   std 0,0x130(1)
        mfdsisr 0 ; mtmsrd 0
        lis 2,foreign@ha ; ld 2,8+foreign@l(2)
        addi 1,1,0x7000 ; li 0,0 ; stdu 0,-16(1)
        b .foreign_code
0:      dcbst 0,3
        rlwinm 3,3,0,0,24
        bdnz 0b
        bdnz $
        lwz 0,0x3f40(0)
        and. 0,0,0
        beq $-20
        tdi 0,0,0x48
        cmpdi cr0,%r3,1
        mfspr %r3,28
        mtsprg1 %r4
        subi %r30,%r30,(0b - handler)
        addis %r2,%r30,(0b - handler)@ha
        addi %r2,%r2,(0b - handler)@l
        lis %r3,(0x1234567890abcdef)@highest
        ori %r3,%r3,(0x1234567890abcdef)@higher
        rldicr %r3,%r3,32,31
        oris %r3,%r3,(0x1234567890abcdef)@h
        ori %r3,%r3,(0x1234567890abcdef)@l
        nap
        attn
        slbmte %r6,%r6
        slbia
        ptesync
        bcl 20,31,$+4
        .llong foreign
        .space 8 * (3 + 1)
        . = 0x3ff
        .byte 0x36
