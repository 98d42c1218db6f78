// What waits for the network: typed, sent under a key, refused, in conflict, decided by a person.
import assert from "node:assert/strict";
import { test } from "node:test";
import * as queue from "../../kernel/ui/static/ui/js/queue.js";

const lesson = { url: "/lessons/1/entries/", page: "/lessons/1/", label: "Математика, 5-А", day: "2026-11-30" };
const field = (mine, base = "") => ({ mine, base, label: "Оцінка" });
const fieldsOf = (one) => Object.fromEntries(Object.entries(one.fields).map(([name, { mine, base }]) => [name, [mine, base]]));
const ids = (n) => `new${n}`;
const start = () => queue.typed([], lesson, { m_1: field("8"), m_2: field("9") }, "a");

test("what is typed one after another is one change, until it was sent", () => {
  let found = queue.typed(start(), lesson, { m_1: field("10", "8") }, "b");
  assert.equal(found.length, 1);
  assert.deepEqual(fieldsOf(found[0]), { m_1: ["10", ""], m_2: ["9", ""] }, "the base is what the server had");
  found = queue.typed(queue.sealed(found, "a", "key"), lesson, { m_1: field("7", "10") }, "b");
  assert.deepEqual(found.map((one) => [one.id, one.key]), [["a", "key"], ["b", ""]]);
  assert.deepEqual(fieldsOf(found[0]).m_1, ["10", ""], "sent, it never changes: it may be there already");
  assert.deepEqual(queue.mine(found, lesson.url), { m_1: "7", m_2: "9" });
});

test("what was typed back is nothing to send", () => {
  const found = queue.typed(start(), lesson, { m_1: field("", "8"), m_2: field("", "9") }, "b");
  assert.deepEqual(found, []);
});

test("changes go in the order in which they were typed, and a key once given stays", () => {
  const other = { ...lesson, url: "/lessons/2/entries/" };
  let found = queue.typed(start(), other, { m_5: field("5") }, "b");
  found = queue.sealed(queue.sealed(found, "a", "first"), "a", "second");
  assert.equal(queue.next(found)?.key, "first");
  assert.equal(queue.next(queue.taken(found, "a"))?.id, "b");
  assert.equal(queue.count(found, "waiting"), 3);
});

test("a field that another wrote steps aside with both values, the rest goes on under a new key", () => {
  const found = queue.refused(queue.sealed(start(), "a", "key"), "a", { theirs: { m_1: "11" } }, ids);
  assert.deepEqual(found.map((one) => [one.state, one.key, Object.keys(one.fields)]), [["waiting", "", ["m_2"]], ["conflict", "", ["m_1"]]]);
  assert.deepEqual([found[1].fields.m_1.mine, found[1].fields.m_1.theirs], ["8", "11"]);
  assert.deepEqual(queue.mine(found, lesson.url), { m_2: "9", m_1: "8" }, "nothing of mine is lost");
});

test("what another wrote alike is no conflict and is not sent", () => {
  assert.deepEqual(queue.refused(start(), "a", { theirs: { m_1: "8", m_2: "9" } }, ids), []);
});

test("mine is sent knowing theirs; theirs leaves what stands", () => {
  const found = queue.refused(start(), "a", { theirs: { m_1: "11", m_2: "12" } }, ids);
  const kept = queue.settled(found, "new1", "m_1", "theirs", "x");
  assert.deepEqual(Object.keys(kept[0].fields), ["m_2"]);
  const sent = queue.settled(kept, "new1", "m_2", "mine", "x");
  assert.deepEqual(sent.map((one) => [one.id, one.state, fieldsOf(one)]), [["x", "waiting", { m_2: ["9", "12"] }]]);
});

test("typing again into a field in conflict or refused takes its place", () => {
  const clash = queue.refused(start(), "a", { theirs: { m_1: "11" }, wrong: { m_2: "«9» не є оцінкою" } }, ids);
  assert.deepEqual(clash.map((one) => one.state), ["conflict", "refused"]);
  assert.equal(clash[1].fields.m_2.said, "«9» не є оцінкою");
  const found = queue.typed(clash, lesson, { m_1: field("10", "8"), m_2: field("3", "9") }, "b");
  assert.deepEqual(found.map((one) => [one.state, Object.keys(one.fields)]), [["waiting", ["m_1", "m_2"]]]);
});

test("a lesson that was moved or cancelled keeps its entries until a person decides", () => {
  const moved = queue.refused(start(), "a", { refused: "Урок перенесено на 03.12.2026", day: "2026-12-03" }, ids);
  assert.deepEqual([moved[0].state, moved[0].said, moved[0].day], ["refused", "Урок перенесено на 03.12.2026", "2026-12-03"]);
  assert.equal(queue.next(moved), undefined, "it is not sent by itself");
  assert.equal(queue.next(queue.decided(moved, "a", true))?.day, "2026-12-03");
  assert.deepEqual(queue.decided(moved, "a", false), []);
});

test("a refusal that names nothing does not go round for ever", () => {
  assert.equal(queue.refused(start(), "a", {}, ids)[0].state, "refused");
});
