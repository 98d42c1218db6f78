// <table data-ak-grid data-ak-save-url="/url/">: a table of inputs that behaves like a spreadsheet.
// The page gives data attributes only; the contract is in docs/ui.md. Where things are is decided in
// geometry.js, what stands after an answer in merge.js; here is what touches the page.
//
// A row is saved by itself, one request at a time for the whole table, so that counts sent along with
// the rows never go backwards. The answer's row is merged into the one on the page rather than put in
// its place: focus, caret and what is being typed stay where they are.
import { all, counted, icon, make, matching, onNew, parse, swapOutOfBand } from "./dom.js";
import * as backup from "./backup.js";
import * as geometry from "./geometry.js";
import { History, conflicts, copyOf, differences, restored, standing, unsent } from "./merge.js";
import * as net from "./net.js";
import * as indicator from "./saved.js";
import { Closed, Lost, post } from "./send.js";

/** @typedef {HTMLInputElement | HTMLSelectElement | HTMLTextAreaElement} Cell */
/** @typedef {import("./geometry.js").Place} Place */
/** @typedef {import("./merge.js").Cells} Cells */
/** @typedef {import("./merge.js").Change} Change */
/** @typedef {import("./merge.js").Write} Write */

const PAUSE = 400;
const CELL = "input:not([type=hidden]):not([type=checkbox]):not([type=radio]), select, textarea";
/** @type {WeakMap<HTMLTableElement, Grid>} */
const grids = new WeakMap();
/** @type {Grid | null} */
let current = null;
/** What stood in the cell when it took the focus. @type {WeakMap<Cell, string>} */
const before = new WeakMap();

/** @type {(target: EventTarget | null) => Cell | null} */
const asCell = (target) => (target instanceof HTMLElement && target.matches(CELL) ? /** @type {Cell} */ (target) : null);
/** @type {(cell: Cell) => Place} */
const placeOf = (cell) => ({ row: cell.closest("tr")?.dataset.akRow ?? "", column: cell.name });
/** @type {(cell: Cell) => boolean} */
const untouched = (cell) => (before.get(cell) ?? cell.value) === cell.value;

class Grid {
  /** @param {HTMLTableElement} table */
  constructor(table) {
    this.table = table;
    this.url = table.dataset.akSaveUrl || "";
    this.key = `grid:${this.url}`;
    /** Typed and not yet sent, by row. @type {Map<string, Cells>} */
    this.pending = new Map();
    /** On its way; row "" is a block. @type {{row: string, values: Cells} | null} */
    this.flying = null;
    /** @type {Map<string, number>} */
    this.timers = new Map();
    this.history = new History();
    /** Cells of one column, chosen with Shift and arrows. @type {Place[]} */
    this.picked = [];
    this.pasting = false;
    table.addEventListener("focusin", (event) => this.entered(asCell(event.target)));
    table.addEventListener("focusout", (event) => this.left(asCell(event.target)));
    table.addEventListener("input", (event) => this.typed(asCell(event.target)));
    table.addEventListener("keydown", (event) => {
      const cell = asCell(event.target);
      if (cell && !event.isComposing && this.pressed(event, cell)) event.preventDefault();
    });
    table.addEventListener("paste", (event) => this.pasted(event));
    table.addEventListener("copy", (event) => this.copied(event));
    table.addEventListener("click", (event) => this.clicked(event));
    table.addEventListener("pointerdown", () => this.unpick());
    if (this.url) this.restore();
  }

  // ── the page as rows and cells ──
  /** @returns {geometry.Line[]} */
  lines() {
    return all("tr[data-ak-row]", this.table)
      .filter((row) => row.offsetParent !== null)
      .map((row) => ({ id: row.dataset.akRow ?? "", columns: this.cells(row).map((cell) => cell.name) }));
  }

  /**
   * @param {string} id
   * @returns {HTMLTableRowElement | null}
   */
  row(id) {
    return this.table.querySelector(`tr[data-ak-row="${CSS.escape(id)}"]`);
  }

  /**
   * @param {HTMLElement} row
   * @returns {Cell[]}
   */
  cells(row) {
    return /** @type {Cell[]} */ (all(CELL, row)).filter((cell) => !cell.disabled && cell.name);
  }

  /**
   * @param {Place | null} place
   * @returns {Cell | null}
   */
  cell(place) {
    return (place && this.row(place.row)?.querySelector(`[name="${CSS.escape(place.column)}"]`)) ?? null;
  }

  /** @param {Place} place */
  value(place) {
    return this.cell(place)?.value ?? "";
  }

