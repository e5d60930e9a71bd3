/* Sorting and searching. */
void bubble(int *a, int n) { for (int i = 0; i < n; i++) for (int j = 1; j < n - i; j++) if (a[j] < a[j - 1]) { int t = a[j]; a[j] = a[j - 1]; a[j - 1] = t; } }
static int partition(int *a, int l, int h) { int p = a[h], i = l; for (int j = l; j < h; j++) if (a[j] < p) { int t = a[i]; a[i++] = a[j]; a[j] = t; } a[h] = a[i]; a[i] = p; return i; }
void quick(int *a, int l, int h) { if (l < h) { int p = partition(a, l, h); quick(a, l, p - 1); quick(a, p + 1, h); } }
int search(const int *a, int n, int x) { int l = 0, h = n; while (l < h) { int m = (l + h) / 2; if (a[m] < x) l = m + 1; else h = m; } return l; }
