/** A link as it is shown in a dialog: as text, and as a QR code for a phone. */
import { renderUnicodeCompact } from "uqr";
import { type Line, line } from "../draw/style.ts";

export const drawLink = (link: string): Line[] => [
  line(link),
  line(""),
  ...renderUnicodeCompact(link)
    .split("\n")
    .map((row) => line(row)),
];
