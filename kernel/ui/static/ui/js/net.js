// Knowing whether the network is there, saying so, and repeating what could not be sent.
import { icon } from "./dom.js";

/** @type {Set<() => void>} */
const waiting = new Set();
let lost = false;
let timer = 0;
let pause = 3000;

/**
 * Something could not be sent; `again` is called until it stops failing.
 * @param {() => void} [again]
 */
export function whenBack(again) {
  if (again) waiting.add(again);
  if (!lost) {
    lost = true;
    pause = 3000;
    say("Звʼязок втрачено, введене не зникне.", "Щойно мережа повернеться, надішлемо все самі.", "off");
  }
  clearTimeout(timer);
  timer = setTimeout(retry, pause);
}

/** A request went through: the network is back. */
export function arrived() {
  if (!lost) return;
  lost = false;
  clearTimeout(timer);
  say("Звʼязок повернувся.", "Усе введене надіслано.", "check");
  setTimeout(() => {
    const box = document.getElementById("ak-net");
    if (!lost && box) box.hidden = true;
  }, 4000);
}

async function retry() {
  pause = Math.min(pause * 1.6, 30000);
  const now = [...waiting];
  waiting.clear();
  if (!now.length) {
    await probe();
    return;
  }
  for (const again of now) again();
}

async function probe() {
  try {
    const icon_ = document.querySelector('link[rel="icon"]');
    await fetch(icon_?.getAttribute("href") ?? "/", { method: "HEAD", cache: "no-store" });
    arrived();
  } catch {
    whenBack();
  }
}

/**
 * @param {string} title
 * @param {string} text
 * @param {string} sign
 */
function say(title, text, sign) {
  const box = document.getElementById("ak-net");
  if (!box) return;
  box.hidden = false;
  box.classList.toggle("ak-net--back", !lost);
  /** @type {[string, string][]} */
  const words = [["p > :first-child", title], ["[data-ak-net-text]", text]];
  for (const [place, told] of words) {
    const element = box.querySelector(place);
    if (element) element.textContent = told;
  }
  box.querySelector("svg")?.replaceWith(icon(sign));
}

export const isLost = () => lost;

export function start() {
  addEventListener("offline", () => whenBack());
  addEventListener("online", () => {
    clearTimeout(timer);
    retry();
  });
  document.addEventListener("htmx:sendError", () => whenBack());
  document.addEventListener("htmx:timeout", () => whenBack());
  document.addEventListener("htmx:beforeOnLoad", () => arrived());
}
