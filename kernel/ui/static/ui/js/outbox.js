// <form data-ak-outbox="/url/" data-ak-about="…" data-ak-day="2026-11-30">: a form whose fields wait in
// this browser (IndexedDB) until the server has them, whichever page one is on by then, and
// <div data-ak-outbox-panel hidden>, where it says what waits and what a person is to decide. The
// contract is in docs/ui.md; what becomes of changes is decided in queue.js.
import { put, valuesOf } from "./autosave.js";
import { all, counted, icon, make, matching, onNew, parse, swapOutOfBand } from "./dom.js";
import * as net from "./net.js";
import * as offline from "./offline.js";
import * as queue from "./queue.js";
import * as indicator from "./saved.js";
import { Closed, Lost, post } from "./send.js";

/** @typedef {import("./queue.js").Change} Change */
/** @typedef {import("./queue.js").Field} Field */

const PAUSE = 600;
const KEPT = 150; // a browser killed later than this after a key press has lost nothing
const who = () => document.querySelector('meta[name="ak-who"]')?.getAttribute("content") ?? "";
/** @type {Map<string, Sheet>} */
const sheets = new Map();
const newId = () => [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");

// ── what waits, by person ──
/** @type {Promise<IDBDatabase> | null} */
let opening = null;
/** Where the browser gives no database, the page itself holds what waits. @type {Change[]} */
let memory = [];
/** Whether something waits, where every tab sees it at once: the queue itself takes a while to ask. */
const waitsUnder = () => `ak-outbox-waits:${who()}`;

function database() {
  opening ??= new Promise((ready, failed) => {
    const asked = indexedDB.open("ak-outbox", 1);
    asked.onupgradeneeded = () => asked.result.createObjectStore("queues");
    asked.onsuccess = () => ready(asked.result);
    asked.onerror = () => failed(asked.error);
  });
  return opening;
}

/**
 * Change the queue of who is signed in, in one transaction: other tabs have it too.
 * @param {(now: Change[]) => Change[]} change
 * @returns {Promise<Change[]>}
 */
async function update(change) {
  const next = await changed(change);
  try {
    if (next.length) localStorage.setItem(waitsUnder(), String(next.length));
    else localStorage.removeItem(waitsUnder());
  } catch {
    // without it the queue is asked
  }
  return next;
}

/**
 * @param {(now: Change[]) => Change[]} change
 * @returns {Promise<Change[]>}
 */
async function changed(change) {
  try {
    const store = (await database()).transaction("queues", "readwrite").objectStore("queues");
    return await new Promise((ready, failed) => {
      /** @type {Change[]} */
      let next = [];
      const asked = store.get(who());
      asked.onsuccess = () => {
        next = change(asked.result ?? []);
        if (next.length) store.put(next, who());
        else store.delete(who());
      };
      store.transaction.oncomplete = () => ready(next);
      store.transaction.onerror = store.transaction.onabort = () => failed(store.transaction.error);
    });
  } catch {
    memory = change(memory);
    return memory;
  }
}

const read = () => update((now) => now);

// ── what was typed right before the page was left ──
// A browser ends a page without waiting for IndexedDB: what the queue may not have yet is written down
// at once, beside it, and goes into the queue by whatever page comes next. Told twice it stays one
// change: the server compares with what stands.
/** @typedef {{id: string, about: import("./queue.js").About, fields: Record<string, Field>}} Left */
const leftUnder = () => `ak-outbox-left:${who()}`;

/** @returns {Left[]} */
function left() {
  try {
    return JSON.parse(localStorage.getItem(leftUnder()) ?? "[]");
  } catch {
    return [];
  }
}

function leave() {
  const found = [...sheets.values()].map((sheet) => ({ id: newId(), about: sheet.about, fields: { ...sheet.underWay, ...sheet.differences() } })).filter((one) => Object.keys(one.fields).length);
  if (!found.length) return;
  try {
    localStorage.setItem(leftUnder(), JSON.stringify([...left(), ...found]));
  } catch {
    // a full or closed store: the queue has all but the last moment
  }
}

/** Into the queue with what was left; forgotten only once the queue has it. */
async function gather() {
  const found = left();
  if (!found.length) return;
  await update((now) => found.reduce((queued, { about, fields }) => queue.typed(queued, about, fields, newId()), now));
  try {
    const had = new Set(found.map((one) => one.id));
    localStorage.setItem(leftUnder(), JSON.stringify(left().filter((one) => !had.has(one.id))));
  } catch {
    // told again next time, and again one change
  }
}

// ── a form ──
class Sheet {
  /** @param {HTMLFormElement} form */
  constructor(form) {
    this.form = form;
    this.url = form.dataset.akOutbox ?? "";
    /** What the server has, or will have of us. */
    this.known = texts(form);
    /** On its way into the queue. @type {Record<string, Field>} */
    this.underWay = {};
    this.kept = 0;
    this.sent = 0;
    form.addEventListener("input", () => this.touched());
    form.addEventListener("change", () => this.touched());
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.submitted(event.submitter);
    });
    this.restore();
  }

  /** @returns {import("./queue.js").About} */
  get about() {
    return { url: this.url, page: location.pathname, label: this.form.dataset.akAbout ?? "", day: this.form.dataset.akDay ?? "" };
  }

  touched() {
    clearTimeout(this.kept);
    this.kept = setTimeout(() => this.keep(), KEPT);
    clearTimeout(this.sent);
    this.sent = setTimeout(() => flush(), PAUSE);
  }

  /**
   * What differs from what is known goes into the queue.
   * @param {Record<string, Field>} [more]
   */
  async keep(more = {}) {
    const fields = { ...more, ...this.differences() };
    if (!Object.keys(fields).length) return;
    this.known = texts(this.form);
    Object.assign(this.underWay, fields);
    show(await update((found) => queue.typed(found, this.about, fields, newId())));
    for (const [name, field] of Object.entries(fields)) if (this.underWay[name] === field) delete this.underWay[name];
  }

  /** @returns {Record<string, Field>} what differs from what is known */
  differences() {
    /** @type {Record<string, Field>} */
    const fields = {};
    for (const [name, mine] of Object.entries(texts(this.form))) {
      const base = this.known[name] ?? "";
      if (mine !== base) fields[name] = { mine, base, label: labelOf(this.form, name) };
    }
    return fields;
  }

  /** @param {HTMLElement | null} button */
  async submitted(button) {
    const pressed = button instanceof HTMLButtonElement && button.name ? { [button.name]: { mine: button.value, base: "", label: button.textContent?.trim() ?? "" } } : {};
    button?.setAttribute("aria-busy", "true");
    await this.keep(pressed);
    await flush();
    button?.removeAttribute("aria-busy");
    if (!(await read()).some((one) => one.url === this.url)) location.reload();
  }

  /** What waits over what the page brought: the page may be older than it. */
  async restore() {
    await gather();
    const mine = queue.mine(await read(), this.url);
    const now = texts(this.form);
    for (const [name, value] of Object.entries(mine)) {
      if (!(name in this.known) || now[name] !== this.known[name]) continue; // being typed already
      put(this.form, name, [value]);
      this.known[name] = value;
    }
    this.form.dataset.akRestored = "";
  }

  /**
   * @param {string} name
   * @param {string} value what stands in the register, as a person decided
   */
  stands(name, value) {
    if (!(name in this.known)) return;
    put(this.form, name, [value]);
    this.known[name] = value;
  }

  /**
   * @param {Response} answer
   * @param {DocumentFragment} fragment
   */
  accepted(answer, fragment) {
    const version = this.form.elements.namedItem("version");
    if (version instanceof HTMLInputElement) version.value = answer.headers.get("X-Version") ?? version.value;
    swapOutOfBand(fragment);
  }
}

