// From PKCS#8 bytes to keys that can sign, and the choice of the key and certificate that belong
// together. A key is a plain record, so that it can move from one worker to another:
//   {kind: "dstu", curve, d (little-endian bytes), dke, points: [hex of the public key]}
//   {kind: "ec" | "rsa", hash, cryptoKey (extractable, so that it can be sealed), points}

import { toHex, wipe } from "./bytes.js";
import { curve } from "./curves.js";
import { bits, children, content, makeOctets, makeSequence, makeUnsigned, octets, oid, read, sequence } from "./der.js";
import { publicKey } from "./dstu4145.js";
import { DSTU, parameters } from "./dstukey.js";
import { Refusal } from "./errors.js";
import { gostHash } from "./gost.js";
import { kupyna256 } from "./kupyna.js";

const EC = "1.2.840.10045.2.1";
const RSA = "1.2.840.113549.1.1.1";
const EC_CURVES = {
  "1.2.840.10045.3.1.7": { name: "P-256", hash: "SHA-256", size: 32 },
  "1.3.132.0.34": { name: "P-384", hash: "SHA-384", size: 48 },
  "1.3.132.0.35": { name: "P-521", hash: "SHA-512", size: 66 },
};
// IIT keeps the second key of a pair (key agreement) in attributes of the first.
const IIT_KEY_BITS = "1.3.6.1.4.1.19398.1.1.2.3";
const IIT_KEY_CURVE = "1.3.6.1.4.1.19398.1.1.2.2";

export async function readKeys(pkcs8) {
  const [, algorithm, body, attributes] = sequence(read(pkcs8));
  const [type, params] = sequence(algorithm);
  switch (oid(type)) {
    case DSTU: {
      const named = parameters(params);
      const raw = octets(body);
      const longest = (curve(named.curve).m + 7) >> 3;
      // Most write the number itself (some pad it with zeros to whole words), some an OCTET STRING
      // with the number inside.
      const nested = raw.length > longest && raw[0] === 0x04 && raw[1] === raw.length - 2;
      const d = nested ? octets(read(raw)) : raw;
      const keys = [dstuKey(named, d)];
      const second = attributes?.tag === 0xa0 ? iitSecondKey(attributes) : null;
      return second ? [...keys, second] : keys;
    }
    case EC:
      return [await ecKey(pkcs8, params, body)];
    case RSA:
      return [await rsaKey(pkcs8, body)];
    default:
      throw new Refusal("algorithm-unsupported");
  }
}

function dstuKey({ curve: number, dke }, raw) {
  const { scalars } = curve(number);
  const d = scalars.fromBytes(raw);
  try {
    if (!d || !scalars.usable(d)) throw new Refusal("damaged");
    const points = [toHex(publicKey(curve(number), d))];
    return { kind: "dstu", curve: number, d: Uint8Array.from(raw), dke, points };
  } finally {
    wipe(d);
  }
}

function iitSecondKey(attributes) {
  const found = {};
  for (const attribute of children(attributes)) {
    const [type, values] = sequence(attribute);
    found[oid(type)] = children(values)[0];
  }
  if (!found[IIT_KEY_BITS] || !found[IIT_KEY_CURVE]) return null;
  try {
    // A BIT STRING whose first bit is the lowest: mirrored bytes, little-endian.
    const mirrored = Uint8Array.from(bits(found[IIT_KEY_BITS]), (byte) => {
      let out = 0;
      for (let i = 0; i < 8; i++) out |= ((byte >> i) & 1) << (7 - i);
      return out;
    });
    const key = dstuKey(parameters(found[IIT_KEY_CURVE]), mirrored);
    wipe(mirrored);
    return key;
  } catch {
    return null; // only the first key signs; a strange second one must not stop the person
  }
}

