@ Advanced SIMD.
        .syntax unified
        .arm
        vadd.i8 d0, d1, d2
        vadd.i64 q0, q1, q15
        vadd.f32 q0, q1, q2
        vsub.i16 q0, q1
        vmul.i32 d0, d1, d2[1]
        vmla.i16 q0, q1, d0[3]
        vmull.s8 q0, d1, d2
        vmlal.u32 q0, d1, d2
        vand    q0, q1, q2
        vbic    d0, d1, d2
        vorr    q0, q1, q2
        vorr.i32 q0, #0xff00
        veor    q0, q0, q0
        vmvn    q0, q1
        vbsl    q0, q1, q2
        vmov    q0, q1
        vmov.i32 q0, #0
        vmov.i8 d0, #0xff
        vmov.i16 q0, #0x1200
        vmov.i64 q0, #0xff00ff00ff00ff00
        vmov.f32 q0, #1.0
        vmvn.i32 q0, #0xff
        vmov.i32 q0, #0xffffff00
        vdup.32 q0, r0
        vdup.8  d0, d1[7]
        vceq.i32 q0, q1, q2
        vceq.i32 q0, q1, #0
        vcgt.s16 d0, d1, d2
        vcge.f32 q0, q1, q2
        vtst.8  d0, d1, d2
        vmax.u8 q0, q1, q2
        vpadd.i32 d0, d1, d2
        vpaddl.u8 q0, q1
        vshl.i32 q0, q1, #31
        vshl.s64 d0, d1, d2
        vshr.u8 d0, d1, #8
        vsra.s16 q0, q1, #1
        vshrn.i32 d0, q1, #16
        vqrshrun.s16 d0, q1, #3
        vsli.32 d0, d1, #5
        vsri.64 q0, q1, #64
        vshll.u8 q0, d1, #3
        vmovl.s16 q0, d1
        vmovn.i64 d0, q1
        vext.8  q0, q1, q2, #5
        vrev64.8 q0, q1
        vswp    d0, d1
        vtrn.16 q0, q1
        vzip.8  q0, q1
        vuzp.32 q0, q1
        vtbl.8  d0, {d1, d2}, d3
        vtbx.8  d0, {d1-d4}, d5
        vld1.8  {d0}, [r0]
        vld1.64 {d0-d3}, [r0]!
        vld1.32 {d0[1]}, [r0 :32], r1
        vld1.16 {d0[]}, [r0]
        vld2.8  {d0, d1}, [r0]
        vld3.16 {d0, d2, d4}, [r0]!
        vld4.32 {d0, d1, d2, d3}, [r0:128]
        vst1.64 {d0, d1}, [r0:128]!
        vst4.8  {d0[7], d1[7], d2[7], d3[7]}, [r0]
        vst1.32 {q0, q1}, [r0]
        vld1.16 {q9}, [r0]!
        vld1.8  {q2-q3}, [r1]
        vld2.8  {q0, q1}, [r1]
        vpush   {q4-q7}
        vldmia  r0!, {q0, q1}
        vabs.s8 d0, d1
        vneg.f32 q0, q1
        vcls.s16 q0, q1
        vcnt.8  d0, d1
        vrecpe.f32 q0, q1
        vrsqrts.f32 q0, q1, q2
        vcvt.s32.f32 q0, q1
        vcvt.f32.u32 q0, q1, #4
        vfma.f32 q0, q1, q2
        vqadd.s64 d0, d1, d2
        vhadd.u8 q0, q1, q2
        vaddl.s16 q0, d1, d2
        vaddw.u8 q0, q1, d2
        vaba.u8 q0, q1, q2
        vdup.16 q0, d0[1]
        vmov.u8 r0, d0[3]
        vmov.s16 r0, d0[1]
        vmov.8  d0[2], r1
