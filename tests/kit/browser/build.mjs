// Unpack the headless Chromium of @sparticuz/chromium (MIT; Chromium itself BSD-3-Clause) with the
// libraries it needs, so that it runs on a machine that has nothing but libc.
// usage: node build.mjs OUT_DIR
import { createReadStream, createWriteStream, chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { join, dirname } from "node:path";
import { createRequire } from "node:module";
import { pipeline } from "node:stream/promises";
import { createBrotliDecompress } from "node:zlib";

const require = createRequire(import.meta.url);
const packed = join(dirname(require.resolve("@sparticuz/chromium")), "..", "bin");
const tar = createRequire(require.resolve("@sparticuz/chromium"))("tar-fs");
const out = process.argv[2];

const unpacked = (name) => [createReadStream(join(packed, name)), createBrotliDecompress()];

mkdirSync(out, { recursive: true });
const program = join(out, "headless_shell");
await pipeline(...unpacked("chromium.br"), createWriteStream(program));
for (const name of ["al2023.tar.br", "fonts.tar.br", "swiftshader.tar.br"]) {
  await pipeline(...unpacked(name), tar.extract(out));
}
chmodSync(program, 0o755);
writeFileSync(
  join(out, "fonts.conf"),
  `<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig><dir prefix="relative">fonts</dir><dir>/usr/share/fonts</dir>
<cachedir prefix="xdg">fontconfig</cachedir></fontconfig>
`,
);
writeFileSync(
  join(out, "chromium"),
  `#!/bin/sh
here=$(dirname "$0")
LD_LIBRARY_PATH="$here/lib" FONTCONFIG_PATH="$here" exec "$here/headless_shell" "$@"
`,
);
chmodSync(join(out, "chromium"), 0o755);
