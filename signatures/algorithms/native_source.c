/* DSTU 4145-2002 over GF(2^m) and GOST 34.311-95 hashing.
 *
 * The same answers as field.py, dstu4145.py and gost34311.py, a hundred times sooner; the tests
 * compare the two on every curve. Compiled by `python -m signatures.algorithms.build` into a
 * shared library opened by cffi in ABI mode, so that no Python headers are needed. Verification
 * and hashing handle public data only; the one function that takes a secret, `native_ladder`, does
 * the same steps on the same places whatever the secret is.
 */
#include <stdint.h>
#include <string.h>
#if defined(__x86_64__)
#include <immintrin.h>
#endif

#define MAX_WORDS 7
#define ODD_MULTIPLES 8 /* of the public key: window 5 */
typedef uint64_t word;

typedef struct {
  int m, words, terms, a;
  int exponents[4]; /* of the reduction polynomial below x^m, the last one 0 */
  int carryless;
  word b[MAX_WORDS];
} curve;

int native_has_carryless(void) {
#if defined(__x86_64__)
  return __builtin_cpu_supports("pclmul") ? 1 : 0;
#else
  return 0;
#endif
}

/* ---- the field ---------------------------------------------------------------------------- */

static void reduce(const curve *c, word *p, word *r) {
  int words = c->words, m = c->m;
  for (int i = 2 * words - 1; i >= words; i--) {
    word v = p[i];
    if (!v) continue;
    p[i] = 0;
    int base = 64 * i - m;
    for (int k = 0; k < c->terms; k++) {
      int s = base + c->exponents[k], w = s >> 6, o = s & 63;
      p[w] ^= v << o;
      if (o) p[w + 1] ^= v >> (64 - o);
    }
  }
  int rest = m & 63; /* never 0: every standard m is prime */
  for (;;) {
    word v = p[words - 1] >> rest;
    if (!v) break;
    p[words - 1] &= ((word)1 << rest) - 1;
    for (int k = 0; k < c->terms; k++) {
      int s = c->exponents[k], w = s >> 6, o = s & 63;
      p[w] ^= v << o;
      if (o) p[w + 1] ^= v >> (64 - o);
    }
  }
  memcpy(r, p, 8 * (size_t)words);
}

#if defined(__x86_64__)
__attribute__((target("pclmul,sse2"))) static void mul_carryless(const curve *c, const word *a,
                                                                 const word *b, word *r) {
  word p[2 * MAX_WORDS + 1];
  int words = c->words;
  memset(p, 0, 8 * (size_t)(2 * words + 1));
  for (int i = 0; i < words; i++) {
    __m128i ai = _mm_cvtsi64_si128((long long)a[i]);
    for (int j = 0; j < words; j++) {
      __m128i t = _mm_clmulepi64_si128(ai, _mm_cvtsi64_si128((long long)b[j]), 0);
      p[i + j] ^= (word)_mm_cvtsi128_si64(t);
      p[i + j + 1] ^= (word)_mm_cvtsi128_si64(_mm_unpackhi_epi64(t, t));
    }
  }
  reduce(c, p, r);
}
__attribute__((target("pclmul,sse2"))) static void sqr_carryless(const curve *c, const word *a,
                                                                 word *r) {
  word p[2 * MAX_WORDS + 1];
  int words = c->words;
  p[2 * words] = 0;
  for (int i = 0; i < words; i++) {
    __m128i ai = _mm_cvtsi64_si128((long long)a[i]);
    __m128i t = _mm_clmulepi64_si128(ai, ai, 0);
    p[2 * i] = (word)_mm_cvtsi128_si64(t);
    p[2 * i + 1] = (word)_mm_cvtsi128_si64(_mm_unpackhi_epi64(t, t));
  }
  reduce(c, p, r);
}
#endif

static void mul_portable(const curve *c, const word *a, const word *b, word *r) {
  word table[16][MAX_WORDS + 1];
  word p[2 * MAX_WORDS + 1];
  int words = c->words;
  memset(table[0], 0, sizeof table[0]);
  memcpy(table[1], a, 8 * (size_t)words);
  table[1][words] = 0;
  for (int i = 2; i < 16; i += 2) {
    word carry = 0;
    for (int w = 0; w <= words; w++) {
      word v = table[i / 2][w];
      table[i][w] = (v << 1) | carry;
      carry = v >> 63;
    }
    for (int w = 0; w <= words; w++) table[i + 1][w] = table[i][w] ^ table[1][w];
  }
  memset(p, 0, 8 * (size_t)(2 * words + 1));
  for (int k = 15; k >= 0; k--) {
    for (int j = 0; j < words; j++) {
      const word *t = table[(b[j] >> (4 * k)) & 15];
      for (int w = 0; w <= words; w++) p[j + w] ^= t[w];
    }
    if (k)
      for (int w = 2 * words; w >= 0; w--) p[w] = (p[w] << 4) | (w ? p[w - 1] >> 60 : 0);
  }
  reduce(c, p, r);
}

