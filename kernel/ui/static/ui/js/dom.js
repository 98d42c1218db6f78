// What the other modules share: delegation, fragments with out-of-band parts, small builders.

/**
 * Handle an event wherever the selector matches, now and after htmx swaps. The element's class is
 * what the selector names (an input, a form); the caller says it by the type of its handler.
 * @template {keyof DocumentEventMap} T
 * @template {HTMLElement} [E=HTMLElement]
 * @param {T} type
 * @param {string} selector
 * @param {(event: DocumentEventMap[T], found: E) => void} handler
 * @param {AddEventListenerOptions} [options]
 */
export function on(type, selector, handler, options) {
  document.addEventListener(
    type,
    (event) => {
      const found = event.target instanceof Element ? event.target.closest(selector) : null;
      if (found) handler(event, /** @type {E} */ (found));
    },
    options,
  );
}

/**
 * Every match, as an array; what class they are of is what the selector names.
 * @template {HTMLElement} [E=HTMLElement]
 * @param {string} selector
 * @param {ParentNode} [root]
 * @returns {E[]}
 */
export const all = (selector, root = document) => /** @type {E[]} */ ([...root.querySelectorAll(selector)]);

/**
 * Run now and again on everything htmx brings in.
 * @param {(root: HTMLElement) => void} handler
 */
export function onNew(handler) {
  handler(document.body);
  document.addEventListener("htmx:load", (event) => handler(event.detail.elt));
}

/**
 * The element itself, when it matches, and every match inside.
 * @template {HTMLElement} [E=HTMLElement]
 * @param {HTMLElement} root
 * @param {string} selector
 * @returns {E[]}
 */
export const matching = (root, selector) => {
  const inside = /** @type {E[]} */ (all(selector, root));
  return root.matches?.(selector) ? [/** @type {E} */ (root), ...inside] : inside;
};

export const token = () => document.querySelector('meta[name="csrf-token"]')?.getAttribute("content") ?? "";

/**
 * Parse an answer that may start with table rows.
 * Rows are parsed first: after a <div> the parser of a template would drop <tr>.
 * @param {string} html
 */
export function parse(html) {
  const start = html.search(/<(?:tr|tbody)\b/i);
  const content = document.createElement("template");
  content.innerHTML = start > 0 ? html.slice(start) : html;
  if (start > 0) {
    const before = document.createElement("template");
    before.innerHTML = html.slice(0, start);
    content.content.append(before.content);
  }
  return content.content;
}

/**
 * Put parts marked hx-swap-oob into their places and take them out of the fragment.
 * @param {DocumentFragment} fragment
 */
export function swapOutOfBand(fragment) {
  for (const part of all("[hx-swap-oob]", fragment)) {
    const how = part.getAttribute("hx-swap-oob") ?? "";
    part.removeAttribute("hx-swap-oob");
    part.remove();
    const [style, selector] = how.includes(":") ? how.split(/:(.*)/s) : [how, `#${CSS.escape(part.id)}`];
    const target = /** @type {HTMLElement | null} */ (document.querySelector(selector));
    if (!target) continue;
    const back = focusIn(target);
    for (const fold of all("details[id]", target)) {
      const same = part.querySelector(`details[id="${CSS.escape(fold.id)}"]`);
      if (same instanceof HTMLDetailsElement && fold instanceof HTMLDetailsElement) same.open = fold.open;
    }
    if (style === "innerHTML") target.replaceChildren(...part.childNodes);
    else if (style === "beforeend") target.append(...part.childNodes);
    else if (style === "delete") target.remove();
    else target.replaceWith(part);
    const now = style === "innerHTML" || style === "beforeend" ? target : part;
    window.htmx?.process(now);
    back(now);
  }
}

/**
 * Where the focus is in a part about to be redrawn; the answer puts it back on the same button, link
 * or field of the new part, or on the part itself when that is gone.
 * @param {HTMLElement} part
 * @returns {(fresh: HTMLElement) => void}
 */
function focusIn(part) {
  const had = document.activeElement;
  if (!had || !part.contains(had)) return () => {};
  /** @type {(one: Element) => string} */
  const sign = (one) => [one.tagName, one.id, one.getAttribute("name"), one.getAttribute("value"), one.getAttribute("href")].join("|");
  const wanted = sign(had);
  return (fresh) => {
    if (document.activeElement === had) return;
    const same = matching(fresh, had.tagName).find((one) => sign(one) === wanted);
    if (!same) fresh.tabIndex = -1;
    (same ?? fresh).focus({ preventScroll: true });
  };
}

/**
 * A fragment like <b class="x">text</b> built without markup in strings.
 * @template {keyof HTMLElementTagNameMap} T
 * @param {T} tag
 * @param {Record<string, string | boolean | null | undefined>} [attributes]
 * @param {(Node | string)[]} children
 */
export function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === "string") element.setAttribute(name, value);
    else if (value) element.setAttribute(name, "");
  }
  element.append(...children);
  return element;
}

/**
 * An icon of the sprite; the page's own icons know its address.
 * @param {string} name
 */
export function icon(name) {
  const known = document.querySelector("svg.ak-i use")?.getAttribute("href") ?? "#";
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("class", "ak-i");
  svg.setAttribute("aria-hidden", "true");
  svg.setAttribute("focusable", "false");
  const use = document.createElementNS("http://www.w3.org/2000/svg", "use");
  use.setAttribute("href", `${known.split("#")[0]}#i-${name}`);
  svg.append(use);
  return svg;
}

/**
 * Say something in the region of messages.
 * @param {"note" | "good" | "heed" | "bad"} kind
 * @param {string} title
 * @param {string} [text]
 * @param {(Node | string)[]} more
 */
export function say(kind, title, text = "", ...more) {
  const region = document.getElementById("messages");
  if (!region) return;
  const sign = { good: "check", heed: "warn", bad: "err", note: "info" }[kind];
  const line = make("p", {}, make("b", {}, title), text ? ` ${text} ` : " ", ...more);
  region.replaceChildren(
    make("div", { class: `ak-notice${kind === "note" ? "" : ` ak-notice--${kind}`}` }, icon(sign), make("div", {}, line)),
  );
  region.scrollIntoView({ block: "nearest" });
}

/** @param {DocumentFragment} fragment a refusal of the server, in its own words */
export function refuse(fragment) {
  const region = document.getElementById("messages");
  if (!region) return;
  region.replaceChildren(...fragment.childNodes);
  region.scrollIntoView({ block: "nearest" });
}

export const clock = (when = new Date()) =>
  `${String(when.getHours()).padStart(2, "0")}:${String(when.getMinutes()).padStart(2, "0")}`;

/**
 * Ukrainian form of number: counted(3, "зміна", "зміни", "змін") is «3 зміни».
 * @param {number} number
 * @param {string} one
 * @param {string} few
 * @param {string} many
 */
export function counted(number, one, few, many) {
  const ones = number % 10;
  const tens = number % 100;
  const word = ones === 1 && tens !== 11 ? one : ones >= 2 && ones <= 4 && (tens < 12 || tens > 14) ? few : many;
  return `${number} ${word}`;
}
