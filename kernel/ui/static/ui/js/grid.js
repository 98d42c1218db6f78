// <table data-ak-grid data-ak-save-url="/url/">: a table of inputs that behaves like a spreadsheet.
// The page gives data attributes only; the contract is in docs/ui.md.
//
// A row is saved by itself, one request at a time for the whole table, so that counts sent along with
// the rows never go backwards. The answer's row is merged into the one on the page rather than put in
// its place: focus, caret and what is being typed stay where they are.
import { Closed, Lost, all, counted, icon, make, matching, onNew, parse, post, swapOutOfBand } from "./dom.js";
import * as backup from "./backup.js";
import * as net from "./net.js";
import * as indicator from "./saved.js";

const PAUSE = 400;
const HISTORY = 200;
const CELL = "input:not([type=hidden]):not([type=checkbox]):not([type=radio]), select, textarea";
const grids = new WeakMap();
let current = null;

class Grid {
  constructor(table) {
    this.table = table;
    this.url = table.dataset.akSaveUrl || "";
    this.key = `grid:${this.url}`;
    this.pending = new Map(); // row id → Map(column → value), typed and not yet sent
    this.flying = null; // {row, values} on its way
    this.timers = new Map();
    this.past = [];
    this.future = [];
    this.picked = []; // cells of one column, chosen with Shift and arrows
    this.pasting = false;
    this.stopped = false;
    table.addEventListener("focusin", (event) => this.entered(event));
    table.addEventListener("focusout", (event) => this.left(event));
    table.addEventListener("input", (event) => this.typed(event.target));
    table.addEventListener("keydown", (event) => this.pressed(event));
    table.addEventListener("paste", (event) => this.pasted(event));
    table.addEventListener("copy", (event) => this.copied(event));
    table.addEventListener("click", (event) => this.clicked(event));
    table.addEventListener("pointerdown", () => this.unpick());
    if (this.url) this.restore();
  }

  // ── geometry ──
  rows() {
    return all("tr[data-ak-row]", this.table).filter((row) => row.offsetParent !== null);
  }

  row(id) {
    return this.table.querySelector(`tr[data-ak-row="${CSS.escape(id)}"]`);
  }

  cells(row) {
    return all(CELL, row).filter((cell) => !cell.disabled && cell.name);
  }

  cell(id, column) {
    return this.row(id)?.querySelector(`[name="${CSS.escape(column)}"]`) ?? null;
  }

  vertical(cell, step) {
    const rows = this.rows();
    let place = rows.indexOf(cell.closest("tr")) + step;
    while (place >= 0 && place < rows.length) {
      const found = rows[place].querySelector(`[name="${CSS.escape(cell.name)}"]`);
      if (found && !found.disabled) return found;
      place += step;
    }
    return null;
  }

  horizontal(cell, step) {
    const every = this.rows().flatMap((row) => this.cells(row));
    return every[every.indexOf(cell) + step] ?? null;
  }

  go(cell) {
    if (!cell) return false;
    cell.focus();
    cell.select?.();
    cell.scrollIntoView({ block: "nearest", inline: "nearest" });
    return true;
  }

  // ── typing ──
  entered({ target }) {
    if (!target.matches(CELL)) return;
    current = this;
    target.akBefore ??= target.value;
  }

  left({ target }) {
    if (!target.matches(CELL) || target.akBefore === undefined) return;
    const before = target.akBefore;
    delete target.akBefore;
    if (before !== target.value) this.remember([change(target, before, target.value)]);
    const id = target.closest("tr").dataset.akRow;
    if (this.pending.has(id)) this.send(id);
    else if (!this.isFlying(id, target.name) && target.tagName === "INPUT" && target.value !== target.defaultValue)
      target.value = target.defaultValue; // the server's spelling, held back while the cell had focus
  }

  typed(cell, pause = PAUSE) {
    if (!cell.matches(CELL) || !cell.name) return;
    const id = cell.closest("tr").dataset.akRow;
    if (!this.pending.has(id)) this.pending.set(id, new Map());
    this.pending.get(id).set(cell.name, cell.value);
    this.keep();
    clearTimeout(this.timers.get(id));
    this.timers.set(id, setTimeout(() => this.send(id), pause));
  }

  isFlying(id, column) {
    return this.flying?.row === id && this.flying.values.has(column);
  }

  /** Put values into cells as if typed, all rows saved, one step for undo. */
  write(changes, { remember = true } = {}) {
    const done = [];
    for (const { row, column, after } of changes) {
      const cell = this.cell(row, column);
      if (!cell || cell.value === after) continue;
      done.push({ row, column, before: cell.value, after });
      cell.value = after;
      if (cell.akBefore !== undefined) cell.akBefore = after;
      this.typed(cell, 0);
    }
    if (remember && done.length) this.remember(done);
    return done;
  }