static word spread(uint32_t half) { /* a zero between every two bits: squaring in GF(2)[x] */
  word v = half;
  v = (v | (v << 16)) & 0x0000ffff0000ffffULL;
  v = (v | (v << 8)) & 0x00ff00ff00ff00ffULL;
  v = (v | (v << 4)) & 0x0f0f0f0f0f0f0f0fULL;
  v = (v | (v << 2)) & 0x3333333333333333ULL;
  return (v | (v << 1)) & 0x5555555555555555ULL;
}

static void sqr_portable(const curve *c, const word *a, word *r) {
  word p[2 * MAX_WORDS + 1];
  int words = c->words;
  p[2 * words] = 0;
  for (int i = 0; i < words; i++) {
    p[2 * i] = spread((uint32_t)a[i]);
    p[2 * i + 1] = spread((uint32_t)(a[i] >> 32));
  }
  reduce(c, p, r);
}

static inline void mul(const curve *c, const word *a, const word *b, word *r) {
#if defined(__x86_64__)
  if (c->carryless) {
    mul_carryless(c, a, b, r);
    return;
  }
#endif
  mul_portable(c, a, b, r);
}
static inline void sqr(const curve *c, const word *a, word *r) {
#if defined(__x86_64__)
  if (c->carryless) {
    sqr_carryless(c, a, r);
    return;
  }
#endif
  sqr_portable(c, a, r);
}
static inline void add(const curve *c, const word *a, const word *b, word *r) {
  for (int i = 0; i < c->words; i++) r[i] = a[i] ^ b[i];
}
static inline void copy(const curve *c, const word *a, word *r) {
  memcpy(r, a, 8 * (size_t)c->words);
}
static inline void set_one(const curve *c, word *r) {
  memset(r, 0, 8 * (size_t)c->words);
  r[0] = 1;
}
static int is_zero(const curve *c, const word *a) {
  word v = 0;
  for (int i = 0; i < c->words; i++) v |= a[i];
  return v == 0;
}

static void inv(const curve *c, const word *a, word *r) { /* Itoh and Tsujii: a^(2^m - 2) */
  int e = c->m - 1, k = 1, high = 31 - __builtin_clz((unsigned)e);
  word t[MAX_WORDS], u[MAX_WORDS];
  copy(c, a, t);
  for (int i = high - 1; i >= 0; i--) {
    copy(c, t, u);
    for (int j = 0; j < k; j++) sqr(c, u, u);
    mul(c, t, u, t);
    k *= 2;
    if ((e >> i) & 1) {
      sqr(c, t, t);
      mul(c, t, a, t);
      k++;
    }
  }
  sqr(c, t, r);
}

void native_mul(const curve *c, const word *a, const word *b, word *r) { mul(c, a, b, r); }
void native_inv(const curve *c, const word *a, word *r) { inv(c, a, r); }
void native_half_trace(const curve *c, const word *a, word *r) {
  word t[MAX_WORDS];
  copy(c, a, t);
  for (int i = 0; i < (c->m - 1) / 2; i++) {
    sqr(c, t, t);
    sqr(c, t, t);
    add(c, t, a, t);
  }
  copy(c, t, r);
}

/* ---- points, Lopez-Dahab coordinates ------------------------------------------------------- */

typedef struct {
  word x[MAX_WORDS], y[MAX_WORDS], z[MAX_WORDS];
  int infinite;
} point;

static void set_affine(const curve *c, point *p, const word *x, const word *y) {
  copy(c, x, p->x);
  copy(c, y, p->y);
  set_one(c, p->z);
  p->infinite = 0;
}

