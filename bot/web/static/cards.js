// Draws one card. Every word of it came with it; what it asks back goes through `act(event, element)`.

import { el, folded, icon } from "./dom.js";
import { settings, word } from "./words.js";

const NAVIGATION = new Set(["back", "skip", "later"]);
const MAIN = new Set(["done", "submit", "resume", "yes", "enough", "review"]);
const MANY = 14; // more options than this scroll within the card

/**
 * The element of a card, with three ways in: `first()` its first control, `filter(text)` hides options that do not
 * match, `ticked()` the names ticked so far.
 * @param view the card as the channel rendered it; @param ticked names ticked in this tab before a redraw
 */
export function drawCard(key, view, act, ticked = null) {
  const id = `c${key.replace(/[^\w-]/g, "-")}`;
  const made = view.kind === "settled" ? receipt(id, view, act) : openCard(id, view, act, ticked);
  made.element.dataset.card = key;
  made.element.dataset.kind = view.kind;
  made.element.dataset.session = view.session ?? "";
  made.element.dataset.path = view.path ?? "";
  made.element.lang = view.lang;
  return made;
}

function receipt(id, view, act) {
  const edit = view.actions.find((action) => action.op === "edit");
  const blank = view.raw === "" && view.answer === "";
  const said = el(
    "div",
    { class: "bubble mine", "data-answer": view.answer },
    el("bdi", {}, view.answer),
    view.raw ? el("small", {}, word("web.as_typed", { raw: view.raw })) : null,
  );
  const button = edit
    ? el("button", { type: "button", class: "edit ghost", "data-op": "edit", "aria-describedby": `${id}-q`, onclick: (e) => act({ type: "tapped", op: "edit", arg: "" }, e.currentTarget) }, icon("edit"), edit.label)
    : null;
  const element = el("article", { id, class: "receipt" }, el("p", { id: `${id}-q`, class: "asked" }, view.text), el("div", { class: "said" }, button, blank ? null : said));
  return { element, first: () => button, filter: () => {}, ticked: () => [] };
}

function openCard(id, view, act, ticked) {
  const widget = drawWidget(id, view, act, ticked);
  const passive = ["submitted", "ended", "message"].includes(view.kind);
  const element = el(
    "article",
    { id, class: `card ${view.kind}`, tabIndex: -1, "aria-labelledby": `${id}-q`, "aria-describedby": described(id, view) },
    view.heading ? el("p", { class: "group" }, view.heading) : null,
    view.notes.map((note) => el("p", { class: "note" }, note)),
    view.title ? el("p", { class: "group" }, view.title) : null,
    media(view.media ?? [], word("web.picture")),
    view.text || view.kind === "review" ? el(passive ? "p" : "h2", { id: `${id}-q`, class: "question" }, view.text || view.title) : null,
    view.hint ? el("p", { id: `${id}-h`, class: "hint" }, view.hint) : null,
    view.why ? el("details", { class: "why" }, el("summary", {}, word("web.why")), el("p", {}, view.why)) : null,
    view.kind === "confirm" ? reading(view) : standing(view),
    view.kind === "menu" && view.ask ? el("p", { class: "note" }, view.ask) : null,
    view.error ? el("p", { id: `${id}-e`, class: "error" }, view.error) : null,
    widget?.element,
    view.fill ? el("div", { class: "actions" }, el("button", { type: "button", class: "option", "data-op": "fill", onclick: (e) => act({ type: "tapped", op: "fill", arg: view.fill.arg }, e.currentTarget) }, view.fill.label)) : null,
    view.quick.length ? chips(view, act) : null,
    view.locate && view.kind === "question" ? locate(act) : null,
    view.sections.length ? sections(view, act) : null,
    view.receipt ? receiptNumber(view) : null,
    actions(view, act),
    view.kind === "submitted" || view.kind === "ended" ? el("a", { class: "again", href: `/?lang=${encodeURIComponent(view.lang)}` }, word("web.other_surveys")) : null,
  );
  if (view.kind === "review") element.querySelector(".question").className = "question sr-only";
  const first = () => widget?.first() ?? element.querySelector("button:not(.why):not([tabindex='-1']), input, a");
  return { element, first, filter: widget?.filter ?? (() => {}), ticked: widget?.ticked ?? (() => []) };
}

