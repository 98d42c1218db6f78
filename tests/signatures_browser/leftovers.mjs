// Opens a key, signs and closes, in Node, with every typed array of the worker's modules recorded;
// answers which secrets are still in any of them. Stands beside harness.mjs and takes its jobs.
import { readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";

const buffers = new Set();
for (const name of ["Uint8Array", "Uint16Array", "Uint32Array", "Int8Array", "Int32Array"]) {
  const Real = globalThis[name];
  const Recorded = new Proxy(Real, {
    construct(target, parts, made) {
      const array = Reflect.construct(target, parts, made);
      buffers.add(array.buffer);
      return array;
    },
  });
  // Copies that arrays make of themselves (slice, map, filter) come by this door.
  Real.prototype.constructor = Recorded;
  globalThis[name] = Recorded;
}

const load = (name) => import(pathToFileURL(`${process.argv[2]}/${name}.js`));
const { Session } = await load("session");
const { curve } = await load("curves");
const real = (text) => new Uint8Array(Buffer.from(text || "", "base64"));

const found = (secret) => {
  const sought = Buffer.from(secret);
  return [...buffers].some((buffer) => buffer.byteLength >= 8 && Buffer.from(buffer).indexOf(sought) >= 0);
};

const limbs = (bytes) => {
  const out = Buffer.alloc(2 * bytes.length);
  for (let i = 0; i + 1 < bytes.length; i += 2) out.writeUInt32LE(bytes[i] | (bytes[i + 1] << 8), 2 * i);
  return out;
};

const answers = [];
for (const job of JSON.parse(readFileSync(0, "utf8"))) {
  buffers.clear();
  const session = new Session();
  const password = new TextEncoder().encode(job.password);
  await session.open(real(job.file), password, (job.certificates || []).map(real), new Date(job.now));
  const signature = Buffer.from(await session.sign(real(job.content), true, new Date(job.now)), "base64");
  session.close();
  const secrets = { password: Buffer.from(job.password), utf16: Buffer.from(job.password, "utf16le").swap16() };
  if (job.secret) {
    const big = Buffer.from(job.secret, "hex");
    secrets.key = big;
    secrets.mirrored = Buffer.from(big).reverse();
    secrets.limbs = limbs(secrets.mirrored);
  }
  if (job.secret && job.curve !== undefined) {
    // The one-time number: whoever finds it has the key. e = s - d·r
    const { scalars } = curve(job.curve);
    const half = (scalars.bits + 7) >> 3;
    const number = (bytes) => BigInt(`0x${Buffer.from(bytes).reverse().toString("hex")}`);
    const [r, s] = [signature.subarray(-2 * half, -half), signature.subarray(-half)].map(number);
    const n = scalars.n.reduceRight((sum, limb) => (sum << 16n) | BigInt(limb), 0n);
    const e = (((s - BigInt(`0x${job.secret}`) * r) % n) + n) % n;
    const bytes = Buffer.from(e.toString(16).padStart(2 * half, "0"), "hex").reverse();
    secrets.once = bytes;
    secrets.onceLimbs = limbs(bytes);
  }
  for (const [name, derived] of Object.entries(job.derived || {})) secrets[name] = Buffer.from(derived, "hex");
  const left = [];
  for (const [name, secret] of Object.entries(secrets)) {
    // Any twelve bytes of it in a row are too many; sixteen limbs likewise.
    const window = name.toLowerCase().includes("limbs") ? 24 : Math.min(12, secret.length);
    for (let at = 0; at + window <= secret.length; at += 4) {
      if (!found(secret.subarray(at, at + window))) continue;
      left.push(name);
      break;
    }
  }
  answers.push({ ok: true, value: { left, recorded: buffers.size } });
}
process.stdout.write(JSON.stringify(answers));
