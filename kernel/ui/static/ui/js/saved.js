// The «Збережено о 14:32» line: one element marked data-ak-saved, kept true by autosave and the grid.
import { clock, icon } from "./dom.js";

function show(sign, text, off = false) {
  for (const line of document.querySelectorAll("[data-ak-saved]")) {
    if (line.closest(".ak-gal")) continue;
    const words = document.createElement("span");
    words.setAttribute("data-ak-saved-text", "");
    words.textContent = text;
    line.classList.toggle("ak-saved--off", off);
    line.replaceChildren(...(sign ? [icon(sign), " "] : []), words);
  }
}

const what = () => document.querySelector("[data-ak-saved]")?.dataset.what || "Збережено";

export const saving = () => show("sync", "Зберігаємо…");
export const saved = () => show("check", `${what()} о ${clock()}`);
export const unsaved = (text) => show("off", text, true);
