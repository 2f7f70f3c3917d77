/** What fills the context of the session, with bars in proportion. */
import { drawBar } from "../../client/bar.ts";
import { formatContextUse, formatShare, listContextLines } from "../../client/context-text.ts";
import type { ListSpec } from "../app/app.ts";

export const contextDialog: ListSpec = {
  title: "Context of this session",
  empty: "No session yet. Send a prompt to start one.",
  async items(app) {
    const session = app.state().view?.id;
    if (session === undefined) return [];
    const report = await app.server.call("sessionContext", { session });
    return listContextLines(report).map(({ label, tokens, share }) => ({
      id: label,
      text: `${drawBar(share)}  ${label}`,
      right: `${tokens.toLocaleString("en-US")}  ${formatShare(share).padStart(5)}`,
      group: formatContextUse(report),
    }));
  },
};
