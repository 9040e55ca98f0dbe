// Sends what the person does, in order, until the server has it on disk. What cannot be sent waits in localStorage
// under its key, so that a dead battery loses nothing and a second sending changes nothing.

import { keep, newKey } from "./dom.js";

const FIRST_WAIT_MS = 1000;
const LONGEST_WAIT_MS = 30000;

export class Post extends EventTarget {
  // Events: "sent" {event}, "refused" {event, status, problem}, "waiting" {count, offline}.
  constructor(path) {
    super();
    this.path = path;
    this.shelf = `khaosat.queue:${path}`;
    this.wait = FIRST_WAIT_MS;
    this.running = false;
    this.stuck = false;
    window.addEventListener("online", () => this.hurry());
    document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && this.hurry());
    window.addEventListener("storage", (change) => change.key === this.shelf && this.tell());
  }

  get waiting() {
    return keep.get(this.shelf) ?? [];
  }

  /** Queue an event and start sending. Its key is made here, once. */
  add(event) {
    const whole = { key: newKey(), ...event };
    keep.set(this.shelf, [...this.waiting, whole]);
    if (!this.waiting.some((waiting) => waiting.key === whole.key)) this.unkept = [...(this.unkept ?? []), whole];
    this.run();
    return whole;
  }

  hurry() {
    this.wait = FIRST_WAIT_MS;
    clearTimeout(this.timer);
    this.run();
  }

  async run() {
    if (this.running) return;
    this.running = true;
    try {
      // One tab at a time, where the browser can say so; the server drops the second of two equal keys anyway.
      if (navigator.locks) await navigator.locks.request(this.shelf, () => this.drain());
      else await this.drain();
    } finally {
      this.running = false;
    }
  }

  async drain() {
    for (let event = this.next(); event; event = this.next()) {
      const outcome = await this.send(event);
      if (outcome === "later") {
        this.stuck = true;
        this.tell();
        this.timer = setTimeout(() => this.run(), this.wait);
        this.wait = Math.min(this.wait * 2, LONGEST_WAIT_MS);
        return;
      }
      this.stuck = false;
      this.wait = FIRST_WAIT_MS;
      this.drop(event);
      this.tell();
    }
  }

  next() {
    return this.waiting[0] ?? this.unkept?.[0];
  }

  drop(event) {
    keep.set(this.shelf, this.waiting.filter((waiting) => waiting.key !== event.key));
    this.unkept = this.unkept?.filter((waiting) => waiting.key !== event.key);
  }

  async send(event) {
    let answer;
    try {
      answer = await fetch(`${this.path}/events`, {
        method: "POST",
        headers: { "Content-Type": "application/json" },
        body: JSON.stringify(event),
        signal: AbortSignal.timeout(20000),
      });
    } catch {
      return "later";
    }
    if (answer.ok) {
      this.dispatchEvent(new CustomEvent("sent", { detail: { event } }));
      return "done";
    }
    if (answer.status === 429) {
      this.wait = Math.max(this.wait, 1000 * Number(answer.headers.get("Retry-After") ?? 1));
      return "later";
    }
    if (answer.status >= 500) return "later";
    const problem = await answer.json().catch(() => ({}));
    this.dispatchEvent(new CustomEvent("refused", { detail: { event, status: answer.status, problem } }));
    return "done";
  }

  tell() {
    this.dispatchEvent(new CustomEvent("waiting", { detail: { count: this.waiting.length, stuck: this.stuck } }));
  }
}

/** One file with its progress, from 0 to 1. Not queued: a file is too large to keep here, so the person tries again. */
export function upload(path, file, fields, onProgress) {
  const request = new XMLHttpRequest();
  const form = new FormData();
  for (const [name, value] of Object.entries({ key: newKey(), ...fields })) form.append(name, value);
  form.append("file", file, file.name);
  const done = new Promise((resolve, reject) => {
    request.upload.addEventListener("progress", (e) => e.lengthComputable && onProgress(e.loaded / e.total));
    request.addEventListener("load", () => {
      if (request.status < 300) resolve();
      else reject(Object.assign(new Error("refused"), { status: request.status, problem: parsed(request.responseText) }));
    });
    request.addEventListener("error", () => reject(Object.assign(new Error("offline"), { status: 0, problem: {} })));
    request.addEventListener("abort", () => reject(Object.assign(new Error("cancelled"), { status: -1, problem: {} })));
  });
  request.open("POST", `${path}/files`);
  request.send(form);
  return { done, cancel: () => request.abort() };
}

function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return {};
  }
}
