// Every form that is posted keeps what is typed: in this browser, and with data-ak-autosave="/url/"
// on the server too. F5, Back, a menu link, a refusal, a lost network, a closed browser and an ended
// session lose nothing; what was kept is dropped once it was taken. The contract is in docs/ui.md.
import { all, make, icon, matching, onNew, parse, refuse, swapOutOfBand } from "./dom.js";
import * as backup from "./backup.js";
import { changed, restoration } from "./merge.js";
import * as net from "./net.js";
import * as indicator from "./saved.js";
import { Closed, Lost, post } from "./send.js";

/** @typedef {import("./merge.js").Values} Values */
/** @typedef {HTMLInputElement | HTMLSelectElement | HTMLTextAreaElement | HTMLButtonElement} Field */

const PAUSE = 800;
/** @type {WeakMap<HTMLFormElement, Draft>} */
const forms = new WeakMap();
const SKIPPED = new Set(["csrfmiddlewaretoken", "version", "changed"]);
// Forms that keep nothing here: what waits in the outbox, keys and signatures, samples, the grid (which
// saves by cells), and those that say so.
const UNKEPT = "[data-ak-outbox], [data-ak-sign], [data-ak-token], [data-ak-sample], [data-ak-sign-out], [data-ak-unkept], :has(table[data-ak-grid])";

/**
 * @param {Field} field
 * @returns {field is HTMLInputElement}
 */
const isTick = (field) => field.type === "checkbox" || field.type === "radio";

/**
 * @param {Field} field
 * @returns {field is HTMLSelectElement}
 */
const isMany = (field) => field instanceof HTMLSelectElement && field.multiple;

/**
 * Values by name, without secrets, files and service fields.
 * @param {HTMLFormElement} form
 */
export function valuesOf(form) {
  /** @type {Values} */
  const values = {};
  for (const field of /** @type {Iterable<Field>} */ (form.elements)) {
    const { name } = field;
    if (!name || SKIPPED.has(name) || field.disabled || ["password", "file", "submit", "button"].includes(field.type)) continue;
    if (field.dataset.akPrivate !== undefined || field.dataset.akPick !== undefined) continue;
    values[name] ??= [];
    if (isTick(field) && !field.checked) continue;
    if (isMany(field)) values[name].push(...[...field.selectedOptions].map((one) => one.value));
    else values[name].push(field.value);
  }
  return values;
}

/**
 * @param {HTMLFormElement} form
 * @param {string} name
 * @param {string[]} values
 */
export function put(form, name, values) {
  for (const field of /** @type {Field[]} */ (all(`[name="${CSS.escape(name)}"]`, form))) {
    if (isTick(field)) field.checked = values.includes(field.value);
    else if (isMany(field)) [...field.options].forEach((one) => { one.selected = values.includes(one.value); });
    else if (field.type !== "file" && field.type !== "password") field.value = values[0] ?? "";
  }
}

class Draft {
  /** @param {HTMLFormElement} form */
  constructor(form) {
    this.form = form;
    this.url = form.dataset.akAutosave ?? "";
    this.key = form.dataset.akKey || this.url || keyOf(form);
    this.saved = valuesOf(form);
    /** Chosen before, among choices that are still being fetched. @type {Values} */
    this.wanted = {};
    this.timer = 0;
    this.sending = false;
    this.stopped = false;
    /** Pressed while a save was on its way. @type {HTMLElement | null} */
    this.pressed = null;
    form.addEventListener("input", () => this.touched(PAUSE));
    form.addEventListener("change", () => this.touched(50));
    form.addEventListener("submit", (event) => this.submitted(event));
    this.restore();
  }

  get versionField() {
    const field = this.form.elements.namedItem("version");
    return field instanceof HTMLInputElement ? field : null;
  }

  get version() {
    return this.versionField?.value ?? "";
  }

  changes() {
    return changed(valuesOf(this.form), this.saved);
  }

