// <table data-ak-grid data-ak-save-url="/url/">: a table of inputs that behaves like a spreadsheet.
// The page gives data attributes only; the contract is in docs/ui.md. Where things are is decided in
// geometry.js, what stands after an answer in merge.js; here is what touches the page.
//
// A row is saved by itself, one request at a time for the whole table, so that counts sent along with
// the rows never go backwards. Whatever was asked (a row, a block, a button), the rows of the answer
// are merged into those on the page rather than put in their place: focus, caret and what is being
// typed stay where they are, however late the answer comes. Tab walks the cells and nothing else;
// buttons and links of a row are reached by arrows and Alt.
import { all, counted, icon, make, matching, onNew, parse, refuse, say, swapOutOfBand } from "./dom.js";
import * as backup from "./backup.js";
import * as geometry from "./geometry.js";
import { History, conflicts, copyOf, differences, notReached, restored, standing, unsent } from "./merge.js";
import * as net from "./net.js";
import * as indicator from "./saved.js";
import { Closed, Lost, post } from "./send.js";

/** @typedef {HTMLInputElement | HTMLSelectElement | HTMLTextAreaElement} Cell */
/** @typedef {import("./geometry.js").Place} Place */
/** @typedef {import("./merge.js").Cells} Cells */
/** @typedef {import("./merge.js").Change} Change */
/** @typedef {import("./merge.js").Write} Write */

const PAUSE = 400;
/** What of a row can be pressed and is no cell. */
const PRESSED = "a[href], button";
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
/** @type {(cell: Cell) => string} */
const standsIn = (cell) => (cell instanceof HTMLSelectElement ? ([...cell.options].find((one) => one.defaultSelected)?.value ?? "") : cell.defaultValue);
/** @type {(cell: Cell) => boolean} */
const untouched = (cell) => (before.get(cell) ?? cell.value) === cell.value;

class Grid {
  /** @param {HTMLTableElement} table */
  constructor(table) {
    this.table = table;
    this.url = table.dataset.akSaveUrl || "";
    this.key = `grid:${this.url.split("?")[0]}`;
    /** Typed and not yet sent, by row. @type {Map<string, Cells>} */
    this.pending = new Map();
    /** On its way; row "" is a block or a button. @type {{row: string, values: Cells} | null} */
    this.flying = null;
    /** The answer that is waited for. @type {Promise<void>} */
    this.landing = Promise.resolve();
    /** Whether the last request was not taken: no network, no session, a refusal. */
    this.held = false;
    /** Kept for rows of other pages of the table. @type {import("./merge.js").Waiting} */
    this.elsewhere = {};
    /** The row one is in, and its cells that were not reached yet. */
    this.here = "";
    /** @type {Set<string>} */
    this.later = new Set();
    /** The cell in which a letter is being composed. @type {Cell | null} */
    this.composing = null;
    /** @type {Map<string, number>} */
    this.timers = new Map();
    this.history = new History();
    /** Cells of one column, chosen with Shift and arrows. @type {Place[]} */
    this.picked = [];
    table.addEventListener("focusin", (event) => this.entered(asCell(event.target)));
    table.addEventListener("focusout", (event) => this.left(event));
    table.addEventListener("input", (event) => {
      const cell = asCell(event.target);
      if (cell && cell !== this.composing) this.typed(cell);
    });
    // What the browser fills in itself may come without a key press.
    table.addEventListener("change", (event) => {
      const cell = asCell(event.target);
      if (cell && cell.value !== standsIn(cell) && !this.isFlying(placeOf(cell))) this.typed(cell);
    });
    table.addEventListener("compositionstart", (event) => {
      this.composing = asCell(event.target);
    });
    table.addEventListener("compositionend", (event) => {
      this.composing = null;
      this.typed(asCell(event.target));
    });
    table.addEventListener("keydown", (event) => {
      const cell = asCell(event.target);
      if (event.isComposing) return;
      if (cell ? this.pressed(event, cell) : this.pressedBeside(event)) event.preventDefault();
    });
    table.addEventListener("paste", (event) => this.pasted(event));
    table.addEventListener("copy", (event) => this.copied(event));
    table.addEventListener("cut", (event) => this.copied(event) && this.clear());
    table.addEventListener("click", (event) => this.clicked(event));
    table.addEventListener("pointerdown", () => this.unpick());
    table.closest("form")?.addEventListener("submit", (event) => {
      const button = event.submitter;
      if (!(button instanceof HTMLButtonElement) || button.dataset.akAct === undefined) return;
      event.preventDefault();
      this.act(button);
    });
    all("tbody > tr", table).forEach(untabbed);
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
    const { row } = placeOf(cell);
    if (row === this.here) return;
    this.tell();
    this.here = row;
    const cells = this.row(row) ? this.cells(/** @type {HTMLElement} */ (this.row(row))) : [];
    this.later = notReached(cells.map((one) => ({ name: one.name, value: one.value, told: one.closest("td.is-bad, td.is-heed") !== null })));
  }

