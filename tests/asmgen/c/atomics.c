/* Atomic operations and barriers. */
int counter; unsigned long flags; 
int add(int n) { return __atomic_add_fetch(&counter, n, __ATOMIC_SEQ_CST); }
int relaxed(int n) { return __atomic_fetch_sub(&counter, n, __ATOMIC_RELAXED); }
int swap(int *p, int n) { return __atomic_exchange_n(p, n, __ATOMIC_ACQ_REL); }
int exchange(int *p, int old, int new) { return __atomic_compare_exchange_n(p, &old, new, 0, __ATOMIC_SEQ_CST, __ATOMIC_RELAXED); }
int load(int *p) { return __atomic_load_n(p, __ATOMIC_ACQUIRE); }
void store(int *p, int v) { __atomic_store_n(p, v, __ATOMIC_RELEASE); }
void fence(void) { __sync_synchronize(); }
void set(int n) { __atomic_or_fetch(&flags, 1ul << n, __ATOMIC_SEQ_CST); }
void lock(volatile int *l) { while (__sync_lock_test_and_set(l, 1)) ; }
void unlock(volatile int *l) { __sync_lock_release(l); }
