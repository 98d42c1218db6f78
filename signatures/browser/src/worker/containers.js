// Opening key containers: the bytes and a password in, PKCS#8 keys and certificates out.
// Known by content, never by name: Key-6.dat is sometimes an IIT store and sometimes PKCS#12.

import { concat, equal, wipe } from "./bytes.js";
import { asDer, parseCertificate, pemBlocks } from "./certificate.js";
import { NotDer, children, content, expect, make, makeOctets, makeOid, makeSequence, NULL } from "./der.js";
import { octets, oid, read, sequence, smallInteger, whole } from "./der.js";
import { decryptTripleDes } from "./des.js";
import { Refusal } from "./errors.js";
import { decryptCfb, decryptEcb, gostPbkdf2, iitKey } from "./gost.js";

const IIT_STORE = "1.3.6.1.4.1.19398.1.1.1.2";
const PBES2 = "1.2.840.113549.1.5.13";
const PBKDF2 = "1.2.840.113549.1.5.12";
const PKCS12_SHA1_3DES = "1.2.840.113549.1.12.1.3";
const GOST_CFB = "1.2.804.2.1.1.1.1.1.1.3";
const TRIPLE_DES_CBC = "1.2.840.113549.3.7";
const HMAC_SHA1 = "1.2.840.113549.2.7";
const GOST_HMAC = "1.2.804.2.1.1.1.1.1.2";
const HMACS = {
  [HMAC_SHA1]: "SHA-1",
  "1.2.840.113549.2.9": "SHA-256",
  "1.2.840.113549.2.10": "SHA-384",
  "1.2.840.113549.2.11": "SHA-512",
};
const AES_CBC = {
  "2.16.840.1.101.3.4.1.2": 16,
  "2.16.840.1.101.3.4.1.22": 24,
  "2.16.840.1.101.3.4.1.42": 32,
};
const JKS_KEY = "1.3.6.1.4.1.42.2.17.1.1";
const DATA = "1.2.840.113549.1.7.1";
const ENCRYPTED_DATA = "1.2.840.113549.1.7.6";
const BAG = "1.2.840.113549.1.12.10.1.";
const MOST_ITERATIONS = 5_000_000; // more would only ever be an attack on the person's patience

// → {keys: [PKCS#8 bytes], certificates: [parsed]}
export async function openContainer(file, password) {
  if (!file.length) throw new Refusal("file-empty");
  // Some programs write six bytes of their own ("Q…") before the container.
  const bytes = file[0] === 0x51 ? file.subarray(6) : file;
  const found = { keys: [], certificates: [] };
  const secrets = passwords(password);
  try {
    const pem = pemBlocks(bytes);
    if (pem) await openPem(pem, secrets, found);
    else if (bytes.length > 12 && magic(bytes) === 0xfeedfeed) await openJks(bytes, secrets, found);
    else if (bytes.length > 4 && magic(bytes) === 0xcececece) throw new Refusal("container-unsupported");
    else await openDer(asDer(bytes), secrets, found);
  } catch (why) {
    if (why instanceof Refusal) throw why;
    if (why instanceof NotDer || why instanceof RangeError || why instanceof TypeError) {
      throw new Refusal(bytes[0] === 0x30 ? "damaged" : "not-a-key");
    }
    throw why;
  } finally {
    secrets.forEach((secret) => wipe(secret));
  }
  if (!found.keys.length) {
    throw new Refusal(found.certificates.length ? "only-certificate" : "not-a-key");
  }
  return found;
}

const magic = (bytes) => ((bytes[0] << 24) | (bytes[1] << 16) | (bytes[2] << 8) | bytes[3]) >>> 0;

// The password as typed; one with Ukrainian letters was perhaps set in a Windows-1251 program.
function passwords(typed) {
  const list = [Uint8Array.from(typed)];
  if (typed.some((byte) => byte > 127)) {
    const letters = new TextDecoder("utf-8").decode(typed);
    const table = new TextDecoder("windows-1251").decode(Uint8Array.from({ length: 256 }, (_, i) => i));
    const codes = Array.from(letters, (letter) => table.indexOf(letter));
    if (!codes.includes(-1)) list.push(Uint8Array.from(codes));
  }
  return list;
}

