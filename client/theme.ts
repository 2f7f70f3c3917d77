/**
 * The named colors that every client draws with. A theme is a JSON file that assigns a color to each name. Terminal, web page and
 * editors read the same files; how a color is drawn is up to them.
 */

/** What each name is for. Clients use no other colors. */
export const colorNames = {
  background: "background of everything; `default` keeps the terminal's own",
  panel: "background of the sidebar, the status line and the prompt",
  overlay: "background of dialogs and menus",
  selection: "background of the selected row or text",
  border: "separators",
  borderActive: "the border of the focused element",
  text: "body text",
  muted: "secondary text: times, paths, hints",
  faint: "the least visible text: fillers, fold markers",
  accent: "the most important element",
  onAccent: "text on an accent background",
  secondary: "a second accent",
  success: "success",
  warning: "warnings",
  error: "errors",
  info: "information",
  user: "the marker of a user's message",
  agent: "the marker of a response",
  tool: "the icon and title of a tool call",
  reasoning: "the model's reasoning",
  modePlan: "plan mode",
  modeAsk: "ask mode",
  modeEdit: "edit mode",
  modeAuto: "auto mode",
  heading: "headings",
  link: "addresses",
  quote: "quoted text",
  listMark: "bullets and numbers",
  code: "code inside a line",
  codeBackground: "background of code",
  match: "background of search matches",
  onMatch: "text of search matches",
  diffAdded: "added lines",
  diffRemoved: "removed lines",
  diffAddedBackground: "background of added lines",
  diffRemovedBackground: "background of removed lines",
  diffAddedWord: "background of added words in a changed line",
  diffRemovedWord: "background of removed words in a changed line",
  diffHunk: "hunk headers",
  syntaxKeyword: "keywords",
  syntaxString: "strings",
  syntaxNumber: "numbers and other literals",
  syntaxComment: "comments",
  syntaxFunction: "functions and methods",
  syntaxType: "types and classes",
  syntaxVariable: "variables",
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

/** `#rrggbb`, one of the sixteen ANSI colors, or `default`: the terminal's own. */
export type ColorValue = `#${string}` | AnsiName | "default";

/** The background that the theme is made for. */
export type ThemeKind = "dark" | "light";

export interface Theme {
  /** The value for `theme` in the configuration: the file name without `.json`. */
  name: string;
  /** The name shown to the user. */
  title: string;
  kind: ThemeKind;
  /** The palette's author and license. */
  source?: string;
  colors: Record<ColorName, ColorValue>;
}

/** The themes used when none is configured. */
export const DEFAULT_THEMES: Readonly<Record<ThemeKind, string>> = {
  dark: "catppuccin-mocha",
  light: "catppuccin-latte",
};

const values: ReadonlySet<string> = new Set<string>([...ansiNames, "default"]);

export const isColorName = (name: string): name is ColorName => Object.hasOwn(colorNames, name);

export const isColorValue = (value: unknown): value is ColorValue =>
  typeof value === "string" && (values.has(value) || /^#[0-9a-f]{6}$/i.test(value));
