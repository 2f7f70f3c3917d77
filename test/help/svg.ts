/** Renders a terminal's screen as SVG that can be read as text: one element per line, one run of a style each. */
import type xterm from "@xterm/headless";

/** The height of a monospaced character, so that box-drawing lines connect. */
const CELL = { width: 8.4, height: 16.4, baseline: 12.8 };
const PAD = 12;
/** The default palette of terminals. */
const colors16 = [
  ["#000000", "#cd3131", "#0dbc79", "#e5e510", "#2472c8", "#bc3fbc", "#11a8cd", "#e5e5e5"],
  ["#666666", "#f14c4c", "#23d18b", "#f5f543", "#3b8eea", "#d670d6", "#29b8db", "#ffffff"],
].flat();

interface CellStyle {
  fg: string;
  bg: string;
  classes: string;
}

/** `background` and `text` are the default colors of the terminal. */
export function renderSvg(
  terminal: xterm.Terminal,
  { background, text }: { background: string; text: string },
): string {
  const { cols, rows, buffer } = terminal;
  const [width, height] = [cols * CELL.width + 2 * PAD, rows * CELL.height + 2 * PAD];
  const out: string[] = [
    `<svg xmlns="http://www.w3.org/2000/svg" xml:space="preserve" viewBox="0 0 ${round(width)} ${round(height)}" font-family="ui-monospace,Menlo,Consolas,'DejaVu Sans Mono',monospace" font-size="14">`,
    "<style>text{white-space:pre}.b{font-weight:700}.i{font-style:italic}.u{text-decoration:underline}.s{text-decoration:line-through}.d{opacity:.6}</style>",
    `<rect width="100%" height="100%" rx="8" fill="${background}"/>`,
  ];
  for (let y = 0; y < rows; y++) {
    for (const { x, cells, run, look } of styleRuns(buffer.active, y, cols, { background, text })) {
      const [left, top] = [round(PAD + x * CELL.width), round(PAD + y * CELL.height)];
      const wide = round(cells * CELL.width);
      if (look.bg !== background)
        out.push(`<rect x="${left}" y="${top}" width="${wide}" height="${CELL.height}" fill="${look.bg}"/>`);
      if (run.trim() === "") continue;
      const style = look.classes === "" ? "" : ` class="${look.classes}"`;
      out.push(
        `<text x="${left}" y="${round(top + CELL.baseline)}" textLength="${wide}" lengthAdjust="spacingAndGlyphs" fill="${look.fg}"${style}>${escapeXml(run)}</text>`,
      );
    }
  }
  return `${out.join("\n")}\n</svg>\n`;
}

function* styleRuns(buffer: xterm.IBuffer, y: number, cols: number, usual: { background: string; text: string }) {
  const line = buffer.getLine(buffer.baseY + y);
  let current: { x: number; cells: number; run: string; look: CellStyle } | null = null;
  for (let x = 0; x < cols; x++) {
    const cell = line?.getCell(x);
    if (!cell || cell.getWidth() === 0) continue;
    const look = cellStyle(cell, usual);
    const same = current && JSON.stringify(current.look) === JSON.stringify(look);
    const characters = cell.getChars() || " ";
    // A wide character stands alone, so that what follows keeps its place.
    if (current && same && cell.getWidth() === 1) {
      current.run += characters;
      current.cells++;
      continue;
    }
    if (current) yield current;
    current = { x, cells: cell.getWidth(), run: characters, look };
    if (cell.getWidth() > 1) {
      yield current;
      current = null;
    }
  }
  if (current) yield current;
}

function cellStyle(cell: xterm.IBufferCell, usual: { background: string; text: string }): CellStyle {
  const fg = cellColor(cell.getFgColor(), cell.isFgRGB(), cell.isFgPalette()) ?? usual.text;
  const bg = cellColor(cell.getBgColor(), cell.isBgRGB(), cell.isBgPalette()) ?? usual.background;
  const turned = cell.isInverse() !== 0;
  const classes = [
    cell.isBold() ? "b" : "",
    cell.isItalic() ? "i" : "",
    cell.isUnderline() ? "u" : "",
    cell.isStrikethrough() ? "s" : "",
    cell.isDim() ? "d" : "",
  ];
  return { fg: turned ? bg : fg, bg: turned ? fg : bg, classes: classes.filter((one) => one !== "").join(" ") };
}

function cellColor(value: number, rgb: boolean, palette: boolean): string | null {
  if (rgb) return `#${value.toString(16).padStart(6, "0")}`;
  if (!palette) return null;
  if (value < 16) return colors16[value] ?? null;
  if (value >= 232) return hex((value - 232) * 10 + 8, (value - 232) * 10 + 8, (value - 232) * 10 + 8);
  const level = (part: number): number => (part === 0 ? 0 : part * 40 + 55);
  const index = value - 16;
  return hex(level(Math.floor(index / 36)), level(Math.floor(index / 6) % 6), level(index % 6));
}

const hex = (r: number, g: number, b: number): string => `#${((r << 16) | (g << 8) | b).toString(16).padStart(6, "0")}`;
const round = (value: number): number => Math.round(value * 10) / 10;
const escapeXml = (text: string): string =>
  text.replace(/[&<>]/g, (character) => ({ "&": "&amp;", "<": "&lt;", ">": "&gt;" })[character] ?? character);
