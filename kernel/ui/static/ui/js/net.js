// Knowing whether the network is there, saying so, and repeating what could not be sent.
import { icon } from "./dom.js";

const waiting = new Set();
let lost = false;
let timer = 0;
let pause = 3000;

const banner = () => document.getElementById("ak-net");

/** Something could not be sent; `again` is called until it stops failing. */
export function whenBack(again) {
  if (again) waiting.add(again);
  if (!lost) {
    lost = true;
    pause = 3000;
    show(true);
  }
  clearTimeout(timer);
  timer = setTimeout(retry, pause);
}

/** A request went through: the network is back. */
export function arrived() {
  if (!lost) return;
  lost = false;
  clearTimeout(timer);
  const box = banner();
  if (box) {
    box.classList.add("ak-net--back");
    box.querySelector("p").firstElementChild.textContent = "Звʼязок повернувся.";
    box.querySelector("[data-ak-net-text]").textContent = "Усе введене надіслано.";
    box.querySelector("svg").replaceWith(icon("check"));
    setTimeout(() => {
      if (!lost) show(false);
    }, 4000);
  }
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
    await fetch(document.querySelector('link[rel="icon"]')?.href ?? "/", { method: "HEAD", cache: "no-store" });
    arrived();
  } catch {
    whenBack();
  }
}

function show(visible) {
  const box = banner();
  if (!box) return;
  box.hidden = !visible;
  if (visible) {
    box.classList.remove("ak-net--back");
    box.querySelector("p").firstElementChild.textContent = "Звʼязок втрачено, введене не зникне.";
    box.querySelector("[data-ak-net-text]").textContent = "Щойно мережа повернеться, надішлемо все самі.";
    box.querySelector("svg").replaceWith(icon("off"));
  }
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