/**
 * @param {HTMLFormElement} form
 * @returns {Record<string, string>}
 */
const texts = (form) => Object.fromEntries(Object.entries(valuesOf(form)).map(([name, values]) => [name, values[0] ?? ""]));

/**
 * @param {HTMLFormElement} form
 * @param {string} name
 */
function labelOf(form, name) {
  const [field] = all(`[name="${CSS.escape(name)}"]`, form);
  const legend = field?.closest("fieldset")?.querySelector("legend");
  const label = field instanceof HTMLInputElement || field instanceof HTMLTextAreaElement || field instanceof HTMLSelectElement ? field.labels?.[0] : null;
  return (legend ?? label)?.textContent?.trim() ?? "";
}

// ── sending ──
/** The sending under way; whoever asks for another waits for it. @type {Promise<void> | null} */
let sending = null;
let again = false;
/** Why what waits is not being sent. @type {"" | "lost" | "closed"} */
let why = "";

/** Send what waits, one change after another, in the order in which it was typed. */
export function flush() {
  again = true;
  sending ??= sendAll().finally(() => {
    sending = null;
  });
  return sending;
}

async function sendAll() {
  while (again) {
    again = false;
    if (navigator.locks) await navigator.locks.request("ak-outbox", drain);
    else await drain();
  }
  show(await read());
}

async function drain() {
  /** @type {Set<string>} */
  const pages = new Set();
  for (;;) {
    const first = queue.next(await read());
    if (!first) break;
    const key = newId();
    const one = (await update((now) => queue.sealed(now, first.id, key))).find((change) => change.id === first.id);
    if (!one || one.state !== "waiting") continue;
    indicator.saving();
    if (!(await send(one))) break;
    pages.add(one.page);
  }
  offline.keep([...pages]); // what is at hand offline shows what was written
}