  remember(step) {
    this.past.push(step);
    if (this.past.length > HISTORY) this.past.shift();
    this.future = [];
  }

  undo(from, to, side) {
    const step = from.pop();
    if (!step) return;
    to.push(step);
    this.write(step.map((one) => ({ ...one, after: one[side] })), { remember: false });
    this.go(this.cell(step[0].row, step[0].column));
  }

  // ── keys ──
  pressed(event) {
    const cell = event.target;
    if (!cell.matches(CELL) || event.isComposing) return;
    if (this.key_(event, cell)) event.preventDefault();
  }

  key_(event, cell) {
    const command = event.ctrlKey || event.metaKey;
    const text = cell.tagName === "INPUT";
    const edge = (side) => {
      if (!text) return side !== 0;
      const { selectionStart: from, selectionEnd: to, value } = cell;
      if (from === null) return true;
      return (from === 0 && to === value.length) || (side < 0 ? from === 0 && to === 0 : from === value.length);
    };
    switch (event.key) {
      case "Enter":
        if (command || event.altKey || cell.tagName === "TEXTAREA") return false;
        this.unpick();
        this.go(this.vertical(cell, event.shiftKey ? -1 : 1));
        return true;
      case "ArrowDown":
      case "ArrowUp": {
        if (command || event.altKey || !text) return false;
        const step = event.key === "ArrowDown" ? 1 : -1;
        if (event.shiftKey) return this.pick(cell, step);
        this.unpick();
        return this.go(this.vertical(cell, step));
      }
      case "ArrowLeft":
      case "ArrowRight": {
        if (command || event.altKey || event.shiftKey) return false;
        const step = event.key === "ArrowRight" ? 1 : -1;
        return edge(step) && this.go(this.horizontal(cell, step));
      }
      case "Home":
      case "End": {
        if (!command) return false;
        const rows = this.rows();
        const row = event.key === "Home" ? rows[0] : rows[rows.length - 1];
        const line = this.cells(row);
        return this.go(event.key === "Home" ? line[0] : line[line.length - 1]);
      }
      case "F2":
        if (!text) return false;
        cell.setSelectionRange(cell.value.length, cell.value.length);
        return true;
      case "Escape":
        this.unpick();
        if (cell.akBefore === undefined || cell.akBefore === cell.value) return false;
        cell.value = cell.akBefore;
        this.typed(cell, 0);
        return true;
      default:
    }
    if (!command || event.altKey) return false;
    const letter = event.code; // the key's place: with a Ukrainian layout Ctrl+D is Ctrl+В
    if (letter === "KeyD") return this.fillDown(cell);
    const untouched = cell.akBefore === undefined || cell.akBefore === cell.value;
    if (letter === "KeyZ" && !event.shiftKey && untouched) {
      this.undo(this.past, this.future, "before");
      return true;
    }
    if ((letter === "KeyY" || (letter === "KeyZ" && event.shiftKey)) && untouched) {
      this.undo(this.future, this.past, "after");
      return true;
    }
    return false;
  }

  /** Ctrl+D: the chosen cells take the top one's value; with none chosen this cell takes the one above. */
  fillDown(cell) {
    const column = cell.name;
    if (this.picked.length > 1) {
      const inOrder = this.rows().map((row) => row.querySelector(`[name="${CSS.escape(column)}"]`)).filter((one) => this.picked.includes(one));
      const [top, ...rest] = inOrder;
      this.write(rest.map((one) => ({ row: one.closest("tr").dataset.akRow, column, after: top.value })));
      return true;
    }
    const above = this.vertical(cell, -1);
    if (above) this.write([{ row: cell.closest("tr").dataset.akRow, column, after: above.value }]);
    cell.select?.();
    return true;
  }

  pick(cell, step) {
    const next = this.vertical(cell, step);
    if (!next) return true;
    if (!this.picked.length) this.picked = [cell];
    if (this.picked.includes(next)) this.picked = this.picked.filter((one) => one !== cell);
    else this.picked.push(next);
    this.go(next);
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
    this.picked.forEach((cell) => cell.closest("td")?.classList.add("is-picked"));
  }

  copied(event) {
    if (this.picked.length < 2) return;
    const inOrder = this.rows().map((row) => row.querySelector(`[name="${CSS.escape(this.picked[0].name)}"]`)).filter((one) => this.picked.includes(one));
    event.clipboardData.setData("text/plain", inOrder.map((one) => one.value).join("\n"));
    event.preventDefault();
  }