/** Pictures, sounds and films of the form's own; `alt` is blank where the words beside them say it all. */
function media(files, alt) {
  if (!files.length) return null;
  return el("div", { class: "media" }, files.map((file) => {
    if (file.kind === "image") return el("img", { src: file.src, alt });
    return el("figure", {}, file.label ? el("figcaption", {}, file.label) : null, el(file.kind, { src: file.src, controls: true, preload: "metadata", "aria-label": file.label || word(file.kind === "audio" ? "web.audio" : "web.video") }));
  }));
}

function described(id, view) {
  return [view.hint ? `${id}-h` : "", view.error ? `${id}-e` : ""].filter(Boolean).join(" ") || null;
}

/** The answer that stands while its question is open again. Options show it by themselves. */
function standing(view) {
  if (!view.answer || view.kind !== "question" || view.options.length) return null;
  return el("p", { class: "standing" }, word("web.standing", { answer: view.answer }));
}

function reading(view) {
  return el(
    "div",
    { class: "reading" },
    view.raw ? el("p", { class: "hint" }, word("web.as_typed", { raw: view.raw })) : null,
    el("p", { class: "value" }, el("bdi", {}, view.answer)),
    view.ask ? el("p", {}, view.ask) : null,
  );
}

// Options, by their look.

function drawWidget(id, view, act, ticked) {
  switch (view.look) {
    case "toggles":
      return toggles(id, view, act, ticked);
    case "rank":
      return rank(id, view, act, ticked);
    case "stars":
    case "scale":
      return scale(id, view, act);
    case "acknowledge":
      return buttons(id, { ...view, options: [{ name: "OK", label: word("web.acknowledge"), on: false }] }, act);
    case "upload":
      return uploader(id, view, act);
    case "choices":
    case "equal":
      return buttons(id, view, act);
    default:
      return null;
  }
}

function buttons(id, view, act) {
  const opens = view.kind === "menu";
  const made = view.options.map((option) =>
    el(
      "button",
      {
        type: "button",
        class: "option",
        role: opens ? null : "radio",
        "aria-checked": opens ? null : String(option.on),
        "data-option": option.name,
        "data-find": folded(option.label),
        onclick: (e) => act(opens ? { type: "open", flow: option.name } : { type: "tapped", op: "pick", arg: option.name }, e.currentTarget),
      },
      media((option.media ?? []).filter((file) => file.kind === "image"), ""),
      el("bdi", {}, option.label),
      option.on ? icon("check") : null,
    ),
  );
  const list = el("div", { class: `options ${view.look}${made.length > MANY ? " long" : ""}${view.options.some((o) => o.label.length > 12) ? " stack" : ""}`, role: opens ? "group" : "radiogroup", "aria-labelledby": `${id}-q` }, made);
  if (!opens) rove(list, made);
  return withPages(list, made, view, act);
}

/** One stop for Tab; the arrows, Home and End go from option to option. Nothing is chosen by moving. */
function rove(list, made) {
  const start = made.find((button) => button.getAttribute("aria-checked") === "true") ?? made[0];
  for (const button of made) button.tabIndex = button === start ? 0 : -1;
  list.addEventListener("keydown", (e) => {
    const shown = made.filter((button) => !button.hidden);
    const at = shown.indexOf(document.activeElement);
    const to = { ArrowDown: at + 1, ArrowRight: at + 1, ArrowUp: at - 1, ArrowLeft: at - 1, Home: 0, End: shown.length - 1 }[e.key];
    if (to === undefined || at < 0) return;
    e.preventDefault();
    const next = shown[(to + shown.length) % shown.length];
    for (const button of made) button.tabIndex = button === next ? 0 : -1;
    next.focus();
  });
}

