/** A bar in proportion, in block characters. */
const BAR_COLUMNS = 12;

/** `share` is from 0 to 1; anything above 0 shows. */
export const drawBar = (share: number): string => {
  const filled = Math.min(BAR_COLUMNS, share > 0 ? Math.max(1, Math.round(share * BAR_COLUMNS)) : 0);
  return "█".repeat(filled) + "░".repeat(BAR_COLUMNS - filled);
};
