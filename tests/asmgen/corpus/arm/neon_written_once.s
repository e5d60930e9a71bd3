@ A destination that is the first operand as well may be written once; comparisons the other way round; short types.
        .syntax unified
        .arm
        .irpc   set, at
        .ifc    \set, t
        .thumb
        .endif
        vpadd.u16 d0, d1
        vpadd.f32 d0, d1
        vpmax.s8 d2, d3
        vpmin.f32 d2, d3
        vtst.16 q0, q1
        vmul.p8 q0, q1
        vshl.u16 q7, #2
        vshl.i64 d17, #57
        vsri.32 q0, #3
        vsli.8  d0, #3
        vqshl.u16 d0, #3
        vqshlu.s16 d0, #3
        vext.8  d0, d1, #3
        vext.16 d0, d1, #3
        vext.32 q0, q1, #2
        vext.64 q0, q1, #1
        vmul.f32 d0, d1[0]
        vmla.i16 q0, d1[2]
        vqdmulh.s16 d3, d1[2]
        vmul.i32 q2, d3[1]
        vclt.u8 q0, q1, q2
        vcle.s16 d0, d1, d2
        vclt.f32 d0, d1, d2
        vcle.f32 q0, q1
        vaclt.f32 d0, d1, d2
        vacle.f32 q0, q2
        vclt.s32 d0, d1
        vclt.s16 d0, d1, #0
        vcge.f32 d0, #0
        vcle.s16 q0, #0
        vadd.f64 d20, d25
        vsub.f32 s1, s2
        vmul.f32 s0, s1
        vmla.f64 d0, d1
        vmls.f32 s31, s31
        vfma.f32 s31, s1
        vfms.f64 d3, d1
        vadd.f  s0, s1, s2
        vadd.d  d0, d1, d2
        vmul.f  s8, s16
        vcvt.f.s32 s0, s1
        vcvt.s32.f s0, s1
        vcvt.d.f d0, s1
        vmov.f  s0, #1.0
        vmov    s31, #-1.9375
        vmov    s0, s1
        udiv    r0, r1
        sdiv    r2, r9
        uxtb    r0, r1, ror #0
        uxtb    r8, r1, ror #0
        uxtab   r0, r1, r2, ror #0
        ldrd    a1, a2, [r9]
        ldrd    v7, v8, [r9]
        ldrd    a3, a4, [a1, #8]
        strd    v1, v2, [sp]
        bl      foreign (PLT)
        vld1.64 {d0-d1}, [r1, :128]!
        .set    alignment, 0x40 * 2
        vld1.64 {d0-d1}, [r1, :alignment]!
        vst1.64 {d0-d1}, [r3, :(alignment + 0)], r2
        .endr
