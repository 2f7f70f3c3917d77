/** Parses server-sent events from bytes. Pure and push-based: characters, lines and events may be split between two pushes. */
import { createParser } from "eventsource-parser";

export interface EventReader {
  /** The data of each event that these bytes complete. Throws a RangeError if an incomplete event exceeds the limit. */
  push(bytes: Uint8Array): string[];
  /** The data of a last event that has no blank line after it. */
  end(): string[];
}

export function openEventReader(maxBufferSize: number): EventReader {
  const decoder = new TextDecoder("utf-8");
  let events: string[] = [];
  const parser = createParser({
    maxBufferSize,
    onEvent: ({ data }) => void events.push(data),
    onError: ({ type }) => {
      if (type === "max-buffer-size-exceeded") throw new RangeError("line too long");
    },
  });
  const feed = (text: string): string[] => {
    events = [];
    parser.feed(text);
    return events;
  };
  return {
    push: (bytes) => feed(decoder.decode(bytes, { stream: true })),
    end: () => feed(`${decoder.decode()}\n\n`),
  };
}
