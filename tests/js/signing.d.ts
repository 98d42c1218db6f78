// The page's events of htmx, and the worker's global scope, which is shared where the browser can.
interface DocumentEventMap {
  "htmx:load": CustomEvent<{ elt: HTMLElement }>;
}
interface Window {
  onconnect: ((event: MessageEvent) => void) | null;
}
