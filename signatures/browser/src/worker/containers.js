// Opening key containers: the bytes and a password in, PKCS#8 keys and certificates out.
// Known by content, never by name: Key-6.dat is sometimes an IIT store and sometimes PKCS#12.

import { codePoints, concat, equal, toUtf16, wipe } from "./bytes.js";
import { asDer, parseCertificate, pemBlocks } from "./certificate.js";
import { NotDer, children, content, expect, head, make, makeOid, makeSequence, NULL } from "./der.js";
import { octets, oid, read, sequence, smallInteger, whole } from "./der.js";
import { decryptTripleDes } from "./des.js";
import { Refusal } from "./errors.js";
import { decryptCfb, decryptEcb, gostHash, gostHmac, gostPbkdf2, iitKey } from "./gost.js";

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
// Which hash an HMAC of PBMAC1 is over.
const HMAC_HASHES = {
  [HMAC_SHA1]: "1.3.14.3.2.26",
  "1.2.840.113549.2.9": "2.16.840.1.101.3.4.2.1",
  "1.2.840.113549.2.10": "2.16.840.1.101.3.4.2.2",
  "1.2.840.113549.2.11": "2.16.840.1.101.3.4.2.3",
};
const SHA1 = "1.3.14.3.2.26";
const GOST_HASH = "1.2.804.2.1.1.1.1.2.1";
const PBMAC1 = "1.2.840.113549.1.5.14";
const AES_CBC = {
  "2.16.840.1.101.3.4.1.2": 16,
  "2.16.840.1.101.3.4.1.22": 24,
  "2.16.840.1.101.3.4.1.42": 32,
};
// Hashes of PKCS#12: block and output in bytes (RFC 7292, appendix B).
const webHash = (name) => async (bytes) => new Uint8Array(await crypto.subtle.digest(name, bytes));
const webHmac = (name) => async (key, data) => {
  const how = { name: "HMAC", hash: name };
  const own = await crypto.subtle.importKey("raw", key, how, false, ["sign"]);
  return new Uint8Array(await crypto.subtle.sign("HMAC", own, data));
};
const web = (name, block, size) => ({ block, size, hash: webHash(name), hmac: webHmac(name) });
const HASHES = {
  [SHA1]: web("SHA-1", 64, 20),
  "2.16.840.1.101.3.4.2.1": web("SHA-256", 64, 32),
  "2.16.840.1.101.3.4.2.2": web("SHA-384", 128, 48),
  "2.16.840.1.101.3.4.2.3": web("SHA-512", 128, 64),
  [GOST_HASH]: {
    block: 32,
    size: 32,
    hash: async (bytes) => gostHash(bytes),
    hmac: async (key, data) => gostHmac(key, data),
  },
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
  let der;
  try {
    const pem = pemBlocks(bytes);
    if (pem) await openPem(pem, secrets, found);
    else if (bytes.length > 12 && magic(bytes) === 0xfeedfeed) await openJks(bytes, secrets, found);
    else if (bytes.length > 4 && magic(bytes) === 0xcececece) throw new Refusal("container-unsupported");
    else await openDer((der = asDer(bytes)), secrets, found);
  } catch (why) {
    wipe(...found.keys);
    if (why instanceof Refusal) throw why;
    if (why instanceof NotDer || why instanceof RangeError || why instanceof TypeError) {
      throw new Refusal(bytes[0] === 0x30 ? "damaged" : "not-a-key");
    }
    throw why;
  } finally {
    wipe(...secrets);
    if (der && der.buffer !== bytes.buffer) wipe(der);
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
    const table = new TextDecoder("windows-1251").decode(Uint8Array.from({ length: 256 }, (_, i) => i));
    const known = new Map(Array.from(table, (letter, code) => [letter.charCodeAt(0), code]));
    const points = codePoints(typed);
    if (points.every((point) => known.has(point))) {
      list.push(Uint8Array.from(points, (point) => known.get(point)));
    }
    wipe(points);
  }
  return list;
}