/**
 * @param {Change} one
 * @returns {Promise<boolean>} whether the next may go
 */
async function send(one) {
  const body = new URLSearchParams({ form_id: one.key, day: one.day });
  for (const [name, { mine, base }] of Object.entries(one.fields)) {
    body.append(name, mine);
    body.append(`base_${name}`, base);
  }
  try {
    const answer = await post(one.url, body, { "X-Outbox": "1" });
    why = "";
    net.arrived();
    const isJson = answer.headers.get("Content-Type")?.startsWith("application/json");
    if (answer.ok) {
      const fragment = parse(await answer.text());
      await update((now) => queue.taken(now, one.id));
      indicator.saved();
      sheets.get(one.url)?.accepted(answer, fragment);
    } else {
      const told = isJson ? await answer.json() : { refused: "Цей урок вам тепер недоступний." };
      indicator.unsaved("Не все збережено: вирішіть нижче");
      const aside = newId();
      show(await update((now) => queue.refused(now, one.id, told, (n) => `${aside}${n}`)));
    }
    return true;
  } catch (problem) {
    if (problem instanceof Lost) {
      why = "lost";
      net.whenBack(() => flush());
    } else if (problem instanceof Closed) {
      why = "closed";
      setTimeout(() => flush(), 15000);
    } else throw problem;
    indicator.unsaved("Ще не надіслано");
    return false;
  }
}

// ── what a person sees of it ──
let shown = "";

/** @param {Change[]} now */
function show(now) {
  const text = JSON.stringify([now, why]);
  if (text === shown) return;
  shown = text;
  for (const panel of all("[data-ak-outbox-panel]")) {
    const had = panel.contains(document.activeElement);
    panel.replaceChildren(...words(now));
    panel.hidden = !panel.childElementCount;
    if (had) (panel.querySelector("button") ?? document.querySelector("h1"))?.focus();
  }
}

/**
 * @param {Change[]} now
 * @returns {HTMLElement[]}
 */
function words(now) {
  const found = [];
  const waits = queue.count(now, "waiting");
  if (waits && why) {
    const many = counted(waits, "запис чекає", "записи чекають", "записів чекають");
    const title = why === "lost" ? `Немає звʼязку: ${many} у цьому пристрої` : `Сеанс завершився: ${many} у цьому пристрої`;
    const then = why === "lost" ? "Можна закрити сторінку: надішлемо самі, щойно зʼявиться мережа й ви відкриєте журнал." : "Увійдіть знову в сусідній вкладці — і вони підуть самі.";
    found.push(notice("off", title, make("p", {}, then)));
  }
  const aside = now.filter((one) => one.state !== "waiting");
  if (aside.length) {
    const lines = aside.flatMap((one) => (one.state === "conflict" || !one.said ? Object.entries(one.fields).map(([name, field]) => line(one, name, field)) : [whole(one)]));
    found.push(notice("warn", "Вирішіть, що записати", make("ul", { class: "ak-stack ak-stack--s" }, ...lines)));
  }
  return found;
}

/**
 * @param {string} sign
 * @param {string} title
 * @param {HTMLElement} body
 */
const notice = (sign, title, body) => make("div", { class: "ak-notice ak-notice--heed" }, icon(sign), make("div", {}, make("p", {}, make("b", {}, title)), body));

/**
 * @param {Change} one
 * @param {string} name
 * @param {Field} field
 */
function line(one, name, field) {
  const place = [one.label, field.label].filter(Boolean).join(" · ");
  const said = field.said ?? `у вас ${quoted(field.mine)}, у журналі ${quoted(field.theirs ?? "")}`;
  /** @type {(words: string, whose: "mine" | "theirs") => HTMLElement} */
  const choice = (text, whose) =>
    button(text, place, async () => {
      const fresh = newId();
      show(await update((now) => queue.settled(now, one.id, name, whose, fresh)));
      if (whose === "theirs") sheets.get(one.url)?.stands(name, field.theirs ?? field.base);
      await flush();
    });
  const buttons = field.said === undefined ? [choice("Записати моє", "mine"), choice("Лишити те, що в журналі", "theirs")] : [choice("Прибрати", "theirs")];
  return make("li", {}, make("p", {}, make("b", {}, `${place}: `), said), make("div", { class: "ak-row" }, ...buttons));
}