  /** @param {FocusEvent} event */
  left(event) {
    if (event.target === document.activeElement) return; // another window: the focus stays here
    const next = event.relatedTarget instanceof Element ? event.relatedTarget.closest("tr") : null;
    const cell = asCell(event.target);
    if (cell) this.leftCell(cell);
    if (next?.dataset.akRow !== this.here) this.tell();
  }

  /** @param {Cell} cell */
  leftCell(cell) {
    this.tell(cell.name);
    const was = before.get(cell);
    if (was === undefined) return;
    before.delete(cell);
    const place = placeOf(cell);
    if (was !== cell.value) this.history.remember([{ ...place, before: was, after: cell.value }]);
    if (this.pending.has(place.row)) this.send(place.row);
    else if (!this.isFlying(place) && cell instanceof HTMLInputElement && cell.value !== cell.defaultValue)
      cell.value = cell.defaultValue; // the server's spelling, held back while the cell had focus
  }

  /**
   * A cell one has not come to yet is not wrong: what is told of it waits until one has left it, or
   * the row.
   * @param {HTMLElement} row
   */
  hush(row) {
    if (row.dataset.akRow !== this.here) return;
    for (const cell of this.cells(row)) {
      const td = cell.closest("td");
      if (!td?.matches(".is-bad, .is-heed") || cell.value || !this.later.has(cell.name)) continue;
      td.dataset.akLater = td.classList.contains("is-bad") ? "is-bad" : "is-heed";
      td.classList.remove("is-bad", "is-heed");
      cell.removeAttribute("aria-invalid");
    }
    this.mark(row);
  }

  /**
   * Tell what was held back of one cell, or of the whole row that is left.
   * @param {string} [column]
   */
  tell(column) {
    const row = this.row(this.here);
    if (column) this.later.delete(column);
    else {
      this.later.clear();
      this.here = "";
    }
    if (!row) return;
    for (const td of all("td[data-ak-later]", row)) {
      const cell = /** @type {Cell | null} */ (td.querySelector(CELL));
      if (!cell || this.later.has(cell.name)) continue;
      const level = td.dataset.akLater ?? "";
      delete td.dataset.akLater;
      td.classList.add(level);
      if (level === "is-bad") cell.setAttribute("aria-invalid", "true");
    }
    this.mark(row);
  }

