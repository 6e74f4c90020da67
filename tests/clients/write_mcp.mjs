// Lets add-mcp, the library with which Neon's own CLI does it, write Neon's server for every client that it knows.
const { PLATFORM, FOLDER, KEY } = process.env;
Object.defineProperty(process, "platform", { value: PLATFORM });
const { agents, upsertServer } = await import("add-mcp");
const remote = { type: "http", url: "https://mcp.neon.tech/mcp", headers: { Authorization: `Bearer ${KEY}` } };
const local = { command: "npx", args: ["-y", "@neondatabase/mcp-server-neon", "start", KEY] };
const written = [];
for (const [name, agent] of Object.entries(agents)) {
  for (const project of agent.localConfigPath ? [false, true] : [false]) {
    for (const [server, config] of [["Neon", remote], ["Neon local", local]]) {
      if (config === remote && !agent.supportedTransports.includes("http")) continue;
      const { success, path, error } = upsertServer(name, server, config, { local: project, cwd: FOLDER });
      if (!success) throw new Error(`${name}: ${error}`);
      written.push({ name, project, server, path });
    }
  }
}
console.log(JSON.stringify(written));
