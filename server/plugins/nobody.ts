/** The bell of a turn in which nobody wants to hear of anything. Apart from the others, so that it brings nothing along. */
import type { Bell } from "./hooks.ts";

export const nobody: Bell = {
  listens: () => false,
  fire: async () => ({ heard: [], failed: [] }),
};
