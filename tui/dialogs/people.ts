/** Who is in the session, what they do, and who drives. Enter follows one of them. */
import { describeParticipant, describeWheel } from "../../client/together-text.ts";
import type { App, ListSpec } from "../app/app.ts";
import { startFollowing } from "../app/following.ts";
import type { Item } from "../app/state.ts";

export const peopleDialog: ListSpec = {
  title: "People in this session",
  intro: "Enter follows a person: your view shows what they look at, until you scroll.",
  empty: "No session yet. Send a prompt to start one.",
  items(app) {
    const { participants, view, self, following } = app.state();
    const others = participants.count - participants.participants.length;
    const group = describeWheel(view?.wheel) || "Everyone with the role driver can send prompts";
    const rows = participants.participants.map(
      (participant): Item => ({
        id: participant.id,
        text: participant.id === self ? `${participant.name} (you)` : participant.name,
        detail: [participant.role, describeParticipant(view?.wheel, participant)]
          .filter((text) => text !== "")
          .join(", "),
        right: participant.client,
        group,
        ...(participant.id === following?.id && { mark: "→" }),
      }),
    );
    return others > 0 ? [...rows, { id: "", text: `and ${others} more`, group }] : rows;
  },
  choose(app, { id }) {
    const { self, following } = app.state();
    if (id !== self && id !== "") startFollowing(app, following?.id === id ? null : id);
  },
  followsSession: (view) => view?.wheel,
  keys: {
    "ctrl+g": { label: "give the wheel", run: giveWheel },
    "ctrl+d": { label: "free the wheel", run: (app) => giveWheel(app, null) },
  },
};

async function giveWheel(app: App, item: Item | null): Promise<void> {
  const session = app.state().view?.id;
  if (session !== undefined) await app.server.call("wheelGive", { session, to: item?.id ?? null });
}
