// Where things are in a table of cells, without a DOM: moving, choosing, filling, blocks of a clipboard.
// A table is its visible rows from top to bottom. What is visible is what is walked and filled.

/** @typedef {{row: string, column: string}} Place a cell by the id of its row and the name of its column */
/** @typedef {{id: string, columns: string[]}} Line a visible row and its cells that can be written */

/** @type {(one: Place, other: Place) => boolean} */
export const samePlace = (one, other) => one.row === other.row && one.column === other.column;

/**
 * The next cell of the same column, `step` rows on; rows where it cannot be written are passed over.
 * @param {Line[]} lines
 * @param {Place} from
 * @param {1 | -1} step
 * @returns {Place | null}
 */
export function vertical(lines, from, step) {
  const start = lines.findIndex((line) => line.id === from.row);
  if (start < 0) return null;
  for (let at = start + step; at >= 0 && at < lines.length; at += step)
    if (lines[at].columns.includes(from.column)) return { row: lines[at].id, column: from.column };
  return null;
}

/**
 * The next cell in reading order: from the end of a row to the beginning of the next.
 * @param {Line[]} lines
 * @param {Place} from
 * @param {1 | -1} step
 * @returns {Place | null}
 */
export function horizontal(lines, from, step) {
  const every = lines.flatMap((line) => line.columns.map((column) => ({ row: line.id, column })));
  const at = every.findIndex((place) => samePlace(place, from));
  return at < 0 ? null : (every[at + step] ?? null);
}

/**
 * The first cell of the first row (-1) or the last cell of the last (1).
 * @param {Line[]} lines
 * @param {1 | -1} side
 * @returns {Place | null}
 */
export function corner(lines, side) {
  const written = lines.filter((line) => line.columns.length);
  const line = side < 0 ? written[0] : written[written.length - 1];
  if (!line) return null;
  return { row: line.id, column: side < 0 ? line.columns[0] : line.columns[line.columns.length - 1] };
}

/**
 * Choosing with Shift and arrows: one more cell, or one less when going back.
 * @param {Place[]} picked cells of one column in the order they were chosen
 * @param {Place} from
 * @param {Place} next
 * @returns {Place[]}
 */
export function picking(picked, from, next) {
  const before = picked.length ? picked : [from];
  return before.some((place) => samePlace(place, next)) ? before.filter((place) => !samePlace(place, from)) : [...before, next];
}

/**
 * The same cells from top to bottom, however they were chosen.
 * @param {Line[]} lines
 * @param {Place[]} places
 * @returns {Place[]}
 */
export function fromTop(lines, places) {
  const height = new Map(lines.map((line, at) => [line.id, at]));
  return places
    .filter((place) => height.has(place.row))
    .sort((one, other) => (height.get(one.row) ?? 0) - (height.get(other.row) ?? 0));
}

/**
 * Ctrl+D: which cell gives its value and which take it. With none chosen the one above gives.
 * @param {Line[]} lines
 * @param {Place[]} picked
 * @param {Place} at
 * @returns {{from: Place, to: Place[]} | null}
 */
export function fillDown(lines, picked, at) {
  if (picked.length > 1) {
    const [from, ...to] = fromTop(lines, picked);
    return from ? { from, to } : null;
  }
  const above = vertical(lines, at, -1);
  return above && { from: above, to: [at] };
}

/**
 * The rows a pasted block goes into, first to last: this one and the visible ones below it.
 * @param {Line[]} lines
 * @param {string} row
 * @returns {string[]}
 */
export function downFrom(lines, row) {
  const start = lines.findIndex((line) => line.id === row);
  return start < 0 ? [] : lines.slice(start).map((line) => line.id);
}

/**
 * Cells copied from a spreadsheet as rows of cells; null when it is text for one cell only.
 *
 * A hole stays a hole: a blank line inside or at the beginning is a row with an empty cell, so that
 * nothing after it moves up. Line ends at the end are how spreadsheets close the last row. A cell
 * with tabs or line ends stands in quotes; a quotation mark without its pair is a character, and so
 * are two in cells of different rows: no rows are swallowed between them.
 * @param {string} copied
 * @returns {string[][] | null}
 */
export function block(copied) {
  const whole = copied.replace(/\r\n?/g, "\n").replace(/\n+$/, "");
  if (!/[\t\n]/.test(whole)) return null;
  const rows = [/** @type {string[]} */ ([])];
  const cell = /"((?:[^"\t]|"")*|(?:[^"\n]|"")*)"(?=[\t\n]|$)|[^\t\n]*/y;
  for (;;) {
    const found = cell.exec(whole);
    if (!found) break;
    const value = found[1] === undefined ? found[0] : found[1].replaceAll('""', '"').replace(/[\t\n]+/g, " ");
    rows[rows.length - 1].push(value);
    const end = cell.lastIndex;
    if (end >= whole.length) break;
    if (whole[end] === "\n") rows.push([]);
    cell.lastIndex = end + 1;
  }
  return rows;
}

/**
 * A block as a spreadsheet would copy it: block(text(rows)) is the same rows.
 * @param {string[][]} rows
 */
export const text = (rows) => rows.map((row) => row.map((cell) => (cell.startsWith('"') ? `"${cell.replaceAll('"', '""')}"` : cell)).join("\t")).join("\n");

/**
 * The next problem from where the focus is: round the end to the beginning.
 * @param {number} count how many problems there are, in reading order
 * @param {number} at the focused one; -1 when the focus is elsewhere
 * @param {number} after the first problem after the focus; -1 when there is none
 * @param {1 | -1} step
 * @returns {number}
 */
export function nextProblem(count, at, after, step) {
  if (at >= 0) return (at + step + count) % count;
  const here = after < 0 ? count : after;
  return step > 0 ? here % count : (here - 1 + count) % count;
}
