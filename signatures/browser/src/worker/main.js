// The worker's program, in two roles. As a page's own worker it opens and signs. As a shared worker
// ("keeper") it holds one opened key between the pages of a visit, when the person asked for that:
// it never sees a file or a password, and closes the key at the sign-in page, on «Інший ключ» and
// with the browser. Both forget a key fifteen minutes after its last use, keep nothing in storage
// and can send nothing anywhere: their policy lets them fetch this program alone.
//
// Neither believes a page. Both sign only what a ticket of the server names (ticket.js). A page's
// worker signs for the very ticket that its key was opened for: who opened it saw that page, and a
// script that came later gets nothing else signed. The keeper, which any script of a signing page
// can reach, signs only for the person and the visit of its key and with the secret that a press in
// the confirmation frame gives out. Without a ticket of that person it does not even say whose key
// it holds. From one to the other a key passes sealed (seal.js).

import { Refusal } from "./errors.js";
import { Idle } from "./idle.js";
import { seal, unseal } from "./seal.js";
import { Session } from "./session.js";
import { Ticket } from "./ticket.js";

const session = new Session();
const keeper = "SharedWorkerGlobalScope" in self;
const idle = new Idle(() => session.close());
let visit = ""; // of the keeper's key: the first that a ticket of its person named
let opened; // the ticket that the page's key was opened for

const USES = ["open", "certificates", "keep", "sign"]; // looking at the certificate is no use

const next = (port) => new Promise((resolve) => (port.onmessage = ({ data }) => resolve(data)));
const files = (buffers) => buffers.map((file) => new Uint8Array(file));

// The certificate, when it is of the person whom the ticket names.
async function known(opening, token) {
  const certificate = await opening;
  try {
    await (await Ticket.read(token, told.trust)).belongsTo(certificate);
  } catch (why) {
    session.close();
    throw why;
  }
  return certificate;
}

// The ticket, when the keeper's key may honour it.
async function honoured(token) {
  const ticket = await Ticket.read(token, told.trust);
  const certificate = session.describe();
  if (!certificate) throw new Refusal("key-closed");
  if (!certificate.rnokpp || !ticket.fields.person) throw new Refusal("ticket-refused");
  await ticket.belongsTo(certificate);
  visit ||= ticket.visit;
  if (visit !== ticket.visit) throw new Refusal("ticket-refused");
  return ticket;
}

function asOpened(token) {
  if (token !== opened) throw new Refusal("ticket-refused");
}

const pages = {
  open: ({ key, password, certificates, ticket }) => {
    opened = ticket;
    return known(session.open(new Uint8Array(key), password, files(certificates)), ticket);
  },
  certificates: async ({ certificates, ticket }) => {
    asOpened(ticket);
    return known(session.addCertificates(files(certificates)), ticket);
  },
  sign: async ({ content, detached, ticket: token }) => {
    asOpened(token);
    const bytes = new Uint8Array(content);
    const ticket = await Ticket.read(token, told.trust);
    await ticket.covers(bytes);
    return session.sign(bytes, detached, new Date());
  },
  keep: async ({ to }) => {
    if (!session.chosen) throw new Refusal("key-closed");
    to.postMessage(await seal(session.chosen, told.between));
    session.close();
  },
};

const keeps = {
  keep: async ({ from }) => {
    const sealed = await next(from);
    from.close();
    session.close();
    session.chosen = await unseal(sealed, told.between);
    session.keys = [session.chosen.key];
    visit = "";
  },
  state: async ({ ticket }) => {
    await honoured(ticket);
    return session.describe();
  },
  sign: async ({ content, detached, ticket: token, secret }) => {
    const bytes = new Uint8Array(content);
    const ticket = await honoured(token);
    await ticket.covers(bytes);
    await ticket.confirmedBy(secret);
    return session.sign(bytes, detached, new Date());
  },
  leave: async () => {
    session.close();
    self.close();
  },
};

const actions = { ...(keeper ? keeps : pages), close: async () => session.close() };

async function answer(port, { id, do: what, ...fields }) {
  try {
    if (!Object.hasOwn(actions, what)) throw new Refusal("unexpected");
    idle.check();
    const value = await actions[what](fields);
    if (USES.includes(what)) idle.touch();
    port.postMessage({ id, ok: true, value });
  } catch (why) {
    // Errors of libraries may quote what they were given; only our own codes leave the worker.
    const { code, more } = why instanceof Refusal ? why : { code: "unexpected", more: {} };
    port.postMessage({ id, ok: false, code, more });
  }
}

self.listen = (port) => {
  port.onmessage = ({ data }) => answer(port, data);
};