  /** @param {Cell | null} cell */
  go(cell) {
    if (!cell) return false;
    cell.focus();
    if (!(cell instanceof HTMLSelectElement)) cell.select();
    cell.scrollIntoView({ block: "nearest", inline: "nearest" });
    return true;
  }

  // ── typing ──
  /** @param {Cell | null} cell */
  entered(cell) {
    if (!cell) return;
    current = this;
    if (!before.has(cell)) before.set(cell, cell.value);
  }

  /** @param {Cell | null} cell */
  left(cell) {
    const was = cell && before.get(cell);
    if (!cell || was === undefined || was === null) return;
    before.delete(cell);
    const place = placeOf(cell);
    if (was !== cell.value) this.history.remember([{ ...place, before: was, after: cell.value }]);
    if (this.pending.has(place.row)) this.send(place.row);
    else if (!this.isFlying(place) && cell instanceof HTMLInputElement && cell.value !== cell.defaultValue)
      cell.value = cell.defaultValue; // the server's spelling, held back while the cell had focus
  }

  /**
   * @param {Cell | null} cell
   * @param {number} [pause]
   */
  typed(cell, pause = PAUSE) {
    if (!cell?.name) return;
    const { row, column } = placeOf(cell);
    const waiting = this.pending.get(row) ?? new Map();
    this.pending.set(row, waiting.set(column, cell.value));
    this.keep();
    clearTimeout(this.timers.get(row));
    this.timers.set(row, setTimeout(() => this.send(row), pause));
  }

  /** @param {Place} place */
  isFlying({ row, column }) {
    return this.flying?.row === row && this.flying.values.has(column);
  }

  /**
   * Put values into cells as if typed, and save all their rows.
   * @param {Write[]} writes
   * @returns {Change[]}
   */
  write(writes) {
    const done = [];
    for (const one of writes) {
      const cell = this.cell(one);
      if (!cell || cell.value === one.after) continue;
      done.push({ ...one, before: cell.value });
      cell.value = one.after;
      if (before.has(cell)) before.set(cell, one.after);
      this.typed(cell, 0);
    }
    return done;
  }

  /** @param {Write[]} writes as one step for undo */
  writeAndRemember(writes) {
    this.history.remember(this.write(writes));
  }

  /** @param {Write[]} step */
  stepBack(step) {
    this.write(step);
    if (step.length) this.go(this.cell(step[0]));
    return true;
  }

  // ── keys ──
  /**
   * @param {KeyboardEvent} event
   * @param {Cell} cell
   * @returns {boolean} whether the key was ours
   */
  pressed(event, cell) {
    const command = event.ctrlKey || event.metaKey;
    const text = cell instanceof HTMLInputElement;
    const place = placeOf(cell);
    const step = ["ArrowDown", "ArrowRight", "End"].includes(event.key) ? 1 : -1;
    switch (event.key) {
      case "Enter":
        if (command || event.altKey || cell instanceof HTMLTextAreaElement) return false;
        this.unpick();
        this.go(this.cell(geometry.vertical(this.lines(), place, event.shiftKey ? -1 : 1)));
        return true;
      case "ArrowDown":
      case "ArrowUp": {
        if (command || event.altKey || !text) return false;
        const next = geometry.vertical(this.lines(), place, step);
        if (event.shiftKey) return this.pick(place, next);
        this.unpick();
        return this.go(this.cell(next));
      }
      case "ArrowLeft":
      case "ArrowRight":
        if (command || event.altKey || event.shiftKey || !atEdge(cell, step)) return false;
        return this.go(this.cell(geometry.horizontal(this.lines(), place, step)));
      case "Home":
      case "End":
        return command && this.go(this.cell(geometry.corner(this.lines(), step)));
      case "F2":
        if (!text) return false;
        cell.setSelectionRange(cell.value.length, cell.value.length);
        return true;
      case "Escape":
        this.unpick();
        if (untouched(cell)) return false;
        cell.value = before.get(cell) ?? "";
        this.typed(cell, 0);
        return true;
      default:
    }
    if (!command || event.altKey) return false;
    const letter = event.code; // the key's place: with a Ukrainian layout Ctrl+D is Ctrl+В
    if (letter === "KeyD") return this.fillDown(cell);
    if (!untouched(cell)) return false;
    if (letter === "KeyZ" && !event.shiftKey) return this.stepBack(this.history.undo());
    if (letter === "KeyY" || letter === "KeyZ") return this.stepBack(this.history.redo());
    return false;
  }

