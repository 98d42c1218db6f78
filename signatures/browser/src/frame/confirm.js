// The confirmation frame: one button, which gives out one secret. The document has an origin of its
// own, so scripts of the portal's pages can neither read it nor press here. They could lay something
// over it or make it unseen; so the button works only while the browser itself vouches that all of
// it has been in plain sight (IntersectionObserver with trackVisibility, Chromium alone, as is
// keeping a key).

const SEEN_FOR = 700; // milliseconds in plain sight before a press counts: no double click falls in

const button = document.querySelector("button");
const asked = document.getElementById("asked");
const wait = document.getElementById("wait");
const portal = location.origin; // the page's; this document's own is opaque
let since = Infinity;
let timer;

function see(seen) {
  clearTimeout(timer);
  since = seen ? performance.now() : Infinity;
  show(false);
  if (seen) timer = setTimeout(() => show(true), SEEN_FOR);
}

function show(ready) {
  button.setAttribute("aria-disabled", String(!ready));
  wait.hidden = ready;
}

// How tall the frame must be for all of it to be seen; the page may do as it likes.
new ResizeObserver(() => {
  parent.postMessage({ aikomHeight: document.documentElement.scrollHeight }, portal);
}).observe(asked);

new IntersectionObserver(
  (entries) => {
    const { isVisible, intersectionRatio } = /** @type {any} */ (entries.at(-1));
    see(isVisible === true && intersectionRatio > 0.99);
  },
  /** @type {any} */ ({ threshold: [0, 0.5, 1], trackVisibility: true, delay: 100 }),
).observe(asked);

button.addEventListener("click", (event) => {
  if (!event.isTrusted || performance.now() - since < SEEN_FOR) return;
  parent.postMessage({ aikomConfirmed: button.dataset.secret }, portal);
});
const no = /** @type {HTMLButtonElement} */ (document.getElementById("no"));
no.addEventListener("click", () => {
  parent.postMessage({ aikomConfirmed: "" }, portal);
});
no.disabled = false; // a press before this line would have been lost
