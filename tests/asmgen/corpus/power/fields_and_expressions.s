# Fields of the condition register, the time base, and registers given as expressions.
        mtcrf 1, 5
        mtcrf 0xff, 5
        mtcrf 0, 5
        mtcrf 0x81, 5
        mtcrf 128, 5
        mtocrf 128, 5
        lfd 0 +1,8*2*(0 +1)(3)
        lfd 0 + 16 +1,8*2*(0 +1)(3)
        add 0 +1, 3 - 2 ,4|1
        add 1<<2, 3, 4
        mftb 3
        mftb 3, 268
        mftb 3, 269
        mftbl 3
        mftbu 3
        mfspr 3, 268
        mfspr 3, 269
        cmpw cr0 , 3, 4
        lwz 3 , 4 ( 5 )
        mr 3 , 4
