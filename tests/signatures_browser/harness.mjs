// Runs the worker's own modules in Node for the tests: a list of jobs in, a list of answers out.
import { readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";

const source = process.argv[2];
const load = (name) => import(pathToFileURL(`${source}/${name}.js`));
const { Session } = await load("session");
const { gostHash } = await load("gost");
const { kupyna256 } = await load("kupyna");
const { curve } = await load("curves");
const { sign, publicKey } = await load("dstu4145");
const { Idle } = await load("idle");
const { toHex, fromHex } = await load("bytes");

const bytes = (text) => new Uint8Array(Buffer.from(text || "", "base64"));

async function open(job) {
  const session = new Session();
  const started = performance.now();
  const files = (job.certificates || []).map(bytes);
  const certificate = await session.open(
    bytes(job.file),
    new TextEncoder().encode(job.password),
    files,
    new Date(job.now),
  );
  return { session, certificate, took: performance.now() - started };
}

const actions = {
  async sign(job) {
    const { session, certificate, took } = await open(job);
    const at = new Date(job.now);
    const signature = await session.sign(bytes(job.content), job.detached !== false, at);
    return { certificate, signature, took };
  },
  async hashes({ data }) {
    return { gost: toHex(gostHash(bytes(data))), kupyna: toHex(kupyna256(bytes(data))) };
  },
  async dstu({ number, d, digest }) {
    const secret = fromHex(d.padStart(d.length + (d.length & 1), "0")).reverse();
    const signature = sign(curve(number), secret, fromHex(digest));
    const { scalars } = curve(number);
    return { signature: toHex(signature), key: toHex(publicKey(curve(number), scalars.fromBytes(secret))) };
  },
  // Minutes after the last use at which a kept key was looked for, and whether it was still there.
  async idle({ used, asked }) {
    let minute = 0;
    let open = true;
    const idle = new Idle(
      () => (open = false),
      () => minute * 60_000,
    );
    for (minute of used) idle.touch();
    minute = asked;
    idle.check();
    clearTimeout(idle.timer);
    return { open };
  },
  // Every truncation and many single-byte changes of a file: which codes are answered.
  async damage(job) {
    const whole = bytes(job.file);
    const codes = {};
    const attempt = async (file) => {
      const left = { ...job, file: Buffer.from(file).toString("base64") };
      const code = await open(left).then(
        () => "opened",
        (why) => why.code || `CRASH ${why.name}: ${why.message}`,
      );
      codes[code] = (codes[code] || 0) + 1;
    };
    for (let size = 0; size < whole.length; size += job.step) await attempt(whole.subarray(0, size));
    for (let at = 0; at < whole.length; at += job.step) {
      const changed = Uint8Array.from(whole);
      changed[at] ^= [0x01, 0x80, 0xff][at % 3];
      await attempt(changed);
    }
    return codes;
  },
};

const answers = [];
for (const job of JSON.parse(readFileSync(0, "utf8"))) {
  try {
    answers.push({ ok: true, value: await actions[job.do](job) });
  } catch (why) {
    const crash = why.code ? undefined : why.stack;
    answers.push({ ok: false, code: why.code || "CRASH", more: why.more, crash });
  }
}
process.stdout.write(JSON.stringify(answers));
