/**
 * The terminal: its modes, size and colors, its input and its output. The only file that imports terminal-kit, whose tables provide the
 * escape sequences of the terminal.
 *
 * Frames are compared by draw/paint.ts instead of terminal-kit's screen buffers: those store one code point per cell, which excludes emoji
 * sequences and combining marks, and they support neither links nor scrolling regions.
 */
import { writeSync } from "node:fs";
import { StringDecoder } from "node:string_decoder";
import termkit from "terminal-kit";
import type { Frame } from "./draw/frame.ts";
import { paintFrame, paintScrollback, type TerminalEncoder } from "./draw/paint.ts";
import type { Style } from "./draw/style.ts";
import { createDecoder, type InputEvent, QUIET_MS } from "./terminal/decode.ts";
import { type Guard, guardTerminal } from "./terminal/guard.ts";
import type { Paint, Palette } from "./theme/palette.ts";

export interface Screen {
  size(): { columns: number; rows: number };
  start(listener: ScreenListener): void;
  /** `leaving`: rows to move to the terminal's scrollback before this frame is drawn; only in inline mode. */
  draw(frame: Frame, palette: Palette, leaving?: Frame | null): void;
  /** False while the terminal has not accepted the previous output. */
  isReady(): boolean;
  /** Draws the next frame completely. */
  invalidate(): void;
  setMouse(on: boolean): void;
  /** Sets the window title. */
  setTitle(text: string): void;
  ringBell(): void;
  /** Shows a desktop notification, if the terminal supports it. */
  notify(text: string): void;
  /** Copies text to the clipboard of the machine that the terminal runs on. */
  copy(text: string): void;
  /** Restores the terminal so that another program can use it, until `resume`. */
  suspend(): void;
  resume(): void;
  stop(): void;
}

export interface ScreenListener {
  input(event: InputEvent): void;
  resized(): void;
  /** The terminal accepts output again. */
  drained(): void;
  /** The terminal was closed. */
  closed(): void;
}

