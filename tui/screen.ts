/**
 * The terminal itself: its modes, its size, its colors, what it sends and what is written to it. The only file that knows
 * terminal-kit, whose tables say how this kind of terminal is told things.
 *
 * Cells are compared by draw/paint.ts and not by terminal-kit's screen buffers: those hold one code point a cell, so that families
 * of emoji and combining marks cannot stand in them, and know neither links nor moved rows.
 */
import { writeSync } from "node:fs";
import { StringDecoder } from "node:string_decoder";
import termkit from "terminal-kit";
import type { Frame } from "./draw/frame.ts";
import { type Ink, paint, passOn } from "./draw/paint.ts";
import type { Style } from "./draw/style.ts";
import { createDecoder, type InputEvent, QUIET_MS } from "./terminal/decode.ts";
import { type Guard, guardTerminal } from "./terminal/guard.ts";
import type { Paint, Palette } from "./theme/palette.ts";

export interface Screen {
  size(): { columns: number; rows: number };
  start(listen: Listener): void;
  /** `leaving`: rows for the terminal's own scrollback, before the picture; only where the screen is not one of its own. */
  draw(frame: Frame, palette: Palette, leaving?: Frame | null): void;
  /** False while the terminal has not taken what was written last. */
  ready(): boolean;
  /** The next picture is drawn whole. */
  forget(): void;
  mouse(on: boolean): void;
  /** The window's name. */
  title(text: string): void;
  bell(): void;
  /** A note of the desktop, where the terminal can show one. */
  notify(text: string): void;
  /** Puts text into the clipboard of the machine that the terminal runs on. */
  copy(text: string): void;
  /** Gives the terminal back for as long as another program has it. */
  lend(): void;
  takeBack(): void;
  stop(): void;
}

export interface Listener {
  input(event: InputEvent): void;
  resized(): void;
  /** The terminal takes more again. */
  drained(): void;
  /** The terminal is gone. */
  gone(): void;
}

export interface ScreenOptions {
  /** Links are told to the terminal. */
  links: boolean;
  mouse: boolean;
  /** On the terminal's own screen, whose scrollback keeps what was said, instead of one that is gone when it is left. */
  inline: boolean;
}

const MODES_ON = "\x1b[?2004h\x1b[?1004h\x1b[>4;1m\x1b[>1u";
const MODES_OFF = "\x1b[<u\x1b[>4;0m\x1b[?1004l\x1b[?2004l";
const MOUSE_ON = "\x1b[?1000h\x1b[?1002h\x1b[?1006h";
const MOUSE_OFF = "\x1b[?1006l\x1b[?1002l\x1b[?1000l";
const SYNC_ON = "\x1b[?2026h";
const SYNC_OFF = "\x1b[?2026l";
const NO_WRAP = "\x1b[?7l";
const WRAP = "\x1b[?7h";
/** The window's name, kept by the terminal while we change it. */
const TITLE_KEPT = "\x1b[22;2t";
const TITLE_BACK = "\x1b[23;2t";
const ASK_BACKGROUND = "\x1b]11;?\x1b\\";
const cursorShapes = { block: "\x1b[2 q", underline: "\x1b[4 q", bar: "\x1b[6 q" };
const CURSOR_USUAL = "\x1b[0 q";

