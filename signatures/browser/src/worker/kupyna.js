// Kupyna-256, the hash of DSTU 7564:2014. Columns are 64-bit; each is kept as two 32-bit halves.

import { fromBase64 } from "./bytes.js";

// The four substitutions of the standard (the same as Kalyna's, DSTU 7624, annex B).
const SBOXES = [
  "qENfBmt1bFlx34eVF/DYCW3zHcvJTSyveeCX/W9LRTk+3aNPtLaaDh+/FeFJ0pPGknKeYdFj+u70GdWtWKS7odzy" +
    "gzdC5HoynMyrSo9uBCcu5+JalhYjK8JlZg+8qUdBNEj8t2qIpVOG+VvbOHvDHiIzJCg2x7I7jne69RSfCFWbTP5g" +
    "XNoYRs19IbA/G4n/64RpOp3X03BnQLXeXTCRsXgRAeUAaJigxQKmdC0Lonazvs69rumKMRzs8ZmUqvYmL+/ojDUD" +
    "1H/7BcFekCA9gvfqCg1++FAaxAdXuDxi48isUmQQ0NkTDBIpUbnP1nONgVTA7U5EpyqFJebKfItWgA==",
  "zrvrkurLE8HpOtay0pAX+EIVVrRlHIhDxVw2uvVXZ40x9mRYnvQiqnUPArHfbXNNfCYu9whdRD6fFMiuVBDYvBpr" +
    "afO9M6v60ZtoThaVke5MY45bzDwZoYFJe9lvN2DK5ytI/ZZF/EESDXnliYzjIDDct2xKtT+X1GItBqSlg18q2skA" +
    "fqJVvxHVnM8OCj1RfZMb/sRHCYYLj51qB7mwmBgycUvvO3Cg5ED/w6nmePmLRoAeOOG4qOAMI3YdJSQF8W6UKJqE" +
    "6KNPd9OF4lLyglB6L3RTs2GvOTXezR+ZrK1yLN3Qh75epuwExgM0+9tZtsIB8Frtp2Yhf4onx8Ap1w==",
  "k9matZgiRfy6at8Cn9xRWUoXK8KU9LujYuRx1M1wFuFJPMDYXJuthVOhesgt4NFypizE43Z4t7QJOw5BTN6ykCWl" +
    "1wMRAMMuku9OEp19yzUQ1U+eTalVxtB7GJfTNuZIVoGPd8ycueKsuC8VpHzaOB4LBdYUbmx+Zv2x5WCvXjOHyfBd" +
    "bT+Ijcf3Hens7YApJ8+ZqFAPNyQoMJXSPltAg7NpVx8HHIq8IOvOjqvuMaJz+co6GvsNwf768m+9lt1DUrYI866+" +
    "GYkyJrDqS2SEgmv1eb8BX3VjGyM9aCpl6JH2/xNY8UcKf8Wn52FaBkZEQgSg2zmGVKqMNCGL+Ax0Zw==",
  "aI3KTXNLTirUUiazVB4ZHyIDRj0tSlODE4q31SV59b1YLw0C7VGeEfI+VV7RFjxmcF3zRUDM6JRWCM4aOtLh37U4" +
    "bg7l9PmG6U/WhSPPMpkxFK7uyEjTMKGSQbEYxCxxckQV/Te+X6qbiNiriZz6YOq8YgwkpqjsZyDbfCjdrFs0fhDx" +
    "e49joAWaQ3chvycJw5+21ynC68Cki4wd+//Bspcu+GX2dQcESTPk2bnQQsdskACOb1ABxdpHP81pouJ6p8aTDwoG" +
    "5iuWoxyvahKEOeewgvf+nYdcgTXetKX8gO/Lu2t2ulp9eAuV4610mDs2ZG3c8FmpTBd/kbjJVxvgYQ==",
].map(fromBase64);

const MDS = [1, 1, 5, 1, 8, 6, 7, 4]; // first row of the circulant matrix

