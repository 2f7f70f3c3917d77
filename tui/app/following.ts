/** Follows another participant: shows the part of the session that they look at, until this user scrolls. */
import type { App } from "./app.ts";
import { scrollToPart } from "./scrolling.ts";

export function startFollowing(app: App, id: string | null): void {
  app.set({ following: id === null ? null : { id, viewing: null } }, "key");
  updateFollowing(app);
}

/** Call after participants, the view or the scroll position have changed. */
export function updateFollowing(app: App): void {
  const { following, participants, view } = app.state();
  if (!following) return;
  const followed = participants.participants.find(({ id }) => id === following.id);
  if (!followed) {
    app.set({ following: null });
    app.toast("info", "The participant you followed has left.");
    return;
  }
  const { viewing = "" } = followed;
  if (viewing === following.viewing || !view) return;
  app.set({ following: { id: following.id, viewing } });
  if (viewing === "") app.set({ scroll: { follows: true } });
  else scrollToPart(app, viewing);
}