async function openDer(bytes, secrets, found) {
  const outer = read(bytes);
  const [first, second] = sequence(outer);
  if (first?.tag === 0x02 && second?.tag === 0x30) {
    if (smallInteger(first) === 3) await openPfx(second, sequence(outer)[2], secrets, found);
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
    if (label.endsWith(" PRIVATE KEY")) wipe(der);
  }
}

// PKCS#8 around a key, in one piece: each further copy would have to be wiped.
function wrap(algorithm, key) {
  const version = make(0x02, Uint8Array.of(0));
  const around = head(0x04, key.length);
  const length = version.length + algorithm.length + around.length + key.length;
  return concat(head(0x30, length), version, algorithm, around, key);
}

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
        try {
          return unpad(decryptTripleDes(key, iv, body), 8);
        } finally {
          wipe(key, iv);
        }
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

// PBKDF2 with these parameters: a function of the password. So many bytes come out.
function pbkdf2(params, size) {
  const [saltNode, iterationsNode, ...more] = sequence(params);
  const prfNode = more.find((part) => part.tag === 0x30);
  const prf = prfNode ? oid(sequence(prfNode)[0]) : HMAC_SHA1;
  const salt = octets(saltNode);
  const iterations = smallInteger(iterationsNode);
  const longest = prf === GOST_HMAC ? 32 : 64;
  if (iterations > MOST_ITERATIONS || !(prf === GOST_HMAC || HMACS[prf]) || size > longest) {
    throw new Refusal("container-unsupported");
  }
  return async (secret) => {
    if (prf === GOST_HMAC) {
      const long = gostPbkdf2(secret, salt, iterations);
      const key = Uint8Array.from(long.subarray(0, size));
      wipe(long);
      return key;
    }
    const base = await crypto.subtle.importKey("raw", secret, "PBKDF2", false, ["deriveBits"]);
    const how = { name: "PBKDF2", hash: HMACS[prf], salt, iterations };
    return new Uint8Array(await crypto.subtle.deriveBits(how, base, 8 * size));
  };
}

