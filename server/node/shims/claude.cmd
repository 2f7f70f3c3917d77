@rem `claude -p` for the programs that Tutti starts: scripts of Claude Code setups call it.
@node "%~dp0..\..\bin\tutti.cjs" claude %*
