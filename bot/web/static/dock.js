// The bar at the foot of the page: the field people type into, and back, skip, later: always in the same place.

import { el, icon, keep } from "./dom.js";
import { word } from "./words.js";

const SLOTS = ["back", "skip", "later"];
// What the field of each kind is: type, keyboard, autocomplete, and the words inside it while it is empty.
const FIELDS = {
  text: { words: "web.type_text" },
  long: { words: "web.type_text" },
  free: { words: "web.type_free" },
  reason: { words: "web.type_reason" },
  search: { words: "web.type_search" },
  tel: { type: "tel", inputMode: "tel", autocomplete: "tel", words: "web.type_tel" },
  email: { type: "email", inputMode: "email", autocomplete: "email", words: "web.type_email" },
  integer: { type: "text", inputMode: "numeric", words: "web.type_integer" },
  decimal: { type: "text", inputMode: "decimal", words: "web.type_decimal" },
  money: { type: "text", inputMode: "text", words: "web.type_money" },
  date: { type: "text", inputMode: "text", words: "web.type_date", picker: "date" },
  time: { type: "text", inputMode: "text", words: "web.type_time", picker: "time" },
  datetime: { type: "text", inputMode: "text", words: "web.type_datetime", picker: "datetime-local" },
};
const TEXT_MAX = 10000;

export class Dock {
  constructor(root, path, act) {
    this.root = root;
    this.act = act;
    this.shelf = `khaosat.draft:${path}`;
    this.nav = root.querySelector(".nav");
    this.form = root.querySelector("form");
    this.field = null;
    this.onType = () => {};
    this.form.noValidate = true;
    this.form.addEventListener("submit", (e) => {
      e.preventDefault();
      this.submit();
    });
  }

  /** Set the bar for a card; the field is made anew only for another card, so that nothing typed is lost. */
  show(key, view) {
    const actions = new Map((view?.actions ?? []).map((action) => [action.op, action.label]));
    this.drawNav(actions);
    const kind = FIELDS[view?.input] ? view.input : "";
    if (key !== this.key || kind !== this.kind) {
      this.key = key;
      this.kind = kind;
      this.drawField(kind, view);
    }
    if (this.field) {
      this.field.setAttribute("aria-invalid", view.error ? "true" : "false");
      if (!view.error) this.field.removeAttribute("aria-invalid");
      const id = `c${key.replace(/[^\w-]/g, "-")}`;
      this.field.setAttribute("aria-labelledby", `${id}-q`);
      this.field.setAttribute("aria-describedby", [view.hint ? `${id}-h` : "", view.error ? `${id}-e` : ""].filter(Boolean).join(" "));
      this.field.placeholder = word(kind === "search" && view.pages > 1 ? "web.type_find" : FIELDS[kind].words);
      this.field.lang = view.lang;
    }
    this.root.hidden = !this.field && !SLOTS.some((op) => actions.has(op));
  }

  drawNav(actions) {
    for (const op of SLOTS) {
      const button = this.nav.querySelector(`[data-op="${op}"]`);
      const label = actions.get(op);
      button.classList.toggle("absent", !label);
      button.disabled = !label;
      if (label) button.querySelector("span").textContent = label;
      button.onclick = () => this.act({ type: "tapped", op, arg: "" }, button);
    }
    this.nav.hidden = !SLOTS.some((op) => actions.has(op));
  }

  drawField(kind, view) {
    const had = this.form.contains(document.activeElement);
    this.form.hidden = !kind;
    this.field = null;
    this.picker = null;
    if (!kind) {
      this.form.replaceChildren();
      return;
    }
    const { picker, words, ...props } = FIELDS[kind];
    const many = ["text", "long", "free", "reason"].includes(kind);
    this.field = el(many ? "textarea" : "input", { ...(many ? { rows: kind === "long" ? 3 : 1 } : { type: "text", ...props }), autocomplete: props.autocomplete ?? "off", maxLength: TEXT_MAX, class: "field", name: "answer", enterKeyHint: "send" });
    this.field.addEventListener("input", () => this.typed());
    // Enter sends, Shift+Enter begins a line; where there is no keyboard Enter belongs to the text.
    if (many) this.field.addEventListener("keydown", (e) => this.enter(e));
    this.picker = picker ? this.drawPicker(picker, view.calendar) : null;
    const send = el("button", { type: "submit", class: "send", "aria-label": word("web.send"), title: word("web.send") }, icon("send"));
    this.form.replaceChildren(...[this.field, this.picker, send].filter(Boolean));
    const draft = keep.get(this.shelf);
    if (draft && draft.card !== this.key) this.forget();
    if (draft?.card === this.key) this.field.value = draft.text;
    else if (view.kind === "question" && view.raw && !view.options.length) this.field.value = view.raw;
    this.grow();
    if (had) this.field.focus({ preventScroll: true });
    this.onType(this.field.value);
  }

  /** The browser's own calendar, within what the form allows; none for a year alone, which is typed sooner. */
  drawPicker(type, calendar) {
    if (calendar?.precision === "year") return null;
    const months = calendar?.precision === "month";
    const native = el("input", { type: months ? "month" : type, class: "native", tabIndex: -1, "aria-hidden": "true", onchange: () => this.picked(native.value) });
    const length = months ? 7 : 10;
    if (calendar?.least) native.min = calendar.least.slice(0, length);
    if (calendar?.most) native.max = calendar.most.slice(0, length);
    const open = () => {
      try {
        native.showPicker();
      } catch {
        native.focus();
      }
    };
    const label = word(type === "time" ? "web.pick_time" : "web.pick_date");
    return el("span", { class: "picker" }, native, el("button", { type: "button", class: "ghost", "aria-label": label, title: label, onclick: open }, icon("calendar")));
  }

  /** "2026-11-23T14:30" as people write it here: "23/11/2026 14:30". */
  picked(value) {
    const [, day, time] = value.match(/^(\d{4}-\d{2}(?:-\d{2})?)?T?(\d{2}:\d{2})?/) ?? [];
    this.field.value = [day?.split("-").reverse().join("/"), time].filter(Boolean).join(" ");
    this.typed();
    this.field.focus();
  }

  enter(e) {
    if (e.key !== "Enter" || e.shiftKey || e.isComposing) return;
    if (matchMedia("(hover: none) and (pointer: coarse)").matches && this.kind === "long") return;
    e.preventDefault();
    this.submit();
  }

  typed() {
    this.grow();
    keep.set(this.shelf, this.field.value ? { card: this.key, text: this.field.value } : null);
    this.onType(this.field.value);
  }

  grow() {
    if (this.field?.tagName !== "TEXTAREA") return;
    this.field.style.height = "auto";
    this.field.style.height = `${Math.min(this.field.scrollHeight + 2, 160)}px`;
  }

  submit() {
    const text = this.field?.value.trim();
    if (!text) {
      this.field?.focus();
      return;
    }
    this.act({ type: "typed", text }, this.form.querySelector(".send"));
  }

  /** The words were not taken: they are still here, marked, to be written over or mended; search words are not worth it. */
  mend() {
    if (this.kind === "search") this.clear(this.field.value);
    else this.field?.select();
  }

  /** These words were taken: they need not stand here any more, unless the person has written on. */
  clear(text) {
    if (!this.field || this.field.value.trim() !== text.trim()) return;
    this.field.value = "";
    this.typed();
  }

  /** Nothing typed is kept on this device. */
  forget() {
    keep.set(this.shelf, null);
  }
}
