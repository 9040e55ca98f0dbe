// The talk: puts what the stream tells onto the page, and what the person does into the post.
// The open card is always the last thing in the talk; whatever is said meanwhile stands above it.

import { copied, drawCard } from "./cards.js";
import { Dock } from "./dock.js";
import { el, icon, keep } from "./dom.js";
import { Post, upload } from "./post.js";
import { Stream } from "./stream.js";
import { language, speak, word } from "./words.js";

const PATH = location.pathname.replace(/\/$/, "");
const OPEN = new Set(["question", "confirm", "add", "review", "paused", "menu"]);
const PATIENCE_MS = 8000; // after this a card whose tap got no answer may be tapped again
const FOLLOWED_MS = 20000; // a card within this after something was done here is its answer: the focus may go there
const DOUBT_MS = 2500; // a shorter break in the connection is not worth a word
const TALKS = "khaosat.talks";
const TICKS = `khaosat.ticks:${PATH}`;

const talk = document.getElementById("talk");
const live = document.getElementById("live");
const notice = document.getElementById("notice");
const toastBox = document.getElementById("toast");
const foot = document.getElementById("foot");
const progress = document.getElementById("progress");

const post = new Post(PATH);
const stream = new Stream(PATH);
const dock = new Dock(document.getElementById("dock"), PATH, act);

const cards = new Map(); // key → {view, element, first, filter, ticked}
let open = null; // key of the open card
let caughtUp = false; // false while the talk so far is being told
let busy = null; // {element, timer}: what waits for an answer
let lastTyped = null; // {card, text}: stays in the field while it is not known to be taken
let acted = 0; // when this tab last did something: only then may the focus move
let fresh = false; // the open card has been drawn, and the focus not been moved there yet
let drawn = 0; // timer of the look after a burst of rows

// What comes.

stream.addEventListener("row", ({ detail: row }) => {
  switch (row.method) {
    case "echo":
      put(bubble(row));
      break;
    case "tell":
      if (row.body.toast) {
        if (caughtUp) toast(row.body.text);
      } else {
        put(el("article", { class: "card message", lang: row.body.lang }, el("p", {}, row.body.text)));
        if (caughtUp) announce(row.body.text);
      }
      break;
    default:
      show(row.card || `row:${row.id}`, row.body, row.method === "card");
  }
  if (!caughtUp) return;
  release();
  if (open !== null) {
    // At once: what is typed or pressed from now on is meant for this card.
    refresh();
    if (fresh) takeFocus();
  }
  clearTimeout(drawn);
  drawn = setTimeout(settleDown, 40);
});

stream.addEventListener("ready", () => {
  if (caughtUp) return;
  caughtUp = true;
  talk.removeAttribute("aria-busy");
  const view = cards.get(open)?.view;
  if (view) speak(view.lang);
  refresh();
  toOpenCard("instant");
});

function bubble(row) {
  const mark = { file: "file", place: "place" }[row.body.kind];
  return el("div", { class: "bubble mine", lang: row.body.lang }, mark ? icon(mark) : null, el("bdi", {}, row.body.text));
}

/** Put something said into the talk: above the open card, which stays the last. */
function put(element) {
  const last = open !== null ? cards.get(open).element : null;
  if (last) talk.insertBefore(element, last);
  else talk.append(element);
}

function show(key, view, anew) {
  const before = cards.get(key);
  if (view.kind === "settled" && !view.text) {
    forget(key);
    return;
  }
  const ticked = before?.view.kind === "question" && before.view.ref === view.ref ? before.ticked() : keptTicks(key);
  const made = { view, ...drawCard(key, view, (event, element) => act(event, element, key), ticked?.length ? ticked : null) };
  const focused = before?.element.contains(document.activeElement) ?? false;
  if (OPEN.has(view.kind)) {
    if (open !== null && open !== key) forget(open); // a card that nobody settled: put aside, or a menu
    forgetReceipts(key, view);
  }
  if (before && !(anew && OPEN.has(view.kind))) before.element.replaceWith(made.element);
  else {
    before?.element.remove();
    if (OPEN.has(view.kind)) talk.append(made.element);
    else put(made.element);
  }
  cards.set(key, made);
  if (OPEN.has(view.kind)) open = key;
  else if (open === key) open = null;
  if (view.kind === "submitted" || view.kind === "ended") close(view);
  if (focused) acted = Date.now();
  // Who typed into the bar or changed the language keeps the focus there while the same card is drawn anew.
  if (open === key) fresh = !before || focused || document.activeElement === document.body;
  if (lastTyped?.card === key) typedWere(lastTyped.text, view);
}

/** The card that words were typed for has changed: they were not taken and stay, to be mended, or they are done with. */
function typedWere(text, view) {
  lastTyped = null;
  if (view.error) dock.mend();
  else if (view.kind !== "settled") dock.clear(text); // a settled card's field goes with it
}

