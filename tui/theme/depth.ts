/** Detects the color depth of the terminal and whether it is dark, from environment variables. Pure. */
import { contrastRatio, type Rgb } from "../../client/color.ts";
import type { ThemeKind } from "../../client/theme.ts";

export type ColorDepth = "truecolor" | "256" | "16" | "none";

type Environment = Readonly<Record<string, string | undefined>>;

const forcedDepths: Readonly<Record<string, ColorDepth>> = {
  "0": "none",
  false: "none",
  "": "16",
  "1": "16",
  true: "16",
  "2": "256",
  "3": "truecolor",
};

/** By the name of the terminal; the first match wins. */
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

/** The user's choice takes precedence over detection. `noColor` is the flag `--no-color`. */
export function colorDepth(env: Environment, noColor = false): ColorDepth {
  if (noColor || env.NO_COLOR) return "none";
  const asked = env.FORCE_COLOR === undefined ? undefined : forcedDepths[env.FORCE_COLOR.toLowerCase()];
  if (asked !== undefined) return asked;
  const term = env.TERM ?? "";
  const termDepth = byTerm.find(([name]) => name.test(term))?.[1];
  if (termDepth === "none") return termDepth;
  if (/^(truecolor|24bit)$/i.test(env.COLORTERM ?? "")) return "truecolor";
  // Inside tmux and screen, the other variables describe the outer terminal.
  if (/^(tmux|screen)\b/.test(term)) return termDepth ?? "16";
  if (env.WT_SESSION) return "truecolor";
  return byProgram[env.TERM_PROGRAM ?? ""] ?? termDepth ?? "16";
}

const black: Rgb = { r: 0, g: 0, b: 0 };
const white: Rgb = { r: 255, g: 255, b: 255 };

/** A background is dark if white text is more readable on it than black. */
export const kindOfBackground = (background: Rgb): ThemeKind =>
  contrastRatio(background, white) >= contrastRatio(background, black) ? "dark" : "light";

/** From `COLORFGBG`, which some terminals set, for example `15;0`. The last number is the background. Null if unknown. */
export function kindFromEnvironment(env: Environment): ThemeKind | null {
  const index = /;(\d{1,2})$/.exec(env.COLORFGBG ?? "")?.[1];
  if (index === undefined || Number(index) > 15) return null;
  return Number(index) < 7 || Number(index) === 8 ? "dark" : "light";
}
