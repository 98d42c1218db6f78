// Unsent changes kept in this browser until the server has them. School computers are shared, so a
// copy lives only while it is needed: it is removed when saved, on signing out, and after a week.
const PREFIX = "ak-unsent:";
const WEEK = 7 * 24 * 3600 * 1000;

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
export function keep(key, content) {
  try {
    storage()?.setItem(PREFIX + key, JSON.stringify({ ...content, at: Date.now() }));
  } catch {
    // the quota is full: the page itself still holds what was typed
  }
}

/**
 * The copy under a key, or null; the caller knows the shape, which only it writes.
 * @param {string} key
 * @returns {any}
 */
export function read(key) {
  const raw = storage()?.getItem(PREFIX + key);
  if (!raw) return null;
  try {
    const content = JSON.parse(raw);
    if (Date.now() - content.at < WEEK) return content;
  } catch {
    // not ours or broken
  }
  drop(key);
  return null;
}

/** @param {string} key */
export const drop = (key) => storage()?.removeItem(PREFIX + key);

export function keys() {
  const box = storage();
  return box ? Object.keys(box).filter((key) => key.startsWith(PREFIX)) : [];
}

/**
 * Keys of the copies that begin so.
 * @param {string} start
 */
export const names = (start) => keys().map((key) => key.slice(PREFIX.length)).filter((key) => key.startsWith(start));

/** Remove copies older than a week, whatever page they belong to. */
export function sweep() {
  for (const key of keys()) read(key.slice(PREFIX.length));
}

export const clear = () => keys().forEach((key) => storage()?.removeItem(key));