static void twice(const curve *c, point *p) {
  if (p->infinite) return;
  word z2[MAX_WORDS], x2[MAX_WORDS], b4[MAX_WORDS], t[MAX_WORDS], u[MAX_WORDS];
  sqr(c, p->z, z2);
  sqr(c, p->x, x2);
  mul(c, x2, z2, p->z);
  sqr(c, z2, t);
  mul(c, c->b, t, b4);
  sqr(c, x2, u);
  add(c, u, b4, p->x);
  sqr(c, p->y, t);
  add(c, t, b4, t);
  if (c->a) add(c, t, p->z, t);
  mul(c, b4, p->z, u);
  mul(c, p->x, t, t);
  add(c, u, t, p->y);
  if (is_zero(c, p->z)) p->infinite = 1;
}

static void add_affine(const curve *c, point *p, const word *x2, const word *y2) {
  if (p->infinite) {
    set_affine(c, p, x2, y2);
    return;
  }
  word z2[MAX_WORDS], A[MAX_WORDS], B[MAX_WORDS], C[MAX_WORDS], D[MAX_WORDS], E[MAX_WORDS],
      F[MAX_WORDS], G[MAX_WORDS], t[MAX_WORDS], z3[MAX_WORDS];
  sqr(c, p->z, z2);
  mul(c, y2, z2, t);
  add(c, p->y, t, A);
  mul(c, x2, p->z, t);
  add(c, p->x, t, B);
  if (is_zero(c, B)) {
    if (is_zero(c, A)) {
      set_affine(c, p, x2, y2);
      twice(c, p);
    } else {
      p->infinite = 1;
    }
    return;
  }
  mul(c, p->z, B, C);
  copy(c, C, t);
  if (c->a) add(c, t, z2, t);
  sqr(c, B, D);
  mul(c, D, t, D);
  sqr(c, C, z3);
  mul(c, A, C, E);
  sqr(c, A, t);
  add(c, t, D, t);
  add(c, t, E, p->x);
  mul(c, x2, z3, t);
  add(c, p->x, t, F);
  add(c, x2, y2, t);
  sqr(c, z3, G);
  mul(c, t, G, G);
  add(c, E, z3, t);
  mul(c, t, F, t);
  add(c, t, G, p->y);
  copy(c, z3, p->z);
}

/* Width-w non-adjacent form of a number of `words` words; returns the number of digits. */
static int non_adjacent(const word *k, int words, int width, int8_t *digits) {
  int bits = 64 * words, carry = 0, length = 0, i = 0;
  memset(digits, 0, (size_t)bits + 2);
  while (i < bits || carry) {
    int bit = i < bits ? (int)((k[i >> 6] >> (i & 63)) & 1) : 0;
    if (((bit + carry) & 1) == 0) {
      i++;
      if (i > bits) break;
      continue;
    }
    int value = carry;
    for (int j = 0; j < width; j++) {
      int at = i + j;
      if (at < bits) value += (int)((k[at >> 6] >> (at & 63)) & 1) << j;
    }
    carry = 0;
    if (value >= 1 << (width - 1)) {
      value -= 1 << width;
      carry = 1;
    }
    digits[i] = (int8_t)value;
    length = i + 1;
    i += width;
  }
  return length;
}

/* out = h * x(s*P + r*Q). `base_table` holds the affine odd multiples of P for window 8 (64
 * points). Returns 1, or 0 when the sum is the point at infinity or Q is of small order. */
