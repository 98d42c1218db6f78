// What to do when what was typed, what was sent and what came back differ; without a DOM.

/** @typedef {Record<string, string[]>} Values of a form, by the names of its fields */
/** @typedef {Map<string, string>} Cells of a row, by the names of its columns */
/** @typedef {{row: string, column: string, after: string}} Write */
/** @typedef {Write & {before: string}} Change one step of undo is a list of these */
/** @typedef {Record<string, {version: string, values: Record<string, string>}>} Waiting by row */

/** @type {(one: readonly string[], other: readonly string[]) => boolean} */
export const same = (one, other) => one.length === other.length && one.every((value, at) => value === other[at]);

/**
 * The fields that differ from what the server has.
 * @param {Values} now
 * @param {Values} saved
 * @returns {Values}
 */
export const changed = (now, saved) =>
  Object.fromEntries(Object.entries(now).filter(([name, values]) => !same(values, saved[name] ?? [])));

/**
 * What to do with the copy a browser kept of unsent changes: nothing, put it back, or offer it because
 * somebody changed the same fields meanwhile. `base` is what the server had in these fields.
 * @param {{version: string, changes: Values, base: Values, submitted?: boolean}} kept
 * @param {string} version
 * @param {Values} saved
 * @returns {"drop" | "fill" | "offer"}
 */
export function restoration(kept, version, saved) {
  if (kept.submitted && kept.version !== version) return "drop"; // the form went through and the draft moved on
  const left = Object.keys(changed(kept.changes, saved));
  if (!left.length) return "drop";
  return left.every((name) => same(kept.base[name] ?? [], saved[name] ?? [])) ? "fill" : "offer";
}

/**
 * What stands in a cell after an answer: what waits or is being typed is newer than the answer.
 * @param {{mine: string, theirs: string, waiting: boolean, typing: boolean}} cell
 * @returns {string}
 */
export const standing = ({ mine, theirs, waiting, typing }) => (waiting || typing ? mine : theirs);

/**
 * Cells sent and refused because somebody else wrote the row first, where the two differ.
 * @param {Cells} sent
 * @param {(column: string) => string | undefined} theirs
 * @returns {[column: string, mine: string][]}
 */
export const conflicts = (sent, theirs) =>
  [...sent].filter(([column, mine]) => theirs(column) !== undefined && theirs(column) !== mine);

/**
 * Cells that could not be sent go back among the waiting, under anything typed since.
 * @param {Cells} sent
 * @param {Cells | undefined} since
 * @returns {Cells}
 */
export const unsent = (sent, since) => new Map([...sent, ...(since ?? [])]);

/**
 * The copy to keep in the browser: everything on its way and everything waiting.
 * @param {{row: string, values: Cells} | null} flying
 * @param {Map<string, Cells>} pending
 * @param {(row: string) => string} version
 * @returns {Waiting}
 */
export function copyOf(flying, pending, version) {
  /** @type {Waiting} */
  const waiting = {};
  const rows = flying ? [[flying.row, flying.values], ...pending] : [...pending];
  for (const [row, values] of /** @type {[string, Cells][]} */ (rows))
    waiting[row] = { version: version(row), values: { ...waiting[row]?.values, ...Object.fromEntries(values) } };
  return waiting;
}

/**
 * A kept copy against the page of today: cells to write again, and cells to show as conflicts.
 * @param {Waiting} waiting
 * @param {(row: string) => string | null} version null for a row that is not on the page
 * @param {(row: string, column: string) => string | null} value null for a cell that is not there
 * @returns {{writes: Write[], conflicts: Write[]}}
 */
export function restored(waiting, version, value) {
  /** @type {{writes: Write[], conflicts: Write[]}} */
  const found = { writes: [], conflicts: [] };
  for (const [row, kept] of Object.entries(waiting))
    for (const [column, after] of Object.entries(kept.values)) {
      const now = value(row, column);
      if (now === null || now === after) continue;
      found[version(row) === kept.version ? "writes" : "conflicts"].push({ row, column, after });
    }
  return found;
}

/**
 * What one table became another by: a step of undo for a block that the server wrote.
 * @param {Map<string, Cells>} before cells by row
 * @param {Map<string, Cells>} after
 * @returns {Change[]}
 */
export function differences(before, after) {
  const step = [];
  for (const [row, cells] of after)
    for (const [column, value] of cells) {
      const was = before.get(row)?.get(column) ?? ""; // a row that was not there was empty
      if (was !== value) step.push({ row, column, before: was, after: value });
    }
  return step;
}

/**
 * Cells of a row just entered that nobody has come to yet: empty, with nothing told of them.
 * @param {{name: string, value: string, told: boolean}[]} cells
 * @returns {Set<string>}
 */
export const notReached = (cells) => new Set(cells.filter((one) => !one.value && !one.told).map((one) => one.name));

/** What was done and can be undone; the oldest steps are forgotten. */
export class History {
  /** @param {number} [longest] */
  constructor(longest = 200) {
    this.longest = longest;
    /** @type {Change[][]} */
    this.past = [];
    /** @type {Change[][]} */
    this.future = [];
  }

  /** @param {Change[]} step */
  remember(step) {
    if (!step.length) return;
    this.past.push(step);
    if (this.past.length > this.longest) this.past.shift();
    this.future = [];
  }

  /** @returns {Write[]} */
  undo() {
    const step = this.past.pop();
    if (!step) return [];
    this.future.push(step);
    return step.map(({ row, column, before }) => ({ row, column, after: before }));
  }

  /** @returns {Write[]} */
  redo() {
    const step = this.future.pop();
    if (!step) return [];
    this.past.push(step);
    return step.map(({ row, column, after }) => ({ row, column, after }));
  }
}

/**
 * How long to wait before asking a busy server again, in milliseconds; null when it does not say so.
 * Seconds or a date (RFC 9110, 10.2.3), at least half a second and at most a minute. Up to half as
 * much again is added by chance, so that a school's browsers do not come back all at once.
 * @param {string | null} header Retry-After
 * @param {number} now
 * @param {number} chance from 0 to 1
 * @returns {number | null}
 */
export function pauseOf(header, now, chance) {
  const text = header?.trim();
  if (!text) return null;
  const asked = /^\d+$/.test(text) ? Number(text) * 1000 : Date.parse(text) - now;
  if (Number.isNaN(asked)) return null;
  return Math.round(Math.min(Math.max(asked, 500), 60000) * (1 + chance / 2));
}
