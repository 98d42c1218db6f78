// GOST 28147 (ECB, CFB) and the hash GOST 34.311-95, with the substitution table (ДКЕ) that the
// key names; table № 1 where it names none. Tables are packed as in certificates: 64 bytes, two
// values a byte, high half first.

import { fromHex, wipe } from "./bytes.js";

const DKE_1 = fromHex(
  "a9d6eb45f13c708280c4967b231f5eadf658eba4c037291d38d96bf025ca4e17" +
    "f8e9720dc615b43a28975f0bc1dea36438b564ea2c179fd0123e6db8fac57904",
);

// Working memory, allocated once: a password check runs step() sixty thousand times. Whoever put a
// secret through it calls forget().
const U = new Int32Array(8);
const V = new Int32Array(8);
const KEY = new Int32Array(8);
const IO = new Int32Array(2);
const MIX = new Int32Array(16 + 12 + 1 + 61);

const forget = () => wipe(U, V, KEY, IO, MIX);

const known = new Map();

function tables(packed) {
  const sbox = packed?.length === 64 ? packed : DKE_1;
  const name = sbox.join();
  if (known.has(name)) return known.get(name);
  const value = (row, i) => (i & 1 ? sbox[8 * row + (i >> 1)] & 15 : sbox[8 * row + (i >> 1)] >> 4);
  const made = new Int32Array(1024);
  for (let pair = 0; pair < 4; pair++) {
    for (let i = 0; i < 256; i++) {
      const v = ((value(2 * pair + 1, i >> 4) << 4) | value(2 * pair, i & 15)) << (8 * pair);
      made[256 * pair + i] = (v << 11) | (v >>> 21);
    }
  }
  known.set(name, made);
  return made;
}

const FORWARD = Array.from({ length: 32 }, (_, i) => (i < 24 ? i & 7 : 7 - (i & 7)));
const BACKWARD = [...FORWARD].reverse();

// One block: io[0], io[1] in and out; key of eight words at key[at].
function crypt(T, key, order, io) {
  let a = io[0];
  let b = io[1];
  for (let i = 0; i < 32; i += 2) {
    let t = (a + key[order[i]]) | 0;
    b ^= T[t & 255] ^ T[256 + ((t >>> 8) & 255)] ^ T[512 + ((t >>> 16) & 255)] ^ T[768 + (t >>> 24)];
    t = (b + key[order[i + 1]]) | 0;
    a ^= T[t & 255] ^ T[256 + ((t >>> 8) & 255)] ^ T[512 + ((t >>> 16) & 255)] ^ T[768 + (t >>> 24)];
  }
  io[0] = b;
  io[1] = a;
}

const words = (bytes) => {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return Int32Array.from({ length: bytes.length >> 2 }, (_, i) => view.getInt32(4 * i, true));
};

const bytesOf = (list) => {
  const view = new DataView(new ArrayBuffer(4 * list.length));
  list.forEach((word, i) => view.setInt32(4 * i, word, true));
  return new Uint8Array(view.buffer);
};

const view = (bytes) => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);

export function decryptEcb(key, data, dke) {
  const [T, K] = [tables(dke), words(key)];
  const out = new Uint8Array(data.length);
  const [from, to] = [view(data), view(out)];
  for (let at = 0; at + 8 <= data.length; at += 8) {
    IO[0] = from.getInt32(at, true);
    IO[1] = from.getInt32(at + 4, true);
    crypt(T, K, BACKWARD, IO);
    to.setInt32(at, IO[0], true);
    to.setInt32(at + 4, IO[1], true);
  }
  wipe(K, IO);
  return out;
}

