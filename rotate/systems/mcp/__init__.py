"""MCP clients: the key of Neon's MCP server in the settings files of editors and agents."""
