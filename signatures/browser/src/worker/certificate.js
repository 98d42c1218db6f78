// Reading certificates: what signing needs and what the person is shown. Trust is not judged here;
// the server does that.

import { decodeBase64, find, toHex } from "./bytes.js";
import { bits, children, content, expect, oid, octets, read, sequence, text, time, whole } from "./der.js";
import { DSTU, parameters } from "./dstukey.js";

const KUPYNA_SIGNATURE = "1.2.804.2.1.1.1.1.3.6.1.1";
const SDA = "2.5.29.9";
const SDA_EDRPOU = "1.2.804.2.1.1.1.11.1.4.2.1";
const SDA_RNOKPP = "1.2.804.2.1.1.1.11.1.4.1.1";
const QUALIFIED = ["0.4.0.1862.1.1", "1.2.804.2.1.1.1.2.1"];

const NAMES = {
  "2.5.4.3": "commonName",
  "2.5.4.4": "surname",
  "2.5.4.42": "givenName",
  "2.5.4.5": "serialNumber",
  "2.5.4.10": "organization",
  "2.5.4.12": "title",
  "2.5.4.97": "organizationIdentifier",
};

function names(node) {
  const found = {};
  for (const set of sequence(node)) {
    for (const pair of children(expect(set, 0x31))) {
      const [type, value] = sequence(pair);
      const name = NAMES[oid(type)];
      if (name && !found[name]) found[name] = text(value);
    }
  }
  return found;
}

function publicKeyOf(node) {
  const [algorithm, key] = sequence(node);
  const [type, params] = sequence(algorithm);
  const name = oid(type);
  if (name === DSTU) {
    const octetString = octets(read(bits(key)));
    return { kind: "dstu", point: toHex(octetString), ...parameters(params) };
  }
  return { kind: "other", point: toHex(bits(key)) };
}

export function parseCertificate(der) {
  const outer = read(der);
  const [tbs, algorithm, signature] = sequence(outer);
  if (!signature || signature.tag !== 0x03) throw new TypeError("not a certificate");
  const parts = sequence(tbs);
  if (parts[0].tag === 0xa0) parts.shift();
  const [serial, , issuer, validity, subject, spki, ...rest] = parts;
  const [notBefore, notAfter] = sequence(validity).map(time);
  const extensions = {};
  const list = rest.find((part) => part.tag === 0xa3);
  for (const extension of list ? sequence(children(list)[0]) : []) {
    const fields = sequence(extension);
    extensions[oid(fields[0])] = octets(fields.at(-1));
  }
  const usage = extensions["2.5.29.15"] ? bits(read(extensions["2.5.29.15"]))[0] || 0 : 0xc0;
  return {
    der: whole(outer),
    issuer: whole(issuer),
    serial: whole(serial),
    serialBytes: content(serial),
    issuerNames: names(issuer),
    subjectNames: names(subject),
    notBefore,
    notAfter,
    publicKey: publicKeyOf(spki),
    kupyna: oid(sequence(algorithm)[0]) === KUPYNA_SIGNATURE,
    signs: (usage & 0xc0) !== 0, // digitalSignature or nonRepudiation
    extensions,
  };
}

function directoryAttributes(der) {
  const found = {};
  if (!der) return found;
  for (const attribute of sequence(read(der))) {
    const [type, values] = sequence(attribute);
    found[oid(type)] = text(children(values)[0]);
  }
  return found;
}

function isQualified(der) {
  if (!der) return false;
  return sequence(read(der)).some((statement) => QUALIFIED.includes(oid(sequence(statement)[0])));
}

const after = (prefix, value) => (value?.startsWith(prefix) ? value.slice(prefix.length) : "");

// What the person sees before signing.
export function describe(certificate) {
  const { subjectNames: subject, issuerNames: issuer, extensions } = certificate;
  const attributes = directoryAttributes(extensions[SDA]);
  const full = [subject.surname, subject.givenName].filter(Boolean).join(" ");
  return {
    name: full || subject.commonName || subject.organization || "",
    rnokpp: attributes[SDA_RNOKPP] || after("TINUA-", subject.serialNumber),
    edrpou: attributes[SDA_EDRPOU] || after("NTRUA-", subject.organizationIdentifier),
    organization: subject.organization || "",
    title: subject.title || "",
    issuer: issuer.commonName || issuer.organization || "",
    serial: toHex(certificate.serialBytes).toUpperCase(),
    notBefore: certificate.notBefore.toISOString(),
    notAfter: certificate.notAfter.toISOString(),
    qualified: isQualified(extensions["1.3.6.1.5.5.7.1.3"]),
  };
}

// Every certificate in a file: DER, PEM, bare base64, or a PKCS#7 bag (.p7b). Throws when none.
export function readCertificates(bytes) {
  const found = [];
  for (const der of derBlocks(bytes, /CERTIFICATE|PKCS7/)) {
    const node = read(der);
    const first = children(node)[0];
    if (first?.tag === 0x06) {
      const [signedData] = children(children(node)[1]);
      const bag = children(signedData).find((part) => part.tag === 0xa0);
      found.push(...children(bag).map((item) => parseCertificate(whole(item))));
    } else {
      found.push(parseCertificate(der));
    }
  }
  if (!found.length) throw new TypeError("no certificates");
  return found;
}

// [{label, encrypted, der}] of a PEM file; null when the bytes are not PEM. Keys come so too, so
// nothing of a body passes through a string.
export function pemBlocks(bytes) {
  if (find(bytes, "-----BEGIN ") < 0) return null;
  const blocks = [];
  for (let at = find(bytes, "-----BEGIN "); at >= 0; at = find(bytes, "-----BEGIN ", at + 11)) {
    const line = find(bytes, "-----", at + 11);
    const label = new TextDecoder("latin1").decode(bytes.subarray(at + 11, Math.max(at + 11, line)));
    if (!/^[A-Z0-9 ]+$/.test(label)) continue;
    const end = find(bytes, `-----END ${label}-----`, line);
    if (end < 0) continue;
    const body = bytes.subarray(line + 5, end);
    const encrypted = find(body, "Proc-Type") >= 0;
    blocks.push({ label, encrypted, der: body.includes(0x3a) ? null : decodeBase64(body) });
  }
  return blocks;
}

// Bytes that may be DER or its bare base64.
export function asDer(bytes) {
  if (bytes[0] !== 0x4d) return bytes; // base64 of 0x30 0x8… begins with M
  try {
    return decodeBase64(bytes);
  } catch {
    return bytes;
  }
}

function derBlocks(bytes, labels) {
  const blocks = pemBlocks(bytes);
  if (!blocks) return [asDer(bytes)];
  return blocks.filter(({ label, der }) => der && labels.test(label)).map(({ der }) => der);
}
