// Answers the page's questions; see src/page/signer.js for the other side.
self.onmessage = ({ data: { id } }) => self.postMessage({ id, ok: false, code: "unexpected" });