async function openDer(bytes, secrets, found) {
  const outer = read(bytes);
  const [first, second] = sequence(outer);
  if (first?.tag === 0x02 && second?.tag === 0x30) {
    if (smallInteger(first) === 3) await openPfx(second, secrets, found);
    else found.keys.push(Uint8Array.from(whole(outer)));
    return;
  }
  if (first?.tag === 0x30 && second?.tag === 0x04) {
    found.keys.push(await decryptKey(outer, secrets));
    return;
  }
  found.certificates.push(parseCertificate(whole(outer)));
}

async function openPem(blocks, secrets, found) {
  for (const { label, der, encrypted } of blocks) {
    if (label === "CERTIFICATE") found.certificates.push(parseCertificate(der));
    else if (encrypted) throw new Refusal("container-unsupported");
    else if (label === "PRIVATE KEY") found.keys.push(der);
    else if (label === "ENCRYPTED PRIVATE KEY") found.keys.push(await decryptKey(read(der), secrets));
    else if (label === "EC PRIVATE KEY") found.keys.push(wrapEc(der));
    else if (label === "RSA PRIVATE KEY") {
      found.keys.push(wrap(makeSequence(makeOid("1.2.840.113549.1.1.1"), NULL), der));
    }
  }
}

const wrap = (algorithm, key) =>
  makeSequence(make(0x02, Uint8Array.of(0)), algorithm, makeOctets(key));

function wrapEc(der) {
  const named = sequence(read(der)).find((part) => part.tag === 0xa0);
  if (!named) throw new Refusal("algorithm-unsupported");
  return wrap(makeSequence(makeOid("1.2.840.10045.2.1"), content(named)), der);
}

// EncryptedPrivateKeyInfo or an IIT store → PKCS#8 bytes.
async function decryptKey(node, secrets) {
  const [algorithm, body] = sequence(node);
  const open = decryptor(algorithm, octets(body));
  return tryEach(secrets, open, (plain) => {
    const inner = read(plain);
    const [version, kind, key] = sequence(inner);
    expect(version, 0x02);
    oid(sequence(kind)[0]);
    expect(key, 0x04);
    // IIT pads to whole blocks: cut what follows the key.
    return Uint8Array.from(whole(inner));
  });
}

// The first password whose plain text is what it should be.
async function tryEach(secrets, open, accept) {
  if (!secrets[0].length) throw new Refusal("no-password");
  for (const secret of secrets) {
    let plain;
    try {
      plain = await open(secret);
      return accept(plain);
    } catch (why) {
      if (why instanceof Refusal && why.code !== "wrong-password") throw why;
    } finally {
      wipe(plain);
    }
  }
  throw new Refusal("wrong-password");
}

// AlgorithmIdentifier and cipher text → a function of the password.
function decryptor(algorithm, body) {
  const [type, params] = sequence(algorithm);
  switch (oid(type)) {
    case IIT_STORE:
      return iitStore(params, body);
    case PBES2:
      return pbes2(params, body);
    case PKCS12_SHA1_3DES: {
      const [salt, iterations] = sequence(params);
      const rounds = smallInteger(iterations);
      if (rounds > MOST_ITERATIONS) throw new Refusal("container-unsupported");
      return async (secret) => {
        const key = await pkcs12Kdf(secret, octets(salt), 1, rounds, 24);
        const iv = await pkcs12Kdf(secret, octets(salt), 2, rounds, 8);
        return unpad(decryptTripleDes(key, iv, body), 8);
      };
    }
    default:
      throw new Refusal("container-unsupported");
  }
}

function iitStore(params, body) {
  const [, padNode] = sequence(params);
  const pad = padNode ? octets(padNode) : new Uint8Array(0);
  return async (secret) => {
    const key = iitKey(secret);
    const plain = decryptEcb(key, concat(body, pad));
    wipe(key);
    return plain.subarray(0, body.length);
  };
}

