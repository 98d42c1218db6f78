// What the other modules share: delegation, posting with CSRF, fragments with out-of-band parts.

/** Handle an event wherever the selector matches, now and after htmx swaps. */
export function on(type, selector, handler, options) {
  document.addEventListener(
    type,
    (event) => {
      const found = event.target instanceof Element ? event.target.closest(selector) : null;
      if (found) handler(event, found);
    },
    options,
  );
}

/** Every match, as an array. */
export const all = (selector, root = document) => [...root.querySelectorAll(selector)];

/** Run now and again on everything htmx brings in. */
export function onNew(handler) {
  handler(document.body);
  document.addEventListener("htmx:load", (event) => handler(event.detail.elt));
}

export const matching = (root, selector) =>
  root.matches?.(selector) ? [root, ...all(selector, root)] : all(selector, root);

export const token = () => document.querySelector('meta[name="csrf-token"]')?.content ?? "";

/** The network did not carry the request; what was sent must be sent again. */
export class Lost extends Error {}

/** The session has ended or the rights are gone; the text stays on the page. */
export class Closed extends Error {}

/**
 * Post form-encoded values the way htmx does.
 * A stale token (another tab signed in again) is renewed once.
 * Throws Lost for no network or a failing server, Closed for an ended session.
 */
export async function post(url, values, headers = {}) {
  let answer = await send(url, values, headers);
  if (answer.status === 403 && (await renewToken())) answer = await send(url, values, headers);
  if (answer.type === "opaqueredirect" || answer.status === 401 || answer.status === 403)
    throw new Closed(String(answer.status));
  if (answer.status >= 500 || answer.status === 429) throw new Lost(String(answer.status));
  return answer;
}

async function send(url, values, headers) {
  try {
    return await fetch(url, {
      method: "POST",
      body: values,
      credentials: "same-origin",
      redirect: "manual",
      headers: { "X-CSRFToken": token(), "HX-Request": "true", ...headers },
    });
  } catch (error) {
    throw new Lost(error.message);
  }
}

async function renewToken() {
  try {
    const page = await fetch(location.href, { credentials: "same-origin", redirect: "manual" });
    if (!page.ok) return false;
    const parsed = new DOMParser().parseFromString(await page.text(), "text/html");
    const fresh = parsed.querySelector('meta[name="csrf-token"]')?.content;
    const meta = document.querySelector('meta[name="csrf-token"]');
    if (!fresh || !meta) return false;
    meta.content = fresh;
    all('input[name="csrfmiddlewaretoken"]').forEach((input) => {
      input.value = fresh;
    });
    return true;
  } catch {
    return false;
  }
}

/**
 * Parse an answer that may start with table rows.
 * Rows are parsed first: after a <div> the parser of a template would drop <tr>.
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

/** Put parts marked hx-swap-oob into their places and take them out of the fragment. */
export function swapOutOfBand(fragment) {
  for (const part of all("[hx-swap-oob]", fragment)) {
    const how = part.getAttribute("hx-swap-oob");
    part.removeAttribute("hx-swap-oob");
    part.remove();
    const [style, selector] = how.includes(":") ? how.split(/:(.*)/s) : [how, `#${CSS.escape(part.id)}`];
    const target = document.querySelector(selector);
    if (!target) continue;
    if (style === "innerHTML") target.replaceChildren(...part.childNodes);
    else if (style === "beforeend") target.append(...part.childNodes);
    else if (style === "delete") target.remove();
    else target.replaceWith(part);
    window.htmx?.process(style === "innerHTML" || style === "beforeend" ? target : part);
  }
}

/** A fragment like <b class="x">text</b> built without markup in strings. */
export function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === true) element.setAttribute(name, "");
    else if (value !== false && value != null) element.setAttribute(name, value);
  }
  element.append(...children);
  return element;
}

/** An icon of the sprite; the page's own icons know its address. */
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

/** Say something in the region of messages. kind: note, good, heed, bad. */
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

export const clock = (when = new Date()) =>
  `${String(when.getHours()).padStart(2, "0")}:${String(when.getMinutes()).padStart(2, "0")}`;

/** Ukrainian form of number: counted(3, "зміна", "зміни", "змін") is «3 зміни». */
export function counted(number, one, few, many) {
  const ones = number % 10;
  const tens = number % 100;
  const word = ones === 1 && tens !== 11 ? one : ones >= 2 && ones <= 4 && (tens < 12 || tens > 14) ? few : many;
  return `${number} ${word}`;
}