  /**
   * Ctrl+D: the chosen cells take the top one's value; with none chosen this cell takes the one above.
   * @param {Cell} cell
   */
  fillDown(cell) {
    const filling = geometry.fillDown(this.lines(), this.picked, placeOf(cell));
    if (filling) {
      const after = this.value(filling.from);
      this.writeAndRemember(filling.to.map((place) => ({ ...place, after })));
    }
    if (this.picked.length < 2 && !(cell instanceof HTMLSelectElement)) cell.select();
    return true;
  }

  /**
   * @param {Place} from
   * @param {Place | null} next
   */
  pick(from, next) {
    if (!next) return true;
    this.picked = geometry.picking(this.picked, from, next);
    this.go(this.cell(next));
    this.paint();
    return true;
  }

  unpick() {
    if (!this.picked.length) return;
    this.picked = [];
    this.paint();
  }

  paint() {
    all(".is-picked", this.table).forEach((td) => td.classList.remove("is-picked"));
    this.picked.forEach((place) => this.cell(place)?.closest("td")?.classList.add("is-picked"));
  }

  /** @param {ClipboardEvent} event */
  copied(event) {
    if (this.picked.length < 2) return;
    const values = geometry.fromTop(this.lines(), this.picked).map((place) => this.value(place));
    event.clipboardData?.setData("text/plain", values.join("\n"));
    event.preventDefault();
  }

  /** @param {MouseEvent} event */
  clicked(event) {
    const button = event.target instanceof Element ? event.target.closest("[data-ak-put]") : null;
    const cell = /** @type {Cell | null | undefined} */ (button?.closest("td")?.querySelector(CELL));
    if (!cell) return;
    event.preventDefault();
    this.writeAndRemember([{ ...placeOf(cell), after: button?.getAttribute("data-ak-put") ?? "" }]);
    this.go(cell);
  }

  /** @param {1 | -1} step */
  nextProblem(step) {
    const wrong = /** @type {Cell[]} */ (all('[aria-invalid="true"], td.is-heed > input, td.is-heed > select', this.table)).filter((one) => one.offsetParent);
    const from = document.activeElement;
    if (!wrong.length || !from) return false;
    const after = wrong.findIndex((one) => from.compareDocumentPosition(one) & Node.DOCUMENT_POSITION_FOLLOWING);
    return this.go(wrong[geometry.nextProblem(wrong.length, wrong.indexOf(/** @type {Cell} */ (from)), after, step)]);
  }

  // ── saving ──
  /** @param {string} id */
  send(id) {
    clearTimeout(this.timers.get(id));
    this.timers.delete(id);
    if (!this.url || this.flying || this.pasting) return;
    const values = this.pending.get(id);
    const row = this.row(id);
    if (!values || !row) {
      this.pending.delete(id);
      return;
    }
    this.pending.delete(id);
    this.flying = { row: id, values };
    const body = new URLSearchParams({ row: id, version: row.dataset.akVersion ?? "" });
    values.forEach((value, column) => body.append(column, value));
    this.transmit(body, (answer, fragment) => this.merge(answer, fragment, id, values), () => {
      this.pending.set(id, unsent(values, this.pending.get(id)));
    });
  }

  /**
   * @param {URLSearchParams} body
   * @param {(answer: Response, fragment: DocumentFragment) => void} done
   * @param {() => void} failed
   */
  async transmit(body, done, failed) {
    indicator.saving();
    let again = true;
    try {
      const answer = await post(this.url, body);
      net.arrived();
      const to = answer.headers.get("HX-Redirect") || answer.headers.get("HX-Location");
      if (to) {
        backup.drop(this.key);
        location.assign(to);
        return;
      }
      if (answer.headers.get("HX-Refresh") === "true") {
        location.reload();
        return;
      }
      const fragment = parse(await answer.text());
      this.flying = null;
      indicator.saved();
      done(answer, fragment);
      swapOutOfBand(fragment);
    } catch (problem) {
      this.flying = null;
      failed();
      if (problem instanceof Lost) {
        again = false;
        const number = [...this.pending.values()].reduce((sum, values) => sum + values.size, 0);
        indicator.unsaved(`Без мережі: ${counted(number, "зміна чекає", "зміни чекають", "змін чекають")}`);
        net.whenBack(() => this.flush());
      } else if (problem instanceof Closed) {
        again = false;
        indicator.unsaved("Сеанс завершився. Увійдіть знову в сусідній вкладці: введене збережено в цьому браузері.");
        setTimeout(() => this.flush(), 15000);
      } else throw problem;
    } finally {
      this.keep();
      if (again) this.flush();
    }
  }

  /** Send what waits and is not just being typed. */
  flush() {
    for (const id of this.pending.keys()) {
      if (this.timers.has(id)) continue;
      this.send(id);
      if (this.flying) return;
    }
  }