function pbes2(params, body) {
  const [kdf, scheme] = sequence(params).map(sequence);
  if (oid(kdf[0]) !== PBKDF2) throw new Refusal("container-unsupported");
  const [saltNode, iterationsNode, ...more] = sequence(kdf[1]);
  const prfNode = more.find((part) => part.tag === 0x30);
  const prf = prfNode ? oid(sequence(prfNode)[0]) : HMAC_SHA1;
  const salt = octets(saltNode);
  const iterations = smallInteger(iterationsNode);
  const cipher = oid(scheme[0]);
  if (iterations > MOST_ITERATIONS || !(prf === GOST_HMAC || HMACS[prf])) {
    throw new Refusal("container-unsupported");
  }
  const size = cipher === GOST_CFB ? 32 : cipher === TRIPLE_DES_CBC ? 24 : AES_CBC[cipher];
  if (!size) throw new Refusal("container-unsupported");

  const derive = async (secret) => {
    if (prf === GOST_HMAC) return gostPbkdf2(secret, salt, iterations).subarray(0, size);
    const base = await crypto.subtle.importKey("raw", secret, "PBKDF2", false, ["deriveBits"]);
    const how = { name: "PBKDF2", hash: HMACS[prf], salt, iterations };
    return new Uint8Array(await crypto.subtle.deriveBits(how, base, 8 * size));
  };
  return async (secret) => {
    const key = await derive(secret);
    try {
      if (cipher === GOST_CFB) {
        const [iv, table] = sequence(scheme[1]);
        return decryptCfb(key, octets(iv), body, table && octets(table));
      }
      const iv = octets(scheme[1]);
      if (cipher === TRIPLE_DES_CBC) return unpad(decryptTripleDes(key, iv, body), 8);
      const aes = await crypto.subtle.importKey("raw", key, "AES-CBC", false, ["decrypt"]);
      return new Uint8Array(await crypto.subtle.decrypt({ name: "AES-CBC", iv }, aes, body));
    } finally {
      wipe(key);
    }
  };
}

function unpad(plain, block) {
  const count = plain.at(-1);
  if (!count || count > block || plain.length % block) throw new Refusal("wrong-password");
  return plain.subarray(0, plain.length - count);
}

// RFC 7292, appendix B.2, with SHA-1.
async function pkcs12Kdf(secret, salt, purpose, iterations, length) {
  const letters = new TextDecoder("utf-8").decode(secret);
  const spelled = new Uint8Array(2 * letters.length + 2);
  for (let i = 0; i < letters.length; i++) {
    spelled[2 * i] = letters.charCodeAt(i) >> 8;
    spelled[2 * i + 1] = letters.charCodeAt(i);
  }
  const fill = (from) =>
    Uint8Array.from({ length: from.length && 64 * Math.ceil(from.length / 64) }, (_, i) => from[i % from.length]);
  let input = concat(fill(salt), fill(spelled));
  const out = [];
  while (20 * out.length < length) {
    let digest = concat(new Uint8Array(64).fill(purpose), input);
    for (let i = 0; i < iterations; i++) digest = await sha1(digest);
    out.push(digest);
    const addend = fill(digest);
    input = Uint8Array.from(input);
    for (let at = 0; at < input.length; at += 64) {
      let carry = 1;
      for (let i = 63; i >= 0; i--) {
        carry += input[at + i] + addend[i];
        input[at + i] = carry;
        carry >>= 8;
      }
    }
  }
  wipe(spelled, input);
  return concat(...out).subarray(0, length);
}

const sha1 = async (bytes) => new Uint8Array(await crypto.subtle.digest("SHA-1", bytes));

// ── PKCS#12 ──────────────────────────────────────────────────────────────────

