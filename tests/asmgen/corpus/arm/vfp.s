@ VFP: arithmetic, conversions, immediates, transfers.
        .syntax unified
        .arm
        vadd.f32 s0, s1, s2
        vadd.f64 d0, d1, d2
        vsub.f32 s0, s1, s2
        vmul.f64 d16, d17, d31
        vnmul.f32 s0, s1, s2
        vdiv.f64 d0, d1, d2
        vmla.f32 s0, s1, s2
        vmls.f64 d0, d1, d2
        vnmla.f32 s0, s1, s2
        vfma.f64 d0, d1, d2
        vfnms.f32 s0, s1, s2
        vsqrt.f32 s0, s1
        vabs.f64 d0, d1
        vneg.f32 s0, s31
        vcmp.f32 s0, s1
        vcmpe.f64 d0, d1
        vcmp.f32 s0, #0
        vcmp.f64 d0, #0.0
        vmrs    apsr_nzcv, fpscr
        vmrs    r0, fpscr
        vmrs    r0, fpexc
        vmrs    r0, fpsid
        vmrs    r0, mvfr0
        vmsr    fpscr, r0
        vmsr    fpexc, r0
        vmov    s0, r0
        vmov    r0, s31
        vmov    s0, s1, r0, r1
        vmov    r0, r1, d31
        vmov    d0, r0, r1
        vmov.f32 s0, s1
        vmov.f64 d0, d1
        vmov.f32 s0, #1.0
        vmov.f32 s0, #2
        vmov.f32 s0, #-0.125
        vmov.f32 s0, #31
        vmov.f32 s0, #1.5e+0
        vmov.f64 d0, #1.0
        vmov.f64 d0, #0.25
        vmov.32 d0[0], r0
        vmov.32 r0, d31[1]
        vmoveq  s0, r1
        vcvt.s32.f32 s0, s1
        vcvtr.u32.f32 s0, s1
        vcvt.u32.f64 s0, d1
        vcvt.f64.s32 d0, s1
        vcvt.f32.f64 s0, d1
        vcvt.f64.f32 d0, s1
        vcvt.f32.s32 s0, s0, #8
        vcvt.u16.f64 d0, d0, #4
        vcvtb.f32.f16 s0, s1
        vcvtt.f16.f32 s0, s1
        vldr    s0, [r0]
        vldr    d0, [r0, #8]
        vldr    d31, [r0, #-1020]
        vstr    s31, [sp, #4]
        vldr.64 d0, [r0]
        vldm    r0, {s0-s3}
        vldmia  r0!, {d0-d15}
        vldmdb  r0!, {d16}
        vstmia  sp!, {s4, s5}
        vstm    r0, {d8-d11}
        vpush   {d8-d15}
        vpush   {s0}
        vpop    {d8}
        vpop    {s16-s31}
        vldr    d0, literal
        fldmiax r0!, {d0-d3}
        fstmiax r0!, {d0-d3}
literal: .double 1.0
