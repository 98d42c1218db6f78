// The worker's entry, in two roles. As a page's own worker it opens and signs. As a shared worker
// ("keeper") it holds one opened key between the pages of a visit, when the person asked for that:
// it never sees a file or a password, and closes the key at the sign-in page, on «Інший ключ» and
// with the browser. Both forget a key fifteen minutes after its last use. Neither role keeps anything in storage or
// sends anything anywhere: the page alone talks to the server.

import { Refusal } from "./errors.js";
import { Idle } from "./idle.js";
import { Session } from "./session.js";

const session = new Session();
const shared = "onconnect" in self;
const idle = new Idle(() => session.close());

const USES = ["open", "certificates", "keep", "sign"]; // looking at the certificate is no use

const next = (port) => new Promise((resolve) => (port.onmessage = ({ data }) => resolve(data)));

const actions = {
  open: ({ key, password, certificates }) =>
    session.open(new Uint8Array(key), password, certificates.map((file) => new Uint8Array(file))),
  certificates: ({ certificates }) =>
    session.addCertificates(certificates.map((file) => new Uint8Array(file))),
  sign: ({ content, detached, at }) =>
    session.sign(new Uint8Array(content), detached, new Date(at)),
  state: async () => session.describe(),
  close: async () => session.close(),
  leave: async () => self.close(),
  // The key passes from the page's worker to the keeper over a channel of their own.
  keep: async ({ from, to }) => {
    if (to) {
      if (!session.chosen) throw new Refusal("key-closed");
      to.postMessage(session.chosen);
      session.close();
      return;
    }
    const chosen = await next(from);
    from.close();
    session.close();
    session.chosen = chosen;
    session.keys = [chosen.key];
  },
};

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

if (shared) {
  self.onconnect = ({ ports: [port] }) => {
    port.onmessage = ({ data }) => answer(port, data);
  };
} else {
  self.onmessage = ({ data }) => answer(self, data);
}