export function decryptCfb(key, iv, data, dke) {
  const [T, K] = [tables(dke), words(key)];
  const out = new Uint8Array(data.length);
  let previous = view(iv);
  for (let at = 0; at < data.length; at += 8) {
    IO[0] = previous.getInt32(0, true);
    IO[1] = previous.getInt32(4, true);
    crypt(T, K, FORWARD, IO);
    const block = data.subarray(at, at + 8);
    for (let i = 0; i < block.length; i++) out[at + i] = block[i] ^ (IO[i >> 2] >>> (8 * (i & 3)));
    previous = view(block);
  }
  wipe(K, IO);
  return out;
}

// ── the hash ─────────────────────────────────────────────────────────────────

const C3 = Int32Array.of(
  0xff00ff00, 0xff00ff00, 0x00ff00ff, 0x00ff00ff, 0x00ffff00, 0xff0000ff, 0x000000ff, 0xff00ffff,
);


function shiftA(y) {
  const low = y[0] ^ y[2];
  const high = y[1] ^ y[3];
  y[0] = y[2]; y[1] = y[3]; y[2] = y[4]; y[3] = y[5]; y[4] = y[6]; y[5] = y[7];
  y[6] = low; y[7] = high;
}

// psi, n times, over sixteen 16-bit words at MIX[at]; leaves them at MIX[at + n].
function psi(at, n) {
  for (let i = at; i < at + n; i++) {
    MIX[i + 16] = MIX[i] ^ MIX[i + 1] ^ MIX[i + 2] ^ MIX[i + 3] ^ MIX[i + 12] ^ MIX[i + 15];
  }
}

// H becomes the step function of H and M.
function step(T, H, M) {
  U.set(H);
  V.set(M);
  for (let part = 0; part < 4; part++) {
    if (part) {
      shiftA(U);
      if (part === 2) for (let i = 0; i < 8; i++) U[i] ^= C3[i];
      shiftA(V);
      shiftA(V);
    }
    for (let i = 0; i < 8; i++) {
      // P: word i gathers byte i of each group of eight.
      const shift = 8 * (i & 3);
      const w = i >> 2;
      KEY[i] =
        (((U[w] ^ V[w]) >>> shift) & 255) |
        ((((U[w + 2] ^ V[w + 2]) >>> shift) & 255) << 8) |
        ((((U[w + 4] ^ V[w + 4]) >>> shift) & 255) << 16) |
        ((((U[w + 6] ^ V[w + 6]) >>> shift) & 255) << 24);
    }
    IO[0] = H[2 * part];
    IO[1] = H[2 * part + 1];
    crypt(T, KEY, FORWARD, IO);
    MIX[4 * part] = IO[0] & 0xffff;
    MIX[4 * part + 1] = IO[0] >>> 16;
    MIX[4 * part + 2] = IO[1] & 0xffff;
    MIX[4 * part + 3] = IO[1] >>> 16;
  }
  psi(0, 12);
  for (let i = 0; i < 8; i++) {
    MIX[12 + 2 * i] ^= M[i] & 0xffff;
    MIX[13 + 2 * i] ^= M[i] >>> 16;
  }
  psi(12, 1);
  for (let i = 0; i < 8; i++) {
    MIX[13 + 2 * i] ^= H[i] & 0xffff;
    MIX[14 + 2 * i] ^= H[i] >>> 16;
  }
  psi(13, 61);
  for (let i = 0; i < 8; i++) H[i] = MIX[74 + 2 * i] | (MIX[75 + 2 * i] << 16);
}

function addInto(sum, block) {
  let carry = 0;
  for (let i = 0; i < 8; i++) {
    const total = (sum[i] >>> 0) + (block[i] >>> 0) + carry;
    sum[i] = total;
    carry = total > 0xffffffff ? 1 : 0;
  }
}

function finish(T, H, sum, length) {
  const size = new Int32Array(8);
  size[0] = (length * 8) | 0;
  size[1] = Math.floor(length / 0x20000000);
  step(T, H, size);
  step(T, H, sum);
}