function withPages(list, made, view, act) {
  const none = el("p", { class: "hint", hidden: true }, word("web.none_found"));
  const box = el("div", {}, list, none, view.pages > 1 ? pager(view, act) : null);
  const filter = (text) => {
    if (view.pages > 1) return; // only a part of the list is here: the words are sent, and the server searches
    const wanted = folded(text);
    for (const button of made) button.hidden = wanted !== "" && !button.dataset.find.includes(wanted);
    const left = made.filter((button) => !button.hidden);
    none.hidden = left.length > 0;
    if (left.length && !left.some((button) => button.tabIndex === 0)) left[0].tabIndex = 0;
  };
  return { element: box, first: () => made.find((b) => !b.hidden && b.tabIndex === 0) ?? made[0], filter, ticked: () => [] };
}

function pager(view, act) {
  const turn = (page, label, text) =>
    el("button", { type: "button", class: "chip", "aria-label": label, disabled: page < 0 || page >= view.pages, onclick: (e) => act({ type: "tapped", op: "page", arg: String(page) }, e.currentTarget) }, text);
  return el("div", { class: "pager" }, turn(view.page - 1, word("web.page_before"), "‹"), el("span", {}, `${view.page + 1}/${view.pages}`), turn(view.page + 1, word("web.page_after"), "›"));
}

function toggles(id, view, act, ticked) {
  const boxes = view.options.map((option) =>
    el("input", { type: "checkbox", name: option.name, checked: ticked ? ticked.includes(option.name) : option.on, "data-option": option.name }),
  );
  const rows = view.options.map((option, n) => el("label", { class: "option tick", "data-find": folded(option.label) }, boxes[n], media((option.media ?? []).filter((file) => file.kind === "image"), ""), el("bdi", {}, option.label)));
  const names = () => boxes.filter((box) => box.checked).map((box) => box.name);
  const done = el("button", { type: "submit", class: "main", "data-op": "done" });
  const count = el("span", { class: "hint", "aria-live": "polite" });
  const tell = (tooMany) => {
    done.textContent = names().length ? word("web.done_n", { count: names().length }) : word("web.done");
    count.textContent = tooMany ? word("web.at_most", { count: view.most }) : howMany(view);
  };
  const form = el(
    "form",
    {
      class: "ticks",
      onchange: (e) => {
        const tooMany = view.most > 0 && names().length > view.most;
        if (tooMany) e.target.checked = false;
        tell(tooMany);
        form.dispatchEvent(new CustomEvent("ticked", { bubbles: true, detail: names() }));
      },
      onsubmit: (e) => {
        e.preventDefault();
        act({ type: "tapped", op: "set", arg: names().join(" ") }, done);
      },
    },
    el("fieldset", { class: `options${rows.length > MANY ? " long" : ""}` }, el("legend", { class: "sr-only" }, view.text), rows),
    el("div", { class: "foot" }, count, done),
  );
  tell(false);
  const filter = (text) => view.pages > 1 || rows.forEach((row) => (row.hidden = folded(text) !== "" && !row.dataset.find.includes(folded(text))));
  const paged = view.pages > 1 ? el("div", {}, form, pager(view, act)) : form;
  return { element: paged, first: () => boxes[0], filter, ticked: names };
}

function howMany(view) {
  if (view.least > 0 && view.least === view.most) return word("web.exactly", { count: view.least });
  if (view.least > 1 && view.most > 0) return word("web.between", { least: view.least, most: view.most });
  if (view.most > 0) return word("web.at_most", { count: view.most });
  return view.least > 1 ? word("web.at_least", { count: view.least }) : word("web.several");
}

