// The page's events of htmx, and the worker's global scope, which is shared where the browser can.
interface DocumentEventMap {
  "htmx:load": CustomEvent<{ elt: HTMLElement }>;
}
// What the server writes before the beginning of a worker: signatures/portal/signing.py.
declare const told: { program: string; integrity: string; trust: string; between?: string };
declare function importScripts(...addresses: string[]): void;
interface Window {
  listen: (port: MessagePort | (Window & typeof globalThis)) => void;
  onconnect: ((event: MessageEvent) => void) | null;
}
