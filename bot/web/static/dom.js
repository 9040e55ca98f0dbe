// Makes elements. Text only ever becomes a text node: nothing a person or an author wrote is read as HTML.

const SVG = "http://www.w3.org/2000/svg";
const SHAPES = {
  send: "M4 12h15M13 5.5l6.5 6.5-6.5 6.5",
  back: "M20 12H5M11 5.5L4.5 12l6.5 6.5",
  skip: "M5 5.5l8 6.5-8 6.5zM18 5.5v13",
  later: "M9 5.5v13M15 5.5v13",
  edit: "M5 19l1-4.5L16.5 4 20 7.5 9.5 18z",
  check: "M5 12.5l4.5 4.5L19 7",
  place: "M12 21s-6.5-6-6.5-11a6.5 6.5 0 0 1 13 0c0 5-6.5 11-6.5 11zM12 12.5a2.5 2.5 0 1 0 0-5 2.5 2.5 0 0 0 0 5z",
  file: "M19 11.5l-7.3 7.3a4.6 4.6 0 0 1-6.5-6.5l8-8a3.1 3.1 0 0 1 4.4 4.4l-8 8a1.5 1.5 0 0 1-2.2-2.2l7-7",
  copy: "M9 9h10v11H9zM15 9V4H5v11h4",
  calendar: "M5 6.5h14V20H5zM5 10.5h14M9 3.5v5M15 3.5v5",
  theme: "M20 14.5A8.5 8.5 0 0 1 9.5 4 8.5 8.5 0 1 0 20 14.5z",
  more: "M5 12h.01M12 12h.01M19 12h.01",
};

/** An element: `props` are properties, `data-`/`aria-` attributes, `class`, or `on…` listeners; `null` children are left out. */
export function el(tag, props = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(props)) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) made.addEventListener(name.slice(2), value);
    else if (name === "class") made.className = value;
    else if (name in made && !name.includes("-") && name !== "role" && name !== "list") made[name] = value;
    else made.setAttribute(name, value === true ? "" : value);
  }
  made.append(...children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== ""));
  return made;
}

/** A line drawing beside words; screen readers pass over it. */
export function icon(name) {
  const svg = document.createElementNS(SVG, "svg");
  const path = document.createElementNS(SVG, "path");
  for (const [key, value] of Object.entries({ viewBox: "0 0 24 24", class: "icon", "aria-hidden": "true", focusable: "false" })) {
    svg.setAttribute(key, value);
  }
  path.setAttribute("d", SHAPES[name]);
  svg.append(path);
  return svg;
}

/** Lower case without marks, so that "ha noi" finds "Hà Nội". */
export function folded(text) {
  return text.normalize("NFD").replace(/\p{M}/gu, "").replace(/đ/gi, "d").toLowerCase().trim();
}

/** 32 hexadecimal figures by chance: made here, so that an event sent twice is known as one. */
export function newKey() {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** localStorage that never throws: without it the page works, and forgets. */
export const keep = {
  get(key) {
    try {
      return JSON.parse(localStorage.getItem(key));
    } catch {
      return null;
    }
  },
  set(key, value) {
    try {
      if (value === null) localStorage.removeItem(key);
      else localStorage.setItem(key, JSON.stringify(value));
    } catch {
      // full or switched off
    }
  },
};