  clicked(event) {
    const button = event.target.closest("[data-ak-put]");
    if (!button) return;
    const cell = button.closest("td")?.querySelector(CELL);
    if (!cell) return;
    event.preventDefault();
    this.write([{ row: cell.closest("tr").dataset.akRow, column: cell.name, after: button.dataset.akPut }]);
    this.go(cell);
  }

  nextProblem(step) {
    const wrong = all('[aria-invalid="true"], td.is-heed > input, td.is-heed > select', this.table).filter((one) => one.offsetParent);
    if (!wrong.length) return false;
    const from = document.activeElement;
    const at = wrong.indexOf(from);
    if (at >= 0) return this.go(wrong[(at + step + wrong.length) % wrong.length]);
    const after = wrong.find((one) => from.compareDocumentPosition(one) & Node.DOCUMENT_POSITION_FOLLOWING);
    return this.go(step > 0 ? after ?? wrong[0] : wrong[wrong.length - 1]);
  }

  // ── saving ──
  send(id) {
    clearTimeout(this.timers.get(id));
    this.timers.delete(id);
    if (!this.url || this.flying || this.pasting || this.stopped) return;
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
      // Not sent: back among the pending, under anything typed since.
      const since = this.pending.get(id) ?? new Map();
      this.pending.set(id, new Map([...values, ...since]));
    });
  }

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
    const waiting = {};
    const note = (id, values) => {
      const row = this.row(id);
      waiting[id] = { version: row?.dataset.akVersion ?? "", values: { ...waiting[id]?.values, ...Object.fromEntries(values) } };
    };
    if (this.flying?.row) note(this.flying.row, this.flying.values);
    this.pending.forEach((values, id) => note(id, values));
    if (Object.keys(waiting).length) backup.keep(this.key, { waiting });
    else backup.drop(this.key);
  }

  restore() {
    const kept = backup.read(this.key);
    if (!kept) return;
    for (const [id, { version, values }] of Object.entries(kept.waiting)) {
      const row = this.row(id);
      if (!row) continue;
      for (const [column, value] of Object.entries(values)) {
        const cell = this.cell(id, column);
        if (!cell || cell.value === value) continue;
        if (row.dataset.akVersion === version) this.write([{ row: id, column, after: value }]);
        else this.conflict(cell, value);
      }
    }
    if (!this.pending.size) backup.drop(this.key);
  }

  /** Somebody else's value stands in the cell; ours is one press away. */
  conflict(cell, mine) {
    const td = cell.closest("td");
    td.classList.add("is-heed");
    td.querySelector(".ak-cellmsg")?.remove();
    const id = `ak-conflict-${cell.closest("tr").dataset.akRow}-${cell.name}`;
    td.append(
      make("p", { class: "ak-cellmsg", id }, icon("warn"),
        make("span", {}, "Рядок тим часом змінено в іншому вікні. Ви написали: ",
          make("button", { type: "button", class: "ak-link", "data-ak-put": mine }, mine || "порожньо"))),
    );
    cell.setAttribute("aria-describedby", id);
  }

  /** The answer's row into the page's row. `sent` is what this answer is about. */
  merge(answer, fragment, id, sent) {
    const fresh = all("tr", fragment).find((row) => row.dataset.akRow === id);
    const row = this.row(id);
    if (!fresh || !row) return;
    const group = [fresh];
    while (group[group.length - 1].nextElementSibling?.matches("tr:not([data-ak-row]):not([hx-swap-oob])")) group.push(group[group.length - 1].nextElementSibling);
    const conflicts = [];
    if (answer.status === 409)
      sent.forEach((value, column) => {
        const theirs = fresh.querySelector(`[name="${CSS.escape(column)}"]`)?.value;
        if (theirs !== undefined && theirs !== value) conflicts.push([column, value]);
      });
    while (row.nextElementSibling && !row.nextElementSibling.matches("[data-ak-row]")) row.nextElementSibling.remove();
    row.after(...group.slice(1));
    this.mergeRow(row, fresh, sent);
    if (answer.status === 409) {
      conflicts.forEach(([column, mine]) => this.conflict(this.cell(id, column), mine));
    }
    fresh.remove();
    window.htmx?.process(row);
    group.slice(1).forEach((extra) => window.htmx?.process(extra));
  }

  mergeRow(row, fresh, sent) {
    const waiting = this.pending.get(row.dataset.akRow);
    attributes(row, fresh);
    const old = [...row.children];
    const next = [...fresh.children];
    next.forEach((cell, place) => {
      const mine = old[place];
      if (!mine) {
        row.append(cell.cloneNode(true));
        return;
      }
      const input = mine.querySelector(CELL);
      const theirs = cell.querySelector(CELL);
      if (!input || !theirs || input.name !== theirs.name || input.tagName !== theirs.tagName) {
        if (!mine.contains(document.activeElement)) mine.replaceWith(cell.cloneNode(true));
        return;
      }
      attributes(mine, cell);
      const typing = document.activeElement === input;
      attributes(input, theirs);
      if (input.tagName === "SELECT") syncOptions(input, theirs);
      const untouched = !waiting?.has(input.name) && (!sent?.has(input.name) || input.value === sent.get(input.name) || !typing);
      if (untouched && !typing) input.value = theirs.value;
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
  pasted(event) {
    const cell = event.target;
    if (!cell.matches(CELL) || !this.url) return;
    const text = event.clipboardData.getData("text/plain").replace(/\r\n?/g, "\n").replace(/\n+$/, "");
    if (!/[\t\n]/.test(text)) return;
    event.preventDefault();
    this.paste(cell, text);
  }

  async paste(cell, text) {
    const row = cell.closest("tr").dataset.akRow;
    const column = cell.name;
    this.timers.forEach((timer) => clearTimeout(timer));
    this.timers.clear();
    while (this.flying || (this.pending.size && !net.isLost())) {
      this.flush();
      await new Promise((ready) => setTimeout(ready, 50));
    }
    this.pasting = true;
    this.table.setAttribute("aria-busy", "true");
    const lines = text.split("\n");
    const before = this.snapshot();
    const body = new URLSearchParams({ paste: "1", start_row: row, start_column: column, cells: text });
    await this.transmit(body, (_, fragment) => {
      const body_ = fragment.querySelector("tbody");
      const old = this.row(row)?.closest("tbody") ?? this.table.tBodies[0];
      if (body_) {
        body_.remove();
        old.replaceWith(body_);
        window.htmx?.process(body_);
      }
      this.remember(this.differences(before));
      this.go(this.cell(row, column));
      announce(`Вставлено ${counted(lines.length, "рядок", "рядки", "рядків")}`);
    }, () => {
      announce("Блок не вставлено: немає звʼязку. Вставте його ще раз, коли мережа повернеться.");
    });
    this.pasting = false;
    this.table.removeAttribute("aria-busy");
    this.flush();
  }

  snapshot() {
    const values = new Map();
    for (const row of all("tr[data-ak-row]", this.table))
      for (const cell of this.cells(row)) values.set(`${row.dataset.akRow}\n${cell.name}`, cell.value);
    return values;
  }

  differences(before) {
    const step = [];
    for (const [place, after] of this.snapshot()) {
      const was = before.get(place);
      const [row, column] = place.split("\n");
      if (was !== undefined && was !== after) step.push({ row, column, before: was, after });
    }
    return step;
  }
}

const change = (cell, before, after) => ({ row: cell.closest("tr").dataset.akRow, column: cell.name, before, after });

/** Make the attributes of one element those of another; the value being typed is a property and stays. */
function attributes(mine, theirs) {
  for (const { name } of [...mine.attributes]) if (!theirs.hasAttribute(name)) mine.removeAttribute(name);
  for (const { name, value } of [...theirs.attributes]) if (mine.getAttribute(name) !== value) mine.setAttribute(name, value);
}

function syncOptions(mine, theirs) {
  const chosen = mine.value;
  const same = mine.options.length === theirs.options.length && [...mine.options].every((one, at) => one.value === theirs.options[at].value);
  if (!same) mine.replaceChildren(...[...theirs.options].map((one) => one.cloneNode(true)));
  mine.value = chosen;
}

function announce(text) {
  const region = document.getElementById("messages");
  if (!region) return;
  region.replaceChildren(make("p", { class: "ak-vh" }, text));
}

export function start() {
  onNew((root) =>
    matching(root, "table[data-ak-grid]").forEach((table) => {
      if (!grids.has(table)) grids.set(table, new Grid(table));
    }),
  );
  document.addEventListener("keydown", (event) => {
    if (event.key !== "F8" || event.ctrlKey || event.altKey || event.metaKey) return;
    const table = current?.table.isConnected ? current.table : document.querySelector("table[data-ak-grid]");
    const grid = table && grids.get(table);
    if (grid?.nextProblem(event.shiftKey ? -1 : 1)) event.preventDefault();
  });
  addEventListener("beforeunload", (event) => {
    const grid = current;
    if (grid?.url && (grid.pending.size || grid.flying) && net.isLost()) event.preventDefault();
  });
}
