/** The theme of the page in a browser. Its colors are in the style sheet, which is made of the same files as those of the terminal. */
const THEME = "tutti.theme";

/** Empty for the one that fits the system's setting, light or dark. */
export const chosenTheme = (): string => localStorage.getItem(THEME) ?? "";

export function chooseTheme(name: string): void {
  if (name === "") localStorage.removeItem(THEME);
  else localStorage.setItem(THEME, name);
  applyTheme();
}

export function applyTheme(): void {
  const name = chosenTheme();
  if (name === "") delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = name;
}

/** The names and titles in the style sheet. */
export function listThemes(): { name: string; title: string }[] {
  const { content = "" } = document.querySelector<HTMLMetaElement>('meta[name="tutti-themes"]') ?? {};
  return content.split("|").map((one) => {
    const [name = "", title = name] = one.split("=");
    return { name, title };
  });
}
