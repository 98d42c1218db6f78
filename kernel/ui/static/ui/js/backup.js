// Unsent changes kept in this browser until the server has them. School computers are shared: a copy
// belongs to who is signed in, and lives only while it is needed: it is removed when saved, on signing
// out, and after a week.
const PREFIX = "ak-unsent:";
const WEEK = 7 * 24 * 3600 * 1000;

const mine = () => `${PREFIX}${document.querySelector('meta[name="ak-who"]')?.getAttribute("content") ?? ""}:`;

/** @returns {Storage | null} */
function storage() {
  try {
    return window.localStorage;
  } catch {
    return null; // storage is forbidden by the browser's policy; saving to the server still works
  }
}

/**
 * @param {string} key
 * @param {object} content
 */
export const keep = (key, content) => rewrite(mine() + key, content);

/**
 * The copy under a key, or null; the caller knows the shape, which only it writes.
 * @param {string} key
 * @returns {any}
 */
export const read = (key) => load(mine() + key);

/** @param {string} key */
export const drop = (key) => erase(mine() + key);

// ── by whole keys, whoever's ──
/**
 * @param {string} key
 * @param {object} content
 */
export function rewrite(key, content) {
  try {
    storage()?.setItem(key, JSON.stringify({ ...content, at: Date.now() }));
  } catch {
    // the quota is full: the page itself still holds what was typed
  }
}

/** @param {string} key */
export const erase = (key) => storage()?.removeItem(key);

/**
 * @param {string} key
 * @param {string} start
 */
export const isOwn = (key, start) => key.startsWith(mine() + start);

/**
 * @param {string} key
 * @returns {any}
 */
function load(key) {
  const raw = storage()?.getItem(key);
  if (!raw) return null;
  try {
    const content = JSON.parse(raw);
    if (Date.now() - content.at < WEEK) return content;
  } catch {
    // not ours or broken
  }
  erase(key);
  return null;
}

export function keys() {
  const box = storage();
  return box ? Object.keys(box).filter((key) => key.startsWith(PREFIX)) : [];
}

/** Every copy in this browser under its whole key; those older than a week are removed. */
export const everybodys = () => keys().map((key) => /** @type {[string, any]} */ ([key, load(key)])).filter(([, kept]) => kept);

export const clear = () => keys().forEach(erase);