async function ecKey(pkcs8, params, body) {
  const named = params?.tag === 0x06 && EC_CURVES[oid(params)];
  if (!named) throw new Refusal("algorithm-unsupported");
  const how = { name: "ECDSA", namedCurve: named.name };
  const inside = sequence(read(octets(body))).find((part) => part.tag === 0xa1);
  let point;
  if (inside) point = toHex(bits(children(inside)[0]));
  else {
    // The file holds no public half: the browser computes it and writes it into its own form.
    const open = await crypto.subtle.importKey("pkcs8", pkcs8, how, true, ["sign"]);
    const written = new Uint8Array(await crypto.subtle.exportKey("pkcs8", open));
    const [, , octetString] = sequence(read(written));
    const half = sequence(read(octets(octetString))).find((part) => part.tag === 0xa1);
    point = half && toHex(bits(children(half)[0]));
    wipe(written);
    if (!point) throw new Refusal("algorithm-unsupported");
  }
  const cryptoKey = await crypto.subtle.importKey("pkcs8", pkcs8, how, true, ["sign"]);
  return { kind: "ec", hash: named.hash, size: named.size, cryptoKey, points: [point] };
}

async function rsaKey(pkcs8, body) {
  const [, modulus, exponent] = sequence(read(octets(body)));
  const how = { name: "RSASSA-PKCS1-v1_5", hash: "SHA-256" };
  const cryptoKey = await crypto.subtle.importKey("pkcs8", pkcs8, how, true, ["sign"]);
  const point = makeSequence(makeUnsigned(content(modulus)), makeUnsigned(content(exponent)));
  return { kind: "rsa", hash: "SHA-256", cryptoKey, points: [toHex(point)] };
}

// The identifiers under which a provider may list the certificate of this key: GOST 34.311 or, in
// certificates issued since 2026, Kupyna over the public key as it lies in the certificate (SHA-1
// for other algorithms).
export async function keyIdentifiers(key) {
  const bytes = Uint8Array.from(key.points[0].match(/../g), (pair) => parseInt(pair, 16));
  if (key.kind !== "dstu") {
    return [toHex(new Uint8Array(await crypto.subtle.digest("SHA-1", bytes)))];
  }
  const wrapped = makeOctets(bytes);
  const ids = [toHex(gostHash(wrapped)), toHex(kupyna256(wrapped))];
  if (key.dke) ids.push(toHex(gostHash(wrapped, key.dke)));
  return [...new Set(ids)];
}

export function wipeKey(key) {
  wipe(key?.d, key?.dke);
  if (key) key.cryptoKey = undefined;
}

const belongs = (key, { publicKey: known }) =>
  (key.kind === "dstu") === (known.kind === "dstu") &&
  (key.kind !== "dstu" || key.curve === known.curve) &&
  key.points.includes(known.point);

// The key that signs and its certificate: the usage written in the certificate decides, because a
// signature by the key-agreement key would be refused by every verifier. Of several certificates
// the one valid at `now`, then the newest.
export async function choose(keys, certificates, now, added = false) {
  const pairs = [];
  for (const key of keys) {
    for (const certificate of certificates) {
      if (belongs(key, certificate)) pairs.push({ key, certificate });
    }
  }
  const signing = pairs.filter(({ certificate }) => certificate.signs);
  if (!signing.length) {
    const known = new Set(pairs.map(({ key }) => key));
    const open = keys.filter((key) => !known.has(key));
    if (!open.length) throw new Refusal("no-signing-key");
    if (added) throw new Refusal(pairs.length ? "certificate-encryption" : "certificate-foreign");
    const keyIds = (await Promise.all(open.map(keyIdentifiers))).flat();
    throw new Refusal("certificate-missing", { keyIds });
  }
  const valid = ({ certificate: { notBefore, notAfter } }) => notBefore <= now && now < notAfter;
  return signing.sort(
    (a, b) => Number(valid(b)) - Number(valid(a)) || Number(b.certificate.notBefore) - Number(a.certificate.notBefore),
  )[0];
}