export function openScreen(options: ScreenOptions): Screen {
  const { stdin, stdout } = process;
  const terminal = termkit.createTerminal({
    stdin,
    stdout,
    stderr: process.stderr,
    isTTY: true,
    isSSH: process.env.SSH_CONNECTION !== undefined,
    generic: "xterm-256color",
    appId: "xterm-256color",
    appName: "tutti",
  } as unknown as termkit.Terminal.CreateOptions);
  const tell = wordsOf(terminal);
  const { inline } = options;
  const height = (): number => Math.max(1, stdout.rows ?? 24);
  const fresh = (): string => (inline ? "\n".repeat(height()) : tell.say("alternateScreenBuffer") + tell.say("clear"));
  const enter = (): string => TITLE_KEPT + fresh() + NO_WRAP + MODES_ON;
  /** `stays`: rows that are left to be read; of a screen that somebody else has to put right nothing is known, and all of it stays. */
  const away = (stays: number): string =>
    inline
      ? tell.move(0, stays) + (stays < height() ? tell.say("eraseDisplayBelow") : "\n")
      : tell.say("alternateScreenBuffer", false);
  const leave = (stays: number) =>
    `${SYNC_OFF}${mouse ? MOUSE_OFF : ""}${MODES_OFF}${WRAP}${CURSOR_USUAL}${tell.say("hideCursor", false)}${tell.say("styleReset")}${away(stays)}${TITLE_BACK}`;

  let mouse = options.mouse;
  let listener: Listener | null = null;
  let drawn: Frame | null = null;
  let shownWith: Palette | null = null;
  let ink: Ink | null = null;
  let cursor = "";
  let titled = "";
  let stays = 0;
  let taken = false;
  let guard: Guard | null = null;
  let quiet: NodeJS.Timeout | undefined;
  const bytes = new StringDecoder("utf8");
  const decoder = createDecoder();

  const hand = (events: readonly InputEvent[]): void => {
    for (const event of events) listener?.input(event);
  };
  const onData = (piece: Buffer): void => {
    clearTimeout(quiet);
    hand(decoder.feed(bytes.write(piece)));
    if (decoder.waiting()) quiet = setTimeout(() => hand(decoder.flush()), QUIET_MS);
  };
  const onDrain = (): void => listener?.drained();
  const onResize = (): void => {
    drawn = null;
    // The terminal has wrapped its rows anew, each by itself.
    if (inline && taken) stdout.write(tell.say("styleReset") + tell.move(0, 0) + tell.say("eraseDisplayBelow"));
    listener?.resized();
  };
  const onGone = (): void => listener?.gone();
  const take = (): void => {
    taken = true;
    drawn = null;
    cursor = "";
    stdin.setRawMode?.(true);
    stdin.resume();
    stdout.write(enter() + titled + (mouse ? MOUSE_ON : ""));
  };
  const give = (): void => {
    if (!taken) return;
    taken = false;
    stdin.setRawMode?.(false);
    stdin.pause();
    // What a dying process writes must be written before it is gone.
    writeSync(1, leave(stays));
  };

  return {
    size: () => ({ columns: Math.max(1, stdout.columns ?? 80), rows: height() }),
    start(listen) {
      listener = listen;
      stdin.on("data", onData);
      stdin.on("end", onGone);
      stdin.on("error", onGone);
      stdout.on("error", onGone);
      stdout.on("drain", onDrain);
      stdout.on("resize", onResize);
      take();
      process.once("exit", give);
      stdout.write(ASK_BACKGROUND);
      // A process takes a while to start: after the first picture.
      setImmediate(() => {
        if (taken) guard = guardTerminal(leave(height()));
      });
    },
    draw(frame, palette, leaving = null) {
      if (!taken) return;
      if (palette !== shownWith || !ink) {
        ink = inkOf(palette, tell, options.links);
        shownWith = palette;
        drawn = null;
      }
      let cells = "";
      if (leaving) {
        const passed = passOn(drawn, leaving, frame.height, ink);
        cells += passed.text;
        drawn = passed.shown;
      }
      // Rows that the terminal moves away itself would be kept twice.
      cells += paint(drawn, inline ? { ...frame, scrolls: null } : frame, ink);
      drawn = frame;
      stays = frame.stays;
      const { cursor: at } = frame;
      const place = at ? cursorShapes[at.shape] + tell.move(at.x, at.y) : "";
      if (cells === "" && place === cursor) return;
      const hide = cursor === "" ? "" : tell.say("hideCursor");
      const show = place === "" ? "" : place + tell.say("hideCursor", false);
      cursor = place;
      stdout.write(SYNC_ON + hide + cells + show + SYNC_OFF);
    },
    ready: () => !stdout.writableNeedDrain,
    forget() {
      drawn = null;
    },
    mouse(on) {
      if (mouse !== on) stdout.write(on ? MOUSE_ON : MOUSE_OFF);
      mouse = on;
    },
    title(text) {
      titled = tell.say("windowTitle", text);
      stdout.write(titled);
    },
    bell: () => void stdout.write("\x07"),
    notify: (text) => void stdout.write(`\x1b]9;${text}\x1b\\\x1b]777;notify;Tutti;${text}\x1b\\`),
    copy: (text) => void stdout.write(`\x1b]52;c;${Buffer.from(text, "utf8").toString("base64")}\x1b\\`),
    lend: give,
    takeBack: take,
    stop() {
      clearTimeout(quiet);
      for (const [name, heard] of [
        ["data", onData],
        ["end", onGone],
        ["error", onGone],
      ] as const)
        stdin.off(name, heard);
      for (const [name, heard] of [
        ["error", onGone],
        ["drain", onDrain],
        ["resize", onResize],
      ] as const)
        stdout.off(name, heard);
      give();
      guard?.release();
    },
  };
}

