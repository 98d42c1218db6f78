// What stands when typed, sent and answered differ; what is kept, undone and asked again.
import assert from "node:assert/strict";
import { test } from "node:test";
import * as merge from "../../kernel/ui/static/ui/js/merge.js";

const cells = (values) => new Map(Object.entries(values));

test("only fields that differ from the server's are sent", () => {
  const now = { surname: ["Коваль"], marks: ["а", "б"], note: [] };
  assert.deepEqual(merge.changed(now, { surname: ["Коваль"], marks: ["а"], note: [] }), { marks: ["а", "б"] });
  assert.deepEqual(merge.changed(now, {}), { surname: ["Коваль"], marks: ["а", "б"] }, "nothing ticked is what an absent field says");
});

test("an answer puts the server's spelling into a cell that nobody touches", () => {
  assert.equal(merge.standing({ mine: "коваль", theirs: "Коваль", waiting: false, typing: false }), "Коваль");
});

test("an answer takes back neither what waits nor what is being typed", () => {
  assert.equal(merge.standing({ mine: "Коваленко", theirs: "Коваль", waiting: true, typing: false }), "Коваленко");
  assert.equal(merge.standing({ mine: "Ковале", theirs: "Коваль", waiting: false, typing: true }), "Ковале");
});

test("a refusal names only the cells where the two differ and both exist", () => {
  const theirs = { surname: "Інша", given: "Ніна" };
  assert.deepEqual(merge.conflicts(cells({ surname: "Моя", given: "Ніна", gone: "1" }), (column) => theirs[column]), [["surname", "Моя"]]);
});

test("what could not be sent waits under what was typed since", () => {
  const waiting = merge.unsent(cells({ surname: "Ко", given: "Ніна" }), cells({ surname: "Коваль" }));
  assert.deepEqual(Object.fromEntries(waiting), { surname: "Коваль", given: "Ніна" });
  assert.deepEqual(Object.fromEntries(merge.unsent(cells({ a: "1" }), undefined)), { a: "1" });
});

test("the copy in the browser holds the cells on their way and the waiting ones of the same row", () => {
  const copy = merge.copyOf({ row: "2", values: cells({ surname: "Ко", given: "Ніна" }) }, new Map([["2", cells({ surname: "Коваль" })], ["3", cells({ born: "1" })]]), (row) => `v${row}`);
  assert.deepEqual(copy, {
    2: { version: "v2", values: { surname: "Коваль", given: "Ніна" } },
    3: { version: "v3", values: { born: "1" } },
  });
  assert.deepEqual(merge.copyOf(null, new Map(), () => ""), {});
});

test("a kept copy is written again into the same version, offered against a newer one", () => {
  const page = { 2: { version: "1", surname: "Стара" }, 3: { version: "8", surname: "Чужа" } };
  const kept = {
    2: { version: "1", values: { surname: "Моя" } },
    3: { version: "7", values: { surname: "Моя", gone: "х" } },
    4: { version: "1", values: { surname: "Рядка немає" } },
  };
  const found = merge.restored(kept, (row) => page[row]?.version ?? null, (row, column) => page[row]?.[column] ?? null);
  assert.deepEqual(found, {
    writes: [{ row: "2", column: "surname", after: "Моя" }],
    conflicts: [{ row: "3", column: "surname", after: "Моя" }],
  });
});

test("a form's kept copy is put back, offered, or dropped", () => {
  const saved = { surname: ["Стара"] };
  const kept = { version: "1", changes: { surname: ["Моя"] }, base: { surname: ["Стара"] } };
  assert.equal(merge.restoration(kept, "1", saved), "fill");
  assert.equal(merge.restoration(kept, "2", saved), "fill", "somebody changed another field");
  assert.equal(merge.restoration(kept, "2", { surname: ["Чужа"] }), "offer", "somebody changed this one");
  assert.equal(merge.restoration({ ...kept, submitted: true }, "2", saved), "drop", "the form went through");
  assert.equal(merge.restoration({ ...kept, submitted: true }, "1", saved), "fill", "the form did not go through");
  assert.equal(merge.restoration(kept, "1", { surname: ["Моя"] }), "drop");
});

test("a pasted block is one step of undo: every cell that became another", () => {
  const was = new Map([["2", cells({ a: "1", b: "2" })], ["3", cells({ a: "3" })]]);
  const is = new Map([["2", cells({ a: "1", b: "9" })], ["3", cells({ a: "" })], ["4", cells({ a: "new row" })]]);
  assert.deepEqual(merge.differences(was, is), [
    { row: "2", column: "b", before: "2", after: "9" },
    { row: "3", column: "a", before: "3", after: "" },
    { row: "4", column: "a", before: "", after: "new row" },
  ]);
});

test("cells of a row just entered are not reached while empty, unless something was told of them before", () => {
  const row = [
    { name: "surname", value: "Ґудзь", told: false },
    { name: "sex", value: "", told: false },
    { name: "born", value: "", told: true },
  ];
  assert.deepEqual([...merge.notReached(row)], ["sex"]);
});

test("what was undone can be done again until something new is done", () => {
  const history = new merge.History(2);
  const step = (after) => [{ row: "2", column: "a", before: "", after }];
  ["1", "2", "3"].forEach((value) => history.remember(step(value)));
  assert.deepEqual(history.undo(), [{ row: "2", column: "a", after: "" }]);
  assert.deepEqual(history.redo(), [{ row: "2", column: "a", after: "3" }]);
  history.undo();
  history.undo();
  assert.deepEqual(history.undo(), [], "the oldest step was forgotten");
  history.remember([]);
  assert.equal(history.redo().length, 1, "a step without changes is no step");
  history.remember(step("4"));
  assert.deepEqual(history.redo(), []);
});

test("a busy server is asked again after its pause, a little later by chance", () => {
  const now = Date.parse("2026-09-01T08:00:00Z");
  assert.equal(merge.pauseOf("2", now, 0), 2000);
  assert.equal(merge.pauseOf("2", now, 1), 3000);
  assert.equal(merge.pauseOf("Tue, 01 Sep 2026 08:00:05 GMT", now, 0), 5000);
  assert.equal(merge.pauseOf("0", now, 0), 500);
  assert.equal(merge.pauseOf("86400", now, 0), 60000);
  assert.equal(merge.pauseOf(null, now, 0), null);
  assert.equal(merge.pauseOf("soon", now, 0), null);
});
