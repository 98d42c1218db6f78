// Suggestions under a search box: the combobox of WAI-ARIA (list autocomplete, manual selection).
// The focus stays in the box; the chosen option is named by aria-activedescendant. Without script,
// and on Enter with nothing chosen, the form leads to the page of results.
import { all, make, on } from "./dom.js";

const PAUSE = 180; // ms after the last key
const SHORTEST = 2;

/** @type {WeakMap<HTMLInputElement, Box>} */
const boxes = new WeakMap();

class Box {
  /** @param {HTMLInputElement} input */
  constructor(input) {
    this.input = input;
    this.list = make("div", { id: `${input.id}-list`, class: "ak-suggest", role: "listbox", "aria-label": "Підказки пошуку", hidden: true });
    this.said = make("p", { class: "ak-vh", role: "status" });
    input.after(this.list, this.said);
    for (const [name, value] of Object.entries({ role: "combobox", "aria-autocomplete": "list", "aria-expanded": "false", "aria-controls": this.list.id }))
      input.setAttribute(name, value);
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    this.timer = undefined;
    /** @type {AbortController | undefined} */
    this.asking = undefined;
    this.shown = "";
    this.list.addEventListener("mousedown", (event) => event.preventDefault()); // the focus stays
    this.list.addEventListener("click", (event) => {
      const option = event.target instanceof Element ? event.target.closest("[data-ak-url]") : null;
      if (option instanceof HTMLElement) this.open(option);
    });
  }

  get options() {
    return all("[role=option]", this.list);
  }

  get chosen() {
    return this.options.find((one) => one.getAttribute("aria-selected") === "true");
  }

  typed() {
    clearTimeout(this.timer);
    this.asking?.abort();
    if (this.input.value.trim().length < SHORTEST) return this.close();
    this.timer = setTimeout(() => this.ask(), PAUSE);
  }

  async ask() {
    const text = this.input.value;
    const asking = (this.asking = new AbortController());
    try {
      const asked = this.input.dataset.akSuggest ?? "";
      const url = `${asked}${asked.includes("?") ? "&" : "?"}${new URLSearchParams({ q: text })}`;
      const answer = await fetch(url, { headers: { "HX-Request": "true" }, signal: asking.signal, redirect: "error" });
      if (!answer.ok) return this.close();
      const html = await answer.text();
      // An answer to what is no longer typed, or that came after the box was left, is dropped.
      if (asking.signal.aborted || text !== this.input.value || document.activeElement !== this.input) return;
      this.show(html, text);
    } catch {
      if (!asking.signal.aborted) this.close(); // no network: the form still leads to the page
    }
  }

  /**
   * @param {string} html
   * @param {string} text
   */
  show(html, text) {
    const content = document.createElement("template");
    content.innerHTML = html;
    this.list.replaceChildren(content.content);
    this.options.forEach((one, place) => {
      one.id = `${this.list.id}-${place}`;
    });
    this.shown = text;
    const found = this.options.length - 1; // the last one leads to the page of results
    this.list.hidden = found < 0;
    this.input.setAttribute("aria-expanded", String(found >= 0));
    this.input.removeAttribute("aria-activedescendant");
    this.said.textContent = all("[data-ak-say]", this.list).map((one) => one.textContent).join(" ") || `Підказок: ${found}`;
  }

  close() {
    clearTimeout(this.timer);
    this.asking?.abort();
    this.list.hidden = true;
    this.list.replaceChildren();
    this.shown = "";
    this.said.textContent = "";
    this.input.setAttribute("aria-expanded", "false");
    this.input.removeAttribute("aria-activedescendant");
  }

  /** @param {HTMLElement | undefined} option */
  choose(option) {
    this.chosen?.setAttribute("aria-selected", "false");
    if (!option) return this.input.removeAttribute("aria-activedescendant");
    option.setAttribute("aria-selected", "true");
    option.scrollIntoView({ block: "nearest" });
    this.input.setAttribute("aria-activedescendant", option.id);
  }

  /** @param {HTMLElement} option */
  open(option) {
    const url = option.dataset.akUrl ?? "";
    this.close();
    location.assign(url);
  }

  /** @param {KeyboardEvent} event */
  key(event) {
    if (event.isComposing) return;
    const open = !this.list.hidden;
    const options = this.options;
    const at = this.chosen ? options.indexOf(this.chosen) : -1;
    if (event.key === "Escape" && open) this.close();
    else if (event.key === "Enter" && open && at >= 0) this.open(options[at]);
    else if (event.key === "Tab") return this.close();
    else if ((event.key === "ArrowDown" || event.key === "ArrowUp") && !open) return this.typed();
    else if (event.key === "ArrowDown" && open) this.choose(options[at + 1 < options.length ? at + 1 : 0]);
    else if (event.key === "ArrowUp" && open) this.choose(options[at > 0 ? at - 1 : options.length - 1]);
    else if (event.key === "Home" && at >= 0) this.choose(options[0]);
    else if (event.key === "End" && at >= 0) this.choose(options[options.length - 1]);
    else return;
    event.preventDefault();
  }
}

/** @param {HTMLInputElement} input */
const boxOf = (input) => {
  const box = boxes.get(input) ?? new Box(input);
  boxes.set(input, box);
  return box;
};

export function start() {
  on("focusin", "[data-ak-suggest]", (_, /** @type {HTMLInputElement} */ input) => void boxOf(input));
  on("input", "[data-ak-suggest]", (_, /** @type {HTMLInputElement} */ input) => boxOf(input).typed());
  on("keydown", "[data-ak-suggest]", (event, /** @type {HTMLInputElement} */ input) => boxOf(input).key(event));
  on("focusout", "[data-ak-suggest]", (_, /** @type {HTMLInputElement} */ input) => boxOf(input).close());
}
