// What a signing worker begins with. The server writes `told` before it (signatures/portal/signing.py):
// where the program is, the hash it must have, and the key of tickets. The browser compares the hash
// before it hands the program over, so not one line of another program ever runs here. Questions
// that arrive meanwhile wait; without the program each is answered with why.

const early = [];
/** @type {(MessagePort | typeof self)[]} */
const ports = "SharedWorkerGlobalScope" in self ? [] : [self];
const hold = (port) => {
  port.onmessage = (event) => early.push([port, event]);
};
ports.forEach(hold);
self.onconnect = ({ ports: [port] }) => {
  ports.push(port);
  hold(port);
};

fetch(told.program, { integrity: told.integrity, credentials: "omit" })
  .then(async (answer) => {
    if (!answer.ok) throw new Error("no program");
    const program = new Blob([await answer.arrayBuffer()], { type: "text/javascript" });
    const address = URL.createObjectURL(program);
    importScripts(address);
    URL.revokeObjectURL(address);
    return self.listen;
  })
  .catch(() => (port) => {
    port.onmessage = ({ data: { id } }) => port.postMessage({ id, ok: false, code: "program-unavailable" });
  })
  .then((listen) => {
    self.onconnect = ({ ports: [port] }) => listen(port);
    ports.forEach(listen);
    early.forEach(([port, event]) => port.onmessage(event));
  });
