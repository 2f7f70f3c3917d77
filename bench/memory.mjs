// Preloaded into a measured process that runs with `--expose-gc`: sends its memory when it is asked with `{ memory: true }` by IPC, after
// collections with pauses, in which memory goes back to the system. The process ends without regard to this channel.
const COLLECTIONS = 5;
const PAUSE_MS = 500;

process.on("message", async ({ memory }) => {
  if (!memory) return;
  for (let count = 0; count < COLLECTIONS; count++) {
    globalThis.gc();
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
  }
  process.send({ memory: process.memoryUsage() });
});
process.channel?.unref();
