/* Device registers: volatile accesses of every width. */
typedef unsigned char u8; typedef unsigned short u16; typedef unsigned int u32; typedef unsigned long long u64;
#define DEVICE 0x09000000u
struct uart { volatile u32 data, status, pad[4], flags; };
void put(char c) { struct uart *u = (struct uart *)DEVICE; while (u->flags & 0x20) ; u->data = (u8)c; }
u8 r8(volatile u8 *p) { return *p; }
u16 r16(volatile u16 *p) { return *p; }
u32 r32(volatile u32 *p) { return *p; }
u64 r64(volatile u64 *p) { return *p; }
void w64(volatile u64 *p, u64 v) { *p = v; p[1] = ~v; }
int twice(volatile int *p) { return *p + *p; }
short sign(volatile short *p, volatile signed char *q) { return *p + *q; }
