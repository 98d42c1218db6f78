// GOST 28147 (ECB, CFB) and the hash GOST 34.311-95, with the substitution table (ДКЕ) that the
// key names; table № 1 where it names none. Tables are packed as in certificates: 64 bytes, two
// values a byte, high half first.

import { fromHex, wipe } from "./bytes.js";

const DKE_1 = fromHex(
  "a9d6eb45f13c708280c4967b231f5eadf658eba4c037291d38d96bf025ca4e17" +
    "f8e9720dc615b43a28975f0bc1dea36438b564ea2c179fd0123e6db8fac57904",
);

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

export function decryptEcb(key, data, dke) {
  const [T, K] = [tables(dke), words(key)];
  const out = new Uint8Array(data.length);
  for (let at = 0; at + 8 <= data.length; at += 8) {
    const io = words(data.subarray(at, at + 8));
    crypt(T, K, BACKWARD, io);
    out.set(bytesOf(io), at);
  }
  wipe(K);
  return out;
}

export function decryptCfb(key, iv, data, dke) {
  const [T, K] = [tables(dke), words(key)];
  const out = new Uint8Array(data.length);
  let previous = iv;
  for (let at = 0; at < data.length; at += 8) {
    const io = words(previous);
    crypt(T, K, FORWARD, io);
    const gamma = bytesOf(io);
    const block = data.subarray(at, at + 8);
    for (let i = 0; i < block.length; i++) out[at + i] = block[i] ^ gamma[i];
    previous = block;
  }
  wipe(K);
  return out;
}

// ── the hash ─────────────────────────────────────────────────────────────────

const C3 = Int32Array.of(
  0xff00ff00, 0xff00ff00, 0x00ff00ff, 0x00ff00ff, 0x00ffff00, 0xff0000ff, 0x000000ff, 0xff00ffff,
);

// Working memory of step(), allocated once: a password check runs it sixty thousand times.
const U = new Int32Array(8);
const V = new Int32Array(8);
const KEY = new Int32Array(8);
const IO = new Int32Array(2);
const MIX = new Int32Array(16 + 12 + 1 + 61);

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
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  const block = new Int32Array(8);
  let at = 0;
  for (; at + 32 <= data.length; at += 32) {
    for (let i = 0; i < 8; i++) block[i] = view.getInt32(at + 4 * i, true);
    step(T, H, block);
    addInto(sum, block);
  }
  if (at < data.length) {
    const last = new Uint8Array(32);
    last.set(data.subarray(at));
    block.set(words(last));
    step(T, H, block);
    addInto(sum, block);
  }
  finish(T, H, sum, data.length);
  return bytesOf(H);
}

// HMAC over a GOST hash for one 32-byte message after another: the two padded-key blocks are
// hashed once, which makes a password check 2.5 times shorter.
class HmacStates {
  constructor(password) {
    this.T = tables();
    const key = new Uint8Array(32);
    key.set(password.length > 32 ? gostHash(password) : password);
    this.inner = words(key.map((b) => b ^ 0x36));
    this.outer = words(key.map((b) => b ^ 0x5c));
    this.innerState = new Int32Array(8);
    this.outerState = new Int32Array(8);
    step(this.T, this.innerState, this.inner);
    step(this.T, this.outerState, this.outer);
    this.H = new Int32Array(8);
    this.sum = new Int32Array(8);
    wipe(key);
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
  const padded = new Uint8Array(32);
  padded.set(key.length > 32 ? gostHash(key) : key);
  const inner = new Uint8Array(32 + data.length);
  inner.set(padded.map((b) => b ^ 0x36));
  inner.set(data, 32);
  const outer = new Uint8Array(64);
  outer.set(padded.map((b) => b ^ 0x5c));
  outer.set(gostHash(inner), 32);
  const mac = gostHash(outer);
  wipe(padded, inner, outer);
  return mac;
}

// PBKDF2 with HMAC over GOST 34.311; 32 bytes out.
export function gostPbkdf2(password, salt, iterations) {
  const first = new Uint8Array(salt.length + 4);
  first.set(salt);
  first[first.length - 1] = 1;
  const block = words(gostHmac(password, first));
  const sum = Int32Array.from(block);
  const states = new HmacStates(password);
  for (let i = 1; i < iterations; i++) {
    states.mac(block);
    for (let j = 0; j < 8; j++) sum[j] ^= block[j];
  }
  states.end();
  const key = bytesOf(sum);
  wipe(sum, block);
  return key;
}

// The key of an IIT container: the password hashed over and over.
export function iitKey(password, times = 10_000) {
  const T = tables();
  const block = words(gostHash(password));
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
  wipe(block, H, sum);
  return key;
}