/** Tap in order: each tap gives the next place, a second tap takes it back. */
function rank(id, view, act, ticked) {
  let order = ticked ?? view.options.filter((o) => o.place).sort((a, b) => a.place - b.place).map((o) => o.name);
  const wanted = view.most || view.options.length;
  const made = view.options.map((option) =>
    el("button", { type: "button", class: "option place", "data-option": option.name, "data-find": folded(option.label), onclick: () => tap(option.name) }, el("span", { class: "number", "aria-hidden": "true" }), media((option.media ?? []).filter((file) => file.kind === "image"), ""), el("bdi", {}, option.label), el("span", { class: "sr-only" })),
  );
  const count = el("span", { class: "hint", "aria-live": "polite" });
  const done = el("button", { type: "button", class: "main", "data-op": "done", onclick: () => act({ type: "tapped", op: "set", arg: order.join(" ") }, done) });
  const list = el("div", { class: `options${made.length > MANY ? " long" : ""}`, role: "group", "aria-labelledby": `${id}-q` }, made);
  const box = el("div", {}, list, el("div", { class: "foot" }, count, done));
  function tap(name) {
    if (order.includes(name)) order = order.filter((other) => other !== name);
    else if (order.length < wanted) order = [...order, name];
    tell();
    box.dispatchEvent(new CustomEvent("ticked", { bubbles: true, detail: order }));
  }
  function tell() {
    made.forEach((button, n) => {
      const place = order.indexOf(view.options[n].name) + 1;
      button.setAttribute("aria-pressed", String(place > 0));
      button.querySelector(".number").textContent = place || "";
      button.querySelector(".sr-only").textContent = place ? word("web.place", { count: place }) : "";
    });
    count.textContent = order.length < wanted ? word("web.rank_more", { count: wanted - order.length }) : word("web.rank_done");
    done.textContent = order.length ? word("web.done_n", { count: order.length }) : word("web.done");
  }
  tell();
  return { element: box, first: () => made[0], filter: () => {}, ticked: () => order };
}

/** Stars or figures as radios: a tap sends at once, the arrows only move, Enter sends. */
function scale(id, view, act) {
  const stars = view.look === "stars";
  const radios = view.options.map((option, n) =>
    el("input", { type: "radio", name: id, value: option.name, checked: option.on, class: "sr-only", "data-option": option.name, "aria-label": stars ? word("web.stars", { count: n + 1, label: option.label }) : option.label }),
  );
  const faces = view.options.map((option, n) => el("label", { class: "step", title: option.label }, radios[n], el("span", { "aria-hidden": "true" }, stars ? "★" : option.label)));
  const caption = el("span", { class: "hint" });
  const done = el("button", { type: "submit", class: "main", "data-op": "done" }, word("web.send"));
  const paint = () => {
    const at = radios.findIndex((radio) => radio.checked);
    faces.forEach((face, n) => face.classList.toggle("lit", stars ? n <= at : n === at));
    caption.textContent = at >= 0 ? view.options[at].label : "";
  };
  const send = () => {
    const chosen = radios.find((radio) => radio.checked);
    if (chosen) act({ type: "tapped", op: "pick", arg: chosen.value }, done);
    else radios[0].focus();
  };
  const form = el(
    "form",
    {
      onchange: paint,
      onsubmit: (e) => {
        e.preventDefault();
        send();
      },
      onkeydown: (e) => {
        if (e.key !== "Enter" || e.target.type !== "radio") return;
        e.preventDefault();
        send();
      },
    },
    el("fieldset", { class: `steps ${view.look}` }, el("legend", { class: "sr-only" }, view.text), faces),
    el("div", { class: "foot" }, caption, done),
  );
  // A click made by the arrow keys has detail 0: it moves the choice and sends nothing.
  for (const radio of radios) radio.addEventListener("click", (e) => e.detail > 0 && send());
  for (const face of faces) face.addEventListener("click", (e) => e.target !== face.firstChild && e.detail > 0 && setTimeout(send));
  paint();
  return { element: form, first: () => radios.find((radio) => radio.checked) ?? radios[0], filter: () => {}, ticked: () => [] };
}

