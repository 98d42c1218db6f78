// A key on its way from a page's worker to the keeper. The page brings the two together, so whatever
// passes could be led past a script of the page: it is encrypted with a secret of the visit that the
// server tells to workers alone (`Sec-Fetch-Dest`, which no script can write).

import { fromHex } from "./bytes.js";
import { Refusal } from "./errors.js";

const AES = "AES-GCM";

async function secretOf(between, uses) {
  if (!between) throw new Refusal("unexpected");
  return crypto.subtle.importKey("raw", fromHex(between), AES, false, uses);
}

export async function seal({ key: { d, cryptoKey, ...open }, certificate }, between) {
  const how = { name: AES, iv: crypto.getRandomValues(new Uint8Array(12)) };
  const secret = await secretOf(between, ["encrypt", "wrapKey"]);
  const sealed = d
    ? await crypto.subtle.encrypt(how, secret, d)
    : await crypto.subtle.wrapKey("pkcs8", cryptoKey, secret, how);
  return { open, certificate, how, sealed, algorithm: cryptoKey?.algorithm };
}

// Raises Refusal "unexpected": not sealed in this visit.
export async function unseal({ open, certificate, how, sealed, algorithm }, between) {
  const secret = await secretOf(between, ["decrypt", "unwrapKey"]);
  try {
    if (!algorithm) {
      const d = new Uint8Array(await crypto.subtle.decrypt(how, secret, sealed));
      return { key: { ...open, d }, certificate };
    }
    const cryptoKey = await crypto.subtle.unwrapKey("pkcs8", sealed, secret, how, algorithm, false, ["sign"]);
    return { key: { ...open, cryptoKey }, certificate };
  } catch {
    throw new Refusal("unexpected");
  }
}
