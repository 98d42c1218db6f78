// Numbers modulo the order of a curve, as 16-bit limbs, lowest first: unlike a BigInt they can be
// overwritten, and the number of steps depends on the curve alone. Keys and the one-time numbers of
// signatures live in these.

import { wipe } from "./bytes.js";

export class Scalars {
  // n: the order, a BigInt
  constructor(n) {
    this.bits = n.toString(2).length;
    this.size = ((this.bits + 2) >> 4) + 1; // 3·n fits
    this.n = Uint32Array.from({ length: this.size }, (_, i) => Number((n >> BigInt(16 * i)) & 0xffffn));
    this.scratch = new Uint32Array(this.size);
  }

  // From little-endian bytes; null when the number takes more room than any below the order.
  fromBytes(bytes) {
    const out = new Uint32Array(this.size);
    let beyond = 0;
    for (let i = 0; i < bytes.length; i++) {
      if (i >> 1 < this.size) out[i >> 1] |= bytes[i] << (8 * (i & 1));
      else beyond |= bytes[i];
    }
    if (!beyond) return out;
    wipe(out);
    return null;
  }

  // Little-endian bytes, so many.
  toBytes(a, length) {
    return Uint8Array.from({ length }, (_, i) => (a[i >> 1] >>> (8 * (i & 1))) & 255);
  }

  bit(a, i) {
    return (a[i >> 4] >>> (i & 15)) & 1;
  }

  // Is it one of 1 … n - 1?
  usable(a) {
    let any = 0;
    for (let i = 0; i < this.size; i++) any |= a[i];
    const below = this.subtract(this.scratch, a, this.n);
    this.scratch.fill(0);
    return any !== 0 && below === 1;
  }

  // out = a + (mask & b)
  add(out, a, b, mask = 0xffff) {
    let carry = 0;
    for (let i = 0; i < this.size; i++) {
      const sum = a[i] + (b[i] & mask) + carry;
      out[i] = sum & 0xffff;
      carry = sum >>> 16;
    }
    return out;
  }

  // out = a - b; answers 1 when b was the greater.
  subtract(out, a, b) {
    let borrow = 0;
    for (let i = 0; i < this.size; i++) {
      const left = a[i] - b[i] - borrow;
      out[i] = left & 0xffff;
      borrow = left < 0 ? 1 : 0;
    }
    return borrow;
  }

  // a = a mod n, for a below 2·n.
  reduce(a) {
    const under = this.subtract(this.scratch, a, this.n);
    const keep = -under & 0xffff; // all ones when a is already below n
    for (let i = 0; i < this.size; i++) a[i] = (a[i] & keep) | (this.scratch[i] & ~keep & 0xffff);
    return a;
  }

  // a · b + c mod n
  multiplyAdd(a, b, c) {
    const out = new Uint32Array(this.size);
    for (let i = this.bits - 1; i >= 0; i--) {
      this.reduce(this.add(out, out, out));
      this.reduce(this.add(out, out, a, -this.bit(b, i) & 0xffff));
    }
    this.reduce(this.add(out, out, c));
    this.scratch.fill(0);
    return out;
  }

  // A number from 1 to n - 1, each as likely.
  random() {
    const bytes = new Uint8Array((this.bits + 7) >> 3);
    for (;;) {
      crypto.getRandomValues(bytes);
      if (this.bits & 7) bytes[bytes.length - 1] &= (1 << (this.bits & 7)) - 1;
      const found = this.fromBytes(bytes);
      if (this.usable(found)) {
        wipe(bytes);
        return found;
      }
    }
  }

  // a plus once or twice the order: the same number of bits, bits + 1, for every a.
  padded(a) {
    const out = this.add(new Uint32Array(this.size), a, this.n);
    return this.add(out, out, this.n, -(this.bit(out, this.bits) ^ 1) & 0xffff);
  }
}
