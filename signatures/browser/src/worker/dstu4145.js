// DSTU 4145-2002: signing, and the public key that belongs to a private one.
// Scalars are multiplied by a Montgomery ladder whose number and order of steps does not depend on
// the scalar; signing needs only the x of the point, so y is computed for public keys alone.

import { fromBigInt, reversed, toBigInt, wipe } from "./bytes.js";

// x of k·G as a fraction, and of (k+1)·G: [X1, Z1, X2, Z2]. Whoever is given them wipes them: they
// tell something of k.
function ladder(curve, k) {
  const { field: f, base, b, scalars } = curve;
  const padded = scalars.padded(k);
  const x = base[0];
  const X1 = Uint32Array.from(x);
  const Z1 = f.element();
  Z1[0] = 1;
  const Z2 = f.square(f.element(), x); // 2·G = (x^4 + b) / x^2
  const X2 = f.add(f.element(), f.square(f.element(), Z2), b);
  const [S, T, M] = [f.element(), f.element(), f.element()];
  for (let i = scalars.bits - 1; i >= 0; i--) {
    const swap = -scalars.bit(padded, i);
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
  wipe(padded, S, T, M);
  return [X1, Z1, X2, Z2];
}

function exchange(a, b, mask) {
  for (let i = 0; i < a.length; i++) {
    const different = (a[i] ^ b[i]) & mask;
    a[i] ^= different;
    b[i] ^= different;
  }
}

// The signature of a digest by d (little-endian bytes): r then s, each little-endian, as CMS
// carries it.
export function sign(curve, d, digest) {
  const { field: f, m, scalars } = curve;
  const half = (scalars.bits + 7) >> 3;
  // The low m bits of the digest read little-endian; zero is replaced by one (section 5.9).
  const h = f.fromBigInt(toBigInt(reversed(digest)) & ((1n << BigInt(m)) - 1n) || 1n);
  const key = scalars.fromBytes(d);
  for (;;) {
    const e = scalars.random();
    const secrets = [e];
    try {
      const points = ladder(curve, e);
      const [X, Z] = points;
      const inverse = f.invert(Z);
      secrets.push(...points, inverse);
      if (f.isZero(Z) || f.isZero(X)) continue;
      const x = f.mul(f.element(), X, inverse);
      const product = f.toBigInt(f.mul(x, x, h));
      const r = product & ((1n << BigInt(scalars.bits - 1)) - 1n);
      if (!r) continue;
      const first = fromBigInt(r, half).reverse();
      const s = scalars.multiplyAdd(key, scalars.fromBytes(first), e);
      if (s.every((limb) => limb === 0)) continue;
      const signature = new Uint8Array(2 * half);
      signature.set(first);
      signature.set(scalars.toBytes(s, half), half);
      wipe(key);
      return signature;
    } finally {
      wipe(...secrets);
      f.wipe();
    }
  }
}

// The compressed public key -d·G (d a scalar), little-endian: bit 0 of x gives way to the trace of y/x.
export function publicKey(curve, d) {
  const { field: f, base } = curve;
  const points = ladder(curve, d);
  const [X1, Z1, X2, Z2] = points;
  const [inverse1, inverse2] = [f.invert(Z1), f.invert(Z2)];
  const [x, y] = base;
  const x1 = f.mul(f.element(), X1, inverse1);
  const x2 = f.mul(f.element(), X2, inverse2);
  const last = f.isZero(Z2);
  wipe(...points, inverse1, inverse2);
  f.wipe();
  if (last) return compressed(curve, x, y); // d = n - 1, so that -d·G is G itself
  // López and Dahab's recovery of y: y1 = (x+x1)((x+x1)(x+x2) + x² + y)/x + y
  const sum = f.add(f.element(), x, x1);
  const inner = f.mul(f.element(), sum, f.add(f.element(), x, x2));
  f.add(inner, inner, f.square(f.element(), x));
  f.add(inner, inner, y);
  const y1 = f.mul(f.element(), f.mul(inner, inner, sum), f.invert(x));
  f.add(y1, y1, y);
  f.add(y1, y1, x1); // the public key is the negative point
  wipe(x2); // of (d+1)·G
  return compressed(curve, x1, y1);
}

function compressed({ field: f, m }, x, y) {
  const trace = f.trace(f.mul(f.element(), y, f.invert(x)));
  return fromBigInt((f.toBigInt(x) & ~1n) | BigInt(trace), (m + 7) >> 3).reverse();
}
