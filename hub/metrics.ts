/** What a hub counts, as Prometheus reads it. Numbers only: nothing names a share or a guest. */
export interface HubMetrics {
  frames: number;
  bytes: number;
  intents: number;
  /** How often a guest fell behind. */
  slow: number;
  refused: number;
}

export const createMetrics = (): HubMetrics => ({ frames: 0, bytes: 0, intents: 0, slow: 0, refused: 0 });

const help: Readonly<Record<keyof HubMetrics, string>> = {
  frames: "Frames that were stored.",
  bytes: "Bytes of stored frames.",
  intents: "Messages from guests.",
  slow: "Times that a guest fell behind and got a snapshot later.",
  refused: "Connections that were refused.",
};

/** `gauges`: what is open now. */
export function formatMetrics(metrics: HubMetrics, gauges: Readonly<Record<"shares" | "guests", number>>): string {
  const counters = Object.entries(metrics).map(([name, value]) => {
    const metric = `tutti_hub_${name}_total`;
    return `# HELP ${metric} ${help[name as keyof HubMetrics]}\n# TYPE ${metric} counter\n${metric} ${value}\n`;
  });
  const now = Object.entries(gauges).map(
    ([name, value]) =>
      `# HELP tutti_hub_${name} Open ${name}.\n# TYPE tutti_hub_${name} gauge\ntutti_hub_${name} ${value}\n`,
  );
  return [...now, ...counters].join("");
}
