/** What a hub counts, as Prometheus reads it. Numbers only: nothing names a share or a guest. */
export interface HubMetrics {
  /** Guests that are connected now. All others are totals. */
  guests: number;
  frames: number;
  bytes: number;
  intents: number;
  /** How often a guest fell behind. */
  slow: number;
  refused: number;
}

export const createMetrics = (): HubMetrics => ({ guests: 0, frames: 0, bytes: 0, intents: 0, slow: 0, refused: 0 });

const totals: Readonly<Record<Exclude<keyof HubMetrics, "guests">, string>> = {
  frames: "Frames that were stored.",
  bytes: "Bytes of stored frames.",
  intents: "Messages from guests.",
  slow: "Times that a guest fell behind and got a snapshot later.",
  refused: "Connections that were refused.",
};

/** `shares`: how many are open now. */
export function formatMetrics({ guests, ...counted }: HubMetrics, { shares }: { shares: number }): string {
  const format = (name: string, help: string, type: "counter" | "gauge", value: number): string =>
    `# HELP ${name} ${help}\n# TYPE ${name} ${type}\n${name} ${value}\n`;
  return [
    format("tutti_hub_shares", "Open shares.", "gauge", shares),
    format("tutti_hub_guests", "Connected guests.", "gauge", guests),
    ...Object.entries(counted).map(([name, value]) =>
      format(`tutti_hub_${name}_total`, totals[name as keyof typeof totals], "counter", value),
    ),
  ].join("");
}
