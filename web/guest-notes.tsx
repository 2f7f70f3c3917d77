/** What the page says to a guest of a shared session, whose role decides what they can do. */
import type { VNode } from "preact";
import type { GuestRole } from "../protocol/share-methods.ts";
import type { ApprovalPolicy } from "../protocol/together-events.ts";

const abilities: Record<GuestRole, string> = {
  viewer: "You can follow this session.",
  commenter: "You can follow this session and comment on it.",
  driver: "You can follow this session and send prompts.",
  approver: "You can follow this session, send prompts and answer approval requests.",
};

export const mayPrompt = (guest: GuestRole | null): boolean =>
  guest === null || guest === "driver" || guest === "approver";

/** `policy`: of the session; without one, only the owner's answers count. */
export const mayAnswer = (guest: GuestRole | null, policy: ApprovalPolicy | undefined): boolean =>
  guest === null || (guest === "approver" && policy !== undefined && policy.type !== "owner");

/** In place of the list of sessions: a guest has only this one. */
export function GuestSidebar({ guest }: { guest: GuestRole }): VNode {
  return (
    <div class="sessions">
      <h2>Shared session</h2>
      <p class="muted">{abilities[guest]}</p>
    </div>
  );
}

/** In place of the prompt, for those who cannot send one. */
export function WatchingNote({ guest }: { guest: GuestRole }): VNode {
  return (
    <p class="watching muted">{`${abilities[guest]} To send prompts, ask the owner for a link with the role driver.`}</p>
  );
}