function forget(key) {
  const card = cards.get(key);
  if (card?.element.contains(document.activeElement)) acted = Date.now();
  card?.element.remove();
  cards.delete(key);
  if (open === key) open = null;
}

/** A question that is asked again needs no receipt of its earlier round. */
function forgetReceipts(key, view) {
  if (!view.path) return;
  for (const [other, card] of cards) {
    if (other !== key && card.view.kind === "settled" && card.view.path === view.path && card.view.session === view.session) forget(other);
  }
}

/** A talk that is over: its receipts can no longer be changed, and nothing of it is kept on this device. */
function close(view) {
  for (const card of cards.values()) {
    if (card.view.session === view.session && card.view.kind === "settled") card.element.querySelector(".edit")?.remove();
  }
  keep.set(TICKS, null);
  dock.forget();
}

function takeFocus() {
  fresh = false;
  if (Date.now() - acted < FOLLOWED_MS) focusOn(cards.get(open));
}

/** After a burst of rows: the bar, the progress, the words for those who listen, and the place to go on from. */
function settleDown() {
  const card = cards.get(open);
  const last = card ?? [...cards.values()].at(-1);
  if (last) speak(last.view.lang);
  refresh();
  if (last) announce(told(last.view));
  // The last card of a talk has nothing to press: the focus goes to it all the same, to be read from there.
  if (last && !card && Date.now() - acted < FOLLOWED_MS) last.element.focus({ preventScroll: true });
  toOpenCard(matchMedia("(prefers-reduced-motion: reduce)").matches ? "instant" : "smooth");
}

function refresh() {
  const card = cards.get(open);
  if (card) dock.show(open, card.view);
  else dock.show("", null);
  const at = card?.view.progress;
  progress.hidden = !at;
  if (at) {
    progress.querySelector("progress").max = Math.max(at.of, 1);
    progress.querySelector("progress").value = card.view.kind === "question" ? at.done - 1 : at.done;
    progress.querySelector("span").textContent = at.text;
  }
  remember(card?.view);
}

function told(view) {
  return [view.progress?.text, view.heading, ...(view.notes ?? []), view.text || view.title, view.hint, view.kind === "confirm" ? view.answer : "", view.ask, view.error, view.receipt].filter(Boolean).join(". ");
}

/** The first control of a question: the field when it is answered or searched in words, else its first option. */
function focusOn(card) {
  const words = dock.field && card.view.kind === "question" && (!card.view.options.length || card.view.pages > 1);
  const target = (words ? dock.field : card.first()) ?? card.element;
  target.focus({ preventScroll: true });
}

function toOpenCard(behavior) {
  const element = cards.get(open)?.element ?? talk.lastElementChild;
  if (!element) return;
  measure();
  const room = innerHeight - document.querySelector("header").offsetHeight - foot.offsetHeight;
  element.scrollIntoView({ block: element.offsetHeight > room ? "start" : "end", behavior });
}

function announce(text) {
  live.textContent = "";
  setTimeout(() => (live.textContent = text), 50); // set anew, so that the same words are read again
}

let toastTimer = 0;
function toast(text) {
  toastBox.textContent = text;
  toastBox.hidden = false;
  clearTimeout(toastTimer);
  toastTimer = setTimeout(() => (toastBox.hidden = true), 5000);
}

// What the person does.

function act(event, element, key = open) {
  if (busy) return; // a second tap before the first is answered
  acted = Date.now();
  const view = cards.get(key)?.view;
  const from = { card: view?.card ?? "", ref: view?.ref ?? "" };
  if (event.type === "file") return sendFile(event, element, from);
  if (event.type === "locate") return sendPlace(element, from);
  if (event.type === "open" || event.type === "command" || event.type === "spoke") return send(event, element);
  return send({ ...from, ...event }, element);
}

function send(event, element) {
  hold(element);
  if (event.type === "typed") lastTyped = { card: event.card, text: event.text };
  post.add(event);
}

/** Nothing else may be tapped until this is answered; the focus stays where it is. */
function hold(element) {
  busy = { element, timer: 0 };
  element?.classList.add("sending");
  for (const button of document.querySelectorAll("#talk button, #dock button")) button.setAttribute("aria-disabled", "true");
}

function release() {
  if (!busy) return;
  clearTimeout(busy.timer);
  busy.element?.classList.remove("sending");
  for (const button of document.querySelectorAll("[aria-disabled]")) button.removeAttribute("aria-disabled");
  busy = null;
}

post.addEventListener("sent", () => {
  if (busy) busy.timer = setTimeout(release, PATIENCE_MS);
});

post.addEventListener("refused", ({ detail: { status, problem } }) => {
  release();
  toast(problem.title ?? word("web.problem.failed"));
  if (status === 404) lost();
});

