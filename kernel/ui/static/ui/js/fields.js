// Fields: dots in dates, a file area that takes a dropped file, selection of rows, filtering a shown list.
import { all, on, onNew, matching } from "./dom.js";

/** 02092026 becomes 02.09.2026 while typing at the end; corrections in the middle are left alone. */
function dates() {
  on("input", "[data-ak-date]", (event, /** @type {HTMLInputElement} */ field) => {
    if (/** @type {InputEvent} */ (event).inputType !== "insertText" || field.selectionStart !== field.value.length) return;
    const digits = field.value.replace(/\D/g, "");
    if (!/^[\d.]*$/.test(field.value) || digits.length > 8) return;
    const typed = field.value.split(".");
    if (typed.some((part, place) => place < typed.length - 1 && part.length === 1)) return; // 2.9.2026
    let text = digits.slice(0, 2);
    if (digits.length >= 2) text += `.${digits.slice(2, 4)}`;
    if (digits.length >= 4) text += `.${digits.slice(4, 8)}`;
    field.value = text;
  });
}

/** @param {number} bytes */
const size = (bytes) => {
  const [amount, unit] = /** @type {[number, string]} */ (bytes < 1024 ? [bytes, "Б"] : bytes < 1048576 ? [bytes / 1024, "КБ"] : [bytes / 1048576, "МБ"]);
  return `${amount.toLocaleString("uk-UA", { maximumFractionDigits: amount < 100 ? 1 : 0 })} ${unit}`;
};

/** @type {(area: HTMLElement) => HTMLInputElement | null} */
const fileField = (area) => area.querySelector('input[type="file"]');

/**
 * The first file is for this area, the others for the form's areas that are still empty; an area of
 * many files takes all.
 * @param {File[]} files
 * @param {HTMLElement} area
 */
function take(files, area) {
  const many = fileField(area);
  if (many?.multiple) {
    const all = new DataTransfer();
    for (const file of files) all.items.add(file);
    many.files = all.files;
    many.dispatchEvent(new Event("change", { bubbles: true }));
    return;
  }
  const empty = all("[data-ak-drop]", area.closest("form") ?? document).filter(
    (other) => other !== area && !fileField(other)?.files?.length,
  );
  [area, ...empty].slice(0, files.length).forEach((place, index) => {
    const field = fileField(place);
    if (!field) return;
    const one = new DataTransfer();
    one.items.add(files[index]);
    field.files = one.files;
    field.dispatchEvent(new Event("change", { bubbles: true }));
  });
}

/** @param {HTMLElement} area */
function showFile(area) {
  const files = [...(fileField(area)?.files ?? [])];
  if (!files.length) return;
  const names = files.map((file) => file.name).join(", ");
  const bytes = files.reduce((sum, file) => sum + file.size, 0);
  area.classList.add("ak-drop--has");
  for (const place of all("[data-ak-drop-name]", area)) place.textContent = names;
  for (const place of all("[data-ak-drop-note]", area)) place.textContent = size(bytes);
}

function drops() {
  on("change", "[data-ak-drop] input", (_, field) => showFile(/** @type {HTMLElement} */ (field.closest("[data-ak-drop]"))));
  for (const type of /** @type {const} */ (["dragenter", "dragover"]))
    on(type, "[data-ak-drop]", (event, area) => {
      event.preventDefault();
      area.classList.add("is-over");
    });
  on("dragleave", "[data-ak-drop]", (_, area) => area.classList.remove("is-over"));
  on("drop", "[data-ak-drop]", (event, area) => {
    event.preventDefault();
    area.classList.remove("is-over");
    take([...(event.dataTransfer?.files ?? [])], area);
  });
  onNew((root) => matching(root, "[data-ak-drop]").forEach(showFile));
}

// ── choosing rows ──
const BOX = "[data-ak-pick], .ak-picks [name=pick]";
/** @type {(scope: ParentNode) => HTMLInputElement[]} */
const boxesOf = (scope) => all(BOX, scope);
/** @type {(scope: ParentNode) => HTMLInputElement[]} */
const headsOf = (scope) => all("[data-ak-pick-all]", scope);
/** @type {(element: HTMLElement) => ParentNode} */
const scopeOf = (element) => element.closest("form, [data-ak-picking]") ?? document;
/** @type {HTMLInputElement | null} */
let lastBox = null;

