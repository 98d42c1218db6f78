// Fonts for the portal, named as static/ui/aikom.css expects them. Run: node build.mjs OUT_DIR
//
// All three families are under the SIL Open Font License 1.1; the licence texts go beside the files.
// Plex draws U+02BC (ʼ, the letter apostrophe of Ukrainian names) 600 units wide: «ім ʼ я». One glyph
// cut out of Source Sans 3 (about 1 KB) mends it; aikom.css puts it first for that one character.
import { copyFile, mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import subsetFont from "subset-font";

const out = process.argv[2];
const plex = "node_modules/@fontsource-variable/ibm-plex-sans";
const arsenal = "node_modules/@fontsource/arsenal";
const source = "node_modules/@fontsource-variable/source-sans-3";

await mkdir(out, { recursive: true });
const copies = {
  "plex-cyrillic.woff2": `${plex}/files/ibm-plex-sans-cyrillic-wdth-normal.woff2`,
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
const whole = await readFile(`${source}/files/source-sans-3-latin-wght-normal.woff2`);
const glyph = await subsetFont(whole, "\u02bc", { targetFormat: "woff2" });
await writeFile(join(out, "apostrophe.woff2"), glyph);
