/** The theme of the page in a browser. Its colors are in the style sheet, which is made of the same files as those of the terminal. */
const THEME = "tutti.theme";

/** Without one, the colors fit the system's setting, light or dark. */
export function applyTheme(): void {
  const name = localStorage.getItem(THEME) ?? "";
  if (name === "") delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = name;
}