function pbes2(params, body) {
  const [kdf, scheme] = sequence(params).map(sequence);
  if (oid(kdf[0]) !== PBKDF2) throw new Refusal("container-unsupported");
  const cipher = oid(scheme[0]);
  const size = cipher === GOST_CFB ? 32 : cipher === TRIPLE_DES_CBC ? 24 : AES_CBC[cipher];
  if (!size) throw new Refusal("container-unsupported");
  const derive = pbkdf2(kdf[1], size);
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

// RFC 7292, appendix B.2.
async function pkcs12Kdf(secret, salt, purpose, iterations, length, { block, size, hash } = HASHES[SHA1]) {
  const spelled = toUtf16(secret, 2);
  const fill = (from) =>
    Uint8Array.from({ length: from.length && block * Math.ceil(from.length / block) }, (_, i) => from[i % from.length]);
  const filled = fill(spelled);
  const input = concat(new Uint8Array(block).fill(purpose), fill(salt), filled);
  const out = new Uint8Array(size * Math.ceil(length / size));
  for (let done = 0; done < length; done += size) {
    let digest = await hash(input);
    for (let i = 1; i < iterations; i++) {
      const before = digest;
      digest = await hash(before);
      wipe(before);
    }
    out.set(digest, done);
    const addend = fill(digest).subarray(0, block);
    for (let at = block; at < input.length; at += block) {
      let carry = 1;
      for (let i = block - 1; i >= 0; i--) {
        carry += input[at + i] + addend[i];
        input[at + i] = carry;
        carry >>= 8;
      }
    }
    wipe(digest, addend);
  }
  const key = Uint8Array.from(out.subarray(0, length));
  wipe(spelled, filled, input, out);
  return key;
}

const sha1 = webHash("SHA-1");

// ── PKCS#12 ──────────────────────────────────────────────────────────────────

async function openPfx(authSafe, macData, secrets, found) {
  const [type, wrapped] = sequence(authSafe);
  if (oid(type) !== DATA) throw new Refusal("container-unsupported");
  const safe = octets(children(wrapped)[0]);
  try {
    const genuine = await integrity(macData, safe, secrets);
    try {
      await openSafe(safe, genuine, found);
    } catch (why) {
      // The right password, as the file's own check says: what does not open is broken.
      const known = macData && why instanceof Refusal && why.code === "wrong-password";
      throw known ? new Refusal("damaged") : why;
    }
  } finally {
    if (safe.buffer !== authSafe.bytes.buffer) wipe(safe);
  }
}

// The passwords for which the file's own check of integrity (RFC 7292, 4; RFC 9579) holds; all of
// them when there is none. Raises Refusal: "wrong-password" when none opens anything in it either,
// "damaged" when one does, so that the password is right and the file is not what was written.
async function integrity(macData, safe, secrets) {
  if (!macData) return secrets;
  if (!secrets[0].length) throw new Refusal("no-password");
  const [info, saltNode, roundsNode] = sequence(macData);
  const [algorithm, digestNode] = sequence(info);
  const expected = octets(digestNode);
  const rounds = roundsNode ? smallInteger(roundsNode) : 1;
  if (rounds > MOST_ITERATIONS) throw new Refusal("container-unsupported");
  const mac = macOf(algorithm, octets(saltNode), rounds);
  for (const secret of secrets) {
    if (equal(await mac(secret, safe), expected)) return [secret];
  }
  const opened = { keys: [], certificates: [] };
  try {
    await openSafe(safe, secrets, opened);
  } catch (why) {
    if (why instanceof Refusal) throw why;
  } finally {
    wipe(...opened.keys);
  }
  throw new Refusal("damaged");
}

// How the integrity of this file is computed: a function of password and bytes.
function macOf(algorithm, salt, rounds) {
  const [type, params] = sequence(algorithm);
  const name = oid(type);
  if (name === PBMAC1) {
    const [kdf, scheme] = sequence(params).map(sequence);
    const hash = HASHES[HMAC_HASHES[oid(scheme[0])]];
    if (oid(kdf[0]) !== PBKDF2 || !hash) throw new Refusal("container-unsupported");
    const lengthNode = sequence(kdf[1]).filter((part) => part.tag === 0x02)[1];
    if (!lengthNode) throw new Refusal("container-unsupported");
    const derive = pbkdf2(kdf[1], smallInteger(lengthNode));
    return (secret, data) => keyed(derive(secret), hash, data);
  }
  const hash = HASHES[name];
  if (!hash) throw new Refusal("container-unsupported");
  return (secret, data) => keyed(pkcs12Kdf(secret, salt, 3, rounds, hash.size, hash), hash, data);
}

async function keyed(derived, { hmac }, data) {
  const key = await derived;
  const mac = await hmac(key, data);
  wipe(key);
  return mac;
}

async function openSafe(safe, secrets, found) {
  for (const info of sequence(read(safe))) {
    const [kind, body] = sequence(info);
    const name = oid(kind);
    if (name === DATA) {
      const bags = octets(children(body)[0]);
      await openBags(read(bags), secrets, found);
      if (bags.buffer !== safe.buffer) wipe(bags);
    } else if (name === ENCRYPTED_DATA) {
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
      try {
        await openBags(read(bags), secrets, found);
      } finally {
        wipe(bags);
      }
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
  const password = toUtf16(secret);
  const plain = Uint8Array.from(cipher.subarray(20, cipher.length - 20));
  const joined = concat(password, cipher.subarray(0, 20));
  const block = joined.subarray(password.length);
  for (let at = 0; at < plain.length; at += 20) {
    block.set(await sha1(joined));
    for (let i = 0; i < 20 && at + i < plain.length; i++) plain[at + i] ^= block[i];
  }
  const checked = concat(password, plain);
  const check = await sha1(checked);
  wipe(password, joined, checked);
  if (!equal(check, cipher.subarray(cipher.length - 20))) throw new Refusal("wrong-password");
  return plain;
}
