# Arithmetic and logic with OE and Rc, immediates at their ends, extended mnemonics.
        add     r3, r4, r5
        add.    r3, r4, r5
        addo    r3, r4, r5
        addo.   r3, r4, r5
        subf    r3, r4, r5
        sub     r3, r4, r5
        subo.   r3, r4, r5
        addc    r3, r4, r5
        adde    r3, r4, r5
        addze   r3, r4
        addme.  r3, r4
        subfic  r3, r4, -1
        subfze  r3, r4
        subc    r3, r4, r5
        neg     r3, r4
        nego.   r3, r4
        mullw   r3, r4, r5
        mulld   r3, r4, r5
        mulhw   r3, r4, r5
        mulhdu. r3, r4, r5
        mulli   r3, r4, -32768
        divw    r3, r4, r5
        divwu   r3, r4, r5
        divd    r3, r4, r5
        divdu.  r3, r4, r5
        addi    r3, r4, 32767
        addi    r3, r4, -32768
        addi    r3, 0, 1
        addic   r3, r4, 1
        addic.  r3, r4, -1
        addis   r3, r4, 0x7fff
        addis   r3, r4, -0x8000
        lis     r3, 0xffff
        lis     r3, -1
        li      r3, -32768
        la      r3, 8(r4)
        subi    r3, r4, 1
        subis   r3, r4, 1
        subic.  r3, r4, 1
        and     r3, r4, r5
        andc    r3, r4, r5
        nand.   r3, r4, r5
        nor     r3, r4, r5
        not     r3, r4
        or.     r3, r4, r5
        mr      r3, r4
        mr.     r3, r4
        orc     r3, r4, r5
        xor     r3, r4, r5
        eqv     r3, r4, r5
        andi.   r3, r4, 0xffff
        andis.  r3, r4, 0x8000
        ori     r3, r4, 0xffff
        oris    r3, r4, 1
        xori    r3, r4, 1
        xoris   r3, r4, 1
        nop
        xnop
        slw     r3, r4, r5
        srw.    r3, r4, r5
        sraw    r3, r4, r5
        srawi   r3, r4, 31
        sld     r3, r4, r5
        srad    r3, r4, r5
        sradi.  r3, r4, 63
        extsb   r3, r4
        extsh.  r3, r4
        extsw   r3, r4
        cntlzw  r3, r4
        cntlzd  r3, r4
        popcntb r3, r4
