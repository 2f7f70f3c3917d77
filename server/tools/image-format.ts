/** Detects the image formats that models accept, by their magic bytes. */

export const MAX_IMAGE_BYTES = 5 * 1024 * 1024;

const SIGNATURES: [string, RegExp][] = [
  ["image/png", /^\x89PNG\r\n\x1a\n/],
  ["image/jpeg", /^\xff\xd8\xff/],
  ["image/gif", /^GIF8[79]a/],
  ["image/webp", /^RIFF[\x00-\xff]{4}WEBP/],
];

export function detectImageType(bytes: Uint8Array): string | null {
  const start = String.fromCharCode(...bytes.subarray(0, 16));
  return SIGNATURES.find(([, signature]) => signature.test(start))?.[0] ?? null;
}
