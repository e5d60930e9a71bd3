/* Double precision: the Mandelbrot set on a grid of 24 x 24 points, up to 64 iterations each. */
#include <stdint.h>

enum { SIZE = 24, MOST = 64 };

uint32_t kernel(uint32_t *arena)
{
    uint32_t sum = 0;
    (void)arena;
    for (int row = 0; row < SIZE; row++)
        for (int column = 0; column < SIZE; column++) {
            double cx = (double)column / 8.0 - 2.0, cy = (double)row / 8.0 - 1.5;
            double x = 0.0, y = 0.0;
            uint32_t n = 0;
            while (n < MOST && x * x + y * y <= 4.0) {
                double t = x * x - y * y + cx;
                y = 2.0 * x * y + cy;
                x = t;
                n++;
            }
            sum = (sum << 5 | sum >> 27) + n;
            if (n == MOST)
                sum += (uint32_t)(int32_t)(x * 65536.0);
        }
    return sum;
}
