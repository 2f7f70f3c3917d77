/** How many colors the terminal shows, and whether it is dark, by what the environment says. Pure. */
import { contrast, type Rgb } from "../../client/color.ts";
import type { ThemeKind } from "../../client/theme.ts";

export type ColorDepth = "truecolor" | "256" | "16" | "none";

type Environment = Readonly<Record<string, string | undefined>>;

const forced: Readonly<Record<string, ColorDepth>> = {
  "0": "none",
  false: "none",
  "": "16",
  "1": "16",
  true: "16",
  "2": "256",
  "3": "truecolor",
};

/** What names of terminals say; the first row that fits counts. */
const byTerm: readonly (readonly [RegExp, ColorDepth])[] = [
  [/^dumb$/, "none"],
  [/-direct\d*$|-truecolor$/, "truecolor"],
  [/^(xterm-kitty|xterm-ghostty|ghostty|wezterm|alacritty|foot|contour|rio)\b/, "truecolor"],
  [/-256color$/, "256"],
];
const byProgram: Readonly<Record<string, ColorDepth>> = {
  "iTerm.app": "truecolor",
  WezTerm: "truecolor",
  ghostty: "truecolor",
  vscode: "truecolor",
  Hyper: "truecolor",
  Apple_Terminal: "256",
};

/** What a person said counts before what the terminal says; `noColor` is the flag `--no-color`. */
export function colorDepth(env: Environment, noColor = false): ColorDepth {
  if (noColor || env.NO_COLOR) return "none";
  const asked = env.FORCE_COLOR === undefined ? undefined : forced[env.FORCE_COLOR.toLowerCase()];
  if (asked !== undefined) return asked;
  const term = env.TERM ?? "";
  const said = byTerm.find(([name]) => name.test(term))?.[1];
  if (said === "none") return said;
  if (/^(truecolor|24bit)$/i.test(env.COLORTERM ?? "")) return "truecolor";
  // Inside of tmux and screen, the other variables speak of the terminal around them.
  if (/^(tmux|screen)\b/.test(term)) return said ?? "16";
  if (env.WT_SESSION) return "truecolor";
  return byProgram[env.TERM_PROGRAM ?? ""] ?? said ?? "16";
}

const black: Rgb = { r: 0, g: 0, b: 0 };
const white: Rgb = { r: 255, g: 255, b: 255 };

/** Of a terminal's background: dark is where white is read better than black. */
export const kindOf = (background: Rgb): ThemeKind =>
  contrast(background, white) >= contrast(background, black) ? "dark" : "light";

/** What `COLORFGBG` says, as `15;0`: some terminals set it. The last number is the background; null where nothing is known. */
export function kindFromEnvironment(env: Environment): ThemeKind | null {
  const index = /;(\d{1,2})$/.exec(env.COLORFGBG ?? "")?.[1];
  if (index === undefined || Number(index) > 15) return null;
  return Number(index) < 7 || Number(index) === 8 ? "dark" : "light";
}
