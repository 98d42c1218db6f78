// Signing with a token: asks the signing agent of IIT («Користувач ЦСК», EUSignWeb) that runs on
// this computer. The key and its PIN stay with the agent, which asks for them in its own window.
// What is known of the protocol, and what was never tried: docs/how-to/tokens-and-cloud-keys.md.
// The markup is in signatures/templates/components/signing_token.html.

import { Refused } from "./signer.js";

const FINDING = 3_000;
const ASKING = 15_000;
const PERSON = 180_000; // a person looks for the token and types its PIN

const WORDS = {
  "agent-absent": "Програма підпису на цьому компʼютері не відповідає. Запустіть «Користувач ЦСК» (агент підпису), дозвольте браузеру доступ до програм цього компʼютера й спробуйте ще раз",
  "agent-silent": "Програма підпису не відповіла вчасно. Перевірте, чи не чекає на вас її вікно, і спробуйте ще раз",
  "agent-strange": "Програма підпису відповіла незрозуміло. Оновіть її або підпишіть файл у ній самій: спосіб «Підписано в іншій програмі»",
  "content-unavailable": "Не вдалося прочитати документ для підпису. Оновіть сторінку й спробуйте ще раз",
};

const bytes = (data) => ({ className: "EndUserByteArray", classVersion: 1, classFields: { data } });

// JSON-RPC 2.0 over HTTP on this computer, as IIT's own web library speaks it.
class Agent {
  constructor(address) {
    this.address = address;
    this.session = null;
    this.last = 0;
  }

  async call(method, params = [], limit = ASKING) {
    this.last += 1;
    const body = { jsonrpc: "2.0", id: this.last, method, params, session_id: this.session };
    let said;
    try {
      const answer = await fetch(this.address, {
        method: "POST",
        headers: { "Content-Type": "application/json-rpc" },
        body: JSON.stringify(body),
        credentials: "omit",
        redirect: "error",
        signal: AbortSignal.timeout(limit),
      });
      if (!answer.ok) throw new Refused("agent-strange");
      said = await answer.json();
    } catch (why) {
      if (why instanceof Refused) throw why;
      if (why instanceof SyntaxError) throw new Refused("agent-strange");
      throw new Refused(why.name === "TimeoutError" ? "agent-silent" : "agent-absent");
    }
    const mine = said.jsonrpc === "2.0" && said.id === this.last && said.result?.error;
    const session = said.session_id ?? null;
    if (!mine || (this.session && session && session !== this.session)) {
      throw new Refused("agent-strange");
    }
    this.session ??= session;
    const { error, result } = said.result;
    if (error.code) throw new Refused("agent-refused", { words: String(error.message || error.code) });
    return result;
  }

  // A detached CMS of these bytes, as base64. The agent shows a window to choose the token in.
  async sign(content) {
    if (!(await this.call("IsInitialized"))) await this.call("Initialize");
    await this.call("SetUIMode", [true]);
    await this.call("ReadPrivateKey", [], PERSON);
    try {
      const made = await this.call("Sign", [bytes(content)], PERSON);
      const signature = typeof made === "string" ? made : made?.classFields?.data;
      if (typeof signature !== "string" || !signature) throw new Refused("agent-strange");
      return signature;
    } finally {
      await this.call("ResetPrivateKey").catch(() => {}); // the next page asks for the key again
    }
  }
}

// The first address where an agent answers.
async function find(addresses) {
  let why = new Refused("agent-absent");
  for (const address of addresses) {
    const agent = new Agent(address);
    try {
      await agent.call("GetVersion", [], FINDING);
      return agent;
    } catch (refusal) {
      if (refusal.code !== "agent-absent") why = refusal;
    }
  }
  throw why;
}

class TokenForm {
  constructor(form) {
    this.form = form;
    this.find = (name) => form.querySelector(`[data-ak-token-${name}]`);
    this.button = this.find("button");
    this.words = this.find("text").textContent;
    this.done = false;
    this.button.disabled = false;
    form.addEventListener("submit", (event) => this.submit(event), { capture: true });
    addEventListener("pageshow", ({ persisted }) => persisted && this.rest());
  }

  async submit(event) {
    if (this.done) return; // signed: let it go where it goes
    event.preventDefault();
    event.stopImmediatePropagation();
    if (this.button.disabled) return;
    this.busy("Шукаємо програму підпису…");
    try {
      const agent = await find(this.form.dataset.akToken.split(" "));
      this.busy("Підтвердьте у вікні програми підпису…");
      const { akSignContent } = this.form.dataset;
      this.form.querySelector("input[name=signature]").value = await agent.sign(akSignContent);
      this.done = true;
      this.busy("Надсилаємо…");
      this.form.requestSubmit();
    } catch (refusal) {
      this.rest();
      this.refuse(refusal);
    }
  }

  busy(words) {
    this.find("refused").hidden = true;
    this.button.disabled = true;
    this.find("text").textContent = words;
    this.find("status").textContent = words;
  }

  rest() {
    this.done = false;
    this.button.disabled = false;
    this.find("text").textContent = this.words;
    this.find("status").textContent = "";
  }

  refuse(refusal) {
    const own = refusal.code === "agent-refused" && `Програма підпису відмовила: ${refusal.words}`;
    this.find("refused-text").textContent = own || WORDS[refusal.code] || WORDS["agent-strange"];
    const box = this.find("refused");
    box.hidden = false;
    box.focus();
  }
}

const known = new WeakSet();

function enhance(root) {
  const forms = root.matches?.("form[data-ak-token]") ? [root] : root.querySelectorAll("form[data-ak-token]");
  for (const form of forms) {
    if (known.has(form)) continue;
    known.add(form);
    new TokenForm(form);
  }
}

enhance(document);
document.addEventListener("htmx:load", ({ detail }) => enhance(detail.elt));
