// A ticket: the server's word that these bytes may be signed, in this visit, by this person
// (signatures/tickets.py). Pages carry tickets; no script of a page can make one.

import { concat, equal, fromBase64, fromHex, utf8 } from "./bytes.js";
import { Refusal } from "./errors.js";

const PREFIX = utf8("aikom.signing.ticket.1\0");
const ECDSA = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };

const sha256 = async (bytes) => new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
const same = async (expected, bytes) => equal(fromHex(expected), await sha256(bytes));

export class Ticket {
  constructor(fields) {
    this.fields = fields;
  }

  // Raises Refusal "ticket-refused": not a ticket of this installation, or out of time.
  static async read(token, trust, now = new Date()) {
    try {
      const [body, signature] = String(token).split(".").map(fromBase64);
      const key = await crypto.subtle.importKey("raw", fromBase64(trust), ECDSA, false, ["verify"]);
      const signed = concat(PREFIX, body);
      if (!(await crypto.subtle.verify(ECDSA, key, signature, signed))) throw new Error("forged");
      const fields = JSON.parse(new TextDecoder().decode(body));
      if (now.getTime() >= 1000 * fields.until) throw new Error("late");
      return new Ticket(fields);
    } catch {
      throw new Refusal("ticket-refused");
    }
  }

  get visit() {
    return this.fields.visit;
  }

  // Raises Refusal "content-refused": other bytes than the server froze.
  async covers(content) {
    if (!(await same(this.fields.sha256, content))) throw new Refusal("content-refused");
  }

  // Raises Refusal: the certificate (as describe() tells it) is not of who must sign.
  async belongsTo({ rnokpp, edrpou, name }) {
    const { person, nonce, organisations, signer } = this.fields;
    if (person && rnokpp && !(await same(person, utf8(`${nonce}:${rnokpp}`)))) {
      throw new Refusal("another-person", { name, signer });
    }
    if (organisations.length && edrpou && !organisations.includes(edrpou)) {
      throw new Refusal("another-organisation", { name, organisation: edrpou });
    }
  }

  // The secret that only the button of the confirmation frame gives out.
  // Raises Refusal "not-confirmed".
  async confirmedBy(secret) {
    const { confirm } = this.fields;
    if (!confirm || typeof secret !== "string" || !(await same(confirm, utf8(secret)))) {
      throw new Refusal("not-confirmed");
    }
  }
}

