// The worker of journals: what the network does not bring is taken from the pages that were put at hand
// for who is signed in (kernel/ui/static/ui/js/offline.js). It keeps nothing by itself.
const STORE = "ak-journal:";
const OLDEST = 7 * 24 * 3600 * 1000;

self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));
self.addEventListener("fetch", (event) => {
  const { request } = event;
  if (request.method !== "GET" || new URL(request.url).origin !== self.location.origin) return;
  event.respondWith(fetch(request).catch((lost) => atHand(request, lost)));
});

async function atHand(request, lost) {
  const name = (await caches.keys()).find((one) => one.startsWith(STORE));
  if (!name) throw lost;
  const store = await caches.open(name);
  const found = await store.match(request.url.split("#")[0], { ignoreVary: true });
  const made = Date.parse(found?.headers.get("Date") ?? "");
  if (found && !(Date.now() - made > OLDEST)) return found;
  const instead = request.mode === "navigate" && (await store.match("/offline/", { ignoreVary: true }));
  if (instead) return instead;
  throw lost;
}
