# Another name of a function has its local entry point, too: a call to it is a linker's matter. (and of a foreign TOC)
        .abiversion 2
        .section .text.function, "ax", @progbits
        .globl  function
        .type   function, @function
function:
0:      addis   2, 12, .TOC. - 0b@ha
        addi    2, 2, .TOC. - 0b@l
        .localentry function, . - function
        bl      function.alias
        nop
        b       function.alias
        blr
        .size   function, . - function
        .set    function.alias, function