post.addEventListener("waiting", ({ detail: { count, stuck } }) => {
  waiting = stuck ? count : 0;
  tellConnection();
});

function sendFile({ file, kind, onProgress, onEnd }, element, from) {
  hold(element);
  const { done } = upload(PATH, file, { ...from, kind }, onProgress);
  done.then(
    () => {
      onEnd(word("web.file_sent", { name: file.name }));
      if (busy) busy.timer = setTimeout(release, PATIENCE_MS);
    },
    (error) => {
      release();
      onEnd(error.problem.title ?? word("web.file_failed"));
    },
  );
}

function sendPlace(element, from) {
  if (!navigator.geolocation) {
    toast(word("web.no_place"));
    return;
  }
  hold(element);
  navigator.geolocation.getCurrentPosition(
    ({ coords }) => {
      release();
      send({ type: "located", ...from, lat: coords.latitude, lon: coords.longitude, accuracy: coords.accuracy }, element);
    },
    () => {
      release();
      toast(word("web.no_place"));
    },
    { enableHighAccuracy: true, timeout: 15000, maximumAge: 60000 },
  );
}

// The connection.

let waiting = 0;
let doubt = 0;
let connected = true;

stream.addEventListener("state", ({ detail }) => {
  connected = detail.connected;
  clearTimeout(doubt);
  if (connected) tellConnection();
  else doubt = setTimeout(tellConnection, DOUBT_MS);
});
window.addEventListener("offline", tellConnection);
window.addEventListener("online", tellConnection);

function tellConnection() {
  const off = !navigator.onLine || !connected;
  notice.hidden = !off && waiting === 0;
  if (!notice.hidden) notice.textContent = waiting > 0 ? word("web.waiting", { count: waiting }) : word("web.offline");
}

function lost() {
  stream.source?.close();
  notice.hidden = false;
  notice.textContent = word("web.link_gone");
}

// What is kept on this device.

talk.addEventListener("ticked", (e) => keep.set(TICKS, { card: e.target.closest("[data-card]").dataset.card, names: e.detail }));

function keptTicks(key) {
  const kept = keep.get(TICKS);
  return kept?.card === key ? kept.names : null;
}

/** So that the first page can offer to go on; forgotten once there is nothing to go on with. */
function remember(view) {
  const others = (keep.get(TALKS) ?? []).filter((one) => one.path !== PATH);
  const worth = view && view.kind !== "menu";
  const title = [...cards.values()].find((card) => card.view.kind === "message" && card.view.heading)?.view.heading;
  keep.set(TALKS, worth ? [{ path: PATH, at: Date.now(), text: title ?? view.text }, ...others].slice(0, 5) : others);
}

// The head of the page.

const languageButton = document.getElementById("language");
languageButton.addEventListener("click", () => {
  const other = language() === "vi" ? "en" : "vi";
  act({ type: "spoke", lang: other }, languageButton);
  speak(other);
  languageButton.lang = other === "vi" ? "en" : "vi";
  refresh();
});

const themeButton = document.getElementById("theme");
const showTheme = () => themeButton.setAttribute("aria-pressed", String(window.khaosatTheme.isDark()));
themeButton.addEventListener("click", () => {
  window.khaosatTheme.flip();
  showTheme();
});
showTheme();

const menu = document.getElementById("menu");
menu.addEventListener("keydown", (e) => {
  if (e.key !== "Escape" || !menu.open) return;
  menu.open = false;
  menu.querySelector("summary").focus();
});
document.addEventListener("click", (e) => !menu.contains(e.target) && (menu.open = false));
for (const button of menu.querySelectorAll("[data-command]")) {
  button.addEventListener("click", () => {
    menu.open = false;
    act({ type: "command", name: button.dataset.command }, null);
  });
}
document.getElementById("copy-link").addEventListener("click", async () => {
  menu.open = false;
  toast((await copied(location.origin + PATH)) ? word("web.link_copied") : location.origin + PATH);
});

const stopDialog = document.getElementById("stop-dialog");
document.getElementById("stop").addEventListener("click", () => {
  menu.open = false;
  stopDialog.showModal();
});
stopDialog.addEventListener("close", () => stopDialog.returnValue === "yes" && act({ type: "command", name: "stop" }, null));

dock.onType = (text) => cards.get(open)?.filter(text);

// The heights of head and bar, so that what is scrolled to stands between them.
function measure() {
  document.documentElement.style.setProperty("--dock", `${foot.offsetHeight}px`);
  document.documentElement.style.setProperty("--head", `${document.querySelector("header").offsetHeight}px`);
}
new ResizeObserver(measure).observe(foot);

window.addEventListener("pagehide", () => stream.source?.close());
window.addEventListener("pageshow", (e) => e.persisted && stream.open());

stream.open();
post.run();
