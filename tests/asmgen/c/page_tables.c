/* Table walks over 64-bit entries. */
typedef unsigned long long u64; typedef unsigned int u32;
#define VALID 1ull
#define TABLE 2ull
u64 walk(u64 *table, u64 address, int levels) {
    for (int level = 0; level < levels; level++) {
        u64 entry = table[address >> (39 - 9 * level) & 511];
        if (!(entry & VALID)) return 0;
        if (!(entry & TABLE)) return (entry & ~0xfffull) | (address & 0xfff);
        table = (u64 *)(unsigned long)(entry & 0x0000fffffffff000ull);
    }
    return (u64)(unsigned long)table;
}
void map(u64 *table, int i, u64 pa, u32 flags) { table[i] = (pa & ~0xfffull) | flags | VALID; }
u32 hash(u64 va, u64 vsid) { return (u32)((vsid ^ (va >> 12 & 0xffff)) & 0x7ffff); }
