// Small helpers over Uint8Array.

export const utf8 = (text) => new TextEncoder().encode(text);

export function concat(...parts) {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

export function equal(a, b) {
  if (a.length !== b.length) return false;
  let different = 0;
  for (let i = 0; i < a.length; i++) different |= a[i] ^ b[i];
  return different === 0;
}

export const toHex = (bytes) => Array.from(bytes, (b) => b.toString(16).padStart(2, "0")).join("");

export function fromHex(text) {
  const bytes = new Uint8Array(text.length / 2);
  for (let i = 0; i < bytes.length; i++) bytes[i] = parseInt(text.slice(2 * i, 2 * i + 2), 16);
  return bytes;
}

export function toBase64(bytes) {
  let text = "";
  for (let at = 0; at < bytes.length; at += 0x8000) {
    text += String.fromCharCode(...bytes.subarray(at, at + 0x8000));
  }
  return btoa(text);
}

export const fromBase64 = (text) => Uint8Array.from(atob(text), (c) => c.charCodeAt(0));

export const reversed = (bytes) => Uint8Array.from(bytes).reverse();

export function toBigInt(bytes) {
  return bytes.length ? BigInt(`0x${toHex(bytes)}`) : 0n;
}

export function fromBigInt(value, length) {
  return fromHex(value.toString(16).padStart(2 * length, "0"));
}

// Where the ASCII words begin at or after `from`; -1 when nowhere.
export function find(bytes, words, from = 0) {
  const sought = utf8(words);
  for (let at = from; at + sought.length <= bytes.length; at++) {
    let i = 0;
    while (i < sought.length && bytes[at + i] === sought[i]) i++;
    if (i === sought.length) return at;
  }
  return -1;
}

const DIGITS = new Int8Array(256).fill(-1);
utf8("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/").forEach(
  (letter, value) => (DIGITS[letter] = value),
);
const SPACES = [9, 10, 13, 32];

// Base64 in bytes to bytes, through no string: a key may be inside. Raises SyntaxError.
export function decodeBase64(letters) {
  const out = new Uint8Array((letters.length * 3) >> 2);
  let [size, held, count, at] = [0, 0, 0, 0];
  for (; at < letters.length && letters[at] !== 0x3d; at++) {
    if (SPACES.includes(letters[at])) continue;
    const value = DIGITS[letters[at]];
    if (value < 0) break;
    held = ((held << 6) | value) & 0xfff;
    count += 6;
    if (count >= 8) {
      count -= 8;
      out[size++] = (held >> count) & 255;
    }
  }
  const rest = letters.subarray(at);
  if (rest.every((letter) => letter === 0x3d || SPACES.includes(letter))) {
    const exact = Uint8Array.from(out.subarray(0, size));
    wipe(out);
    return exact;
  }
  wipe(out);
  throw new SyntaxError("not base64");
}

// The code points of UTF-8, through no string: these are passwords. Whoever asks wipes them.
export function codePoints(bytes) {
  const out = new Uint32Array(bytes.length);
  let size = 0;
  for (let at = 0; at < bytes.length; size++) {
    const lead = bytes[at++];
    const more = lead < 0xc0 ? 0 : lead < 0xe0 ? 1 : lead < 0xf0 ? 2 : 3;
    out[size] = more ? lead & (0x3f >> more) : lead;
    for (let i = 0; i < more; i++) out[size] = (out[size] << 6) | (bytes[at++] & 0x3f);
  }
  return out.subarray(0, size);
}

// UTF-8 as UTF-16, high half first, with so many zero bytes after it.
export function toUtf16(bytes, zeros = 0) {
  const points = codePoints(bytes);
  const long = points.reduce((sum, point) => sum + (point > 0xffff ? 4 : 2), 0);
  const out = new Uint8Array(long + zeros);
  const view = new DataView(out.buffer);
  let at = 0;
  for (const point of points) {
    if (point > 0xffff) {
      view.setUint16(at, 0xd800 + ((point - 0x10000) >> 10));
      at += 2;
    }
    view.setUint16(at, point > 0xffff ? 0xdc00 + ((point - 0x10000) & 0x3ff) : point);
    at += 2;
  }
  wipe(points);
  return out;
}

// Overwrite what must not stay in memory. Strings and BigInts cannot be overwritten in JavaScript:
// they go with the worker, which is why a key lives in a worker that can be ended.
export function wipe(...buffers) {
  for (const buffer of buffers) buffer?.fill(0);
}
