// node build.mjs OUT_DIR: four files for the browser and a manifest with their hashes.
import { createHash } from "node:crypto";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { build } from "esbuild";

const out = process.argv[2];
if (!out) throw new Error("usage: node build.mjs OUT_DIR");

const common = {
  bundle: true,
  minify: true,
  charset: "utf8",
  legalComments: "inline",
  // The floor of the portal: the last browsers that run on Windows 7.
  target: ["chrome109", "firefox115"],
  logLevel: "warning",
};
await build({ ...common, entryPoints: { sign: "src/page/sign.js", agent: "src/page/agent.js", confirm: "src/frame/confirm.js" }, format: "esm", outdir: out });
// A classic script: Firefox 115 has no module workers under a shared worker.
await build({
  ...common,
  entryPoints: { "signer.worker": "src/worker/main.js" },
  format: "iife",
  outdir: out,
});

const manifest = {};
for (const name of ["sign.js", "agent.js", "confirm.js", "signer.worker.js"]) {
  const hash = createHash("sha384").update(await readFile(join(out, name))).digest("base64");
  manifest[name] = `sha384-${hash}`;
}
await writeFile(join(out, "manifest.json"), `${JSON.stringify(manifest, null, 2)}\n`);
