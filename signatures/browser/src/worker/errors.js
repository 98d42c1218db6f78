// A refusal carries a code; the page has the sentence for it (src/page/texts.js).
export class Refusal extends Error {
  constructor(code, more = {}) {
    super(code);
    this.code = code;
    this.more = more;
  }
}