int native_verify(const curve *c, const word *base_table, const word *q, const word *h,
                  const word *r, const word *s, word *out) {
  int W = c->words;
  point odd[ODD_MULTIPLES], d;
  word ax[ODD_MULTIPLES][MAX_WORDS], ay[ODD_MULTIPLES][MAX_WORDS];
  word q2x[MAX_WORDS], q2y[MAX_WORDS], zi[MAX_WORDS], t[MAX_WORDS];
  word prefix[ODD_MULTIPLES + 1][MAX_WORDS];
  int8_t ds[64 * MAX_WORDS + 2], dr[64 * MAX_WORDS + 2];
  set_affine(c, &d, q, q + W);
  odd[0] = d;
  twice(c, &d);
  if (d.infinite) return 0;
  inv(c, d.z, zi);
  mul(c, d.x, zi, q2x);
  sqr(c, zi, t);
  mul(c, d.y, t, q2y);
  for (int i = 1; i < ODD_MULTIPLES; i++) {
    odd[i] = odd[i - 1];
    add_affine(c, &odd[i], q2x, q2y);
    if (odd[i].infinite) return 0;
  }
  set_one(c, prefix[0]);
  for (int i = 0; i < ODD_MULTIPLES; i++) mul(c, prefix[i], odd[i].z, prefix[i + 1]);
  inv(c, prefix[ODD_MULTIPLES], zi);
  for (int i = ODD_MULTIPLES - 1; i >= 0; i--) {
    word k[MAX_WORDS];
    mul(c, zi, prefix[i], k);
    mul(c, zi, odd[i].z, zi);
    mul(c, odd[i].x, k, ax[i]);
    sqr(c, k, k);
    mul(c, odd[i].y, k, ay[i]);
  }
  int ls = non_adjacent(s, W, 8, ds), lr = non_adjacent(r, W, 5, dr);
  point sum;
  word negated[MAX_WORDS];
  memset(&sum, 0, sizeof sum);
  sum.infinite = 1;
  for (int i = (ls > lr ? ls : lr) - 1; i >= 0; i--) {
    twice(c, &sum);
    if (i < ls && ds[i]) {
      int v = ds[i], k = (v < 0 ? -v : v) >> 1;
      const word *x = base_table + 2 * W * k, *y = x + W;
      if (v < 0) {
        add(c, x, y, negated);
        y = negated;
      }
      add_affine(c, &sum, x, y);
    }
    if (i < lr && dr[i]) {
      int v = dr[i], k = (v < 0 ? -v : v) >> 1;
      const word *y = ay[k];
      if (v < 0) {
        add(c, ax[k], ay[k], negated);
        y = negated;
      }
      add_affine(c, &sum, ax[k], y);
    }
  }
  if (sum.infinite) return 0;
  inv(c, sum.z, zi);
  mul(c, sum.x, zi, t);
  mul(c, t, h, out);
  return 1;
}

/* The Montgomery ladder over `bits` bits of k below its highest one, x-coordinates only (Lopez and
 * Dahab 1999): out = x1, z1, x2, z2 of k*P and (k+1)*P, `words` words each. Which pair is doubled is
 * chosen by masks, never by a branch or an address. */
void native_ladder(const curve *c, const word *x, const word *k, int bits, word *out) {
  int W = c->words;
  word x1[MAX_WORDS], z1[MAX_WORDS], x2[MAX_WORDS], z2[MAX_WORDS], t[MAX_WORDS], u[MAX_WORDS],
      swapped = 0;
  copy(c, x, x1);
  set_one(c, z1);
  sqr(c, x, z2);
  sqr(c, z2, x2);
  add(c, x2, c->b, x2);
  for (int i = bits - 1; i >= 0; i--) {
    word bit = (k[i >> 6] >> (i & 63)) & 1, mask = (word)0 - (bit ^ swapped);
    swapped = bit;
    for (int w = 0; w < W; w++) {
      word d = (x1[w] ^ x2[w]) & mask, e = (z1[w] ^ z2[w]) & mask;
      x1[w] ^= d;
      x2[w] ^= d;
      z1[w] ^= e;
      z2[w] ^= e;
    }
    /* the second becomes the sum, the first its double */
    mul(c, x1, z2, t);
    mul(c, x2, z1, u);
    add(c, t, u, z2);
    sqr(c, z2, z2);
    mul(c, t, u, t);
    mul(c, x, z2, u);
    add(c, t, u, x2);
    sqr(c, x1, t);
    sqr(c, z1, u);
    mul(c, t, u, z1);
    sqr(c, t, x1);
    sqr(c, u, t);
    mul(c, c->b, t, u);
    add(c, x1, u, x1);
  }
  word mask = (word)0 - swapped;
  for (int w = 0; w < W; w++) {
    word d = (x1[w] ^ x2[w]) & mask, e = (z1[w] ^ z2[w]) & mask;
    out[w] = x1[w] ^ d;
    out[W + w] = z1[w] ^ e;
    out[2 * W + w] = x2[w] ^ d;
    out[3 * W + w] = z2[w] ^ e;
  }
}

/* ---- GOST 34.311-95 ------------------------------------------------------------------------- */

static word load64(const uint8_t *p) {
  word v = 0;
  for (int i = 7; i >= 0; i--) v = v << 8 | p[i];
  return v;
}
static void store64(uint8_t *p, word v) {
  for (int i = 0; i < 8; i++) p[i] = (uint8_t)(v >> (8 * i));
}

#define ROUND(x, k)                                                                         \
  (t = (x) + (k), T[t & 255] ^ T[256 + ((t >> 8) & 255)] ^ T[512 + ((t >> 16) & 255)] ^     \
                      T[768 + (t >> 24)])