export interface ScreenOptions {
  /** The terminal supports hyperlinks. */
  links: boolean;
  mouse: boolean;
  /** Uses the terminal's normal screen, with its scrollback, instead of the alternate one. */
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
/** Saves the window title in the terminal, and restores it. */
const SAVE_TITLE = "\x1b[22;2t";
const RESTORE_TITLE = "\x1b[23;2t";
const QUERY_BACKGROUND = "\x1b]11;?\x1b\\";
const cursorShapes = { block: "\x1b[2 q", underline: "\x1b[4 q", bar: "\x1b[6 q" };
const DEFAULT_CURSOR = "\x1b[0 q";

export function openScreen(options: ScreenOptions): Screen {
  const { stdin, stdout } = process;
  const { inline } = options;
  const strings = readTerminalStrings(createTerminal());
  const height = (): number => Math.max(1, stdout.rows ?? 24);
  const modes = createModes(strings, inline, height);
  const painter = createPainter(strings, options);
  const input = createInputReader((event) => listener?.input(event));

  let mouse = options.mouse;
  let listener: ScreenListener | null = null;
  let titleSequence = "";
  let isActive = false;
  let guard: Guard | null = null;

  const onDrain = (): void => listener?.drained();
  const onResize = (): void => {
    painter.invalidate();
    // The terminal has rewrapped the rows of the previous frame.
    if (inline && isActive)
      stdout.write(strings.get("styleReset") + strings.move(0, 0) + strings.get("eraseDisplayBelow"));
    listener?.resized();
  };
  const onClosed = (): void => listener?.closed();
  const handlers = [
    [stdin, "data", input.onData],
    [stdin, "end", onClosed],
    [stdin, "error", onClosed],
    [stdout, "error", onClosed],
    [stdout, "drain", onDrain],
    [stdout, "resize", onResize],
  ] as const;
  const activate = (): void => {
    isActive = true;
    painter.reset();
    stdin.setRawMode?.(true);
    stdin.resume();
    stdout.write(modes.enter() + titleSequence + (mouse ? MOUSE_ON : ""));
  };
  const deactivate = (): void => {
    if (!isActive) return;
    isActive = false;
    stdin.pause();
    try {
      stdin.setRawMode?.(false);
      // Synchronous, because the process may be exiting.
      writeSync(1, modes.leave(mouse, painter.contentRows()));
    } catch {
      // The terminal was closed: there is nothing to restore.
    }
  };

  return {
    size: () => ({ columns: Math.max(1, stdout.columns ?? 80), rows: height() }),
    start(screenListener) {
      listener = screenListener;
      for (const [stream, event, handler] of handlers) stream.on(event, handler);
      activate();
      process.once("exit", deactivate);
      stdout.write(QUERY_BACKGROUND);
      // Starting a process is slow, so the guard starts after the first frame. It cannot know how many rows have content: all rows stay.
      setImmediate(() => {
        if (isActive) guard = guardTerminal(modes.leave(mouse, height()));
      });
    },
    draw(frame, palette, leaving = null) {
      const output = isActive ? painter.paint(frame, palette, leaving) : "";
      if (output !== "") stdout.write(SYNC_ON + output + SYNC_OFF);
    },
    isReady: () => !stdout.writableNeedDrain,
    invalidate: painter.invalidate,
    setMouse(on) {
      if (mouse !== on) stdout.write(on ? MOUSE_ON : MOUSE_OFF);
      mouse = on;
    },
    setTitle(text) {
      titleSequence = strings.get("windowTitle", text);
      stdout.write(titleSequence);
    },
    ringBell: () => void stdout.write("\x07"),
    notify: (text) => void stdout.write(`\x1b]9;${text}\x1b\\\x1b]777;notify;Tutti;${text}\x1b\\`),
    copy: (text) => void stdout.write(`\x1b]52;c;${Buffer.from(text, "utf8").toString("base64")}\x1b\\`),
    suspend: deactivate,
    resume: activate,
    stop() {
      input.stop();
      for (const [stream, event, handler] of handlers) stream.off(event, handler);
      // What was written to a terminal that was closed still fails, which must not be an uncaught error.
      for (const stream of [stdin, stdout]) stream.on("error", () => undefined);
      deactivate();
      guard?.release();
    },
  };
}

const createTerminal = (): termkit.Terminal =>
  termkit.createTerminal({
    stdin: process.stdin,
    stdout: process.stdout,
    stderr: process.stderr,
    isTTY: true,
    isSSH: process.env.SSH_CONNECTION !== undefined,
    generic: "xterm-256color",
    appId: "xterm-256color",
    appName: "tutti",
  } as unknown as termkit.Terminal.CreateOptions);

/** The sequences that set up the terminal, and those that restore it. */
function createModes({ get, move }: TerminalStrings, inline: boolean, height: () => number) {
  const clearScreen = (): string => (inline ? "\n".repeat(height()) : get("alternateScreenBuffer") + get("clear"));
  const leaveScreen = (contentRows: number): string => {
    if (!inline) return get("alternateScreenBuffer", false);
    return move(0, contentRows) + (contentRows < height() ? get("eraseDisplayBelow") : "\n");
  };
  return {
    enter: (): string => SAVE_TITLE + clearScreen() + NO_WRAP + MODES_ON,
    /** `contentRows`: in inline mode, the number of rows to leave on the screen. */
    leave: (mouse: boolean, contentRows: number): string =>
      [
        SYNC_OFF,
        mouse ? MOUSE_OFF : "",
        MODES_OFF,
        WRAP,
        DEFAULT_CURSOR,
        get("hideCursor", false),
        get("styleReset"),
        leaveScreen(contentRows),
        RESTORE_TITLE,
      ].join(""),
  };
}

/** Decodes the bytes of the terminal, and ends sequences that were incomplete when no more bytes came. */
function createInputReader(emit: (event: InputEvent) => void) {
  const bytes = new StringDecoder("utf8");
  const decoder = createDecoder();
  let timer: NodeJS.Timeout | undefined;
  return {
    onData(data: Buffer): void {
      clearTimeout(timer);
      for (const event of decoder.feed(bytes.write(data))) emit(event);
      if (!decoder.isWaiting()) return;
      timer = setTimeout(() => {
        for (const event of decoder.flush()) emit(event);
      }, QUIET_MS);
    },
    stop: (): void => clearTimeout(timer),
  };
}

/** Remembers what the terminal shows, and produces the output that turns it into the next frame. */
function createPainter(strings: TerminalStrings, { inline, links }: ScreenOptions) {
  let drawn: Frame | null = null;
  let drawnPalette: Palette | null = null;
  let encoder: TerminalEncoder | null = null;
  let cursorSequence = "";
  let contentRows = 0;
  const invalidate = (): void => {
    drawn = null;
  };
  return {
    contentRows: (): number => contentRows,
    invalidate,
    /** Nothing is known about the terminal anymore. */
    reset(): void {
      invalidate();
      cursorSequence = "";
    },
    paint(frame: Frame, palette: Palette, leaving: Frame | null): string {
      if (palette !== drawnPalette || !encoder) {
        encoder = createEncoder(palette, strings, links);
        drawnPalette = palette;
        invalidate();
      }
      let cells = "";
      if (leaving) {
        const scrolled = paintScrollback(drawn, leaving, frame.height, encoder);
        cells += scrolled.text;
        drawn = scrolled.shown;
      }
      // In inline mode, rows that the terminal scrolls itself would appear twice in its scrollback.
      cells += paintFrame(drawn, inline ? { ...frame, scrollRegion: null } : frame, encoder);
      drawn = frame;
      contentRows = frame.contentRows;
      const { cursor } = frame;
      const sequence = cursor ? cursorShapes[cursor.shape] + strings.move(cursor.x, cursor.y) : "";
      if (cells === "" && sequence === cursorSequence) return "";
      const hide = cursorSequence === "" ? "" : strings.get("hideCursor");
      const show = sequence === "" ? "" : sequence + strings.get("hideCursor", false);
      cursorSequence = sequence;
      return hide + cells + show;
    },
  };
}

/** terminal-kit's escape sequences for this terminal. */
interface TerminalStrings {
  get(name: string, ...values: unknown[]): string;
  move(x: number, y: number): string;
  rgb(background: boolean, r: number, g: number, b: number): string;
  indexed(background: boolean, index: number): string;
}

function readTerminalStrings(terminal: termkit.Terminal): TerminalStrings {
  // Not in its types: all sequences as text, and the frequent ones without format strings.
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
    get: (name, ...values) => str[name]?.(...values) ?? "",
    move: (x, y) => optimized.moveTo(x + 1, y + 1),
    rgb: (background, r, g, b) => (background ? optimized.bgColor24bits(r, g, b) : optimized.color24bits(r, g, b)),
    indexed: (background, index) => (background ? optimized.bgColor256[index] : optimized.color256[index]) ?? "",
  };
}

