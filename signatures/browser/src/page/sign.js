// Signing with a key file: enhances every form[data-ak-sign]. The markup and its contract are in
// signatures/templates/components/signing_form.html. The key and the password never leave the browser:
// their inputs have no name, and their bytes are handed to a worker that talks only to this page.

import { Refused, Signer } from "./signer.js";
import { asDate, fileSize, passwordHint, plural, problem } from "./texts.js";

const KEY_LIMIT = 1024 * 1024; // a key file takes some kilobytes; a photograph must not be parsed
const SVG = "http://www.w3.org/2000/svg";

let sprite = ""; // the address of the icons, as the page's own markup has it

function icon(name) {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("class", "ak-i");
  svg.setAttribute("aria-hidden", "true");
  svg.setAttribute("focusable", "false");
  const use = document.createElementNS(SVG, "use");
  use.setAttribute("href", `${sprite}#i-${name}`);
  svg.append(use);
  return svg;
}

function element(tag, className, ...children) {
  const made = document.createElement(tag);
  if (className) made.className = className;
  made.append(...children.filter((child) => child !== null && child !== undefined));
  return made;
}

const fromBase64 = (text) => Uint8Array.from(atob(text), (c) => c.charCodeAt(0)).buffer;

// An area that takes a file by the button or by dropping it, and shows what was taken.
class Drop {
  constructor(area, onChosen) {
    this.area = area;
    this.input = area.querySelector("input");
    this.onChosen = onChosen;
    this.part = (name) => area.querySelector(`[data-ak-chosen${name}]`);
    this.empty = {
      name: this.part("").textContent,
      size: this.part("-size").textContent,
      button: this.part("-button").textContent,
      icon: area.querySelector("use").getAttribute("href").split("#i-")[1],
    };
    this.input.addEventListener("change", () => this.taken());
    for (const type of ["dragenter", "dragover"]) {
      area.addEventListener(type, (event) => {
        event.preventDefault();
        area.classList.add("is-over");
      });
    }
    area.addEventListener("dragleave", () => area.classList.remove("is-over"));
    area.addEventListener("drop", (event) => {
      event.preventDefault();
      area.classList.remove("is-over");
      if (!event.dataTransfer.files.length) return;
      this.input.files = event.dataTransfer.files;
      this.taken();
    });
  }

  taken() {
    this.show();
    this.onChosen();
  }

  clear() {
    this.input.value = "";
    this.show();
  }

  show() {
    const files = [...this.input.files];
    const size = files.reduce((sum, file) => sum + file.size, 0);
    this.area.classList.toggle("ak-drop--has", files.length > 0);
    this.area.querySelector("svg").replaceWith(icon(files.length ? "check" : this.empty.icon));
    this.part("").textContent = files.map((file) => file.name).join(", ") || this.empty.name;
    this.part("-size").textContent = files.length
      ? `${fileSize(size)} · лишається на вашому компʼютері`
      : this.empty.size;
    this.part("-button").textContent = files.length ? "Замінити" : this.empty.button;
  }
}

class SigningForm {
  constructor(form) {
    this.form = form;
    sprite = form.querySelector("use").getAttribute("href").split("#")[0];
    this.find = (name) => form.querySelector(`[data-ak-${name}]`);
    this.file = this.find("key-file");
    this.password = this.find("key-password");
    this.certificates = this.find("cert-file");
    this.openButton = this.find("key-open");
    this.signButton = this.find("sign-button");
    this.keep = this.find("key-keep");
    this.status = this.find("sign-status");
    this.signature = form.querySelector("input[name=signature]");
    this.signer = new Signer(form.dataset.akWorker, form.dataset.akSignTicket);
    this.openLabel = this.find("key-open-text").textContent;
    this.signLabel = this.find("sign-text").textContent;
    this.title = document.title.replace(/^Помилка: /, "");
    this.state = "closed"; // "closed", "needs-certificate", "open"
    this.busy = false;
    this.done = false;
    this.listen();
    this.openButton.disabled = false;
    this.start();
  }

