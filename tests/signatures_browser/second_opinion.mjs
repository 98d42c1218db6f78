// barvinok, an independent implementation: opens a container, verifies our signature,
// opens our enveloped messages and seals its own.
import { readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";

globalThis.global ||= globalThis;
globalThis.i = 0; // its util.js assigns an undeclared `i`, which modules forbid
const modules = process.argv[2];
const load = (name) => import(pathToFileURL(`${modules}/@ugla/${name}`));
const jk = await load("barvinok/lib/index.js");
const { default: Message } = await load("barvinok/lib/models/Message.js");
const { algos } = await load("barvinok-algos/index.js");

const job = JSON.parse(readFileSync(0, "utf8"));
const bytes = (text) => Buffer.from(text, "base64");
const algo = algos();
const answer = {};
if (job.file) {
  const box = new jk.Box({ algo });
  box.load({ keyBuffers: [bytes(job.file)], password: job.password });
  answer.keys = box.keys.map(({ keyid }) => keyid).sort();
}
if (job.signature) {
  const message = new Message(bytes(job.signature));
  const signer = message.info.signerInfos[0];
  const [certificate] = message.info.certificate.map((ob) => new jk.Certificate(ob));
  const hash = algo.hashes[job.hash];
  const raw = bytes(job.attributes);
  answer.verified = certificate.pubkey.verify(hash(raw), signer.encryptedDigest, "le");
  answer.contentDigest = hash(bytes(job.content)).toString("hex");
}
if (job.envelope) {
  const { message, key, sender } = job.envelope;
  const priv = jk.Priv.from_asn1(bytes(key));
  const found = jk.Certificate.from_asn1(bytes(sender));
  answer.opened = new Message(bytes(message)).decrypt(priv, algo, () => found).toString("base64");
}
if (job.seal) {
  const { content, key, sender, recipient } = job.seal;
  const message = new Message({
    type: "envelopedData",
    data: bytes(content),
    crypter: jk.Priv.from_asn1(bytes(key)),
    cert: jk.Certificate.from_asn1(bytes(sender)),
    toCert: jk.Certificate.from_asn1(bytes(recipient)),
    algo,
  });
  answer.sealed = message.as_asn1().toString("base64");
}
process.stdout.write(JSON.stringify(answer));
