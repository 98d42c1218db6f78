// DSTU 4145-2002: signing, and the public key that belongs to a private one.
// Scalars are multiplied by a Montgomery ladder whose number and order of steps does not depend on
// the scalar; signing needs only the x of the point, so y is computed for public keys alone.

import { fromBigInt, reversed, toBigInt, wipe } from "./bytes.js";

// x of k·G as a fraction, and of (k+1)·G: [X1, Z1, X2, Z2].
function ladder(curve, k) {
  const { field: f, base, b, n, orderBits } = curve;
  // A multiple of the order is added so that every scalar has the same number of bits.
  let padded = k + n;
  if (padded.toString(2).length === orderBits) padded += n;
  const bits = padded.toString(2);
  const x = base[0];
  const X1 = Uint32Array.from(x);
  const Z1 = f.element();
  Z1[0] = 1;
  const Z2 = f.square(f.element(), x); // 2·G = (x^4 + b) / x^2
  const X2 = f.add(f.element(), f.square(f.element(), Z2), b);
  const [S, T, M] = [f.element(), f.element(), f.element()];
  for (let i = 1; i < bits.length; i++) {
    const swap = -(bits.charCodeAt(i) & 1);
    exchange(X1, X2, swap);
    exchange(Z1, Z2, swap);
    // second := first + second, whose difference is G
    f.mul(S, X1, Z2);
    f.mul(T, X2, Z1);
    f.mul(M, S, T);
    f.square(Z2, f.add(Z2, S, T));
    f.add(X2, f.mul(X2, x, Z2), M);
    // first := 2 · first
    f.square(S, X1);
    f.square(T, Z1);
    f.mul(Z1, S, T);
    f.square(X1, S);
    f.square(T, T);
    f.add(X1, X1, f.mul(T, T, b));
    exchange(X1, X2, swap);
    exchange(Z1, Z2, swap);
  }
  return [X1, Z1, X2, Z2];
}

function exchange(a, b, mask) {
  for (let i = 0; i < a.length; i++) {
    const different = (a[i] ^ b[i]) & mask;
    a[i] ^= different;
    b[i] ^= different;
  }
}

function randomBelow(n, bits) {
  const bytes = new Uint8Array((bits + 7) >> 3);
  for (;;) {
    crypto.getRandomValues(bytes);
    if (bits & 7) bytes[0] &= (1 << (bits & 7)) - 1;
    const value = toBigInt(bytes);
    if (value > 0n && value < n) {
      wipe(bytes);
      return value;
    }
  }
}

// The signature of a digest: r then s, each little-endian, as CMS carries it.
export function sign(curve, d, digest) {
  const { field: f, n, m, orderBits } = curve;
  // The low m bits of the digest read little-endian; zero is replaced by one (section 5.9).
  const h = f.fromBigInt(toBigInt(reversed(digest)) & ((1n << BigInt(m)) - 1n) || 1n);
  for (;;) {
    const e = randomBelow(n, orderBits);
    const [X, Z] = ladder(curve, e);
    if (f.isZero(Z) || f.isZero(X)) continue;
    const x = f.mul(X, X, f.invert(Z));
    const product = f.toBigInt(f.mul(x, x, h));
    const r = product & ((1n << BigInt(orderBits - 1)) - 1n);
    if (!r) continue;
    const s = (e + d * r) % n;
    if (!s) continue;
    const half = (orderBits + 7) >> 3;
    const signature = new Uint8Array(2 * half);
    signature.set(fromBigInt(r, half).reverse());
    signature.set(fromBigInt(s, half).reverse(), half);
    return signature;
  }
}

// The compressed public key -d·G, little-endian: bit 0 of x gives way to the trace of y/x.
export function publicKey(curve, d) {
  const { field: f, base } = curve;
  const [X1, Z1, X2, Z2] = ladder(curve, d);
  const [x, y] = base;
  const x1 = f.mul(X1, X1, f.invert(Z1));
  if (f.isZero(Z2)) return compressed(curve, x, y); // d = n - 1, so that -d·G is G itself
  const x2 = f.mul(X2, X2, f.invert(Z2));
  // López and Dahab's recovery of y: y1 = (x+x1)((x+x1)(x+x2) + x² + y)/x + y
  const sum = f.add(f.element(), x, x1);
  const inner = f.mul(f.element(), sum, f.add(f.element(), x, x2));
  f.add(inner, inner, f.square(f.element(), x));
  f.add(inner, inner, y);
  const y1 = f.mul(f.element(), f.mul(inner, inner, sum), f.invert(x));
  f.add(y1, y1, y);
  f.add(y1, y1, x1); // the public key is the negative point
  return compressed(curve, x1, y1);
}

function compressed({ field: f, m }, x, y) {
  const trace = f.trace(f.mul(f.element(), y, f.invert(x)));
  return fromBigInt((f.toBigInt(x) & ~1n) | BigInt(trace), (m + 7) >> 3).reverse();
}
