/** Reasoning that a model writes into its text between `<think>` and `</think>`, taken out while it streams, however it is cut. */

export interface ThinkReader {
  push(text: string): ThinkPart[];
  end(): ThinkPart[];
}

export type ThinkPart = { kind: "text" | "reasoning"; text: string };

const opener = "<think>";
const closer = "</think>";

/** How many characters at the end of the text may be the beginning of the tag. */
export function partialTag(text: string, tag: string): number {
  for (let length = Math.min(tag.length - 1, text.length); length > 0; length -= 1) {
    if (tag.startsWith(text.slice(text.length - length))) return length;
  }
  return 0;
}

const part = (kind: ThinkPart["kind"], text: string): ThinkPart[] => (text === "" ? [] : [{ kind, text }]);

/** `tagged`: only an opening tag at the very start begins reasoning; `open`: the answer begins inside of it. */
export function openThinkReader(mode: "tagged" | "open"): ThinkReader {
  let state: "start" | "inside" | "after" | "text" = mode === "open" ? "inside" : "start";
  let held = "";
  let closed = false;
  let thought = "";

  function inside(text: string): ThinkPart[] {
    const from = thought === "" && text.trimStart().startsWith(opener) ? text.indexOf(opener) + opener.length : 0;
    const rest = text.slice(from);
    const at = rest.indexOf(closer);
    if (at >= 0) {
      closed = true;
      state = "after";
      return [...part("reasoning", rest.slice(0, at)), ...step(rest.slice(at + closer.length))];
    }
    const keep = thought === "" && opener.startsWith(rest.trimStart()) ? rest.length : partialTag(rest, closer);
    held = rest.slice(rest.length - keep);
    const said = rest.slice(0, rest.length - keep);
    thought += said;
    return part("reasoning", said);
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
          held = text;
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
      const whole = held + text;
      held = "";
      return step(whole);
    },
    end() {
      const rest = held;
      held = "";
      if (state !== "inside") return part("text", rest);
      if (mode === "tagged" || closed) return part("reasoning", rest);
      return [...part("reasoning", rest), ...part("text", thought + rest)];
    },
  };
}
