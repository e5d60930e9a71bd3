@ VFP under its names before UAL.
        .syntax unified
        .arm
        fmrx    r0, fpscr
        fmxr    fpexc, r0
        fmrx    r0, fpexc
        fmrs    r0, s1
        fmsr    s1, r0
        fmdrr   d0, r0, r1
        fmrrd   r0, r1, d0
        fldd    d0, [r0]
        flds    s0, [r0, #4]
        fstd    d0, [r0]
        fsts    s0, [r0]
        fldmiad r0!, {d0-d3}
        fstmdbd sp!, {d8-d9}
        fadds   s0, s1, s2
        faddd   d0, d1, d2
        fmuls   s0, s1, s2
        fdivd   d0, d1, d2
        fcmps   s0, s1
        fcmpezd d0
        fmstat
        fcpys   s0, s1
        fcpyd   d0, d1
        fsitod  d0, s1
        ftosizs s0, s1
        fcvtds  d0, s1
        fnegd   d0, d1
        fsqrts  s0, s1
        fmacs   s0, s1, s2
        fconsts s0, #112
        fconstd d0, #112
        vmsr    fpinst, r2
        vmrs    r3, fpinst2
