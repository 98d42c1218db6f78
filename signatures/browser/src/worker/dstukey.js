// The parameters that DSTU keys carry, in private keys and in certificates alike.

import { reversed, toBigInt } from "./bytes.js";
import { curveNumber, isCurve } from "./curves.js";
import { children, content, expect, integer, octets, oid, sequence, smallInteger } from "./der.js";
import { Refusal } from "./errors.js";

export const DSTU = "1.2.804.2.1.1.1.1.3.1.1"; // little-endian, polynomial basis
const NAMED = `${DSTU}.2.`;

// SEQUENCE { named curve or explicit parameters, substitution table OPTIONAL }
export function parameters(node) {
  const [which, ...rest] = sequence(node);
  const table = rest.find((part) => part.tag === 0x04);
  return { curve: curveOf(which), dke: table ? Uint8Array.from(octets(table)) : null };
}

function curveOf(node) {
  if (node.tag === 0x06) {
    const name = oid(node);
    const number = name.startsWith(NAMED) ? Number(name.slice(NAMED.length)) : -1;
    if (!isCurve(number)) throw new Refusal("algorithm-unsupported");
    return number;
  }
  const parts = sequence(node);
  if (parts[0].tag === 0xa0) parts.shift(); // version
  const [fieldNode, a, b, n] = parts;
  const [m, middle] = children(expect(fieldNode, 0x30));
  const exponents =
    middle.tag === 0x02 ? [smallInteger(middle)] : sequence(middle).map(smallInteger);
  const number = curveNumber({
    m: smallInteger(m),
    exponents,
    a: smallInteger(a),
    b: toBigInt(reversed(content(expect(b, 0x04)))),
    n: integer(n),
  });
  if (number < 0) throw new Refusal("algorithm-unsupported");
  return number;
}
