// Wires every module of the portal by data attributes. Each works by delegation, so fragments that
// htmx brings in need no wiring of their own.
import * as autosave from "./autosave.js";
import * as fields from "./fields.js";
import * as frame from "./frame.js";
import * as grid from "./grid.js";
import * as net from "./net.js";
import * as offline from "./offline.js";
import * as outbox from "./outbox.js";
import * as suggest from "./suggest.js";

net.start();
frame.start();
fields.start();
autosave.start();
grid.start();
suggest.start();
offline.start();
outbox.start();
