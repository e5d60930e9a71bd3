@ Return state by the kind of stack, or without a word.
        srs     sp!, #31
        srsfd   sp!, #19
        srsfa   sp, #19
        srsed   sp!, #19
        srsea   sp!, #19
        srsia   #18
        rfe     r0
        rfefd   sp!
        rfefa   r1!
        rfeed   r2
        rfeea   r3!