static word encrypt(const uint32_t *T, const uint32_t *k, word x) {
  uint32_t a = (uint32_t)x, b = (uint32_t)(x >> 32), t;
  for (int r = 0; r < 3; r++)
    for (int i = 0; i < 8; i += 2) {
      b ^= ROUND(a, k[i]);
      a ^= ROUND(b, k[i + 1]);
    }
  for (int i = 7; i >= 0; i -= 2) {
    b ^= ROUND(a, k[i]);
    a ^= ROUND(b, k[i - 1]);
  }
  return (word)a << 32 | b;
}

/* GOST 28147 in CFB needs single blocks; the halves are swapped in the hash's notation. */
void native_gost28147_block(const uint32_t *T, const uint32_t *key, uint8_t *block) {
  store64(block, encrypt(T, key, load64(block)));
}

static void permute(const word *w, uint32_t *k) {
  for (int j = 0; j < 8; j++) {
    uint32_t v = 0;
    for (int i = 0; i < 4; i++) v |= (uint32_t)((w[i] >> (8 * j)) & 255) << (8 * i);
    k[j] = v;
  }
}

static void shift(word *y) {
  word t = y[0] ^ y[1];
  y[0] = y[1];
  y[1] = y[2];
  y[2] = y[3];
  y[3] = t;
}

/* psi applied n times to the 16 words at y; y must have room for n more. */
static uint16_t *psi(uint16_t *y, int n) {
  for (int i = 0; i < n; i++)
    y[i + 16] =
        (uint16_t)(y[i] ^ y[i + 1] ^ y[i + 2] ^ y[i + 3] ^ y[i + 12] ^ y[i + 15]);
  return y + n;
}

static void split(const word *s, uint16_t *y) {
  for (int i = 0; i < 16; i++) y[i] = (uint16_t)(s[i / 4] >> (16 * (i % 4)));
}

static void step(const uint32_t *T, word *H, const word *M) {
  static const word C3[4] = {0xff00ff00ff00ff00ULL, 0x00ff00ff00ff00ffULL, 0xff0000ff00ffff00ULL,
                             0xff00ffff000000ffULL};
  word U[4], V[4], Wd[4], S[4];
  uint32_t k[8];
  uint16_t line[16 + 12 + 1 + 61], part[16], *y = line;
  memcpy(U, H, 32);
  memcpy(V, M, 32);
  for (int i = 0; i < 4; i++) {
    if (i) {
      shift(U);
      if (i == 2)
        for (int j = 0; j < 4; j++) U[j] ^= C3[j];
      shift(V);
      shift(V);
    }
    for (int j = 0; j < 4; j++) Wd[j] = U[j] ^ V[j];
    permute(Wd, k);
    S[i] = encrypt(T, k, H[i]);
  }
  split(S, y);
  y = psi(y, 12);
  split(M, part);
  for (int i = 0; i < 16; i++) y[i] ^= part[i];
  y = psi(y, 1);
  split(H, part);
  for (int i = 0; i < 16; i++) y[i] ^= part[i];
  y = psi(y, 61);
  for (int i = 0; i < 4; i++)
    H[i] = (word)y[4 * i] | (word)y[4 * i + 1] << 16 | (word)y[4 * i + 2] << 32 |
           (word)y[4 * i + 3] << 48;
}

/* Absorb `blocks` whole 32-byte blocks; `sum` (the control sum) may be NULL. */
void native_gost_blocks(const uint32_t *T, uint8_t *state, uint8_t *sum, const uint8_t *data,
                        size_t blocks) {
  word H[4], S[4], M[4];
  for (int i = 0; i < 4; i++) H[i] = load64(state + 8 * i);
  for (int i = 0; i < 4; i++) S[i] = sum ? load64(sum + 8 * i) : 0;
  for (; blocks; blocks--, data += 32) {
    for (int i = 0; i < 4; i++) M[i] = load64(data + 8 * i);
    step(T, H, M);
    word carry = 0;
    for (int i = 0; i < 4; i++) {
      word v = S[i] + carry;
      carry = v < carry;
      S[i] = v + M[i];
      carry += S[i] < v;
    }
  }
  for (int i = 0; i < 4; i++) store64(state + 8 * i, H[i]);
  if (sum)
    for (int i = 0; i < 4; i++) store64(sum + 8 * i, S[i]);
}
