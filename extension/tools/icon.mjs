// Draws ../icon.png: a T of two bars and two notes, 256 by 256, four samples a pixel.
import { writeFileSync } from "node:fs";
import { crc32, deflateSync } from "node:zlib";

const SIZE = 256;
const inBar = (x, y, [left, top, right, bottom], r) => {
  const dx = Math.max(left + r - x, x - (right - r), 0);
  const dy = Math.max(top + r - y, y - (bottom - r), 0);
  return dx * dx + dy * dy <= r * r;
};
const inside = (x, y) =>
  inBar(x, y, [48, 56, 208, 80], 12) ||
  inBar(x, y, [116, 56, 140, 208], 12) ||
  Math.hypot(x - 72, y - 140) <= 24 ||
  Math.hypot(x - 184, y - 140) <= 24;
const colorAt = (x, y) =>
  inside(x, y) ? [250, 247, 240, 255] : inBar(x, y, [0, 0, SIZE, SIZE], 52) ? [52, 78, 122, 255] : [0, 0, 0, 0];

const rows = [];
for (let y = 0; y < SIZE; y++) {
  const row = Buffer.alloc(1 + SIZE * 4);
  for (let x = 0; x < SIZE; x++) {
    const samples = [0.25, 0.75].flatMap((dy) => [0.25, 0.75].map((dx) => colorAt(x + dx, y + dy)));
    for (let part = 0; part < 4; part++)
      row[1 + x * 4 + part] = Math.round(samples.reduce((sum, one) => sum + one[part], 0) / samples.length);
  }
  rows.push(row);
}
const chunk = (type, data) => {
  const body = Buffer.concat([Buffer.from(type, "latin1"), data]);
  const [length, check] = [Buffer.alloc(4), Buffer.alloc(4)];
  length.writeUInt32BE(data.length);
  check.writeUInt32BE(crc32(body));
  return Buffer.concat([length, body, check]);
};
const head = Buffer.alloc(13);
head.writeUInt32BE(SIZE, 0);
head.writeUInt32BE(SIZE, 4);
head.set([8, 6, 0, 0, 0], 8);
const png = [
  Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]),
  chunk("IHDR", head),
  chunk("IDAT", deflateSync(Buffer.concat(rows), { level: 9 })),
  chunk("IEND", Buffer.alloc(0)),
];
writeFileSync(new URL("../icon.png", import.meta.url), Buffer.concat(png));