export function gostHash(data, dke) {
  const T = tables(dke);
  const H = new Int32Array(8);
  const sum = new Int32Array(8);
  const from = view(data);
  const block = new Int32Array(8);
  let at = 0;
  for (; at + 32 <= data.length; at += 32) {
    for (let i = 0; i < 8; i++) block[i] = from.getInt32(at + 4 * i, true);
    step(T, H, block);
    addInto(sum, block);
  }
  if (at < data.length) {
    block.fill(0);
    for (let i = 0; at < data.length; i++, at++) block[i >> 2] |= data[at] << (8 * (i & 3));
    step(T, H, block);
    addInto(sum, block);
  }
  finish(T, H, sum, data.length);
  const hash = bytesOf(H);
  wipe(H, sum, block); // passwords are hashed too
  forget();
  return hash;
}

// The block that HMAC begins with: the key, short enough, and each byte changed.
function pad(key, mask) {
  const out = new Uint8Array(32);
  if (key.length > 32) {
    const hash = gostHash(key);
    out.set(hash);
    wipe(hash);
  } else out.set(key);
  for (let i = 0; i < 32; i++) out[i] ^= mask;
  return out;
}

// HMAC over a GOST hash for one 32-byte message after another: the two padded-key blocks are
// hashed once, which makes a password check 2.5 times shorter.
class HmacStates {
  constructor(password) {
    this.T = tables();
    const [inner, outer] = [pad(password, 0x36), pad(password, 0x5c)];
    this.inner = words(inner);
    this.outer = words(outer);
    wipe(inner, outer);
    this.innerState = new Int32Array(8);
    this.outerState = new Int32Array(8);
    step(this.T, this.innerState, this.inner);
    step(this.T, this.outerState, this.outer);
    this.H = new Int32Array(8);
    this.sum = new Int32Array(8);
  }

  half(state, pad, message) {
    this.H.set(state);
    this.sum.set(pad);
    step(this.T, this.H, message);
    addInto(this.sum, message);
    finish(this.T, this.H, this.sum, 64);
    message.set(this.H);
  }

  // message (eight words) becomes its HMAC
  mac(message) {
    this.half(this.innerState, this.inner, message);
    this.half(this.outerState, this.outer, message);
  }

  end() {
    wipe(this.inner, this.outer, this.innerState, this.outerState, this.H, this.sum);
  }
}

export function gostHmac(key, data) {
  const inner = new Uint8Array(32 + data.length);
  const outer = new Uint8Array(64);
  const pads = [pad(key, 0x36), pad(key, 0x5c)];
  inner.set(pads[0]);
  inner.set(data, 32);
  const first = gostHash(inner);
  outer.set(pads[1]);
  outer.set(first, 32);
  const mac = gostHash(outer);
  wipe(...pads, inner, outer, first);
  return mac;
}

// PBKDF2 with HMAC over GOST 34.311; 32 bytes out.
export function gostPbkdf2(password, salt, iterations) {
  const first = new Uint8Array(salt.length + 4);
  first.set(salt);
  first[first.length - 1] = 1;
  const mac = gostHmac(password, first);
  const block = words(mac);
  const sum = Int32Array.from(block);
  const states = new HmacStates(password);
  for (let i = 1; i < iterations; i++) {
    states.mac(block);
    for (let j = 0; j < 8; j++) sum[j] ^= block[j];
  }
  states.end();
  const key = bytesOf(sum);
  wipe(mac, sum, block);
  forget();
  return key;
}

// The key of an IIT container: the password hashed over and over.
export function iitKey(password, times = 10_000) {
  const T = tables();
  const hash = gostHash(password);
  const block = words(hash);
  const H = new Int32Array(8);
  const sum = new Int32Array(8);
  for (let i = 1; i < times; i++) {
    H.fill(0);
    sum.set(block);
    step(T, H, block);
    finish(T, H, sum, 32);
    block.set(H);
  }
  const key = bytesOf(block);
  wipe(hash, block, H, sum);
  forget();
  return key;
}
