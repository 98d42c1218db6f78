// Triple DES in CBC (FIPS 46-3), for opening old PKCS#12 files only; WebCrypto has none. Bits are
// array elements: a key file is a few hundred blocks, so clarity costs nothing.

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
].map((box) => box.split(" "));

// The initial permutation: even-numbered bits of each byte first, bytes from last to first.
const INITIAL = Array.from({ length: 64 }, (_, i) => 8 * (7 - (i & 7)) + [2, 4, 6, 8, 1, 3, 5, 7][i >> 3]);

const toBits = (bytes) => Array.from({ length: 8 * bytes.length }, (_, i) => (bytes[i >> 3] >> (7 - (i & 7))) & 1);
const pick = (bits, order) => order.map((place) => bits[place - 1]);

function schedule(key) {
  let bits = pick(toBits(key), PC1);
  return TURNS.map((turns) => {
    const [c, d] = [bits.slice(0, 28), bits.slice(28)];
    bits = [...c.slice(turns), ...c.slice(0, turns), ...d.slice(turns), ...d.slice(0, turns)];
    return pick(bits, PC2);
  });
}

function round(right, subkey) {
  const out = [];
  for (let box = 0; box < 8; box++) {
    const six = Array.from({ length: 6 }, (_, i) => right[(4 * box + i + 31) & 31] ^ subkey[6 * box + i]);
    const row = 2 * six[0] + six[5];
    const column = 8 * six[1] + 4 * six[2] + 2 * six[3] + six[4];
    const value = parseInt(S[box][row][column], 16);
    out.push((value >> 3) & 1, (value >> 2) & 1, (value >> 1) & 1, value & 1);
  }
  return pick(out, P);
}

function crypt(bits, subkeys) {
  const start = pick(bits, INITIAL);
  let [left, right] = [start.slice(0, 32), start.slice(32)];
  for (const subkey of subkeys) {
    const mixed = round(right, subkey);
    [left, right] = [right, left.map((bit, i) => bit ^ mixed[i])];
  }
  const end = [...right, ...left];
  const out = new Array(64);
  INITIAL.forEach((place, i) => (out[place - 1] = end[i]));
  return out;
}

export function decryptTripleDes(key, iv, data) {
  const [k1, k2, k3] = [0, 8, 16].map((at) => schedule(key.subarray(at, at + 8)));
  const [d1, d3] = [[...k1].reverse(), [...k3].reverse()];
  const out = new Uint8Array(data.length);
  let previous = iv;
  for (let at = 0; at + 8 <= data.length; at += 8) {
    const block = data.subarray(at, at + 8);
    const bits = crypt(crypt(crypt(toBits(block), d3), k2), d1);
    bits.forEach((bit, i) => (out[at + (i >> 3)] |= bit << (7 - (i & 7))));
    for (let i = 0; i < 8; i++) out[at + i] ^= previous[i];
    previous = block;
  }
  return out;
}
