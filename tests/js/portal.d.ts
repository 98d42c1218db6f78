// What htmx gives to the portal's own modules (htmx 2: https://htmx.org/events/).
interface HtmxRequest {
  elt: HTMLElement;
  xhr: XMLHttpRequest;
  headers: Record<string, string>;
  verb: string;
  requestConfig: { verb: string };
  shouldSwap: boolean;
}
interface DocumentEventMap {
  "htmx:load": CustomEvent<HtmxRequest>;
  "htmx:sendError": CustomEvent<HtmxRequest>;
  "htmx:timeout": CustomEvent<HtmxRequest>;
  "htmx:beforeOnLoad": CustomEvent<HtmxRequest>;
  "htmx:configRequest": CustomEvent<HtmxRequest>;
  "htmx:beforeSwap": CustomEvent<HtmxRequest>;
  "htmx:responseError": CustomEvent<HtmxRequest>;
  "htmx:afterSettle": CustomEvent<HtmxRequest>;
  "htmx:confirm": CustomEvent<HtmxRequest>;
  "htmx:beforeRequest": CustomEvent<HtmxRequest>;
  "htmx:afterRequest": CustomEvent<HtmxRequest>;
}
interface Window {
  htmx?: { process(element: Element): void };
}
