// CAdES-BES (ETSI EN 319 122-1, RFC 5652, RFC 5035): one signer, his certificate inside.

import { concat } from "./bytes.js";
import { curve } from "./curves.js";
import { make, makeOctets, makeOid, makeSequence, makeSetOf, makeTime, makeUnsigned, NULL } from "./der.js";
import { sign as dstuSign } from "./dstu4145.js";
import { gostHash } from "./gost.js";
import { kupyna256 } from "./kupyna.js";

const DATA = "1.2.840.113549.1.7.1";
const SIGNED_DATA = "1.2.840.113549.1.7.2";
const CONTENT_TYPE = "1.2.840.113549.1.9.3";
const MESSAGE_DIGEST = "1.2.840.113549.1.9.4";
const SIGNING_TIME = "1.2.840.113549.1.9.5";
const SIGNING_CERTIFICATE_V2 = "1.2.840.113549.1.9.16.2.47";

const SHA = {
  "SHA-256": { digest: "2.16.840.1.101.3.4.2.1", ecdsa: "1.2.840.10045.4.3.2" },
  "SHA-384": { digest: "2.16.840.1.101.3.4.2.2", ecdsa: "1.2.840.10045.4.3.3" },
  "SHA-512": { digest: "2.16.840.1.101.3.4.2.3", ecdsa: "1.2.840.10045.4.3.4" },
};

// How this key and certificate sign: {digest, signature: object identifiers, hash(), sign(), and
// essHash() where the certificate is hashed otherwise than the content}.
// A certificate that was itself issued with Kupyna asks for Kupyna; the key alone cannot tell.
function suite(key, certificate) {
  if (key.kind === "dstu") {
    const dke = certificate.publicKey.dke || key.dke;
    const sign = async (bytes, hash) => {
      const digest = await hash(bytes);
      return dstuSign(curve(key.curve), key.d, digest);
    };
    return certificate.kupyna
      ? {
          digest: "1.2.804.2.1.1.1.1.2.2.1",
          signature: [makeOid("1.2.804.2.1.1.1.1.3.6.1.1")],
          hash: async (bytes) => kupyna256(bytes),
          sign,
        }
      : {
          digest: "1.2.804.2.1.1.1.1.2.1",
          signature: [makeOid("1.2.804.2.1.1.1.1.3.1.1")],
          hash: async (bytes) => gostHash(bytes, dke),
          // The content is hashed with the signer's own substitution table, the certificate with
          // table № 1: whoever reads it does not know the signer's table yet.
          essHash: async (bytes) => gostHash(bytes),
          sign,
        };
  }
  const names = SHA[key.hash];
  const hash = async (bytes) => new Uint8Array(await crypto.subtle.digest(key.hash, bytes));
  if (key.kind === "rsa") {
    const how = "RSASSA-PKCS1-v1_5";
    return {
      digest: names.digest,
      signature: [makeOid("1.2.840.113549.1.1.1"), NULL],
      hash,
      sign: async (bytes) => new Uint8Array(await crypto.subtle.sign(how, key.cryptoKey, bytes)),
    };
  }
  return {
    digest: names.digest,
    signature: [makeOid(names.ecdsa)],
    hash,
    sign: async (bytes) => {
      const how = { name: "ECDSA", hash: key.hash };
      const raw = new Uint8Array(await crypto.subtle.sign(how, key.cryptoKey, bytes));
      const half = raw.length / 2;
      return makeSequence(makeUnsigned(raw.subarray(0, half)), makeUnsigned(raw.subarray(half)));
    },
  };
}

const attribute = (type, value) => makeSequence(makeOid(type), makeSetOf(value));

// ESSCertIDv2: SHA-256 is the DEFAULT and must stay away in DER; every other hash is named.
async function signingCertificate(certificate, { digest, hash, essHash = hash }) {
  const name = digest === SHA["SHA-256"].digest ? [] : [makeSequence(makeOid(digest))];
  const issuer = makeSequence(make(0xa4, certificate.issuer));
  const id = makeSequence(
    ...name,
    makeOctets(await essHash(certificate.der)),
    makeSequence(issuer, certificate.serial),
  );
  return makeSequence(makeSequence(id));
}

// The DER of a ContentInfo with SignedData over `content` (a Uint8Array).
export async function signCades({ key, certificate, content, detached, at }) {
  const how = suite(key, certificate);
  const attributes = makeSetOf(
    attribute(CONTENT_TYPE, makeOid(DATA)),
    attribute(MESSAGE_DIGEST, makeOctets(await how.hash(content))),
    attribute(SIGNING_TIME, makeTime(at)),
    attribute(SIGNING_CERTIFICATE_V2, await signingCertificate(certificate, how)),
  );
  // Signed as SET OF (0x31); carried as [0] IMPLICIT, which only changes the tag.
  const signature = await how.sign(attributes, how.hash);
  const carried = concat(Uint8Array.of(0xa0), attributes.subarray(1));
  const signer = makeSequence(
    makeUnsigned(Uint8Array.of(1)),
    makeSequence(certificate.issuer, certificate.serial),
    makeSequence(makeOid(how.digest)),
    carried,
    makeSequence(...how.signature),
    makeOctets(signature),
  );
  const encapsulated = detached
    ? makeSequence(makeOid(DATA))
    : makeSequence(makeOid(DATA), make(0xa0, makeOctets(content)));
  const signedData = makeSequence(
    makeUnsigned(Uint8Array.of(1)),
    makeSetOf(makeSequence(makeOid(how.digest))),
    encapsulated,
    make(0xa0, certificate.der),
    makeSetOf(signer),
  );
  return makeSequence(makeOid(SIGNED_DATA), make(0xa0, signedData));
}
