// The frame: popups, «/» for search, folds, focus on the error summary, one submit per press, htmx manners.
import { all, matching, on, onNew, say, token } from "./dom.js";
import * as backup from "./backup.js";
import * as offline from "./offline.js";

const FAILED = "Помилка: ";

const POPUP = "details[data-ak-popup][open]";

function popups() {
  document.addEventListener("click", (event) => {
    for (const open of /** @type {HTMLDetailsElement[]} */ (all(POPUP)))
      if (event.target instanceof Node && !open.contains(event.target)) open.open = false;
  });
  on("keydown", POPUP, (event, /** @type {HTMLDetailsElement} */ open) => {
    if (event.key !== "Escape") return;
    open.open = false;
    open.querySelector("summary")?.focus();
  });
  on("focusout", POPUP, (event, /** @type {HTMLDetailsElement} */ open) => {
    if (event.relatedTarget instanceof Node && !open.contains(event.relatedTarget)) open.open = false;
  });
}

function searchKey() {
  document.addEventListener("keydown", (event) => {
    if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey) return;
    const typing = event.target instanceof Element && event.target.closest("input, textarea, select, [contenteditable]");
    const [box] = /** @type {HTMLInputElement[]} */ (all("[data-ak-slash]"));
    if (typing || !box || !box.offsetParent) return;
    event.preventDefault();
    box.focus();
    box.select();
  });
}

function errors() {
  const first = all("[data-ak-focus]").find((one) => !one.closest(".ak-gal"));
  first?.focus();
  // A link of the summary leads into the control, with its label in sight.
  on("click", '.ak-summary a[href^="#"]', (event, /** @type {HTMLAnchorElement} */ link) => {
    const target = /** @type {HTMLInputElement | null} */ (document.getElementById(decodeURIComponent(link.hash.slice(1))));
    if (!target) return;
    event.preventDefault();
    const label = target.labels?.[0] ?? target.closest("fieldset")?.querySelector("legend");
    (label ?? target).scrollIntoView({ block: "center" });
    target.focus({ preventScroll: true });
    target.select?.();
  });
}

function htmxManners() {
  document.addEventListener("htmx:configRequest", (event) => {
    event.detail.headers["X-CSRFToken"] = token();
  });
  document.addEventListener("htmx:beforeSwap", (event) => {
    // Refusals come with their own place (#messages); the page under them stays as it was.
    if (event.detail.xhr.status >= 400 && event.detail.xhr.getResponseHeader("HX-Retarget"))
      event.detail.shouldSwap = true;
  });
  document.addEventListener("htmx:responseError", (event) => {
    const { status } = event.detail.xhr;
    if (event.detail.xhr.getResponseHeader("HX-Retarget")) return;
    if (status === 401) say("heed", "Сеанс завершився.", "Увійдіть знову, введене на сторінці лишається.");
    else say("bad", "Не вийшло.", "Збій на нашому боці. Введене на сторінці лишається, спробуйте ще раз за хвилину.");
  });
  document.addEventListener("htmx:afterSettle", (event) => {
    const summary = matching(event.detail.elt, "[data-ak-focus]")[0];
    if (summary) {
      summary.focus();
      if (!document.title.startsWith(FAILED)) document.title = FAILED + document.title;
    } else if (event.detail.xhr?.status < 400 && event.detail.requestConfig?.verb !== "get") {
      document.title = document.title.replace(FAILED, "");
    }
  });
}

/** A second press of the same button sends nothing; coming back to the page frees the form. */
function oncePerPress() {
  document.addEventListener("submit", (event) => {
    const form = /** @type {HTMLFormElement} */ (event.target);
    if (form.dataset.akSample !== undefined) {
      event.preventDefault();
      return;
    }
    if (form.method !== "post" || event.defaultPrevented) return;
    if (form.dataset.akSent) {
      event.preventDefault();
      event.stopImmediatePropagation();
      return;
    }
    form.dataset.akSent = "1";
    event.submitter?.setAttribute("aria-busy", "true");
    setTimeout(() => release(form), 8000); // the answer was a file: the page is still here
    if (form.dataset.akSignOut !== undefined) {
      backup.clear();
      offline.forget();
    }
  });
  /** @param {HTMLElement} form */
  const release = (form) => {
    delete form.dataset.akSent;
    all("[aria-busy=true]", form).forEach((button) => button.removeAttribute("aria-busy"));
  };
  addEventListener("pageshow", (event) => {
    if (event.persisted) all("form[data-ak-sent]").forEach(release);
  });
  // htmx would queue the second press and send it after the first.
  document.addEventListener("htmx:confirm", (event) => {
    const { elt, verb } = event.detail;
    if (verb !== "get" && elt.dataset.akSent) event.preventDefault();
  });
  document.addEventListener("htmx:beforeRequest", (event) => {
    const { elt, requestConfig } = event.detail;
    if (requestConfig.verb !== "get") elt.dataset.akSent = "1";
  });
  document.addEventListener("htmx:afterRequest", (event) => release(event.detail.elt));
}

function small() {
  const narrow = matchMedia("(max-width: 62rem)");
  // A window made wider has no summary to open what was folded.
  narrow.addEventListener("change", () => {
    if (!narrow.matches)
      /** @type {HTMLDetailsElement[]} */ (all("details[data-ak-fold]")).forEach((fold) => {
        fold.open = true;
      });
  });
  onNew((root) => {
    if (narrow.matches)
      /** @type {HTMLDetailsElement[]} */ (matching(root, "details[data-ak-fold]")).forEach((fold) => {
        fold.open = false;
      });
    matching(root, "[data-ak-needs-js]").forEach((one) => {
      one.hidden = false;
    });
    if (backup.keys().length)
      matching(root, "[data-ak-backup-note]").forEach((one) => {
        one.hidden = false;
      });
  });
  on("click", "[data-ak-open]", (_, button) => {
    const dialog = document.getElementById(button.dataset.akOpen ?? "");
    if (dialog instanceof HTMLDialogElement) dialog.showModal();
  });
  on("click", "[data-ak-print-now]", () => print());
  on("click", "[data-ak-inert]", (event) => event.preventDefault());
  on("click", "[data-ak-reveal]", (_, button) => {
    const field = document.getElementById(button.dataset.akReveal ?? "");
    if (!(field instanceof HTMLInputElement)) return;
    const shown = field.type === "text";
    field.type = shown ? "password" : "text";
    button.setAttribute("aria-pressed", String(!shown));
    const words = button.querySelector("span");
    if (words) words.textContent = shown ? "Показати" : "Сховати";
  });
  on("click", "[data-ak-copy]", async (_, button) => {
    const shown = document.getElementById(button.dataset.akCopy ?? "");
    const words = button.querySelector("[data-ak-copy-label]") ?? button;
    try {
      await navigator.clipboard.writeText((shown?.textContent ?? "").trim());
      words.textContent = "Скопійовано";
    } catch {
      if (shown) getSelection()?.selectAllChildren(shown);
      words.textContent = "Виділено, натисніть Ctrl+C";
    }
  });
}

export function start() {
  backup.everybodys();
  popups();
  searchKey();
  errors();
  htmxManners();
  oncePerPress();
  small();
}