function times(x, y) {
  let product = 0;
  for (; y; y >>= 1) {
    if (y & 1) product ^= x;
    x = x & 0x80 ? (x << 1) ^ 0x11d : x << 1;
  }
  return product;
}

let LOW; // LOW[256 * row + byte]: low half of the column that a byte in this row gives
let HIGH;

function prepare() {
  if (LOW) return;
  LOW = new Int32Array(2048);
  HIGH = new Int32Array(2048);
  for (let row = 0; row < 8; row++) {
    for (let byte = 0; byte < 256; byte++) {
      const s = SBOXES[row & 3][byte];
      let low = 0;
      let high = 0;
      for (let out = 0; out < 8; out++) {
        const v = times(s, MDS[(row - out + 8) & 7]);
        if (out < 4) low |= v << (8 * out);
        else high |= v << (8 * (out - 4));
      }
      LOW[256 * row + byte] = low;
      HIGH[256 * row + byte] = high;
    }
  }
}

const OTHER = new Int32Array(16);

// SubBytes, ShiftBytes and MixColumns of `from` into `into`.
function mix(from, into) {
  for (let column = 0; column < 8; column++) {
    let low = 0;
    let high = 0;
    for (let row = 0; row < 8; row++) {
      const source = from[2 * ((column - row + 8) & 7) + (row >> 2)];
      const at = 256 * row + ((source >>> (8 * (row & 3))) & 255);
      low ^= LOW[at];
      high ^= HIGH[at];
    }
    into[2 * column] = low;
    into[2 * column + 1] = high;
  }
}

// T-xor: P of the standard.
function permuteP(state) {
  for (let round = 0; round < 10; round++) {
    for (let column = 0; column < 8; column++) state[2 * column] ^= (column << 4) ^ round;
    mix(state, OTHER);
    state.set(OTHER);
  }
}

// T-plus: Q of the standard; the constant is added to each column modulo 2^64.
function permuteQ(state) {
  for (let round = 0; round < 10; round++) {
    for (let column = 0; column < 8; column++) {
      const low = (state[2 * column] >>> 0) + 0xf0f0f0f3;
      const constant = (0x00f0f0f0 | (((7 - column) * 16 + round) << 24)) >>> 0;
      state[2 * column] = low;
      state[2 * column + 1] = (state[2 * column + 1] >>> 0) + constant + (low > 0xffffffff ? 1 : 0);
    }
    mix(state, OTHER);
    state.set(OTHER);
  }
}

const P_STATE = new Int32Array(16);
const Q_STATE = new Int32Array(16);

function compress(state, view, at) {
  for (let i = 0; i < 16; i++) {
    Q_STATE[i] = view.getInt32(at + 4 * i, true);
    P_STATE[i] = state[i] ^ Q_STATE[i];
  }
  permuteP(P_STATE);
  permuteQ(Q_STATE);
  for (let i = 0; i < 16; i++) state[i] ^= P_STATE[i] ^ Q_STATE[i];
}

export function kupyna256(data) {
  prepare();
  const state = new Int32Array(16);
  state[0] = 64;
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  let at = 0;
  for (; at + 64 <= data.length; at += 64) compress(state, view, at);
  const rest = data.length - at;
  // 0x80, zeros, and the length in bits as 96 little-endian bits, up to a whole block.
  const tail = new Uint8Array(rest + 13 <= 64 ? 64 : 128);
  tail.set(data.subarray(at));
  tail[rest] = 0x80;
  const end = new DataView(tail.buffer);
  end.setBigUint64(tail.length - 12, BigInt(data.length) * 8n, true);
  for (at = 0; at < tail.length; at += 64) compress(state, end, at);
  P_STATE.set(state);
  permuteP(P_STATE);
  const out = new DataView(new ArrayBuffer(32));
  for (let i = 0; i < 8; i++) out.setInt32(4 * i, state[8 + i] ^ P_STATE[8 + i], true);
  return new Uint8Array(out.buffer);
}
