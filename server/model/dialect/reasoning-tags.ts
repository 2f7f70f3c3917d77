/** Extracts reasoning between `<think>` and `</think>` from streaming text, however the tags are split. */

export interface ThinkReader {
  push(text: string): ThinkPart[];
  end(): ThinkPart[];
}

export type ThinkPart = { kind: "text" | "reasoning"; text: string };

const opener = "<think>";
const closer = "</think>";

/** The number of characters at the end of the text that may start the tag. */
export function matchPartialTag(text: string, tag: string): number {
  for (let length = Math.min(tag.length - 1, text.length); length > 0; length -= 1) {
    if (tag.startsWith(text.slice(text.length - length))) return length;
  }
  return 0;
}

const part = (kind: ThinkPart["kind"], text: string): ThinkPart[] => (text === "" ? [] : [{ kind, text }]);

/** `tagged`: only an opening tag at the start begins reasoning; `open`: the response starts inside reasoning. */
export function openThinkReader(mode: "tagged" | "open"): ThinkReader {
  let state: "start" | "inside" | "after" | "text" = mode === "open" ? "inside" : "start";
  let buffer = "";
  let closed = false;
  let reasoning = "";

  function inside(text: string): ThinkPart[] {
    const from = reasoning === "" && text.trimStart().startsWith(opener) ? text.indexOf(opener) + opener.length : 0;
    const rest = text.slice(from);
    const at = rest.indexOf(closer);
    if (at >= 0) {
      closed = true;
      state = "after";
      return [...part("reasoning", rest.slice(0, at)), ...step(rest.slice(at + closer.length))];
    }
    const keep = reasoning === "" && opener.startsWith(rest.trimStart()) ? rest.length : matchPartialTag(rest, closer);
    buffer = rest.slice(rest.length - keep);
    const content = rest.slice(0, rest.length - keep);
    reasoning += content;
    return part("reasoning", content);
  }

  function step(text: string): ThinkPart[] {
    switch (state) {
      case "inside":
        return inside(text);
      case "start": {
        const begun = text.trimStart();
        if (begun.startsWith(opener)) {
          state = "inside";
          return inside(begun.slice(opener.length));
        }
        if (opener.startsWith(begun)) {
          buffer = text;
          return [];
        }
        state = "text";
        return part("text", text);
      }
      case "after": {
        const begun = text.trimStart();
        if (begun !== "") state = "text";
        return part("text", begun);
      }
      case "text":
        return part("text", text);
    }
  }

  return {
    push(text) {
      const whole = buffer + text;
      buffer = "";
      return step(whole);
    },
    end() {
      const rest = buffer;
      buffer = "";
      if (state !== "inside") return part("text", rest);
      if (mode === "tagged" || closed) return part("reasoning", rest);
      return [...part("reasoning", rest), ...part("text", reasoning + rest)];
    },
  };
}
