/** What guests of a session would see, as numbers. */
import type { ResultOf } from "../../protocol/methods.ts";
import { SECRET_PLACEHOLDER } from "../../protocol/secrets.ts";
import type { SessionView } from "../../protocol/view.ts";

export function previewShare(view: SessionView): ResultOf<"sharePreview"> {
  const prompts = view.parts.filter((part) => part.type === "prompt");
  return {
    prompts: prompts.length,
    calls: view.parts.filter(({ type }) => type === "call").length,
    files: view.files.length,
    attachments: prompts.reduce((sum, { attachments }) => sum + attachments.length, 0),
    redactions: JSON.stringify(view.parts).split(SECRET_PLACEHOLDER).length - 1,
  };
}
