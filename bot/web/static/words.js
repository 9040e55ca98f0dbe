// Our own words, in every language of ours at once, so that a change of language shows before any answer comes.

const page = JSON.parse(document.getElementById("page-data").textContent);
let lang = page.lang;

export const settings = page.settings;

/** A sentence with its holes filled: word("web.done_n", {count: 2}). */
export function word(key, holes = {}) {
  const told = (page.words[lang] ?? page.words[page.lang])[key] ?? key;
  return told.replace(/\{(\w+)\}/g, (hole, name) => String(holes[name] ?? hole));
}

export function language() {
  return lang;
}

/** Speak another language from now on: everything marked with `data-word` follows. */
export function speak(wanted) {
  if (!page.words[wanted]) return;
  lang = wanted;
  document.documentElement.lang = lang;
  for (const node of document.querySelectorAll("[data-word]")) node.textContent = word(node.dataset.word);
  for (const node of document.querySelectorAll("[data-word-label]")) node.setAttribute("aria-label", word(node.dataset.wordLabel));
}