  listen() {
    const { form, file, password } = this;
    this.keyDrop = new Drop(this.find("key-drop"), () => {
      this.fileChosen();
      password.focus();
    });
    this.certDrop = new Drop(this.find("cert-drop"), () => {
      this.showProblem("certificate", null);
      this.openButton.focus();
    });
    password.addEventListener("input", () => this.showProblem("password", null));
    for (const field of [password, file]) {
      field.addEventListener("keyup", (event) => {
        this.capsLock = event.getModifierState?.("CapsLock");
      });
    }
    password.addEventListener("keydown", (event) => {
      if (event.key !== "Enter") return;
      event.preventDefault();
      this.open();
    });
    this.openButton.addEventListener("click", () => this.open());
    this.find("password-show").addEventListener("click", ({ currentTarget }) => {
      const shown = password.type === "text";
      password.type = shown ? "password" : "text";
      currentTarget.setAttribute("aria-pressed", String(!shown));
      currentTarget.lastChild.textContent = shown ? " Показати" : " Сховати";
    });
    // A signature takes a person's press: a script that submits the form moves nothing.
    this.signButton.addEventListener("click", ({ isTrusted }) => (this.pressed = isTrusted));
    // Before htmx and before the browser: an unsigned form never leaves.
    form.addEventListener("submit", (event) => this.submit(event), { capture: true });
    // Returning by the back button shows a page whose signature was already sent.
    addEventListener("pageshow", ({ persisted }) => persisted && this.rest());
  }

  async start() {
    const keep = this.find("keep-wrap");
    keep.hidden = true;
    const fresh = this.form.hasAttribute("data-ak-key-fresh");
    const certificate = await this.signer.resume({ fresh }).catch(() => null);
    keep.hidden = !this.signer.keeps;
    if (certificate && !this.busy && this.state === "closed") {
      this.signer.useKept();
      this.keep.checked = true;
      this.showKept(certificate);
    }
  }

  // Another key: what was known of the earlier one is forgotten.
  fileChosen() {
    this.showProblem("key", null);
    this.showProblem("certificate", null);
    this.find("cert-wanted").hidden = true;
    this.certDrop.clear();
    this.state = "closed";
    this.signer.end();
  }

  async open() {
    if (this.busy) return;
    this.forgetProblems();
    this.setBusy(true, "Відкриваємо ключ…");
    try {
      this.accept(await this.openKey());
    } catch (refusal) {
      await this.refused(refusal);
    } finally {
      this.setBusy(false);
    }
  }

  // What the server would refuse anyway is told before a document is signed with it.
  accept(certificate) {
    this.password.value = "";
    const now = Date.now();
    const late = now >= Number(new Date(certificate.notAfter));
    if (late || now < Number(new Date(certificate.notBefore))) {
      this.signer.end();
      throw new Refused(late ? "certificate-expired" : "certificate-not-yet");
    }
    const named = certificate.rnokpp && certificate.edrpou;
    if (this.form.hasAttribute("data-ak-key-employee") && !named) {
      this.signer.end();
      throw new Refused(certificate.rnokpp ? "no-organisation" : "no-person", { name: certificate.name });
    }
    if (this.form.hasAttribute("data-ak-key-named") && !certificate.rnokpp) {
      this.signer.end();
      throw new Refused("no-person", { name: certificate.name });
    }
    this.showCertificate(certificate);
  }

  async openKey() {
    const added = await this.readAll(this.certificates.files, "certificate-unreadable");
    if (this.state === "needs-certificate" && added.length) return this.signer.addCertificates(added);
    const [chosen] = this.file.files;
    if (!chosen) throw new Refused("no-file");
    if (!chosen.size) throw new Refused("file-empty");
    if (chosen.size > KEY_LIMIT) throw new Refused("file-too-big");
    if (!this.password.value && !/\.(pem|pk8|key)$/i.test(chosen.name)) {
      throw new Refused("no-password");
    }
    const [key] = await this.readAll([chosen], "file-unreadable");
    const password = new TextEncoder().encode(this.password.value);
    return this.signer.open(key, password, added);
  }

  async readAll(files, code) {
    try {
      return await Promise.all(Array.from(files, (file) => file.arrayBuffer()));
    } catch {
      throw new Refused(code);
    }
  }

  // The key is open but brought no certificate: ask our server by key identifier, then the person.
  async findCertificate(keyIds) {
    const url = this.form.dataset.akCertUrl;
    if (!url) return null;
    const token = this.form.querySelector("input[name=csrfmiddlewaretoken]")?.value;
    const body = new URLSearchParams(keyIds.map((id) => ["keyid", id]));
    try {
      const answer = await fetch(url, {
        method: "POST",
        body,
        headers: { "X-CSRFToken": token || "", Accept: "application/json" },
        credentials: "same-origin",
        signal: AbortSignal.timeout(10_000),
      });
      if (!answer.ok) return null;
      const { certificates = [] } = await answer.json();
      if (!certificates.length) return null;
      return await this.signer.addCertificates(certificates.map(fromBase64));
    } catch {
      return null; // the person's own file is the next way, whatever went wrong here
    }
  }