function uploader(id, view, act) {
  const kinds = { image: "image/*", audio: "audio/*", video: "video/*" };
  const accept = view.accept.length ? view.accept.map((ending) => `.${ending}`).join(",") : (kinds[view.type] ?? "");
  const limit = Math.min(view.max_mb ?? settings.uploadMaxMb, settings.uploadMaxMb);
  const status = el("p", { class: "hint", "aria-live": "polite" }, word(view.accept.length ? "web.file_limits" : "web.file_limit", { kinds: view.accept.join(", "), mb: limit }));
  const bar = el("progress", { max: 1, value: 0, hidden: true, "aria-label": word("web.uploading") });
  const input = el("input", { type: "file", id: `${id}-f`, class: "sr-only", accept, onchange: () => input.files[0] && take(input.files[0]) });
  const label = el("label", { class: "drop", for: `${id}-f` }, icon("file"), el("span", {}, word(`web.choose_${["image", "audio", "video"].includes(view.type) ? view.type : "file"}`)));
  const box = el("div", { class: "upload" }, input, label, bar, status);
  label.setAttribute("for", input.id);
  for (const kind of ["dragover", "dragleave", "drop"]) {
    label.addEventListener(kind, (e) => {
      e.preventDefault();
      label.classList.toggle("over", kind === "dragover");
      if (kind === "drop" && e.dataTransfer.files[0]) take(e.dataTransfer.files[0]);
    });
  }
  function take(file) {
    if (file.size > limit * 1024 * 1024) {
      status.textContent = word("web.file_too_large", { mb: limit });
      return;
    }
    bar.hidden = false;
    status.textContent = word("web.uploading_name", { name: file.name });
    act({ type: "file", file, kind: view.type, onProgress: (part) => (bar.value = part), onEnd: (text) => { bar.hidden = true; input.value = ""; status.textContent = text; } }, label);
  }
  return { element: box, first: () => input, filter: () => {}, ticked: () => [] };
}

// What stands beside the options.

function chips(view, act) {
  return el("div", { class: "chips" }, view.quick.map((text) => el("button", { type: "button", class: "chip", "data-quick": text, onclick: (e) => act({ type: "typed", text }, e.currentTarget) }, el("bdi", {}, text))));
}

function locate(act) {
  return el("button", { type: "button", class: "option locate", onclick: (e) => act({ type: "locate" }, e.currentTarget) }, icon("place"), word("web.share_place"));
}

function sections(view, act) {
  const line = (one) =>
    el(
      "li",
      {},
      el("button", { type: "button", class: "line", "data-ref": one.ref, onclick: (e) => act({ type: "tapped", op: "edit", ref: one.ref }, e.currentTarget) }, el("span", { class: "asked" }, one.label), el("span", { class: one.blank ? "blank" : "told" }, el("bdi", {}, one.answer)), icon("edit"), el("span", { class: "sr-only" }, word("web.edit_line"))),
    );
  return el("div", { class: "sections" }, view.sections.map((section) => [section.title ? el("h3", {}, section.title) : null, el("ul", {}, section.lines.map(line))]));
}

function receiptNumber(view) {
  const number = el("code", {}, view.receipt);
  const button = el("button", { type: "button", class: "chip", onclick: async () => { button.lastChild.textContent = word((await copied(view.receipt, number)) ? "web.copied" : "web.copy_by_hand"); } }, icon("copy"), el("span", {}, word("web.copy")));
  return el("div", { class: "number" }, el("span", { class: "hint" }, word("web.receipt")), number, button);
}

/** Whether the text is on the clipboard now; where the browser forbids it, it is selected instead. */
export async function copied(text, node) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    if (node) getSelection().selectAllChildren(node);
    return false;
  }
}

function actions(view, act) {
  const own = view.actions.filter((action) => !NAVIGATION.has(action.op) && !(action.op === "done" && ["toggles", "rank"].includes(view.look)));
  if (!own.length) return null;
  return el("div", { class: "actions" }, own.map((action) => el("button", { type: "button", class: MAIN.has(action.op) ? "main" : "option", "data-op": action.op, onclick: (e) => act({ type: "tapped", op: action.op, arg: "" }, e.currentTarget) }, action.label)));
}
