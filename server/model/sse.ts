/**
 * Server-sent events, from bytes to the data of each event. Pure and fed by pushes: any mix of CRLF, LF and CR, a BOM, comments,
 * data over several lines, and characters cut anywhere between two pushes give the same data.
 */

export interface EventReader {
  /** The data of every event that these bytes complete. Throws a RangeError where one line is longer than the limit. */
  push(bytes: Uint8Array): string[];
  /** The data of an event that the end of the stream left without its blank line. */
  end(): string[];
}

export function openEventReader(lineLimit: number): EventReader {
  const decoder = new TextDecoder("utf-8");
  let waiting: string[] = [];
  let waitingLength = 0;
  let skipLineFeed = false;
  let data: string | null = null;

  function plain(text: string): string {
    let from = 0;
    if (skipLineFeed && text.length > 0) {
      skipLineFeed = false;
      if (text.startsWith("\n")) from = 1;
    }
    if (!text.includes("\r", from)) return from === 0 ? text : text.slice(from);
    skipLineFeed = text.endsWith("\r");
    return text.slice(from).replace(/\r\n?/g, "\n");
  }

  function line(text: string, out: string[]): void {
    if (text.length > lineLimit) throw new RangeError("line too long");
    if (text === "") {
      if (data !== null) out.push(data);
      data = null;
      return;
    }
    if (!text.startsWith("data")) return;
    if (text.length > 4 && text[4] !== ":") return;
    const value = text.slice(text[5] === " " ? 6 : 5);
    data = data === null ? value : `${data}\n${value}`;
    if (data.length > lineLimit) throw new RangeError("event too long");
  }

  function feed(decoded: string): string[] {
    const out: string[] = [];
    const text = plain(decoded);
    let start = 0;
    for (let at = text.indexOf("\n"); at >= 0; at = text.indexOf("\n", start)) {
      const piece = text.slice(start, at);
      line(waiting.length === 0 ? piece : waiting.join("") + piece, out);
      if (waiting.length > 0) waiting = [];
      waitingLength = 0;
      start = at + 1;
    }
    if (start < text.length) {
      const rest = start === 0 ? text : text.slice(start);
      waiting.push(rest);
      waitingLength += rest.length;
      if (waitingLength > lineLimit) throw new RangeError("line too long");
    }
    return out;
  }

  return {
    push: (bytes) => feed(decoder.decode(bytes, { stream: true })),
    end: () => feed(`${decoder.decode()}\n\n`),
  };
}