  async submit(event) {
    if (this.done) return; // signed: let it go where it goes
    event.preventDefault();
    event.stopImmediatePropagation();
    if (this.busy) return;
    if (this.state !== "open") {
      this.open();
      return;
    }
    if (!this.pressed) return;
    this.pressed = false;
    this.forgetProblems();
    this.setBusy(true, "Підписуємо…");
    try {
      const secret = this.signer.kept ? await this.confirmed() : "";
      const content = await this.content();
      const detached = this.form.dataset.akSignDetached !== "false";
      this.signature.value = await this.signer.sign(content, detached, secret);
      if (this.keep.checked) await this.signer.keep().catch(() => {});
      else this.signer.close();
      this.done = true;
      this.find("sign-text").textContent = "Надсилаємо…";
      this.say("Підписано. Надсилаємо");
      this.form.requestSubmit(); // without the button: a disabled submitter is not allowed
    } catch (refusal) {
      this.setBusy(false);
      await this.refused(refusal);
    }
  }

  // A key that stayed open signs only after a press in a frame that this page's scripts can neither
  // read nor press (src/frame/confirm.js). Resolves with the secret that the press gives out.
  async confirmed() {
    const frame = element("iframe", "ak-confirm-frame");
    frame.name = `${this.form.id}-confirm`;
    frame.title = "Підтвердження підпису";
    const fields = { csrfmiddlewaretoken: "", ticket: this.form.dataset.akSignTicket };
    fields.csrfmiddlewaretoken = this.form.querySelector("input[name=csrfmiddlewaretoken]").value;
    const asking = element("form");
    Object.assign(asking, { method: "post", action: this.form.dataset.akConfirm, target: frame.name, hidden: true });
    for (const [name, value] of Object.entries(fields)) {
      asking.append(Object.assign(element("input"), { type: "hidden", name, value }));
    }
    this.find("key-opened").append(frame);
    document.body.append(asking);
    this.setBusy(true, "Підтвердіть нижче");
    frame.scrollIntoView({ block: "nearest" });
    try {
      const secret = await new Promise((resolve) => {
        const heard = ({ source, data }) => {
          if (source !== frame.contentWindow) return;
          if (data?.aikomHeight > frame.clientHeight) {
            frame.style.blockSize = `${Math.min(data.aikomHeight, 2000) + 4}px`;
            frame.scrollIntoView({ block: "nearest" });
          }
          if (typeof data?.aikomConfirmed !== "string") return;
          removeEventListener("message", heard);
          resolve(data.aikomConfirmed);
        };
        addEventListener("message", heard);
        HTMLFormElement.prototype.submit.call(asking);
        frame.focus();
      });
      if (!secret) throw new Refused("not-confirmed");
      return secret;
    } finally {
      frame.remove();
      asking.remove();
    }
  }

  async content() {
    const { akSignContent, akSignContentUrl } = this.form.dataset;
    if (!akSignContentUrl) return fromBase64(akSignContent || "");
    try {
      const answer = await fetch(akSignContentUrl, { credentials: "same-origin", cache: "no-store" });
      if (!answer.ok || answer.redirected) throw new Refused("content-unavailable");
      return await answer.arrayBuffer();
    } catch {
      throw new Refused("content-unavailable");
    }
  }

  // A key that stayed open from an earlier page: one line, and the focus stays where it is.
  showKept(certificate) {
    const line = [
      certificate.edrpou && `ЄДРПОУ ${certificate.edrpou}`,
      `чинний до ${asDate(certificate.notAfter)}`,
    ];
    const words = line.filter(Boolean).join(" · ");
    const who = element("div", "", element("b", "", certificate.name), words);
    this.showOpened(element("div", "ak-who", icon("seal"), who, this.otherKeyButton()));
  }

  otherKeyButton() {
    const button = element("button", "ak-link", "Інший ключ");
    button.type = "button";
    button.addEventListener("click", () => this.anotherKey());
    return button;
  }

  showOpened(...shown) {
    this.find("cert").replaceChildren(...shown);
    this.state = "open";
    this.find("key-closed").hidden = true;
    this.find("key-opened").hidden = false;
    this.signButton.disabled = false;
  }

