// GF(2^m) over a trinomial or pentanomial; an element is a Uint32Array, lowest word first.

const SPREAD = Uint16Array.from({ length: 256 }, (_, byte) => {
  let spread = 0;
  for (let bit = 0; bit < 8; bit++) spread |= ((byte >> bit) & 1) << (2 * bit);
  return spread;
});

export class Field {
  constructor(m, exponents) {
    this.m = m;
    this.size = (m + 31) >> 5;
    this.terms = [...exponents, 0];
    this.double = new Uint32Array(2 * this.size + 1);
    this.table = Array.from({ length: 16 }, () => new Uint32Array(this.size + 1));
  }

  element() {
    return new Uint32Array(this.size);
  }

  fromBigInt(value) {
    const out = this.element();
    for (let i = 0; i < this.size; i++) out[i] = Number((value >> BigInt(32 * i)) & 0xffffffffn);
    return out;
  }

  toBigInt(a) {
    let value = 0n;
    for (let i = this.size - 1; i >= 0; i--) value = (value << 32n) | BigInt(a[i]);
    return value;
  }

  isZero(a) {
    let any = 0;
    for (let i = 0; i < this.size; i++) any |= a[i];
    return any === 0;
  }

  add(out, a, b) {
    for (let i = 0; i < this.size; i++) out[i] = a[i] ^ b[i];
    return out;
  }

  // this.double, reduced, into out. The middle exponents of all standard curves lie more than a
  // word below m, so a word folded down never reaches itself.
  reduce(out) {
    const { double: c, m, size, terms } = this;
    for (let i = 2 * size - 1; i >= size; i--) this.fold(c[i], 32 * i - m, c, terms);
    const spare = m & 31;
    if (spare) {
      const top = c[size - 1] >>> spare;
      c[size - 1] &= (1 << spare) - 1;
      this.fold(top, 0, c, terms);
    }
    for (let i = 0; i < size; i++) out[i] = c[i];
    return out;
  }

  fold(word, position, c, terms) {
    for (let t = 0; t < terms.length; t++) {
      const at = position + terms[t];
      const shift = at & 31;
      c[at >> 5] ^= word << shift;
      if (shift) c[(at >> 5) + 1] ^= word >>> (32 - shift);
    }
  }

  mul(out, a, b) {
    const { size, double: c, table } = this;
    // table[i] = b times the polynomial whose coefficients are the bits of i
    table[1].set(b);
    table[1][size] = 0;
    for (let i = 2; i < 16; i += 2) {
      const [half, even, odd] = [table[i >> 1], table[i], table[i + 1]];
      let carry = 0;
      for (let j = 0; j <= size; j++) {
        even[j] = (half[j] << 1) | carry;
        carry = half[j] >>> 31;
        odd[j] = even[j] ^ table[1][j];
      }
    }
    c.fill(0);
    for (let shift = 28; shift >= 0; shift -= 4) {
      for (let i = 0; i < size; i++) {
        const row = table[(a[i] >>> shift) & 15];
        for (let j = 0; j <= size; j++) c[i + j] ^= row[j];
      }
      if (!shift) break;
      for (let j = 2 * size; j > 0; j--) c[j] = (c[j] << 4) | (c[j - 1] >>> 28);
      c[0] <<= 4;
    }
    return this.reduce(out);
  }

  square(out, a) {
    const c = this.double;
    for (let i = 0; i < this.size; i++) {
      const w = a[i];
      c[2 * i] = SPREAD[w & 255] | (SPREAD[(w >>> 8) & 255] << 16);
      c[2 * i + 1] = SPREAD[(w >>> 16) & 255] | (SPREAD[w >>> 24] << 16);
    }
    c[2 * this.size] = 0;
    return this.reduce(out);
  }

  // a^(2^m - 2), by the chain of Itoh and Tsujii: the same steps for every a.
  invert(a) {
    const power = Uint32Array.from(a); // a^(2^k - 1)
    const shifted = this.element();
    let k = 1;
    for (const bit of (this.m - 1).toString(2).slice(1)) {
      shifted.set(power);
      for (let i = 0; i < k; i++) this.square(shifted, shifted);
      this.mul(power, shifted, power);
      k *= 2;
      if (bit === "1") {
        this.square(power, power);
        this.mul(power, power, a);
        k += 1;
      }
    }
    shifted.fill(0);
    return this.square(power, power);
  }

  // Forget what the last multiplications left in working memory.
  wipe() {
    this.double.fill(0);
    this.table.forEach((row) => row.fill(0));
  }

  trace(a) {
    const power = Uint32Array.from(a);
    const sum = Uint32Array.from(a);
    for (let i = 1; i < this.m; i++) {
      this.square(power, power);
      this.add(sum, sum, power);
    }
    return sum[0] & 1;
  }
}