/** terminal-kit's words for this kind of terminal, as text. */
interface Words {
  say(name: string, ...values: unknown[]): string;
  move(x: number, y: number): string;
  rgb(background: boolean, r: number, g: number, b: number): string;
  indexed(background: boolean, index: number): string;
}

function wordsOf(terminal: termkit.Terminal): Words {
  // Beside what its types know it has all its words as text, and the frequent ones without a format to read.
  const { str, optimized } = terminal as unknown as {
    str: Record<string, (...values: unknown[]) => string>;
    optimized: {
      moveTo(x: number, y: number): string;
      color24bits(r: number, g: number, b: number): string;
      bgColor24bits(r: number, g: number, b: number): string;
      color256: string[];
      bgColor256: string[];
    };
  };
  return {
    say: (name, ...values) => str[name]?.(...values) ?? "",
    move: (x, y) => optimized.moveTo(x + 1, y + 1),
    rgb: (background, r, g, b) => (background ? optimized.bgColor24bits(r, g, b) : optimized.color24bits(r, g, b)),
    indexed: (background, index) => (background ? optimized.bgColor256[index] : optimized.color256[index]) ?? "",
  };
}

function inkOf(palette: Palette, { say, move, rgb, indexed }: Words, links: boolean): Ink {
  const reset = say("styleReset");
  const keys = new WeakMap<Style, string>();
  const paintOf = (color: Paint, background: boolean): string => {
    switch (color.kind) {
      case "rgb":
        return rgb(background, color.r, color.g, color.b);
      case "256":
        return indexed(background, color.index);
      case "16":
        return say(background ? "bgColor" : "color", color.index);
      case "default":
        return "";
      default:
        return color satisfies never;
    }
  };
  const style = (one: Style): string => {
    const known = keys.get(one);
    if (known !== undefined) return known;
    const { fg, bg } = one;
    // Without colors a field can only be told from what is around it by being turned about.
    const turned = bg !== undefined && isField(bg) && palette[bg].kind === "default";
    const text = [
      reset,
      fg ? paintOf(palette[fg], false) : "",
      bg ? paintOf(palette[bg], true) : "",
      turned || one.inverse ? say("inverse") : "",
      ...(["bold", "dim", "italic", "underline", "strike"] as const).map((name) => (one[name] ? say(name) : "")),
    ].join("");
    keys.set(one, text);
    return text;
  };
  return {
    move,
    style,
    key: (one) => (one.link === undefined ? style(one) : style(one) + one.link),
    reset,
    scroll(top, bottom, by) {
      const region = say("scrollingRegion", top + 1, bottom + 1);
      return `${region}${by > 0 ? say("scrollUp", by) : say("scrollDown", -by)}\x1b[r`;
    },
    pass: (by, height) => move(0, height - 1) + "\n".repeat(by),
    link: (url) => (links ? `\x1b]8;;${url === undefined ? "" : addressOf(url)}\x1b\\` : ""),
  };
}

const isField = (name: string): boolean => name === "selection" || name === "accent" || name === "match";

/** Nothing but printable ASCII may stand in the sequence. */
const addressOf = (url: string): string => url.replace(/[^\x21-\x7e]/gu, (character) => encodeURIComponent(character));
