// Makes the Node that loads this look too old to run Tutti; what it starts is itself again.
delete process.env.NODE_OPTIONS;
Object.defineProperty(process.versions, "node", { value: "20.20.2" });