  /** @param {HTMLElement} row whose state says nothing while all that is wrong lies ahead */
  mark(row) {
    const ahead = row.querySelector("td[data-ak-later]") !== null && !row.querySelector("td.is-bad");
    row.classList.toggle("is-later", ahead);
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
      if (!cell || cell.value === one.after || isFixed(cell)) continue;
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
        if (event.altKey) return this.agree(cell);
        if (command) return this.onward();
        if (cell instanceof HTMLTextAreaElement) return false;
        this.unpick();
        this.go(this.cell(geometry.vertical(this.lines(), place, event.shiftKey ? -1 : 1)));
        return true;
      case "Delete":
        return this.picked.length > 1 && this.clear();
      case "ArrowDown":
      case "ArrowUp": {
        if (event.altKey && step > 0) return this.focusFirst(offersOf(cell));
        if (command || event.altKey || !text) return false;
        const next = geometry.vertical(this.lines(), place, step);
        if (event.shiftKey) return this.pick(place, next);
        this.unpick();
        return this.go(this.cell(next));
      }
      case "ArrowLeft":
      case "ArrowRight":
        if (command || event.altKey || event.shiftKey || !atEdge(cell, step)) return false;
        return this.focusFirst(this.beside(cell, step)) || this.go(this.cell(geometry.horizontal(this.lines(), place, step)));
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
   * Keys on a button or a link of a row: arrows lead along the row, Escape back into its cell.
   * @param {KeyboardEvent} event
   * @returns {boolean} whether the key was ours
   */
  pressedBeside(event) {
    const own = /** @type {HTMLElement} */ (event.target);
    const row = own.closest("tr");
    if (!row?.closest("tbody") || !own.matches(PRESSED)) return false;
    const named = row.dataset.akRow ? row : rowOf(row);
    const cells = named ? this.cells(named) : [];
    const cell = /** @type {Cell | null | undefined} */ (own.closest("td")?.querySelector(CELL));
    const group = (cell ? offersOf(cell) : all(PRESSED, own.closest("td, th") ?? row));
    const step = event.key === "ArrowRight" || event.key === "ArrowDown" ? 1 : -1;
    switch (event.key) {
      case "Escape":
        return this.go(cell ?? cells[0] ?? null);
      case "ArrowLeft":
      case "ArrowRight": {
        const next = group[group.indexOf(own) + step];
        if (next) return this.focusFirst([next]);
        if (cell) return this.go(cell);
        if (own.closest("th")) return step > 0 && this.go(cells[0] ?? null);
        return step < 0 && this.go(cells[cells.length - 1] ?? null);
      }
      case "ArrowDown":
      case "ArrowUp": {
        const line = this.lines().findIndex((one) => one.id === named?.dataset.akRow);
        const to = this.row(this.lines()[line + step]?.id ?? "");
        const same = to && all(own.closest("th") ? "th a[href]" : ".ak-gact button", to);
        return !cell && !!same && this.focusFirst(same);
      }
      default:
        return false;
    }
  }

  /**
   * The row's own buttons beyond its first or last cell.
   * @param {Cell} cell
   * @param {1 | -1} step
   */
  beside(cell, step) {
    const row = cell.closest("tr");
    if (!row) return [];
    const cells = this.cells(row);
    return cells[step < 0 ? 0 : cells.length - 1] === cell ? all(`:scope > ${step < 0 ? "th" : ".ak-gact"} :is(${PRESSED})`, row) : [];
  }

  /** @param {HTMLElement[]} elements */
  focusFirst(elements) {
    const found = elements.find((one) => one.offsetParent !== null);
    found?.focus();
    return found !== undefined;
  }

  /**
   * Alt+Enter: take what the cell's message offers.
   * @param {Cell} cell
   */
  agree(cell) {
    const [offer] = offersOf(cell);
    offer?.click();
    return true;
  }

  /** Ctrl+Enter: out of the table, to what comes after it. */
  onward() {
    const after = all(`[data-ak-onward], [data-ak-onward] :is(${PRESSED})`);
    return this.focusFirst(after.reverse());
  }

  /** Empty the chosen cells. */
  clear() {
    this.writeAndRemember(this.picked.map((place) => ({ ...place, after: "" })));
    return true;
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
    if (this.picked.length < 2) return false;
    const values = geometry.fromTop(this.lines(), this.picked).map((place) => this.value(place));
    event.clipboardData?.setData("text/plain", values.join("\n"));
    event.preventDefault();
    return true;
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
    const wrong = /** @type {HTMLElement[]} */ (all('[aria-invalid="true"], td.is-heed > input, td.is-heed > select, .ak-twin__a > button:first-of-type, tr[data-ak-below] .ak-lines a', this.table)).filter((one) => one.offsetParent);
    const from = document.activeElement;
    if (!wrong.length || !from) return false;
    const after = wrong.findIndex((one) => from.compareDocumentPosition(one) & Node.DOCUMENT_POSITION_FOLLOWING);
    const next = wrong[geometry.nextProblem(wrong.length, wrong.indexOf(/** @type {HTMLElement} */ (from)), after, step)];
    return this.go(asCell(next)) || this.focusFirst([next]);
  }

  // ── saving ──
  /** @param {string} id */
  send(id) {
    clearTimeout(this.timers.get(id));
    this.timers.delete(id);
    if (!this.url || this.flying) return;
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
    this.landing = this.transmit(this.url, body, (answer, fragment) => this.saved(answer, fragment, id, values), () => {
      this.pending.set(id, unsent(values, this.pending.get(id)));
    });
  }

  /**
   * @param {string} url
   * @param {URLSearchParams} body
   * @param {(answer: Response, fragment: DocumentFragment) => void} done
   * @param {() => void} failed what was sent was not taken, and the person is told why
   */
  async transmit(url, body, done, failed) {
    indicator.saving();
    let again = true;
    try {
      const answer = await post(url, body);
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
      if (answer.headers.get("HX-Retarget")) {
        again = false;
        this.held = true;
        failed();
        refuse(fragment);
        indicator.unsaved("Не збережено");
        return;
      }
      this.held = false;
      indicator.saved();
      done(answer, fragment);
      swapOutOfBand(fragment);
    } catch (problem) {
      this.flying = null;
      this.held = true;
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

  /**
   * Everything typed so far is with the server: what follows stands on it.
   * @returns {Promise<boolean>} false when it could not be sent
   */
  async settled() {
    this.held = false;
    while (this.flying || this.pending.size) {
      this.timers.forEach((timer) => clearTimeout(timer));
      this.timers.clear();
      this.flush();
      await this.landing;
      if (this.held) return false;
    }
    return true;
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
    const kept = { ...this.elsewhere, ...waiting };
    if (Object.keys(kept).length) backup.keep(this.key, { waiting: kept });
    else backup.drop(this.key);
  }

  restore() {
    const kept = backup.read(this.key);
    if (!kept) return;
    this.elsewhere = Object.fromEntries(Object.entries(kept.waiting).filter(([id]) => !this.row(id)));
    const found = restored(
      kept.waiting,
      (id) => this.row(id)?.dataset.akVersion ?? null,
      (row, column) => this.cell({ row, column })?.value ?? null,
    );
    this.writeAndRemember(found.writes);
    found.conflicts.forEach((one) => this.conflict(one));
    this.keep();
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
   * The answer to a saved row: its row and others that changed by it. A refusal because somebody else
   * wrote the same cell leaves ours one press away.
   * @param {Response} answer
   * @param {DocumentFragment} fragment
   * @param {string} id
   * @param {Cells} sent
   */
  saved(answer, fragment, id, sent) {
    const fresh = all("tr", fragment).find((row) => row.dataset.akRow === id);
    /** @type {(column: string) => string | undefined} */
    const theirs = (column) => /** @type {Cell | null} */ (fresh?.querySelector(`[name="${CSS.escape(column)}"]`))?.value;
    const refused = answer.status === 409 ? conflicts(sent, theirs) : [];
    this.bring(fragment);
    refused.forEach(([column, mine]) => this.conflict({ row: id, column, after: mine }));
  }

  /**
   * The answer's rows into those of the page, each with what belongs below it. With a <tbody> the
   * answer says which rows there are: new ones come in, those that are gone leave, but not from under
   * the hands of somebody who types in them.
   * @param {DocumentFragment} fragment
   * @param {boolean} [written] by the server, the cell in focus too
   */
  bring(fragment, written = false) {
    const body = fragment.querySelector("tbody");
    const rows = all("tr[data-ak-row]", fragment);
    const own = this.table.tBodies[0];
    for (const fresh of rows) {
      const extras = below(fresh);
      let row = this.row(fresh.dataset.akRow ?? "");
      if (!row && !body) continue;
      if (!row) {
        row = /** @type {HTMLTableRowElement} */ (fresh.cloneNode(true));
        untabbed(row);
        const after = rows[rows.indexOf(fresh) - 1];
        const above = after && this.row(after.dataset.akRow ?? "");
        if (above) (below(above).pop() ?? above).after(row);
        else own.prepend(row);
      } else {
        this.mergeRow(row, fresh, written);
      }
      this.replaceBelow(row, extras);
      window.htmx?.process(row);
    }
    if (body) {
      const ids = new Set(rows.map((row) => row.dataset.akRow));
      for (const row of all("tr[data-ak-row]", own)) {
        const id = row.dataset.akRow ?? "";
        if (ids.has(id) || row.contains(document.activeElement) || this.pending.has(id)) continue;
        below(row).forEach((one) => one.remove());
        row.remove();
      }
      if (rows.length) all("tr:not([data-ak-row], [data-ak-below])", own).forEach((row) => row.remove());
    }
    fragment.querySelectorAll("table, tbody, tr").forEach((one) => one.remove());
  }

  /**
   * What belongs below a row, replaced; the focus in it goes to the row's first cell when its place
   * is gone.
   * @param {HTMLElement} row
   * @param {HTMLElement[]} extras
   */
  replaceBelow(row, extras) {
    const old = below(row);
    const focused = old.some((one) => one.contains(document.activeElement));
    extras.forEach(untabbed);
    old.forEach((one) => one.remove());
    row.after(...extras);
    extras.forEach((one) => window.htmx?.process(one));
    if (focused) this.go(this.cells(row)[0] ?? null);
  }

  /**
   * @param {HTMLElement} row
   * @param {HTMLElement} fresh
   * @param {boolean} written
   */
  mergeRow(row, fresh, written) {
    untabbed(fresh);
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
        const focused = mine.contains(document.activeElement);
        const next = /** @type {HTMLElement} */ (cell.cloneNode(true));
        mine.replaceWith(next);
        if (focused) this.focusFirst(all(PRESSED, next)) || this.go(this.cells(row)[0] ?? null);
        return;
      }
      attributes(mine, cell);
      const fixed = theirs instanceof HTMLInputElement && theirs.readOnly; // nobody types in it
      const typing = !fixed && document.activeElement === input && (!written || this.composing === input);
      const stood = input.value;
      const pressed = mine.contains(document.activeElement) && document.activeElement !== input;
      attributes(input, theirs);
      if (input instanceof HTMLSelectElement && theirs instanceof HTMLSelectElement) syncOptions(input, theirs);
      const value = standing({ mine: stood, theirs: theirs.value, waiting: waiting?.has(input.name) ?? false, typing });
      if (input.value !== value) input.value = value;
      if (stood !== value && before.has(input)) before.set(input, value);
      [...mine.childNodes].forEach((node) => {
        if (node !== input && !node.contains(input)) node.remove();
      });
      let reached = false;
      for (const node of [...cell.childNodes]) {
        if (node === theirs || node.contains(theirs)) reached = true;
        else if (reached) mine.append(node.cloneNode(true));
        else mine.insertBefore(node.cloneNode(true), mine.firstChild);
      }
      if (pressed) this.go(input);
    });
    old.slice(next.length).forEach((cell) => cell.remove());
    this.hush(row);
    if (this.picked.length) this.paint();
  }

  // ── what the server does with the table: a block, a button ──
  /** @param {ClipboardEvent} event */
  pasted(event) {
    const cell = asCell(event.target);
    const text = event.clipboardData?.getData("text/plain") ?? "";
    const block = geometry.block(text);
    if (!cell || !this.url) return;
    if (!block && this.picked.length > 1) {
      event.preventDefault();
      this.writeAndRemember(this.picked.map((place) => ({ ...place, after: text.trim() })));
    }
    if (!block) return;
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
    const rows = geometry.downFrom(this.lines(), place.row).slice(0, block.length);
    const body = new URLSearchParams({ paste: "1", start_row: place.row, rows: rows.join(","), start_column: place.column, cells: geometry.text(block) });
    // What each row was when the block was pasted over it: a cell written since then refuses the block.
    body.set("versions", rows.map((id) => this.row(id)?.dataset.akVersion ?? "").join(","));
    const done = await this.change(this.url, body);
    if (done) announce(`Вставлено ${counted(block.length, "рядок", "рядки", "рядків")}`);
    else if (net.isLost()) say("heed", "Блок не вставлено: немає звʼязку.", "Вставте його ще раз, коли мережа повернеться.");
  }

  /**
   * A button that changes the table: its name and value, and the fields it names, are sent; the rows
   * come back.
   * @param {HTMLButtonElement} button
   */
  async act(button) {
    const { form } = button;
    if (!form) return;
    const body = new URLSearchParams({ [button.name]: button.value });
    for (const name of (button.dataset.akAct ?? "").split(" ").filter(Boolean)) {
      const field = form.elements.namedItem(name);
      if (field instanceof HTMLInputElement || field instanceof HTMLSelectElement) body.append(name, field.value);
    }
    button.setAttribute("aria-busy", "true");
    await this.change(form.getAttribute("action") || location.href, body);
    button.removeAttribute("aria-busy");
  }

  /**
   * Ask the server to change the table, after everything typed before. One after another: a second
   * press waits for the first.
   * @param {string} url
   * @param {URLSearchParams} body
   * @returns {Promise<boolean>} whether it was done
   */
  async change(url, body) {
    if (!(await this.settled())) return false;
    this.flying = { row: "", values: new Map() };
    this.table.setAttribute("aria-busy", "true");
    const was = this.snapshot();
    let done = true;
    this.landing = this.transmit(url, body, (answer, fragment) => {
      if (answer.status === 409) {
        done = false;
        indicator.unsaved("Не збережено: тут уже є чужі зміни");
      }
      this.bring(fragment, true);
      this.history.remember(differences(was, this.snapshot()));
    }, () => {
      done = false;
    });
    await this.landing;
    this.table.removeAttribute("aria-busy");
    return done;
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

/** @type {(cell: Cell) => boolean} */
const isFixed = (cell) => !(cell instanceof HTMLSelectElement) && cell.readOnly;

/** @type {(cell: Cell) => HTMLButtonElement[]} */
const offersOf = (cell) => (cell.closest("td[data-ak-later]") ? [] : all(".ak-cellmsg button", cell.closest("td") ?? cell));

/**
 * Rows that belong to the one above them: a twin, what is wrong where the table has no column.
 * @param {HTMLElement} row
 * @returns {HTMLElement[]}
 */
function below(row) {
  const found = [];
  for (let one = row.nextElementSibling; one instanceof HTMLElement && one.dataset.akRow === undefined && one.matches("[data-ak-below]"); one = one.nextElementSibling) found.push(one);
  return found;
}

/** @type {(extra: HTMLElement) => HTMLElement | null} */
const rowOf = (extra) => {
  let one = extra.previousElementSibling;
  while (one && !one.matches("[data-ak-row]")) one = one.previousElementSibling;
  return /** @type {HTMLElement | null} */ (one);
};

/** Tab goes from cell to cell: what else a row has is reached by other keys. @type {(row: HTMLElement) => void} */
const untabbed = (row) => all(PRESSED, row).forEach((one) => one.setAttribute("tabindex", "-1"));

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
