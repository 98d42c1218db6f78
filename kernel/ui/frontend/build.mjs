// Fonts and scripts for the portal, named as static/ui/ expects them. Run: node build.mjs OUT_DIR
//
// The scripts are modules, twelve of them, each imported by another: over a slow network every step
// of that chain waits. They travel as one.
// All three families are under the SIL Open Font License 1.1; the licence texts go beside the files.
// Plex draws U+02BC (ʼ, the letter apostrophe of Ukrainian names) 600 units wide: «ім ʼ я». One glyph
// cut out of Source Sans 3 (about 1 KB) mends it; aikom.css puts it first for that one character.
import { copyFile, mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { build } from "esbuild";
import subsetFont from "subset-font";

const out = process.argv[2];
const plex = "node_modules/@fontsource-variable/ibm-plex-sans";
const arsenal = "node_modules/@fontsource/arsenal";
const source = "node_modules/@fontsource-variable/source-sans-3";

await mkdir(out, { recursive: true });
const copies = {
  "plex-cyrillic-ext.woff2": `${plex}/files/ibm-plex-sans-cyrillic-ext-wdth-normal.woff2`,
  "plex-latin.woff2": `${plex}/files/ibm-plex-sans-latin-wdth-normal.woff2`,
  "arsenal-cyrillic.woff2": `${arsenal}/files/arsenal-cyrillic-700-normal.woff2`,
  "arsenal-latin.woff2": `${arsenal}/files/arsenal-latin-700-normal.woff2`,
  "plex-OFL.txt": `${plex}/LICENSE`,
  "arsenal-OFL.txt": `${arsenal}/LICENSE`,
  "source-sans-OFL.txt": `${source}/LICENSE`,
};
for (const [name, from] of Object.entries(copies)) {
  await copyFile(from, join(out, name));
}

// What every page shows goes first and light: Cyrillic, ASCII and the signs of Ukrainian texts, of the
// weights and widths that aikom.css asks for. The rest of Latin comes when a page has any of it.
const range = (first, last) => Array.from({ length: last - first + 1 }, (_, at) => String.fromCodePoint(first + at)).join("");
const variationAxes = { wght: { min: 400, max: 700 }, wdth: { min: 85, max: 100 } };
const base = range(0x20, 0x7e) + "\u00a0§«°±·»×\u2009–—‘’“”„•…\u202f−";
const cyrillic = range(0x400, 0x45f) + "\u0301\u0490\u0491\u04b0\u04b1\u2116";
const light = {
  "plex-cyrillic.woff2": [`${plex}/files/ibm-plex-sans-cyrillic-wdth-normal.woff2`, cyrillic, { variationAxes }],
  "plex-base.woff2": [`${plex}/files/ibm-plex-sans-latin-wdth-normal.woff2`, base, { variationAxes }],
  "arsenal-base.woff2": [`${arsenal}/files/arsenal-latin-700-normal.woff2`, base, {}],
};
for (const [name, [from, letters, more]] of Object.entries(light)) {
  await writeFile(join(out, name), await subsetFont(await readFile(from), letters, { targetFormat: "woff2", ...more }));
}

const whole = await readFile(`${source}/files/source-sans-3-latin-wght-normal.woff2`);
const glyph = await subsetFont(whole, "\u02bc", { targetFormat: "woff2" });
await writeFile(join(out, "apostrophe.woff2"), glyph);

await build({
  entryPoints: ["../static/ui/js/main.js"],
  outfile: join(out, "main.js"),
  bundle: true,
  format: "esm",
  minify: true,
  charset: "utf8",
  target: ["chrome109", "firefox115"],
});
