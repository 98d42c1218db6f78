// Forgetting a key that nobody uses. A timer alone would stand still while a laptop sleeps, so the
// clock is looked at before every use as well.

const LIMIT = 15 * 60_000;

export class Idle {
  constructor(forget, now = () => Date.now()) {
    this.forget = forget;
    this.now = now;
    this.until = Infinity;
  }

  // The key was used just now.
  touch() {
    this.until = this.now() + LIMIT;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.check(), LIMIT + 1_000);
  }

  check() {
    if (this.now() < this.until) return;
    this.until = Infinity;
    clearTimeout(this.timer);
    this.forget();
  }
}
