// The «Збережено о 14:32» line: one element marked data-ak-saved, kept true by autosave and the grid.
import { clock, icon } from "./dom.js";

/**
 * @param {string} sign
 * @param {string} text
 */
function show(sign, text, off = false) {
  for (const line of document.querySelectorAll("[data-ak-saved]")) {
    if (line.closest(".ak-gal")) continue;
    const words = document.createElement("span");
    words.setAttribute("data-ak-saved-text", "");
    words.textContent = text;
    line.classList.toggle("ak-saved--off", off);
    line.replaceChildren(icon(sign), " ", words);
  }
}

const what = () => document.querySelector("[data-ak-saved]")?.getAttribute("data-what") || "Збережено";

export const saving = () => show("sync", "Зберігаємо…");
export const busy = () => show("sync", "Сервер зайнятий, зберігаємо ще раз…");
export const saved = () => show("check", `${what()} о ${clock()}`);
/** @param {string} text */
export const unsaved = (text) => show("off", text, true);
