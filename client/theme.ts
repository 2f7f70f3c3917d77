/**
 * The named colors that every screen draws with. A theme is one JSON file that says what each name looks like; the terminal, the
 * page and the editors read the same files. Nothing here knows how a color gets onto a screen.
 */

/** What each name is for; a screen uses no color that is not in this table. */
export const colorNames = {
  background: "behind everything; `default` leaves it to the screen",
  panel: "behind the sidebar, the status line and the prompt",
  overlay: "behind dialogs and menus",
  selection: "behind the chosen row or text",
  border: "lines between parts",
  borderActive: "the line around what has the keyboard",
  text: "what is read",
  muted: "what is read second: times, paths, hints",
  faint: "what is barely there: fillers, folded marks",
  accent: "what the eye should find first",
  onAccent: "text on a field of accent",
  secondary: "a second accent",
  success: "what went well",
  warning: "what wants care",
  error: "what went wrong",
  info: "what is good to know",
  user: "the mark of what a person said",
  agent: "the mark of what the agent said",
  tool: "the mark and title of a call",
  reasoning: "what the model thought",
  modePlan: "the mode that only looks",
  modeAsk: "the mode that asks",
  modeEdit: "the mode that edits",
  modeAuto: "the mode that does not ask",
  heading: "headings",
  link: "addresses",
  quote: "quoted text",
  listMark: "bullets and numbers",
  code: "code inside a line",
  codeBackground: "behind code",
  match: "behind what a search found",
  onMatch: "text on what a search found",
  diffAdded: "added lines",
  diffRemoved: "removed lines",
  diffAddedBackground: "behind added lines",
  diffRemovedBackground: "behind removed lines",
  diffAddedWord: "behind added words in a changed line",
  diffRemovedWord: "behind removed words in a changed line",
  diffHunk: "where a hunk stands",
  syntaxKeyword: "words of the language",
  syntaxString: "strings",
  syntaxNumber: "numbers and other literals",
  syntaxComment: "comments",
  syntaxFunction: "functions and methods",
  syntaxType: "types and classes",
  syntaxVariable: "names of values",
  syntaxProperty: "keys and attributes",
  syntaxOperator: "operators and punctuation",
  syntaxTag: "tags of markup",
} as const;

export type ColorName = keyof typeof colorNames;

/** The sixteen colors that a terminal's own settings define. */
export const ansiNames = [
  "black",
  "red",
  "green",
  "yellow",
  "blue",
  "magenta",
  "cyan",
  "white",
  "brightBlack",
  "brightRed",
  "brightGreen",
  "brightYellow",
  "brightBlue",
  "brightMagenta",
  "brightCyan",
  "brightWhite",
] as const;
export type AnsiName = (typeof ansiNames)[number];

/** `#rrggbb`, one of the sixteen, or what the screen has where nothing is said. */
export type ColorValue = `#${string}` | AnsiName | "default";

/** Which of two screens it is made for. */
export type ThemeKind = "dark" | "light";

export interface Theme {
  /** As in `theme` of the configuration: the file's name without `.json`. */
  name: string;
  /** For people. */
  title: string;
  kind: ThemeKind;
  /** Whose palette it is, and under which license. */
  source?: string;
  colors: Record<ColorName, ColorValue>;
}

/** What is drawn with where nothing was chosen. */
export const USUAL_THEMES: Readonly<Record<ThemeKind, string>> = {
  dark: "catppuccin-mocha",
  light: "catppuccin-latte",
};

const values: ReadonlySet<string> = new Set<string>([...ansiNames, "default"]);

export const isColorName = (name: string): name is ColorName => Object.hasOwn(colorNames, name);

export const isColorValue = (value: unknown): value is ColorValue =>
  typeof value === "string" && (values.has(value) || /^#[0-9a-f]{6}$/i.test(value));
