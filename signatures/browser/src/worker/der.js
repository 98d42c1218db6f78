// Reading DER (and the indefinite-length BER that some containers use) and writing DER.
// A node is {tag, start, from, to, end, bytes}: the element is bytes[start, end), its contents
// bytes[from, to). Nothing is copied until asked.

import { concat, toBigInt } from "./bytes.js";

export class NotDer extends Error {}

const DEEPEST = 32;

export function read(bytes, start = 0, limit = bytes.length, depth = 0) {
  if (depth > DEEPEST || start + 2 > limit) throw new NotDer();
  const tag = bytes[start];
  if ((tag & 31) === 31) throw new NotDer(); // long tags occur in none of the formats read here
  let at = start + 1;
  let length = bytes[at++];
  if (length === 0x80) {
    if (!(tag & 0x20)) throw new NotDer();
    let inner = at;
    for (;;) {
      if (inner + 2 > limit) throw new NotDer();
      if (bytes[inner] === 0 && bytes[inner + 1] === 0) break;
      inner = read(bytes, inner, limit, depth + 1).end;
    }
    return { tag, start, from: at, to: inner, end: inner + 2, bytes };
  }
  if (length > 0x80) {
    let count = length & 0x7f;
    if (count > 4 || at + count > limit) throw new NotDer();
    length = 0;
    while (count--) length = length * 256 + bytes[at++];
  }
  if (at + length > limit) throw new NotDer();
  return { tag, start, from: at, to: at + length, end: at + length, bytes };
}

export function children(node) {
  const list = [];
  for (let at = node.from; at < node.to; ) {
    const child = read(node.bytes, at, node.to);
    list.push(child);
    at = child.end;
  }
  return list;
}

export const content = (node) => node.bytes.subarray(node.from, node.to);
export const whole = (node) => node.bytes.subarray(node.start, node.end);

export function expect(node, tag) {
  if (!node || node.tag !== tag) throw new NotDer();
  return node;
}

export const sequence = (node) => children(expect(node, 0x30));

// OCTET STRING contents, also of the constructed form that BER producers write.
export function octets(node) {
  if (node?.tag === 0x24) return concat(...children(node).map(octets));
  return content(expect(node, 0x04));
}

export function oid(node) {
  const bytes = content(expect(node, 0x06));
  const arcs = [];
  let value = 0n;
  for (const byte of bytes) {
    value = (value << 7n) | BigInt(byte & 0x7f);
    if (!(byte & 0x80)) {
      arcs.push(value);
      value = 0n;
    }
  }
  if (!arcs.length) throw new NotDer();
  const first = arcs[0] < 80n ? arcs[0] / 40n : 2n;
  return [first, arcs[0] - 40n * first, ...arcs.slice(1)].join(".");
}

export const integer = (node) => toBigInt(content(expect(node, 0x02)));
export const smallInteger = (node) => Number(integer(node));

export function bits(node) {
  const bytes = content(expect(node, 0x03));
  if (!bytes.length) throw new NotDer();
  return bytes.subarray(1);
}

const DECODERS = { 0x1e: "utf-16be", 0x0c: "utf-8", 0x14: "utf-8", 0x13: "utf-8", 0x16: "utf-8" };

export function text(node) {
  if (!(node.tag in DECODERS)) return "";
  return new TextDecoder(DECODERS[node.tag]).decode(content(node)).replace(/\0+$/, "").trim();
}

export function time(node) {
  const digits = String.fromCharCode(...content(node));
  const parts = /^(\d{2}|\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)?Z$/.exec(digits);
  if (!parts || (node.tag !== 0x17 && node.tag !== 0x18)) throw new NotDer();
  let [year, month, day, hours, minutes, seconds] = parts.slice(1).map((part) => Number(part ?? 0));
  if (node.tag === 0x17) year += year < 50 ? 2000 : 1900;
  return new Date(Date.UTC(year, month - 1, day, hours, minutes, seconds));
}

// ── writing ──────────────────────────────────────────────────────────────────

// The tag and length of an element whose contents take so many bytes.
export function head(tag, length) {
  if (length < 0x80) return Uint8Array.of(tag, length);
  const size = [];
  for (let n = length; n; n = Math.floor(n / 256)) size.unshift(n % 256);
  return Uint8Array.of(tag, 0x80 | size.length, ...size);
}

export function make(tag, ...parts) {
  return concat(head(tag, parts.reduce((sum, part) => sum + part.length, 0)), ...parts);
}

export const makeSequence = (...parts) => make(0x30, ...parts);
export const makeOctets = (bytes) => make(0x04, bytes);
export const NULL = Uint8Array.of(5, 0);

export function makeOid(dotted) {
  const [first, second, ...rest] = dotted.split(".").map(BigInt);
  const bytes = [];
  for (let arc of [40n * first + second, ...rest]) {
    const group = [Number(arc & 0x7fn)];
    while ((arc >>= 7n)) group.unshift(Number(arc & 0x7fn) | 0x80);
    bytes.push(...group);
  }
  return make(0x06, Uint8Array.from(bytes));
}

// A non-negative INTEGER from big-endian bytes.
export function makeUnsigned(bytes) {
  let from = 0;
  while (from < bytes.length - 1 && bytes[from] === 0) from++;
  const trimmed = bytes.subarray(from);
  return make(0x02, trimmed[0] & 0x80 ? concat(Uint8Array.of(0), trimmed) : trimmed);
}

// DER orders the members of a SET OF by their encodings (X.690, 11.6).
export function makeSetOf(...members) {
  const sorted = [...members].sort((a, b) => {
    for (let i = 0; i < Math.min(a.length, b.length); i++) if (a[i] !== b[i]) return a[i] - b[i];
    return a.length - b.length;
  });
  return make(0x31, ...sorted);
}

export function makeTime(date) {
  const year = date.getUTCFullYear();
  const digits = date.toISOString().replace(/[-:T]/g, "").slice(0, 14);
  // RFC 5652, 11.3: UTCTime through 2049, GeneralizedTime from then on.
  return year < 2050
    ? make(0x17, new TextEncoder().encode(`${digits.slice(2)}Z`))
    : make(0x18, new TextEncoder().encode(`${digits}Z`));
}