  keep() {
    if (!this.url) return;
    const flying = this.flying?.row ? this.flying : null;
    const waiting = copyOf(flying, this.pending, (id) => this.row(id)?.dataset.akVersion ?? "");
    if (Object.keys(waiting).length) backup.keep(this.key, { waiting });
    else backup.drop(this.key);
  }

  restore() {
    const kept = backup.read(this.key);
    if (!kept) return;
    const found = restored(
      kept.waiting,
      (id) => this.row(id)?.dataset.akVersion ?? null,
      (row, column) => this.cell({ row, column })?.value ?? null,
    );
    this.writeAndRemember(found.writes);
    found.conflicts.forEach((one) => this.conflict(one));
    if (!this.pending.size) backup.drop(this.key);
  }

  /**
   * Somebody else's value stands in the cell; ours is one press away.
   * @param {Write} mine
   */
  conflict({ row, column, after }) {
    const cell = this.cell({ row, column });
    const td = cell?.closest("td");
    if (!cell || !td) return;
    td.classList.add("is-heed");
    td.querySelector(".ak-cellmsg")?.remove();
    const id = `ak-conflict-${row}-${column}`;
    td.append(
      make("p", { class: "ak-cellmsg", id }, icon("warn"),
        make("span", {}, "Рядок тим часом змінено в іншому вікні. Ви написали: ",
          make("button", { type: "button", class: "ak-link", "data-ak-put": after }, after || "порожньо"))),
    );
    cell.setAttribute("aria-describedby", id);
  }

  /**
   * The answer's row into the page's row, with what belongs to it below. `sent` is what this answer
   * is about.
   * @param {Response} answer
   * @param {DocumentFragment} fragment
   * @param {string} id
   * @param {Cells} sent
   */
  merge(answer, fragment, id, sent) {
    const fresh = all("tr", fragment).find((row) => row.dataset.akRow === id);
    const row = this.row(id);
    if (!fresh || !row) return;
    /** @type {Element[]} */
    const extras = [];
    for (let one = fresh.nextElementSibling; one?.matches("tr:not([data-ak-row]):not([hx-swap-oob])"); one = one.nextElementSibling) extras.push(one);
    /** @type {(column: string) => string | undefined} */
    const theirs = (column) => /** @type {Cell | null} */ (fresh.querySelector(`[name="${CSS.escape(column)}"]`))?.value;
    const refused = answer.status === 409 ? conflicts(sent, theirs) : [];
    while (row.nextElementSibling && !row.nextElementSibling.matches("[data-ak-row]")) row.nextElementSibling.remove();
    row.after(...extras);
    this.mergeRow(row, fresh);
    refused.forEach(([column, mine]) => this.conflict({ row: id, column, after: mine }));
    fresh.remove();
    [row, ...extras].forEach((one) => window.htmx?.process(one));
  }

  /**
   * @param {HTMLElement} row
   * @param {HTMLElement} fresh
   */
  mergeRow(row, fresh) {
    const waiting = this.pending.get(row.dataset.akRow ?? "");
    attributes(row, fresh);
    const old = [...row.children];
    const next = [...fresh.children];
    next.forEach((cell, place) => {
      const mine = old[place];
      if (!mine) {
        row.append(cell.cloneNode(true));
        return;
      }
      const input = /** @type {Cell | null} */ (mine.querySelector(CELL));
      const theirs = /** @type {Cell | null} */ (cell.querySelector(CELL));
      if (!input || !theirs || input.name !== theirs.name || input.tagName !== theirs.tagName) {
        if (!mine.contains(document.activeElement)) mine.replaceWith(cell.cloneNode(true));
        return;
      }
      attributes(mine, cell);
      const typing = document.activeElement === input;
      const stood = input.value;
      attributes(input, theirs);
      if (input instanceof HTMLSelectElement && theirs instanceof HTMLSelectElement) syncOptions(input, theirs);
      const value = standing({ mine: stood, theirs: theirs.value, waiting: waiting?.has(input.name) ?? false, typing });
      if (input.value !== value) input.value = value;
      [...mine.childNodes].forEach((node) => {
        if (node !== input && !node.contains(input)) node.remove();
      });
      let reached = false;
      for (const node of [...cell.childNodes]) {
        if (node === theirs || node.contains(theirs)) reached = true;
        else if (reached) mine.append(node.cloneNode(true));
        else mine.insertBefore(node.cloneNode(true), mine.firstChild);
      }
    });
    old.slice(next.length).forEach((cell) => cell.remove());
    if (this.picked.length) this.paint();
  }

