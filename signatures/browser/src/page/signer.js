// The page's side of the worker: starts it, gives each question a time limit, ends it when the
// limit passes. Nothing here keeps a key: that is only ever in a worker's memory.

const LIMITS = { open: 40_000, certificates: 15_000, sign: 60_000, keep: 5_000, state: 3_000 };

export class Refused extends Error {
  constructor(code, more = {}) {
    super(code);
    this.code = code;
    Object.assign(this, more);
  }
}

class Line {
  // Questions and answers over a port, matched by number.
  constructor(port, onLost) {
    this.port = port;
    this.onLost = onLost;
    this.waiting = new Map();
    this.last = 0;
    port.onmessage = ({ data }) => {
      const { resolve, reject, timer } = this.waiting.get(data.id) || {};
      if (!resolve) return;
      clearTimeout(timer);
      this.waiting.delete(data.id);
      if (data.ok) resolve(data.value);
      else reject(new Refused(data.code, data.more));
    };
  }

  ask(what, fields = {}, transfer = []) {
    return new Promise((resolve, reject) => {
      const id = ++this.last;
      const timer = setTimeout(() => {
        this.fail(new Refused("took-too-long"));
        this.onLost();
      }, LIMITS[what] || 5_000);
      this.waiting.set(id, { resolve, reject, timer });
      this.port.postMessage({ id, do: what, ...fields }, transfer);
    });
  }

  fail(why) {
    for (const { reject, timer } of this.waiting.values()) {
      clearTimeout(timer);
      reject(why);
    }
    this.waiting.clear();
  }
}

export class Signer {
  // `url` is where workers begin (they check their own program before it runs), `ticket` the
  // server's word about what this page may have signed.
  constructor(url, ticket) {
    this.url = url;
    this.ticket = ticket;
  }

  // Open a key in a fresh worker. `key`, `password` (UTF-8 bytes) and `certificates` are handed
  // over, not copied: this page cannot read them afterwards.
  open(key, password, certificates) {
    this.end();
    this.worker = new Worker(this.url, { name: "aikom-signer" });
    this.line = new Line(this.worker, () => this.end());
    this.worker.onerror = () => {
      this.line?.fail(new Refused("program-unavailable"));
      this.end();
    };
    return this.line.ask("open", { key, password, certificates, ticket: this.ticket }, [
      key,
      password.buffer,
      ...certificates,
    ]);
  }

  addCertificates(certificates) {
    if (!this.line) return Promise.reject(new Refused("key-closed"));
    return this.line.ask("certificates", { certificates, ticket: this.ticket }, certificates);
  }

  // `secret` is what a person's press in the confirmation frame gave out; a kept key asks for it.
  sign(content, detached, secret = "") {
    if (!this.line) return Promise.reject(new Refused("key-closed"));
    return this.line.ask("sign", { content, detached, ticket: this.ticket, secret }, [content]);
  }

  // Does the key come from an earlier page?
  get kept() {
    return Boolean(this.line) && this.line === this.shared;
  }

  // Whether this browser can; known once `keeper` was asked.
  get keeps() {
    return this.able === true;
  }

  // Can this browser carry an open key from page to page? Only a shared worker that outlives a
  // navigation can (`extendedLifetime`, Chromium 148 and later); storage never may.
  keeper() {
    if (this.shared !== undefined) return this.shared;
    this.shared = null;
    if (typeof SharedWorker !== "function") return null;
    let understood = false;
    const options = {
      name: "aikom-signer",
      get extendedLifetime() {
        understood = true;
        return true;
      },
    };
    let worker;
    try {
      worker = new SharedWorker(this.url, options);
    } catch {
      return null;
    }
    if (!understood) {
      worker.port.postMessage({ id: 0, do: "leave" });
      return null;
    }
    this.able = true;
    this.shared = new Line(worker.port, () => {});
    return this.shared;
  }

  // A keeper that answers: one that was left a moment ago may still be met under its name.
  async answering() {
    for (let tries = 0; tries < 4; tries++) {
      const keeper = this.keeper();
      if (!keeper) return null;
      if (await keeper.ask("close").then(() => true, () => false)) return keeper;
      this.shared = undefined;
    }
    return null;
  }

  // A keeper without a key is left: the next one begins in the visit whose key it is to keep, with
  // that visit's secret (seal.js).
  leave() {
    if (!this.shared) return;
    this.shared.port.postMessage({ id: 0, do: "leave" });
    this.shared = undefined;
  }

  // The certificate of a key that an earlier page of this visit left open, or null. A `fresh` page
  // (sign-in) closes it instead: whoever sat here before has left.
  async resume({ fresh }) {
    const keeper = this.keeper();
    if (!keeper) return null;
    try {
      if (!fresh) return await keeper.ask("state", { ticket: this.ticket });
      await keeper.ask("close");
    } catch (refusal) {
      if (refusal.code !== "key-closed") throw refusal;
    }
    this.leave();
    return null;
  }

  // From now on sign with the key that stayed open.
  useKept() {
    this.end();
    this.line = this.shared;
  }

  // Move the open key from this page's worker to the shared one, past this page.
  async keep() {
    if (!this.worker) return;
    const keeper = await this.answering();
    if (!keeper) return;
    const { port1, port2 } = new MessageChannel();
    await Promise.all([
      keeper.ask("keep", { from: port2 }, [port2]),
      this.line.ask("keep", { to: port1 }, [port1]),
    ]);
    this.worker.terminate();
    this.worker = undefined;
    this.line = keeper;
  }

  // Wipe and end whatever holds a key, in this page and between pages.
  close() {
    this.end();
    this.leave();
  }

  end() {
    // The worker wipes first, in the same turn it is told; terminating also frees its memory.
    this.worker?.terminate();
    this.worker = undefined;
    this.line = undefined;
  }
}