  /**
   * Keep a copy of what the server does not have, with what it had instead.
   * @param {object} [more]
   */
  keep(more) {
    const changes = this.changes();
    const base = Object.fromEntries(Object.keys(changes).map((name) => [name, this.saved[name] ?? []]));
    if (Object.keys(changes).length) backup.keep(this.key, { version: this.version, changes, base, ...more });
    else backup.drop(this.key);
    return Object.keys(changes).length > 0;
  }

  /** @param {number} pause */
  touched(pause) {
    if (!this.keep() || this.stopped || !this.url) return;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.send(), pause);
  }

  /** @param {SubmitEvent} event */
  submitted(event) {
    clearTimeout(this.timer);
    if (this.sending) {
      // The save on its way makes a new version: sent beside it, the form would be refused as stale.
      event.preventDefault();
      this.pressed = event.submitter ?? this.form;
      this.pressed.setAttribute("aria-busy", "true");
      return;
    }
    this.keep({ submitted: true });
    if (!this.url) return;
    // The server is told which fields are ours: the rest may have been changed by somebody else.
    this.form.querySelector('input[name="changed"]')?.remove();
    this.form.append(make("input", { type: "hidden", name: "changed", value: Object.keys(this.changes()).join(",") }));
  }

  async send() {
    if (!this.url || this.sending || this.stopped || this.form.dataset.akSent) return;
    const changes = this.changes();
    const names = Object.keys(changes);
    if (!names.length) return;
    const body = new URLSearchParams({ version: this.version, changed: names.join(",") });
    for (const name of names) for (const value of changes[name]) body.append(name, value);
    this.sending = true;
    let held = false;
    indicator.saving();
    try {
      const answer = await post(this.url, body, { "X-Autosave": "1" });
      net.arrived();
      if (answer.status === 409 || answer.status === 412) {
        this.stop("Цю чернетку тим часом змінено в іншому вікні. Оновіть сторінку: ваше введене збережено в цьому браузері.");
        return;
      }
      const fragment = parse(await answer.text());
      if (!answer.ok) {
        refuse(fragment);
        this.stop("Не збережено: введене лишається в цьому браузері");
        return;
      }
      for (const name of names) this.saved[name] = changes[name];
      const fresh = answer.headers.get("X-Version");
      if (fresh && this.versionField) this.versionField.value = fresh;
      indicator.saved();
      swapOutOfBand(fragment);
      this.keep();
    } catch (problem) {
      if (problem instanceof Closed) {
        // Signing in again in another tab is enough: the next attempt takes the new token.
        indicator.unsaved("Сеанс завершився. Увійдіть знову в сусідній вкладці й продовжуйте: введене збережено в цьому браузері.");
        held = true;
        this.timer = setTimeout(() => this.send(), 15000);
      } else if (problem instanceof Lost) {
        indicator.unsaved("Без мережі: зміни чекають");
        net.whenBack(() => this.send());
      } else throw problem;
    } finally {
      this.sending = false;
      const { pressed } = this;
      this.pressed = null;
      pressed?.removeAttribute("aria-busy");
      if (pressed && !net.isLost()) this.form.requestSubmit(pressed === this.form ? null : pressed);
      else if (!held && !this.stopped && !net.isLost() && Object.keys(this.changes()).length) this.touched(PAUSE);
    }
  }

  /** @param {string} text */
  stop(text) {
    this.stopped = true;
    indicator.unsaved(text);
  }

  /** Unsent changes of an earlier visit: back into the fields, or offered when others changed these fields. */
  restore() {
    const kept = backup.read(this.key);
    if (!kept) return;
    kept.base ??= {};
    if (!this.url && isRefused(this.form)) {
      // The server shows what was typed and why it was not taken: a later visit needs it.
      Object.assign(this.saved, kept.base);
      this.keep();
      return;
    }
    if (!this.url && kept.submitted && !cameBack()) {
      backup.drop(this.key); // it went through and led back here
      return;
    }
    const what = restoration(kept, this.version, this.saved);
    if (what === "drop") {
      backup.drop(this.key);
      return;
    }
    const leave = make("button", { type: "button", class: "ak-btn ak-btn--quiet" }, "Прибрати");
    leave.addEventListener("click", () => {
      for (const name of Object.keys(kept.changes)) put(this.form, name, this.saved[name] ?? []);
      backup.drop(this.key);
      note.remove();
      all("input:not([type=hidden]), select, textarea", this.form)[0]?.focus();
    });
    const take = make("button", { type: "button", class: "ak-btn ak-btn--2" }, "Повернути незбережене");
    take.addEventListener("click", () => {
      this.fill(kept.changes);
      note.remove();
    });
    if (what === "fill") this.fill(kept.changes);
    const note =
      what === "fill"
        ? tell(this.form, "Відновлено незбережене з минулого разу.", this.url ? [] : [leave])
        : tell(this.form, "У цьому браузері є незбережене, а дані тим часом змінено.", [take, leave]);
  }

  /** @param {Values} changes */
  fill(changes) {
    for (const [name, values] of Object.entries(changes)) put(this.form, name, values);
    // Choices that come as one types are asked for again; what was chosen among them waits.
    this.wanted = changes;
    for (const name of Object.keys(changes))
      all(`[name="${CSS.escape(name)}"][hx-get]`, this.form).forEach((field) => field.dispatchEvent(new Event("input", { bubbles: true })));
    this.touched(50);
  }

  /** Choices were brought in: those wanted are chosen. */
  refill() {
    for (const [name, values] of Object.entries(this.wanted))
      if (isChoice(this.form, name)) put(this.form, name, values);
  }
}