async function openPfx(authSafe, secrets, found) {
  const [type, wrapped] = sequence(authSafe);
  if (oid(type) !== DATA) throw new Refusal("container-unsupported");
  for (const info of sequence(read(octets(children(wrapped)[0])))) {
    const [kind, body] = sequence(info);
    const name = oid(kind);
    if (name === DATA) await openBags(read(octets(children(body)[0])), secrets, found);
    else if (name === ENCRYPTED_DATA) {
      const [, encrypted] = sequence(children(body)[0]);
      const [, algorithm, cipher] = sequence(encrypted);
      const whole = cipher.tag === 0xa0 ? concat(...children(cipher).map(octets)) : content(cipher);
      let open;
      try {
        open = decryptor(algorithm, whole);
      } catch (why) {
        // Certificates under RC2-40, as old programs wrote them: the person adds the .cer file.
        if (why instanceof Refusal) continue;
        throw why;
      }
      const bags = await tryEach(secrets, open, (plain) => {
        sequence(read(plain)).map(sequence);
        return Uint8Array.from(plain);
      });
      await openBags(read(bags), secrets, found);
      wipe(bags);
    }
  }
}

async function openBags(node, secrets, found) {
  for (const bag of sequence(node)) {
    const [type, wrapped] = sequence(bag);
    const [value] = children(expect(wrapped, 0xa0));
    switch (oid(type)) {
      case `${BAG}1`:
        found.keys.push(Uint8Array.from(whole(value)));
        break;
      case `${BAG}2`:
        found.keys.push(await decryptKey(value, secrets));
        break;
      case `${BAG}3`: {
        const [, inner] = sequence(value);
        const der = Uint8Array.from(octets(children(inner)[0]));
        found.certificates.push(parseCertificate(der));
        break;
      }
      case `${BAG}6`:
        await openBags(value, secrets, found);
        break;
      default: // CRLs and secrets of other programs are of no use here
    }
  }
}

// ── Java key store ───────────────────────────────────────────────────────────

class Reader {
  constructor(bytes) {
    this.bytes = bytes;
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.at = 0;
  }

  u16() {
    this.at += 2;
    return this.view.getUint16(this.at - 2);
  }

  u32() {
    this.at += 4;
    return this.view.getUint32(this.at - 4);
  }

  take(length) {
    if (this.at + length > this.bytes.length) throw new RangeError("truncated");
    this.at += length;
    return this.bytes.subarray(this.at - length, this.at);
  }

  skipText() {
    this.take(this.u16());
  }
}

async function openJks(bytes, secrets, found) {
  const reader = new Reader(bytes);
  reader.u32();
  const version = reader.u32();
  if (version !== 1 && version !== 2) throw new Refusal("container-unsupported");
  const certificate = () => {
    if (version === 2) reader.skipText();
    const der = Uint8Array.from(reader.take(reader.u32()));
    found.certificates.push(parseCertificate(der));
  };
  for (let entries = reader.u32(); entries > 0; entries--) {
    const kind = reader.u32();
    reader.skipText();
    reader.take(8); // when it was made
    if (kind === 1) {
      const [algorithm, body] = sequence(read(reader.take(reader.u32())));
      if (oid(sequence(algorithm)[0]) !== JKS_KEY) throw new Refusal("container-unsupported");
      const cipher = octets(body);
      found.keys.push(await tryEach([secrets[0]], (secret) => jksDecrypt(cipher, secret), (p) => Uint8Array.from(p)));
      for (let chain = reader.u32(); chain > 0; chain--) certificate();
    } else if (kind === 2) certificate();
    else throw new RangeError("unknown entry");
  }
}

// Sun's JKS: a key stream of chained SHA-1 over the password in UTF-16, and a SHA-1 check.
async function jksDecrypt(cipher, secret) {
  const letters = new TextDecoder("utf-8").decode(secret);
  const password = new Uint8Array(2 * letters.length);
  for (let i = 0; i < letters.length; i++) {
    password[2 * i] = letters.charCodeAt(i) >> 8;
    password[2 * i + 1] = letters.charCodeAt(i);
  }
  const plain = Uint8Array.from(cipher.subarray(20, cipher.length - 20));
  let block = cipher.subarray(0, 20);
  for (let at = 0; at < plain.length; at += 20) {
    block = await sha1(concat(password, block));
    for (let i = 0; i < 20 && at + i < plain.length; i++) plain[at + i] ^= block[i];
  }
  const check = await sha1(concat(password, plain));
  wipe(password);
  if (!equal(check, cipher.subarray(cipher.length - 20))) throw new Refusal("wrong-password");
  return plain;
}
