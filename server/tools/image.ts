/** Which pictures models can look at, told by their first bytes. */

export const mostImageBytes = 5 * 1024 * 1024;

const signatures: [string, RegExp][] = [
  ["image/png", /^\x89PNG\r\n\x1a\n/],
  ["image/jpeg", /^\xff\xd8\xff/],
  ["image/gif", /^GIF8[79]a/],
  ["image/webp", /^RIFF[\x00-\xff]{4}WEBP/],
];

export function imageType(bytes: Uint8Array): string | null {
  const start = String.fromCharCode(...bytes.subarray(0, 16));
  return signatures.find(([, signature]) => signature.test(start))?.[0] ?? null;
}
