// <form data-ak-autosave="/url/">: what is typed saves itself and survives a lost network, a closed
// browser and an ended session. The contract is in docs/ui.md.
import { all, make, icon, matching, onNew, parse, swapOutOfBand } from "./dom.js";
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
const SKIPPED = new Set(["csrfmiddlewaretoken", "version"]);

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
function valuesOf(form) {
  /** @type {Values} */
  const values = {};
  for (const field of /** @type {Iterable<Field>} */ (form.elements)) {
    const { name } = field;
    if (!name || SKIPPED.has(name) || field.disabled || ["password", "file", "submit", "button"].includes(field.type)) continue;
    if (field.dataset.akPrivate !== undefined) continue;
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
function put(form, name, values) {
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
    this.key = form.dataset.akKey || this.url;
    this.saved = valuesOf(form);
    this.timer = 0;
    this.sending = false;
    this.stopped = false;
    form.addEventListener("input", () => this.touched(PAUSE));
    form.addEventListener("change", () => this.touched(50));
    form.addEventListener("submit", () => this.submitted());
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

  /** @param {number} pause */
  touched(pause) {
    const changes = this.changes();
    if (!Object.keys(changes).length) return;
    backup.keep(this.key, { version: this.version, changes });
    if (this.stopped) return;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.send(), pause);
  }

  submitted() {
    clearTimeout(this.timer);
    const changes = this.changes();
    if (Object.keys(changes).length) backup.keep(this.key, { version: this.version, changes, submitted: true });
  }

  async send() {
    if (this.sending || this.stopped || this.form.dataset.akSent) return;
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
      for (const name of names) this.saved[name] = changes[name];
      const fresh = answer.headers.get("X-Version");
      if (fresh && this.versionField) this.versionField.value = fresh;
      indicator.saved();
      swapOutOfBand(fragment);
      const left = this.changes();
      if (Object.keys(left).length) backup.keep(this.key, { version: this.version, changes: left });
      else backup.drop(this.key);
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
      if (!held && !this.stopped && !net.isLost() && Object.keys(this.changes()).length) this.touched(PAUSE);
    }
  }

  /** @param {string} text */
  stop(text) {
    this.stopped = true;
    indicator.unsaved(text);
  }

  /** Unsent changes of an earlier visit: back into the fields, or offered when the draft has moved on. */
  restore() {
    const kept = backup.read(this.key);
    if (!kept) return;
    const what = restoration(kept, this.version, this.saved);
    if (what === "drop") {
      backup.drop(this.key);
      return;
    }
    if (what === "fill") {
      this.fill(kept.changes);
      tell(this.form, "Відновлено незбережене з минулого разу.", []);
      return;
    }
    const take = make("button", { type: "button", class: "ak-btn ak-btn--2" }, "Повернути незбережене");
    const leave = make("button", { type: "button", class: "ak-btn ak-btn--quiet" }, "Прибрати");
    const note = tell(this.form, "У цьому браузері є незбережені зміни до давнішої версії чернетки.", [take, leave]);
    take.addEventListener("click", () => {
      this.fill(kept.changes);
      note.remove();
    });
    leave.addEventListener("click", () => {
      backup.drop(this.key);
      note.remove();
    });
  }

  /** @param {Values} changes */
  fill(changes) {
    for (const [name, values] of Object.entries(changes)) put(this.form, name, values);
    this.touched(50);
  }
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

// ── forms that do not save themselves ──
// A plain form is posted as a whole. If the answer is a refusal or the sign-in page (the session ended,
// the token was stale), what was typed is offered when the person is back at the form.
const PLAIN = "form:";
const isInterruption = () => document.querySelector("[data-ak-interruption]") !== null;

function plainForms() {
  document.addEventListener("submit", ({ target, defaultPrevented }) => {
    const form = /** @type {HTMLFormElement} */ (target);
    if (defaultPrevented || form.method !== "post" || form.dataset.akAutosave !== undefined) return;
    if (form.dataset.akSample !== undefined || form.dataset.akSignOut !== undefined || isInterruption()) return;
    const values = valuesOf(form);
    if (Object.keys(values).length) backup.keep(PLAIN + location.pathname, { values });
  });
  const kept = backup.names(PLAIN);
  if (isInterruption()) {
    for (const key of kept) backup.keep(key, { ...backup.read(key), interrupted: true });
    return;
  }
  for (const key of kept) {
    /** @type {{values: Values, interrupted?: boolean}} */
    const { values, interrupted } = backup.read(key);
    const here = key === PLAIN + location.pathname;
    if (interrupted && !here) continue;
    const form = here && interrupted ? /** @type {HTMLFormElement[]} */ (all("form")).find((one) => Object.keys(values).every((name) => one.elements.namedItem(name))) : null;
    backup.drop(key);
    if (!form || !Object.keys(changed(values, valuesOf(form))).length) continue;
    const take = make("button", { type: "button", class: "ak-btn ak-btn--2" }, "Повернути введене");
    const note = tell(form, "Минулого разу форму не вдалося надіслати. Введене збереглося.", [take]);
    take.addEventListener("click", () => {
      for (const [name, value] of Object.entries(values)) put(form, name, value);
      note.remove();
      all("input:not([type=hidden]), select, textarea", form)[0]?.focus();
    });
  }
}

export function start() {
  plainForms();
  onNew((root) =>
    /** @type {HTMLFormElement[]} */ (matching(root, "form[data-ak-autosave]")).forEach((form) => {
      if (!forms.has(form)) forms.set(form, new Draft(form));
    }),
  );
  // Closing the page right after a key press: the copy in the browser is already there.
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "hidden")
      /** @type {HTMLFormElement[]} */ (all("form[data-ak-autosave]")).forEach((form) => forms.get(form)?.send());
  });
}
