// Times of our code and of barvinok in the same process: milliseconds, medians.
import { readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";

globalThis.global ||= globalThis;
globalThis.i = 0; // see second_opinion.mjs
const project = process.argv[2];
const load = (name) => import(pathToFileURL(`${project}/${name}`));
const { Session } = await load("src/worker/session.js");
const { kupyna256 } = await load("src/worker/kupyna.js");
const { gostHash } = await load("src/worker/gost.js");
const { curve } = await load("src/worker/curves.js");
const { sign } = await load("src/worker/dstu4145.js");
const theirs = await load("node_modules/@ugla/barvinok/lib/index.js");
const { algos } = await load("node_modules/@ugla/barvinok-algos/index.js");
const algo = algos();

async function median(times, act) {
  await act();
  const taken = [];
  for (let i = 0; i < times; i++) {
    const began = performance.now();
    await act();
    taken.push(performance.now() - began);
  }
  return taken.sort((a, b) => a - b)[times >> 1];
}

const { file, password } = JSON.parse(readFileSync(0, "utf8"));
const bytes = () => new Uint8Array(Buffer.from(file, "base64"));
const digest = Buffer.from(crypto.getRandomValues(new Uint8Array(32)));
const megabyte = Buffer.alloc(1 << 20, 7);
const d = "1234567890abcdef".repeat(4);
const secret = Uint8Array.from(Buffer.from(d, "hex").reverse());
const priv = theirs.std_curve("DSTU_PB_257").pkey(d, "hex");

const pairs = {
  open_pkcs12: [
    await median(9, () => new Session().open(bytes(), new TextEncoder().encode(password))),
    await median(5, () => new theirs.Box({ algo }).load({ keyBuffers: [Buffer.from(bytes())], password })),
  ],
  sign_m257: [
    await median(30, () => sign(curve(6), secret, digest)),
    await median(20, () => priv.sign(digest, "le")),
  ],
  kupyna_megabyte: [
    await median(5, () => kupyna256(megabyte)),
    await median(1, () => algo.hashes["Dstu7564-256"](megabyte)),
  ],
  gost_megabyte: [
    await median(5, () => gostHash(megabyte)),
    await median(3, () => algo.hashes.Gost34311(megabyte)),
  ],
};
process.stdout.write(JSON.stringify(pairs));
