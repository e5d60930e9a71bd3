/* Gaps with and without a fill value; .fill's value has 4 bytes at most. */
        .data
        .space  3
        .skip   2, 0x55
        .zero   4
        .space  2, -1
        .fill   3
        .fill   2, 2
        .fill   2, 2, 0x1234
        .fill   1, 8, -1
        .fill   2, 8, 0x1122334455667788
        .fill   2, 3, 0x112233
        .fill   1, 5, 0x99
        .fill   1, 12, 0x77
        .fill   0, 4, 1
        .space  0
        .space  1 + 2, 'x'
