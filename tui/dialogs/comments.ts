/** The comments of the session: open ones first. Enter goes to what one is about. */
import { describeTarget } from "../../client/together-text.ts";
import { printable } from "../../protocol/printable.ts";
import type { App, ListSpec } from "../app/app.ts";
import { scrollToPart } from "../app/scrolling.ts";
import type { Item } from "../app/state.ts";
import { line } from "../draw/style.ts";

type Method = "commentResolve" | "commentDelete" | "commentSend";

const call =
  (method: Method) =>
  async (app: App, { id: comment }: Item): Promise<void> => {
    const session = app.state().view?.id;
    if (session !== undefined) await app.server.call(method, { session, comment });
  };

export const commentsDialog: ListSpec = {
  title: "Comments",
  intro: "The agent sees a comment only when someone who drives sends it.",
  empty: "No comments yet. Add one with /comment.",
  items(app) {
    const { comments = [], cwd } = app.state().view ?? { cwd: "" };
    return comments
      .toSorted((one, other) => Number(one.resolved) - Number(other.resolved))
      .map((comment) => ({
        id: comment.id,
        text: comment.text.replaceAll(/\s*\n\s*/g, " ⏎ "),
        detail: describeTarget(comment, cwd),
        right: comment.by.name,
        group: comment.resolved ? "Resolved" : "Open",
      }));
  },
  preview: (app, { id }) =>
    printable(app.state().view?.comments?.find((comment) => comment.id === id)?.text ?? "", { keepNewlines: true })
      .split("\n")
      .map((row) => line(row)),
  choose(app, { id }) {
    const part = app.state().view?.comments?.find((comment) => comment.id === id)?.target.part;
    if (part !== undefined) scrollToPart(app, part);
  },
  followsSession: (view) => view?.comments,
  keys: {
    "ctrl+s": { label: "send to the agent", run: call("commentSend") },
    "ctrl+r": { label: "resolve", run: call("commentResolve") },
    "ctrl+d": { label: "delete", run: call("commentDelete") },
  },
};