// A list's table holds the words of its columns once. Sheets of styles of browsers of before 2025 cannot
// pass them down to the cells of a phone's card: there each cell is told its own.
const PASSED_DOWN = CSS.supports("x: attr(x type(*))");

/** @param {HTMLElement} root */
function tellColumns(root) {
  /** @type {HTMLTableElement[]} */ (matching(root, ".ak-list")).forEach((table) => {
    [...(table.tBodies[0]?.rows ?? [])].forEach((row) =>
      [...row.cells].forEach((cell, place) => {
        const words = table.getAttribute(`data-l${place + 1}`);
        if (words && cell.tagName === "TD") cell.dataset.l = words;
      }),
    );
    table.classList.add("is-told");
  });
}

/** @param {ParentNode} scope */
function recount(scope) {
  const boxes = boxesOf(scope);
  const picked = boxes.filter((box) => box.checked).length;
  boxes.forEach((box) => box.closest("tr")?.classList.toggle("is-on", box.checked));
  headsOf(scope).forEach((head) => {
    head.checked = picked > 0 && picked === boxes.length;
    head.indeterminate = picked > 0 && picked < boxes.length;
  });
  all("[data-ak-picked]", scope).forEach((place) => {
    place.textContent = String(picked);
  });
  all("[data-ak-bulk]", scope).forEach((bar) => {
    bar.hidden = picked === 0 && bar.dataset.akEverything === undefined;
  });
}

function selection() {
  on("click", BOX, (event, /** @type {HTMLInputElement} */ box) => {
    const boxes = boxesOf(scopeOf(box));
    const from = lastBox ? boxes.indexOf(lastBox) : -1;
    if (event.shiftKey && from >= 0) {
      const to = boxes.indexOf(box);
      boxes.slice(Math.min(from, to), Math.max(from, to) + 1).forEach((one) => {
        one.checked = box.checked;
      });
    }
    lastBox = box;
  });
  on("change", BOX, (_, box) => recount(scopeOf(box)));
  on("change", "[data-ak-pick-all]", (_, /** @type {HTMLInputElement} */ head) => {
    boxesOf(scopeOf(head)).forEach((box) => {
      box.checked = head.checked;
    });
    recount(scopeOf(head));
  });
  on("click", "[data-ak-unpick]", (_, button) => {
    const scope = scopeOf(button);
    boxesOf(scope).forEach((box) => {
      box.checked = false;
    });
    recount(scope);
    headsOf(scope)[0]?.focus();
  });
  // A list writes its ticks without the mark, for a hundred rows are lighter so; whoever keeps what is
  // typed knows a tick of a row by it.
  onNew((root) =>
    matching(root, ".ak-picks [name=pick]").forEach((box) => {
      box.dataset.akPick = "";
    }),
  );
  if (!PASSED_DOWN) onNew(tellColumns);
  onNew((root) => matching(root, "[data-ak-bulk]").forEach((bar) => recount(scopeOf(bar))));
}

// ── filtering what is already on the page ──
/** @param {string} text */
const plain = (text) => text.toLowerCase().replace(/[ʼ’'`]/g, "").replace(/\s+/g, " ").trim();

function find() {
  on("input", "[data-ak-find-box]", (_, /** @type {HTMLInputElement} */ box) => {
    const part = box.closest("[data-ak-find-in]");
    if (!part) return;
    const words = plain(box.value).split(" ");
    let shown = 0;
    all("[data-ak-find-item]", part).forEach((item) => {
      const text = plain(item.textContent);
      item.hidden = !words.every((word) => text.includes(word));
      if (!item.hidden) shown += 1;
    });
    all("[data-ak-find-group]", part).forEach((group) => {
      group.hidden = all("[data-ak-find-item]", group).every((item) => item.hidden);
    });
    all("[data-ak-find-none]", part).forEach((none) => {
      none.hidden = shown > 0;
    });
  });
}

export function start() {
  dates();
  drops();
  selection();
  find();
}
