// One opened key: what the worker, the shared worker and the tests do with it.

import { toBase64, wipe } from "./bytes.js";
import { describe, readCertificates } from "./certificate.js";
import { signCades } from "./cms.js";
import { openContainer } from "./containers.js";
import { NotDer } from "./der.js";
import { Refusal } from "./errors.js";
import { choose, readKeys, wipeKey } from "./keys.js";

// What reading a damaged file may end in: our reader's own error, a missing part, an impossible
// length, base64 or a key that the browser refuses.
const MALFORMED = [NotDer, TypeError, RangeError, SyntaxError, DOMException];

export class Session {
  constructor() {
    this.keys = [];
    this.certificates = [];
    this.chosen = null;
  }

  // Raises Refusal; "certificate-missing" leaves the keys open for addCertificates().
  async open(file, password, certificateFiles = [], now = new Date()) {
    this.close();
    try {
      const added = this.parseCertificates(certificateFiles);
      const found = await openContainer(file, password);
      try {
        for (const pkcs8 of found.keys) this.keys.push(...(await readKeys(pkcs8)));
      } finally {
        found.keys.forEach((pkcs8) => wipe(pkcs8));
      }
      this.certificates = [...found.certificates, ...added];
      return await this.decide(now, added.length > 0);
    } catch (why) {
      if (!(why instanceof Refusal && why.code.startsWith("certificate-"))) this.close();
      if (why instanceof Refusal) throw why;
      if (MALFORMED.some((kind) => why instanceof kind)) throw new Refusal("damaged");
      throw why;
    } finally {
      wipe(file, password);
    }
  }

  async addCertificates(files, now = new Date()) {
    if (!this.keys.length) throw new Refusal("key-closed");
    this.certificates.push(...this.parseCertificates(files));
    return this.decide(now, true);
  }

  parseCertificates(files) {
    try {
      return files.flatMap((file) => readCertificates(file));
    } catch {
      throw new Refusal("certificate-unreadable");
    }
  }

  async decide(now, added) {
    this.chosen = await choose(this.keys, this.certificates, now, added);
    for (const key of this.keys) if (key !== this.chosen.key) wipeKey(key);
    this.keys = [this.chosen.key];
    this.certificates = [this.chosen.certificate];
    return this.describe();
  }

  describe() {
    return this.chosen && describe(this.chosen.certificate);
  }

  // base64 of a CAdES-BES signature
  async sign(content, detached, at = new Date()) {
    if (!this.chosen) throw new Refusal("key-closed");
    return toBase64(await signCades({ ...this.chosen, content, detached, at }));
  }

  close() {
    this.keys.forEach(wipeKey);
    this.keys = [];
    this.certificates = [];
    this.chosen = null;
  }
}
