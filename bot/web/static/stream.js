// Listens for news of this talk, and reconnects where the browser does not do it by itself (after a refusal).

const FIRST_WAIT_MS = 1000;
const LONGEST_WAIT_MS = 30000;

export class Stream extends EventTarget {
  // Events: "row" {row}, "ready" (everything there was has been told), "state" {connected}.
  constructor(path) {
    super();
    this.path = path;
    this.after = 0;
    this.wait = FIRST_WAIT_MS;
  }

  open() {
    this.source?.close();
    clearTimeout(this.timer);
    const source = new EventSource(`${this.path}/stream?after=${this.after}`);
    this.source = source;
    source.addEventListener("row", (message) => {
      const row = JSON.parse(message.data);
      if (row.id <= this.after) return; // told twice after a reconnection
      this.after = row.id;
      this.dispatchEvent(new CustomEvent("row", { detail: row }));
    });
    source.addEventListener("ready", () => {
      this.wait = FIRST_WAIT_MS;
      this.dispatchEvent(new CustomEvent("ready"));
      this.tell(true);
    });
    source.addEventListener("error", () => {
      this.tell(false);
      if (source.readyState !== EventSource.CLOSED || this.source !== source) return;
      this.timer = setTimeout(() => this.open(), this.wait);
      this.wait = Math.min(this.wait * 2, LONGEST_WAIT_MS);
    });
  }

  tell(connected) {
    this.dispatchEvent(new CustomEvent("state", { detail: { connected } }));
  }
}