/**
 * @param {HTMLFormElement} form
 * @param {string} name
 */
const isChoice = (form, name) => all(`[name="${CSS.escape(name)}"]`, form).some((one) => one instanceof HTMLInputElement && isTick(one));

/**
 * A form of a page by where it is: another person's card is another address.
 * @param {HTMLFormElement} form
 */
function keyOf(form) {
  const place = /** @type {HTMLFormElement[]} */ (all("form")).filter((one) => one.method === "post").indexOf(form);
  return `form:${location.pathname}${location.search}#${form.id || place}`;
}

/** Whether the form is shown again with what is wrong in it. @type {(form: HTMLFormElement) => boolean} */
const isRefused = (form) => form.querySelector('[aria-invalid="true"], .ak-field--bad') !== null || all("[data-ak-focus]").some((one) => !one.closest(".ak-gal"));

/** Whether the page was reached by Back, Forward or F5 rather than by a link or an answer. */
function cameBack() {
  const [way] = performance.getEntriesByType("navigation");
  return way instanceof PerformanceNavigationTiming && way.type !== "navigate";
}

/**
 * @param {HTMLFormElement} form
 * @param {string} text
 * @param {HTMLButtonElement[]} buttons
 */
function tell(form, text, buttons) {
  const row = buttons.length ? [make("div", { class: "ak-row" }, ...buttons)] : [];
  const note = make("div", { class: "ak-notice", role: "status" }, icon("undo"), make("div", {}, make("p", {}, text), ...row));
  form.prepend(note);
  return note;
}

/**
 * What became of the forms sent from the page before: a refusal or the sign-in page took nothing, any
 * other page means that they went through. A form that is on this page decides for itself.
 */
function sentBefore() {
  const interrupted = document.querySelector("[data-ak-interruption]") !== null;
  const here = `form:${location.pathname}${location.search}#`;
  for (const [key, kept] of backup.everybodys()) {
    if (!kept.submitted) continue;
    if (interrupted) backup.rewrite(key, { ...kept, submitted: false });
    else if (backup.isOwn(key, "form:") && !backup.isOwn(key, here)) backup.erase(key);
  }
}

export function start() {
  sentBefore();
  onNew((root) => {
    /** @type {HTMLFormElement[]} */ (matching(root, "form")).forEach((form) => {
      if (form.method !== "post" || form.matches(UNKEPT) || forms.has(form)) return;
      forms.set(form, new Draft(form));
    });
    const within = root.closest("form");
    if (within) forms.get(within)?.refill();
  });
  // Closing the page right after a key press: the copy in the browser is already there.
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "hidden")
      /** @type {HTMLFormElement[]} */ (all("form[data-ak-autosave]")).forEach((form) => forms.get(form)?.send());
  });
}