function createEncoder(
  palette: Palette,
  { get, move, rgb, indexed }: TerminalStrings,
  links: boolean,
): TerminalEncoder {
  const reset = get("styleReset");
  const keys = new WeakMap<Style, string>();
  const paintOf = (color: Paint, background: boolean): string => {
    switch (color.kind) {
      case "rgb":
        return rgb(background, color.r, color.g, color.b);
      case "256":
        return indexed(background, color.index);
      case "16":
        return get(background ? "bgColor" : "color", color.index);
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
    // Without colors, inverse video is the only way to make a filled area visible.
    const isInverted = bg !== undefined && isFilledColor(bg) && palette[bg].kind === "default";
    const text = [
      reset,
      fg ? paintOf(palette[fg], false) : "",
      bg ? paintOf(palette[bg], true) : "",
      isInverted || one.inverse ? get("inverse") : "",
      ...(["bold", "dim", "italic", "underline", "strike"] as const).map((name) => (one[name] ? get(name) : "")),
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
      const region = get("scrollingRegion", top + 1, bottom + 1);
      return `${region}${by > 0 ? get("scrollUp", by) : get("scrollDown", -by)}\x1b[r`;
    },
    scrollOut: (by, height) => move(0, height - 1) + "\n".repeat(by),
    link: (url) => (links ? `\x1b]8;;${url === undefined ? "" : encodeUrl(url)}\x1b\\` : ""),
  };
}

const isFilledColor = (name: string): boolean => name === "selection" || name === "accent" || name === "match";

/** The sequence may contain only printable ASCII. */
const encodeUrl = (url: string): string => url.replace(/[^\x21-\x7e]/gu, (character) => encodeURIComponent(character));
