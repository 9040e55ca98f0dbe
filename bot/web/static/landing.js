// Offers to go on with a talk that was begun on this device.

import { el, keep } from "./dom.js";
import { word } from "./words.js";

const TALKS = "khaosat.talks";
const AGE_MAX_MS = 30 * 24 * 60 * 60 * 1000; // links are forgotten after this on the server, too

const box = document.getElementById("begun");
const talks = (keep.get(TALKS) ?? []).filter((one) => /^\/c\/[\w-]{20,90}$/.test(one.path) && Date.now() - one.at < AGE_MAX_MS);

function draw() {
  box.hidden = talks.length === 0;
  box.replaceChildren(
    el("h2", {}, word("web.begun")),
    ...talks.map((one) =>
      el(
        "p",
        { class: "begun" },
        el("span", { class: "asked" }, one.text),
        el("a", { href: one.path, role: "button" }, word("web.continue")),
        el("button", { type: "button", class: "ghost", onclick: () => forget(one) }, word("web.forget")),
      ),
    ),
  );
}

function forget(one) {
  talks.splice(talks.indexOf(one), 1);
  keep.set(TALKS, talks);
  draw();
}

draw();

const button = document.getElementById("theme");
const show = () => button.setAttribute("aria-pressed", String(window.khaosatTheme.isDark()));
button.addEventListener("click", () => {
  window.khaosatTheme.flip();
  show();
});
show();