/** @param {Change} one */
function whole(one) {
  const typed = Object.values(one.fields).map((field) => `${field.label} ${quoted(field.mine)}`).join("; ");
  /** @type {(again: boolean) => () => Promise<void>} */
  const decide = (goes) => async () => {
    show(await update((now) => queue.decided(now, one.id, goes)));
    if (goes) await flush();
    else location.reload();
  };
  return make("li", {}, make("p", {}, make("b", {}, `${one.label}: `), one.said), make("p", { class: "ak-small" }, `Ви записали: ${typed}`), make("div", { class: "ak-row" }, button("Надіслати ще раз", one.label, decide(true)), button("Прибрати", one.label, decide(false))));
}

/**
 * @param {string} text
 * @param {string} about
 * @param {() => Promise<void>} pressed
 */
function button(text, about, pressed) {
  const made = make("button", { type: "button", class: "ak-btn ak-btn--2" }, text, make("span", { class: "ak-vh" }, `: ${about}`));
  made.addEventListener("click", pressed);
  return made;
}

/** @param {string} value */
const quoted = (value) => (value ? `«${value}»` : "порожньо");

// ── leaving ──
const PATIENCE = 4000; // so long a person who leaves waits for what is being sent

function isKnownEmpty() {
  try {
    return !localStorage.getItem(waitsUnder()) && !left().length;
  } catch {
    return false;
  }
}

/** What still waits once everything typed was kept and tried. @returns {Promise<Change[]>} */
async function sentOrLeft() {
  await gather();
  for (const sheet of sheets.values()) await sheet.keep();
  const waits = await read();
  if (!queue.count(waits, "waiting")) return waits;
  await Promise.race([flush(), new Promise((late) => setTimeout(late, PATIENCE))]);
  return read();
}

/** Who leaves with entries that the server has not is told first: they go when one is here again. */
function heedSignOut() {
  document.addEventListener(
    "submit",
    async (event) => {
      const form = /** @type {HTMLFormElement} */ (event.target);
      if (form.dataset.akSignOut === undefined || form.dataset.akLeaves !== undefined) return;
      if (!sheets.size && isKnownEmpty()) return; // out at once
      event.preventDefault();
      event.stopImmediatePropagation();
      const { submitter } = event;
      const goes = () => {
        form.dataset.akLeaves = "";
        form.requestSubmit(submitter);
      };
      // A browser whose store does not answer keeps nobody here.
      /** @type {Promise<Change[]>} */
      const late = new Promise((ready) => setTimeout(ready, 2 * PATIENCE, []));
      const waits = await Promise.race([sentOrLeft(), late]);
      const many = waits.reduce((n, one) => n + Object.keys(one.fields).length, 0);
      if (many) tellUnsent(many, goes);
      else goes();
    },
    { capture: true },
  );
}

/**
 * @param {number} many
 * @param {() => void} goes
 */
function tellUnsent(many, goes) {
  document.getElementById("unsent")?.remove();
  /** @type {(words: string, looks: string, pressed: () => void) => HTMLElement} */
  const choice = (words, looks, pressed) => {
    const made = make("button", { type: "button", class: `ak-btn${looks}` }, words);
    made.addEventListener("click", pressed);
    return made;
  };
  const stays = choice("Лишитися", "", () => {
    told.remove();
    document.querySelector("h1")?.focus();
  });
  const title = `Ще не надіслано: ${counted(many, "запис", "записи", "записів")} журналу`;
  const then = "Якщо вийти зараз, введене чекатиме в цьому пристрої й піде саме, коли ви знову увійдете тут. Інша особа його не побачить.";
  const told = notice("warn", title, make("div", { class: "ak-stack ak-stack--s" }, make("p", {}, then), make("div", { class: "ak-row" }, stays, choice("Вийти, записи лишити тут", " ak-btn--2", goes))));
  told.id = "unsent";
  told.setAttribute("role", "alert");
  (document.getElementById("messages") ?? document.querySelector("main"))?.prepend(told);
  all("details[open].ak-menu").forEach((menu) => menu.removeAttribute("open"));
  told.scrollIntoView({ block: "center" });
  stays.focus();
}

export function start() {
  heedSignOut();
  onNew((root) => {
    for (const form of /** @type {HTMLFormElement[]} */ (matching(root, "form[data-ak-outbox]"))) {
      const url = form.dataset.akOutbox ?? "";
      if (sheets.get(url)?.form !== form) sheets.set(url, new Sheet(form));
    }
  });
  if (!document.querySelector("[data-ak-outbox-panel]")) return;
  if (!navigator.onLine) {
    why = "lost";
    net.whenBack(() => flush());
  }
  gather()
    .then(read)
    .then((now) => (now.length ? flush() : undefined));
  // Leaving or closing the page right after a key press.
  addEventListener("pagehide", leave);
  addEventListener("pageshow", (event) => {
    if (event.persisted) gather().then(flush);
  });
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "hidden") sheets.forEach((sheet) => sheet.keep());
  });
}