  showCertificate(certificate) {
    const id = `${this.form.id}-cert-h`;
    const days = Math.ceil((Number(new Date(certificate.notAfter)) - Date.now()) / 86_400_000);
    const left = `· ще ${days.toLocaleString("uk-UA")} ${plural(days, "день", "дні", "днів")}`;
    const rows = [
      ["Власник", element("b", "", certificate.name)],
      ["РНОКПП", certificate.rnokpp.replace(/.(?=.{4})/g, "•")], // others may see the screen
      ["Організація", certificate.organization],
      ["ЄДРПОУ", certificate.edrpou],
      ["Посада", certificate.title],
      ["Видав", certificate.issuer],
      ["Серійний №", element("span", "ak-code", certificate.serial)],
      ["Чинний до", element("span", "", `${asDate(certificate.notAfter)} `, element("span", "ak-muted", left))],
    ];
    const list = element("dl", "ak-dl ak-dl--tight");
    for (const [term, value] of rows) {
      if (!value) continue;
      list.append(element("div", "", element("dt", "", term), element("dd", "", value)));
    }
    const heading = element("h2", "", "Сертифікат прочитано");
    heading.id = id;
    heading.tabIndex = -1;
    const mark = certificate.qualified
      ? element("span", "ak-tag ak-tag--good", icon("check"), "Кваліфікований")
      : element("span", "ak-tag", "Удосконалений");
    const card = element("section", "ak-cert", element("header", "", icon("seal"), heading, mark), list);
    card.setAttribute("aria-labelledby", id);
    this.showOpened(card, this.otherKeyButton());
    this.say(`Ключ відкрито. ${certificate.name}`);
    heading.focus();
  }

  anotherKey() {
    this.signer.close();
    this.keep.checked = false;
    this.rest();
    this.keyDrop.clear();
    this.fileChosen();
    this.file.focus();
  }

  rest() {
    this.state = "closed";
    this.done = false;
    this.busy = false;
    this.signature.value = "";
    this.find("key-opened").hidden = true;
    this.find("key-closed").hidden = false;
    this.signButton.disabled = true;
    this.find("sign-text").textContent = this.signLabel;
    this.find("key-open-text").textContent = this.openLabel;
    this.openButton.disabled = false;
  }

  async refused(refusal) {
    if (refusal.code === "certificate-missing" && refusal.keyIds) {
      const certificate = await this.findCertificate(refusal.keyIds);
      if (certificate) {
        try {
          this.accept(certificate);
        } catch (why) {
          await this.refused(why);
        }
        return;
      }
    }
    const { field, text } = problem(refusal);
    document.title = `Помилка: ${this.title}`;
    if (!field) {
      // A document that would not load leaves the key open: the same button tries again.
      if (!this.signer.line || refusal.code === "key-closed") this.rest();
      const box = this.find("sign-refused");
      this.find("sign-refused-title").textContent = "Підписати не вдалося";
      this.find("sign-refused-text").textContent = text;
      box.hidden = false;
      box.focus();
      return;
    }
    if (this.find("key-closed").hidden) this.rest();
    // The worker keeps the opened key while its certificate is looked for.
    const wanted = field === "certificate" && this.signer.line;
    this.state = wanted ? "needs-certificate" : "closed";
    if (wanted) this.find("cert-wanted").hidden = false;
    const hint =
      refusal.code === "wrong-password" ? passwordHint(this.password.value, this.capsLock) : "";
    this.showProblem(field, text, hint);
    const input = { key: this.file, certificate: this.certificates, password: this.password }[field];
    input.focus();
    if (field === "password") input.select();
  }

  showProblem(field, text, hint = "") {
    const box = this.form.querySelector(`[data-ak-field=${field}]`);
    const place = box.querySelector("[data-ak-error]");
    const input = box.querySelector("input");
    box.classList.toggle("ak-field--bad", Boolean(text));
    input.toggleAttribute("aria-invalid", false);
    if (!text) {
      place.replaceChildren();
      input.removeAttribute("aria-invalid");
      return;
    }
    const sentence = element("span", "", element("span", "ak-vh", "Помилка: "), text);
    place.replaceChildren(element("p", "ak-err", icon("err"), sentence));
    if (hint) place.append(element("p", "ak-small ak-muted", hint));
    input.setAttribute("aria-invalid", "true");
    this.say(`${text}. ${hint}`);
  }

  forgetProblems() {
    for (const field of ["key", "certificate", "password"]) this.showProblem(field, null);
    this.find("sign-refused").hidden = true;
    document.title = this.title;
  }

  setBusy(busy, words = "") {
    this.busy = busy;
    this.form.toggleAttribute("aria-busy", busy);
    if (busy) this.form.setAttribute("aria-busy", "true");
    this.openButton.disabled = busy;
    this.signButton.disabled = busy;
    this.find("key-open-text").textContent = busy ? words : this.openLabel;
    this.find("sign-text").textContent = busy ? words : this.signLabel;
    if (busy) this.say(words);
  }

  say(words) {
    this.status.textContent = words;
  }
}

const known = new WeakSet();

function enhance(root) {
  const forms = root.matches?.("form[data-ak-sign]") ? [root] : root.querySelectorAll("form[data-ak-sign]");
  for (const form of forms) {
    if (known.has(form)) continue;
    known.add(form);
    new SigningForm(form);
  }
}

enhance(document);
// Partials that htmx swaps in bring forms of their own.
document.addEventListener("htmx:load", ({ detail }) => enhance(detail.elt));
