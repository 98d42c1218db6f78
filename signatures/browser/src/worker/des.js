// Triple DES in CBC (FIPS 46-3), for opening old PKCS#12 files only; WebCrypto has none. Bits are
// array elements: a key file is a few hundred blocks, so clarity costs nothing.

import { wipe } from "./bytes.js";

// prettier-ignore
const PC1 = [57,49,41,33,25,17,9,1,58,50,42,34,26,18,10,2,59,51,43,35,27,19,11,3,60,52,44,36,
  63,55,47,39,31,23,15,7,62,54,46,38,30,22,14,6,61,53,45,37,29,21,13,5,28,20,12,4];
// prettier-ignore
const PC2 = [14,17,11,24,1,5,3,28,15,6,21,10,23,19,12,4,26,8,16,7,27,20,13,2,
  41,52,31,37,47,55,30,40,51,45,33,48,44,49,39,56,34,53,46,42,50,36,29,32];
// prettier-ignore
const P = [16,7,20,21,29,12,28,17,1,15,23,26,5,18,31,10,2,8,24,14,32,27,3,9,19,13,30,6,22,11,4,25];
const TURNS = [1, 1, 2, 2, 2, 2, 2, 2, 1, 2, 2, 2, 2, 2, 2, 1];
// Each row of each box as sixteen hexadecimal digits.
const S = [
  "e4d12fb83a6c5907 0f74e2d1a6cb9538 41e8d62bfc973a50 fc8249175b3ea06d",
  "f18e6b34972dc05a 3d47f28ec01a69b5 0e7ba4d158c6932f d8a13f42b67c05e9",
  "a09e63f51dc7b428 d709346a285ecbf1 d6498f30b12c5ae7 1ad069874fe3b52c",
  "7de3069a1285bc4f d8b56f03472c1ae9 a690cb7df13e5284 3f06a1d8945bc72e",
  "2c417ab6853fd0e9 eb2c47d150fa3986 421bad78f9c5630e b8c71e2d6f09a453",
  "c1af92680d34e75b af427c9561de0b38 9ef528c3704a1db6 432c95fabe17608d",
  "4b2ef08d3c975a61 d0b7491ae35c2f86 14bdc37eaf680592 6bd814a7950fe23c",
  "d2846fb1a93e50c7 1fd8a374c56b0e92 7b419ce206adf358 21e74a8dfc90356b",
];
const BOXES = S.map((box) => box.split(" ").map((row) => Uint8Array.from(row, (digit) => parseInt(digit, 16))));

// The initial permutation: even-numbered bits of each byte first, bytes from last to first.
const INITIAL = Array.from({ length: 64 }, (_, i) => 8 * (7 - (i & 7)) + [2, 4, 6, 8, 1, 3, 5, 7][i >> 3]);

// The bits of bytes, and bits by their places (from one), each into an array made before.
function spread(into, bytes) {
  for (let i = 0; i < 8 * bytes.length; i++) into[i] = (bytes[i >> 3] >> (7 - (i & 7))) & 1;
}
function pick(into, bits, order) {
  for (let i = 0; i < order.length; i++) into[i] = bits[order[i] - 1];
}

// The sixteen subkeys of 48 bits, one after another.
function schedule(key) {
  const [bits, halves, turned] = [new Uint8Array(64), new Uint8Array(56), new Uint8Array(56)];
  const out = new Uint8Array(16 * 48);
  spread(bits, key);
  pick(halves, bits, PC1);
  TURNS.forEach((turns, number) => {
    for (let i = 0; i < 28; i++) {
      turned[i] = halves[(i + turns) % 28];
      turned[28 + i] = halves[28 + ((i + turns) % 28)];
    }
    halves.set(turned);
    pick(out.subarray(48 * number, 48 * number + 48), halves, PC2);
  });
  wipe(bits, halves, turned);
  return out;
}

// Working memory of crypt(): both halves of a block, what a round makes, its output.
const START = new Uint8Array(64);
const BOXED = new Uint8Array(32);
const MIXED = new Uint8Array(32);

function round(right, subkey) {
  for (let box = 0; box < 8; box++) {
    let six = 0;
    for (let i = 0; i < 6; i++) six = (six << 1) | (right[(4 * box + i + 31) & 31] ^ subkey[6 * box + i]);
    const value = BOXES[box][(six >> 4) & 2 | six & 1][(six >> 1) & 15];
    for (let i = 0; i < 4; i++) BOXED[4 * box + i] = (value >> (3 - i)) & 1;
  }
  pick(MIXED, BOXED, P);
}

// One block of bits, in place; backwards decrypts.
function crypt(bits, subkeys, backwards) {
  pick(START, bits, INITIAL);
  const [left, right] = [START.subarray(0, 32), START.subarray(32)];
  for (let number = 0; number < 16; number++) {
    const at = 48 * (backwards ? 15 - number : number);
    round(right, subkeys.subarray(at, at + 48));
    for (let i = 0; i < 32; i++) {
      const bit = left[i] ^ MIXED[i];
      left[i] = right[i];
      right[i] = bit;
    }
  }
  INITIAL.forEach((place, i) => (bits[place - 1] = START[(i + 32) & 63]));
}

export function decryptTripleDes(key, iv, data) {
  const [k1, k2, k3] = [0, 8, 16].map((at) => schedule(key.subarray(at, at + 8)));
  const out = new Uint8Array(data.length);
  const bits = new Uint8Array(64);
  let previous = iv;
  for (let at = 0; at + 8 <= data.length; at += 8) {
    const block = data.subarray(at, at + 8);
    spread(bits, block);
    crypt(bits, k3, true);
    crypt(bits, k2, false);
    crypt(bits, k1, true);
    bits.forEach((bit, i) => (out[at + (i >> 3)] |= bit << (7 - (i & 7))));
    for (let i = 0; i < 8; i++) out[at + i] ^= previous[i];
    previous = block;
  }
  wipe(k1, k2, k3, bits, START, BOXED, MIXED);
  return out;
}