  // ── a block from a spreadsheet ──
  /** @param {ClipboardEvent} event */
  pasted(event) {
    const cell = asCell(event.target);
    const block = geometry.block(event.clipboardData?.getData("text/plain") ?? "");
    if (!cell || !this.url || !block) return;
    event.preventDefault();
    this.paste(cell, block);
  }

  /**
   * The server writes the block: into the visible rows from this one down, and into new ones when the
   * table shows all its rows.
   * @param {Cell} cell
   * @param {string[][]} block
   */
  async paste(cell, block) {
    const place = placeOf(cell);
    this.timers.forEach((timer) => clearTimeout(timer));
    this.timers.clear();
    while (this.flying || (this.pending.size && !net.isLost())) {
      this.flush();
      await new Promise((ready) => setTimeout(ready, 50));
    }
    this.pasting = true;
    this.table.setAttribute("aria-busy", "true");
    const was = this.snapshot();
    const rows = geometry.downFrom(this.lines(), place.row).slice(0, block.length);
    const body = new URLSearchParams({ paste: "1", start_row: place.row, rows: rows.join(","), start_column: place.column, cells: geometry.text(block) });
    await this.transmit(body, (answer, fragment) => {
      const fresh = fragment.querySelector("tbody");
      const old = this.row(place.row)?.closest("tbody") ?? this.table.tBodies[0];
      if (fresh) {
        fresh.remove();
        old.replaceWith(fresh);
        window.htmx?.process(fresh);
      }
      this.history.remember(differences(was, this.snapshot()));
      this.go(this.cell(place));
      if (answer.ok) announce(`Вставлено ${counted(block.length, "рядок", "рядки", "рядків")}`);
    }, () => {
      announce("Блок не вставлено: немає звʼязку. Вставте його ще раз, коли мережа повернеться.");
    });
    this.pasting = false;
    this.table.removeAttribute("aria-busy");
    this.flush();
  }

  /** @returns {Map<string, Cells>} */
  snapshot() {
    return new Map(
      all("tr[data-ak-row]", this.table).map((row) => [
        row.dataset.akRow ?? "",
        new Map(this.cells(row).map((cell) => [cell.name, cell.value])),
      ]),
    );
  }
}

/**
 * Whether an arrow pressed here leaves the cell: the caret is at that end, or all of it is chosen.
 * @param {Cell} cell
 * @param {1 | -1} side
 */
function atEdge(cell, side) {
  if (!(cell instanceof HTMLInputElement)) return true;
  const { selectionStart: from, selectionEnd: to, value } = cell;
  if (from === null || (from === 0 && to === value.length)) return true;
  return side < 0 ? from === 0 && to === 0 : from === value.length;
}

/**
 * Make the attributes of one element those of another; the value being typed is a property and stays.
 * @param {Element} mine
 * @param {Element} theirs
 */
function attributes(mine, theirs) {
  for (const { name } of [...mine.attributes]) if (!theirs.hasAttribute(name)) mine.removeAttribute(name);
  for (const { name, value } of [...theirs.attributes]) if (mine.getAttribute(name) !== value) mine.setAttribute(name, value);
}

/**
 * @param {HTMLSelectElement} mine
 * @param {HTMLSelectElement} theirs
 */
function syncOptions(mine, theirs) {
  const chosen = mine.value;
  const same = mine.options.length === theirs.options.length && [...mine.options].every((one, at) => one.value === theirs.options[at].value);
  if (!same) mine.replaceChildren(...[...theirs.options].map((one) => one.cloneNode(true)));
  mine.value = chosen;
}

/** @param {string} text */
function announce(text) {
  const region = document.getElementById("messages");
  if (!region) return;
  region.replaceChildren(make("p", { class: "ak-vh" }, text));
}

export function start() {
  onNew((root) =>
    /** @type {HTMLTableElement[]} */ (matching(root, "table[data-ak-grid]")).forEach((table) => {
      if (!grids.has(table)) grids.set(table, new Grid(table));
    }),
  );
  document.addEventListener("keydown", (event) => {
    if (event.key !== "F8" || event.ctrlKey || event.altKey || event.metaKey) return;
    const [first] = /** @type {HTMLTableElement[]} */ (all("table[data-ak-grid]"));
    const grid = current?.table.isConnected ? current : first && grids.get(first);
    if (grid?.nextProblem(event.shiftKey ? -1 : 1)) event.preventDefault();
  });
  addEventListener("beforeunload", (event) => {
    const grid = current;
    if (grid?.url && (grid.pending.size || grid.flying) && net.isLost()) event.preventDefault();
  });
}
