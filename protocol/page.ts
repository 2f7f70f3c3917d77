/** Which addresses may be handed to a program that opens them: pages of the web, and of this machine; no file, no script, no flag. */
export function isPage({ protocol, hostname }: URL): boolean {
  if (protocol === "https:") return true;
  return protocol === "http:" && ["localhost", "127.0.0.1", "[::1]"].includes(hostname);
}
