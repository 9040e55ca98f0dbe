// Light or dark as the person chose here before, set before the first paint; without a choice the system decides.
// Loaded in the head and blocking, on purpose: a module would run after the page has flashed in the other colours.
(() => {
  "use strict";
  const KEY = "khaosat.theme";
  const kept = () => {
    try {
      return localStorage.getItem(KEY);
    } catch {
      return null; // storage may be switched off: the system's choice then
    }
  };
  const theme = kept();
  if (theme === "light" || theme === "dark") document.documentElement.dataset.theme = theme;

  window.khaosatTheme = {
    isDark() {
      const chosen = document.documentElement.dataset.theme;
      return chosen ? chosen === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
    },
    flip() {
      const next = this.isDark() ? "light" : "dark";
      document.documentElement.dataset.theme = next;
      try {
        localStorage.setItem(KEY, next);
      } catch {
        // kept for this page only
      }
      return next;
    },
  };
})();
