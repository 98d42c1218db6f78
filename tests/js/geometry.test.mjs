// Where things are in a table: moving, choosing, filling, pasting.
import assert from "node:assert/strict";
import { test } from "node:test";
import * as geometry from "../../kernel/ui/static/ui/js/geometry.js";

const at = (row, column) => ({ row, column });
/** Rows 2 and 5 are what a filter left visible; the sex of row 5 cannot be written. */
const lines = [
  { id: "2", columns: ["surname", "sex", "phone"] },
  { id: "5", columns: ["surname", "phone"] },
  { id: "9", columns: ["surname", "sex", "phone"] },
];

test("down and up pass over rows where the column cannot be written, and stop at the ends", () => {
  assert.deepEqual(geometry.vertical(lines, at("2", "sex"), 1), at("9", "sex"));
  assert.deepEqual(geometry.vertical(lines, at("9", "sex"), -1), at("2", "sex"));
  assert.equal(geometry.vertical(lines, at("9", "sex"), 1), null);
  assert.equal(geometry.vertical(lines, at("7", "sex"), 1), null, "a row that is not visible leads nowhere");
});

test("right goes on in the next row, left comes back", () => {
  assert.deepEqual(geometry.horizontal(lines, at("2", "phone"), 1), at("5", "surname"));
  assert.deepEqual(geometry.horizontal(lines, at("5", "surname"), -1), at("2", "phone"));
  assert.equal(geometry.horizontal(lines, at("2", "surname"), -1), null);
  assert.equal(geometry.horizontal(lines, at("5", "sex"), 1), null);
});

test("corners are the first and the last cell that can be written", () => {
  const withBare = [{ id: "1", columns: [] }, ...lines];
  assert.deepEqual(geometry.corner(withBare, -1), at("2", "surname"));
  assert.deepEqual(geometry.corner(withBare, 1), at("9", "phone"));
  assert.equal(geometry.corner([], 1), null);
});

test("choosing grows downwards and shrinks on the way back", () => {
  const two = geometry.picking([], at("2", "phone"), at("5", "phone"));
  const three = geometry.picking(two, at("5", "phone"), at("9", "phone"));
  assert.deepEqual(three, [at("2", "phone"), at("5", "phone"), at("9", "phone")]);
  assert.deepEqual(geometry.picking(three, at("9", "phone"), at("5", "phone")), two);
});

test("chosen cells are filled from the top one, in whatever order they were chosen", () => {
  const chosen = [at("9", "phone"), at("5", "phone"), at("2", "phone")];
  assert.deepEqual(geometry.fillDown(lines, chosen, at("2", "phone")), {
    from: at("2", "phone"),
    to: [at("5", "phone"), at("9", "phone")],
  });
});

test("one cell takes the value of the visible one above; the first has none above", () => {
  assert.deepEqual(geometry.fillDown(lines, [], at("5", "phone")), { from: at("2", "phone"), to: [at("5", "phone")] });
  assert.equal(geometry.fillDown(lines, [], at("2", "phone")), null);
});

test("what is visible is what is filled: a block goes into visible rows only", () => {
  assert.deepEqual(geometry.downFrom(lines, "5"), ["5", "9"]);
  assert.deepEqual(geometry.downFrom(lines, "3"), []);
});

test("a hole stays a hole, at the beginning and inside", () => {
  assert.deepEqual(geometry.block("0671111111\r\n\r\n0673333333\r\n0674444444\r\n"), [["0671111111"], [""], ["0673333333"], ["0674444444"]]);
  assert.deepEqual(geometry.block("\n0672222222\n"), [[""], ["0672222222"]]);
  assert.deepEqual(geometry.block("а\t\tв\n\t\t\nг\tґ\tд"), [["а", "", "в"], ["", "", ""], ["г", "ґ", "д"]]);
});

test("text for one cell is no block", () => {
  assert.equal(geometry.block("Коваль"), null);
  assert.equal(geometry.block("Коваль\r\n"), null);
  assert.equal(geometry.block(""), null);
});

test("a cell in quotes may hold line ends; a quotation mark without its pair is a character", () => {
  assert.deepEqual(geometry.block('"два\nрядки"\tб\nв\tг'), [["два рядки", "б"], ["в", "г"]]);
  assert.deepEqual(geometry.block('"Ліцей\tа\nб\tв\nг\tґ'), [['"Ліцей', "а"], ["б", "в"], ["г", "ґ"]]);
  assert.deepEqual(geometry.block('а\t"Ліцей\nб\tв\nг\tЗоря"'), [["а", '"Ліцей'], ["б", "в"], ["г", 'Зоря"']]);
  assert.deepEqual(geometry.block('а"б\tв\n"каже ""так"""\tг'), [['а"б', "в"], ['каже "так"', "г"]]);
});

test("a block written as text reads back the same, whatever stands in its cells", () => {
  const alphabet = ["", "а", '"', '""', "б в", '"г"', "0671111111", "'", ";", ","];
  let seed = 1;
  const next = (below) => (seed = (seed * 48271) % 2147483647) % below;
  for (let turn = 0; turn < 3000; turn += 1) {
    const width = 1 + next(4);
    const rows = Array.from({ length: 1 + next(5) }, () => Array.from({ length: width }, () => Array.from({ length: next(3) }, () => alphabet[next(alphabet.length)]).join("")));
    rows.push(Array(width).fill("я"));
    assert.deepEqual(geometry.block(geometry.text(rows)), rows);
  }
});

test("problems are walked round: from the last to the first, from elsewhere to the nearest", () => {
  assert.equal(geometry.nextProblem(3, 2, -1, 1), 0);
  assert.equal(geometry.nextProblem(3, 0, 1, -1), 2);
  assert.equal(geometry.nextProblem(3, -1, 1, 1), 1, "the focus stands between the first and the second");
  assert.equal(geometry.nextProblem(3, -1, 1, -1), 0);
  assert.equal(geometry.nextProblem(3, -1, -1, 1), 0, "the focus stands below all");
  assert.equal(geometry.nextProblem(3, -1, -1, -1), 2);
});
