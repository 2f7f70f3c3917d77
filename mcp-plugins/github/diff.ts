/** Parses the diff of a file: numbers its lines, and knows which lines can have comments. Pure. */
import type { ChangedFile } from "./api.ts";

export type Side = "LEFT" | "RIGHT";

interface DiffLine {
  /** In the new file; in the old one for removed lines; 0 for hunk headers. */
  number: number;
  mark: "+" | "-" | " " | "@";
  text: string;
  /** Where a comment on this line can be posted, by side. */
  positions: { side: Side; line: number }[];
}

function parsePatch(patch: string): DiffLine[] {
  let left = 0;
  let right = 0;
  return patch.split("\n").flatMap((row): DiffLine[] => {
    const hunk = /^@@ -(\d+)(?:,\d+)? \+(\d+)(?:,\d+)? @@/.exec(row);
    if (hunk) {
      left = Number(hunk[1]);
      right = Number(hunk[2]);
      return [{ number: 0, mark: "@", text: row, positions: [] }];
    }
    const text = row.slice(1);
    if (row.startsWith("+")) {
      const line = right++;
      return [{ number: line, mark: "+", text, positions: [{ side: "RIGHT", line }] }];
    }
    if (row.startsWith("-")) {
      const line = left++;
      return [{ number: line, mark: "-", text, positions: [{ side: "LEFT", line }] }];
    }
    // "\ No newline at end of file", and text after the last line break.
    if (!row.startsWith(" ")) return [];
    const line = right++;
    return [
      {
        number: line,
        mark: " ",
        text,
        positions: [
          { side: "RIGHT", line },
          { side: "LEFT", line: left++ },
        ],
      },
    ];
  });
}

export function formatHeading({ filename, previous_filename, status, additions, deletions }: ChangedFile): string {
  const from = previous_filename === undefined ? "" : ` from ${previous_filename}`;
  return `${filename} (${status}${from}, +${additions} -${deletions})`;
}

export function formatDiff(file: ChangedFile): string {
  const rows = file.patch
    ? parsePatch(file.patch).map(({ number, mark, text }) =>
        mark === "@" ? text : `${String(number).padStart(5)} ${mark}${text}`,
      )
    : ["(no diff: the file is binary, only renamed, or its diff is too long for GitHub)"];
  return [`## ${formatHeading(file)}`, ...rows].join("\n");
}

export interface DiffPosition {
  path: string;
  line: number;
  side: Side;
}

/** Why a comment cannot be posted at a position, or null. Without a diff, only GitHub can tell. */
export function checkPosition(files: readonly ChangedFile[], { path, line, side }: DiffPosition): string | null {
  const file = files.find(({ filename }) => filename === path);
  if (file === undefined) return `${path} is not changed in this pull request`;
  if (file.patch === undefined) return null;
  const lines = parsePatch(file.patch).flatMap(({ positions }) =>
    positions.filter((one) => one.side === side).map((one) => one.line),
  );
  if (lines.includes(line)) return null;
  return `${path}:${line} (${side}) is not in the diff, which has ${formatRanges(lines) || "no lines"} on that side`;
}

function formatRanges(lines: number[]): string {
  const ranges: [number, number][] = [];
  for (const line of lines) {
    const last = ranges.at(-1);
    if (last && line === last[1] + 1) last[1] = line;
    else ranges.push([line, line]);
  }
  return ranges.map(([from, to]) => (from === to ? `${from}` : `${from}-${to}`)).join(", ");
}
