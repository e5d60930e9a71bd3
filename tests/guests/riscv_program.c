/* What compilers make of C: integers of all widths, tables, recursion, structures, switches, atomic operations, strings.
   Everything is printed; put() is the surroundings' business. */

typedef unsigned char u8;
typedef unsigned short u16;
typedef unsigned int u32;
typedef unsigned long u64;
typedef long i64;

void put(int character);

static void text(const char *s) {
    while (*s) put(*s++);
}

static void number(u64 value) {
    char digits[20];
    int count = 0;
    do digits[count++] = "0123456789abcdef"[value & 15];
    while (value >>= 4);
    while (count) put(digits[--count]);
    put('\n');
}

static u64 state = 0x123456789abcdef1;

static u64 next(void) {
    state ^= state << 13;
    state ^= state >> 7;
    return state ^= state << 17;
}

struct node { struct node *left, *right; i64 key; u16 height; char name[5]; };
static struct node nodes[200];
static int used;

static struct node *insert(struct node *at, i64 key) {
    if (!at) {
        struct node *made = &nodes[used++];
        made->key = key;
        made->height = (u16)(key >> 48);
        for (int i = 0; i < 5; i++) made->name[i] = (char)(key >> 8 * i);
        return made;
    }
    if (key < at->key) at->left = insert(at->left, key);
    else at->right = insert(at->right, key);
    return at;
}

static u64 walk(const struct node *at, u64 sum) {
    if (!at) return sum;
    sum = walk(at->left, sum);
    sum = sum * 31 + (u64)at->key + at->height;
    for (int i = 0; i < 5; i++) sum = (sum << 3 | sum >> 61) ^ (u8)at->name[i];
    return walk(at->right, sum);
}

static int classify(int value) {
    switch (value) {
    case 0: return 17;
    case 1: return 4;
    case 2: return 99;
    case 3: return -5;
    case 4: return 1000000;
    case 5: return 7;
    case 6: return -70000;
    case 7: return 3;
    case 19: return 12;
    default: return value * 3;
    }
}

static u32 crc(const u8 *data, u64 size) {
    u32 value = ~0u;
    while (size--) {
        value ^= *data++;
        for (int i = 0; i < 8; i++) value = value >> 1 ^ (0xEDB88320 & -(value & 1));
    }
    return ~value;
}

static i64 divisions(i64 a, i64 b) {
    i64 sum = a / b + a % b;
    sum += (u64)a / (u64)b ^ (u64)a % (u64)b;
    sum += (int)a / ((int)b | 1) - (int)a % ((int)b | 1);
    sum += (u32)a / ((u32)b | 1) + (u32)a % ((u32)b | 1);
    return sum + a / 10 + a % 1000 + (u64)a / 7;
}

static u8 sieve[5000], bytes[1000];
static i64 shared;
static int small;
static i64 (*const chosen[])(i64, i64) = { divisions };

int main(void) {
    text("tree\n");
    struct node *root = 0;
    for (int i = 0; i < 200; i++) root = insert(root, (i64)next());
    number(walk(root, 1));
    text("switch\n");
    i64 sum = 0;
    for (int i = -3; i < 25; i++) sum = sum * 7 + classify(i);
    number((u64)sum);
    text("crc\n");
    for (u32 i = 0; i < sizeof bytes; i++) bytes[i] = (u8)(next() >> (i & 31));
    number(crc(bytes, sizeof bytes));
    text("divisions\n");
    for (int i = 0; i < 30; i++) sum ^= chosen[0]((i64)next(), (i64)(next() >> (i * 2)) | 1);
    number((u64)sum);
    number((u64)((__int128)sum * (i64)next() >> 64));
    number((u64)((unsigned __int128)(u64)sum * next() >> 64));
    text("primes\n");
    int primes = 0;
    for (u32 i = 2; i < sizeof sieve; i++) {
        if (sieve[i]) continue;
        primes++;
        for (u32 j = i * i; j < sizeof sieve; j += i) sieve[j] = 1;
    }
    number((u64)primes);
    text("atomic\n");
    for (int i = 0; i < 20; i++) {
        __atomic_fetch_add(&shared, (i64)next(), __ATOMIC_SEQ_CST);
        __atomic_fetch_xor(&small, (int)next(), __ATOMIC_ACQ_REL);
        i64 old = __atomic_load_n(&shared, __ATOMIC_ACQUIRE);
        __atomic_compare_exchange_n(&shared, &old, old ^ i, 0, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST);
    }
    number((u64)shared);
    number((u64)(u32)small);
    text("done\n");
    return 0;
}
