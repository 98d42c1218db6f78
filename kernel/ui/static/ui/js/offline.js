// Pages at hand without a network. A page that links its worker (<link rel="manifest" data-ak-worker="/…/">)
// and names what shall be at hand (data-ak-keep="/url/ /url/") puts these pages, and the files they
// are drawn with, into a store of the browser that belongs to who is signed in. The worker only reads
// it. Signing out, another person and a page of the door empty it. The contract is in docs/ui.md.
import { all } from "./dom.js";

const STORE = "ak-journal:";
const AGAIN = 4 * 3600 * 1000; // so often the named pages are fetched anew: each fetch is a look at children, and noted
const STAMP = "/journals/put-at-hand"; // no page: when they were, told in the store itself and gone with it
const who = () => document.querySelector('meta[name="ak-who"]')?.getAttribute("content") ?? "";
const link = () => document.querySelector('link[rel="manifest"][data-ak-worker]');

/** Forget kept pages; those of one person may stay. @param {string} [but] */
export async function forget(but = "") {
  if (!window.caches) return;
  for (const name of await caches.keys()) if (name.startsWith(STORE) && name !== but) await caches.delete(name);
}

/**
 * Fetch pages and keep them; what does not come as a page of one's own is not kept.
 * @param {string[]} urls
 */
export async function keep(urls) {
  if (!window.caches || !who() || !link() || !navigator.onLine) return;
  const store = await caches.open(STORE + who());
  for (const url of urls) {
    try {
      const answer = await fetch(url, { credentials: "same-origin", redirect: "manual" });
      if (answer.ok) await store.put(url, answer);
      else await store.delete(url); // moved, or not one's own any more
    } catch {
      return; // no network: what is kept stays
    }
  }
}

/** Files that this page was drawn with. */
const files = () => [...new Set(performance.getEntriesByType("resource").map((one) => one.name.split("#")[0]).filter((url) => url.startsWith(`${location.origin}/static/`)))];

async function keepAll() {
  await keep([location.pathname, ...files(), "/offline/"]);
  const named = all("[data-ak-keep]").flatMap((one) => (one.dataset.akKeep ?? "").split(" ").filter(Boolean));
  if (!named.length || !window.caches || !who()) return;
  const store = await caches.open(STORE + who());
  const last = Number((await (await store.match(STAMP))?.text()) ?? 0);
  if (Date.now() - last > AGAIN) {
    await keep(named);
    if (navigator.onLine) await store.put(STAMP, new Response(String(Date.now())));
  }
  document.documentElement.dataset.akAtHand = String(named.length);
}

export function start() {
  // A page of the door has nobody; without a network it may be an old copy and says nothing.
  if (navigator.onLine) forget(who() ? STORE + who() : "");
  const worker = link()?.getAttribute("data-ak-worker");
  if (!worker || !navigator.serviceWorker) return;
  navigator.serviceWorker.register(worker).catch(() => {}); // forbidden by the browser: the portal works as it did
  addEventListener("load", () => setTimeout(keepAll, 300));
}
